import { Worker } from 'node:worker_threads'
import type { Done, Job } from './worker.ts'

/** Does jobs side by side, in threads of their own, and tells of each as it is done. */
export async function doAll(
  jobs: readonly Job[],
  options: { workers: number; onDone: (done: Done) => void },
): Promise<void> {
  const waiting = [...jobs].reverse()
  await Promise.all(Array.from({ length: Math.min(options.workers, jobs.length) }, () => work(waiting, options.onDone)))
}

/** Runs make much that is soon forgotten: a larger nursery keeps most of it out of the old generation. */
const LIMITS = { maxYoungGenerationSizeMb: 64 }

async function work(waiting: Job[], onDone: (done: Done) => void): Promise<void> {
  const worker = new Worker(new URL('worker.ts', import.meta.url), { resourceLimits: LIMITS })
  try {
    await new Promise<void>((resolve, reject) => {
      const next = () => {
        const job = waiting.pop()
        if (job === undefined) resolve()
        // A thread has no origin.
        // oxlint-disable-next-line unicorn/require-post-message-target-origin
        else worker.postMessage(job)
      }
      worker.on('error', reject)
      worker.on('message', (done: Done) => {
        onDone(done)
        next()
      })
      next()
    })
  } finally {
    await worker.terminate()
  }
}
