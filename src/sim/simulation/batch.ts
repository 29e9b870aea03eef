import { Worker } from 'node:worker_threads'
import { systemClock } from '../../clock.ts'
import type { Outcome } from './run.ts'

/** What a worker sends back: all of an outcome but its log. */
export type Played = Omit<Outcome, 'log'>

/** No seed takes so long, unless the program spins. */
const LONGEST_SEED_MS = 3_600_000

/** Sent to a worker. */
export interface Order {
  readonly seed: number
}

/** Sent back: the outcome, or what was thrown. */
export interface Answer {
  readonly seed: number
  readonly played?: Played
  readonly thrown?: string
}

export interface BatchOptions {
  readonly from: number
  readonly seeds: number
  /** How many worker threads play side by side. */
  readonly jobs: number
  /** Told of each outcome in the order of the seeds, however they came in. */
  readonly onOutcome: (seed: number, outcome: Played | { readonly thrown: string }) => void
}

/** Plays seeds on several threads. What it tells, and in which order, does not depend on how many there are. */
export async function playBatch({ from, seeds, jobs, onOutcome }: BatchOptions): Promise<void> {
  const answers = new Map<number, Answer>()
  let next = from
  let told = from
  const take = () => (next < from + seeds ? next++ : undefined)
  const hand = (answer: Answer) => {
    answers.set(answer.seed, answer)
    for (let ready = answers.get(told); ready; ready = answers.get(told)) {
      answers.delete(told)
      told += 1
      onOutcome(ready.seed, ready.played ?? { thrown: ready.thrown ?? 'nothing came back' })
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(jobs, seeds)) }, () => work(take, hand)))
}

/** One thread, replaced where it dies, until no seed is left. */
async function work(take: () => number | undefined, hand: (answer: Answer) => void): Promise<void> {
  let worker: Worker | undefined
  for (let seed = take(); seed !== undefined; seed = take()) {
    worker ??= new Worker(new URL('./worker.ts', import.meta.url))
    const answer = await ask(worker, { seed })
    if (answer.thrown !== undefined) {
      await worker.terminate()
      worker = undefined
    }
    hand(answer)
  }
  await worker?.terminate()
}

async function ask(worker: Worker, order: Order): Promise<Answer> {
  const { seed } = order
  const patience = new AbortController()
  const { promise, resolve } = Promise.withResolvers<Answer>()
  const onError = (error: unknown) => resolve({ seed, thrown: `the thread died: ${String(error)}` })
  worker.on('message', resolve)
  worker.on('error', onError)
  systemClock.sleepUntil(systemClock.now() + LONGEST_SEED_MS, patience.signal).then(
    () => resolve({ seed, thrown: `it did not end within ${LONGEST_SEED_MS / 1_000} s` }),
    () => {},
  )
  worker.postMessage(order, [])
  const answer = await promise
  patience.abort()
  worker.off('message', resolve)
  worker.off('error', onError)
  return answer
}
