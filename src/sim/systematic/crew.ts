import { Worker } from 'node:worker_threads'
import type { Played } from './worker.ts'

/** Plays points side by side, in threads of their own, and tells of each as it is done. */
export async function playAll(
  ids: readonly string[],
  options: { workers: number; onPlayed: (played: Played) => void },
): Promise<void> {
  const waiting = [...ids].reverse()
  await Promise.all(
    Array.from({ length: Math.min(options.workers, ids.length) }, () => work(waiting, options.onPlayed)),
  )
}

async function work(waiting: string[], onPlayed: (played: Played) => void): Promise<void> {
  const worker = new Worker(new URL('worker.ts', import.meta.url))
  try {
    await new Promise<void>((resolve, reject) => {
      const next = () => {
        const id = waiting.pop()
        if (id === undefined) resolve()
        // A thread has no origin.
        // oxlint-disable-next-line unicorn/require-post-message-target-origin
        else worker.postMessage(id)
      }
      worker.on('error', reject)
      worker.on('message', (played: Played) => {
        onPlayed(played)
        next()
      })
      next()
    })
  } finally {
    await worker.terminate()
  }
}
