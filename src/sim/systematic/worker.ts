import { parentPort } from 'node:worker_threads'
import { systemClock } from '../../clock.ts'
import { playPoint } from './studies.ts'

/** What a worker tells of a point that it played. */
export interface Played {
  readonly id: string
  readonly faults: readonly string[]
  readonly premises: ReadonlyMap<string, number>
  readonly milliseconds: number
}

parentPort?.on('message', (id: string) => void playAndTell(id))

async function playAndTell(id: string): Promise<void> {
  const begun = systemClock.monotonic()
  const { faults, premises } = await playPoint(id).catch((error: unknown) => ({
    faults: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
    premises: new Map<string, number>(),
  }))
  // A thread has no origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage({ id, faults, premises, milliseconds: systemClock.monotonic() - begun } satisfies Played)
}
