import { parentPort } from 'node:worker_threads'
import { systemClock } from '../../clock.ts'
import type { Law } from '../laws/book.ts'
import { isWrite } from './call.ts'
import type { Outcome } from './run.ts'
import { type Visited, visit } from './scopes.ts'
import { playPoint } from './studies.ts'

/** What a worker tells of a point that it played. */
export interface Played {
  readonly id: string
  readonly faults: readonly string[]
  readonly premises: ReadonlyMap<Law, number>
  readonly milliseconds: number
  /** How many writes the processes sent that came after the first. */
  readonly laterWrites: number
}

/** What a worker is asked to do: a point of a story, or a scope of the model. */
export type Job = { readonly point: string } | { readonly scope: string }

export type Done = { readonly played: Played } | { readonly scope: string; readonly visited: Visited }

parentPort?.on('message', (job: Job) => {
  if ('point' in job) void play(job.point).then((played) => tell({ played }))
  else tell({ scope: job.scope, visited: visit(job.scope) })
})

function tell(done: Done): void {
  // A thread has no origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(done)
}

async function play(id: string): Promise<Played> {
  const begun = systemClock.monotonic()
  const { faults, premises, calls } = await playPoint(id).catch((error: unknown): Outcome => {
    const fault = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { faults: [fault], premises: new Map(), calls: [] }
  })
  const laterWrites = calls.filter((call) => call.by > 1 && isWrite(call)).length
  return { id, faults, premises, milliseconds: systemClock.monotonic() - begun, laterWrites }
}
