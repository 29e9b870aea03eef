import type { Clock, EpochMs } from '../clock.ts'

interface Sleeper {
  /** On the monotonic clock: a jump of the wall clock neither wakes nor delays anybody. */
  readonly at: number
  readonly order: number
  readonly wake: () => void
}

/**
 * A clock that stands still until it is told to advance. Sleepers wake in the order of their instants, ties in the order in which
 * they went to sleep; between two wakings everything that can run without time passing is run to its end.
 */
export class VirtualClock implements Clock {
  #monotonic = 0
  /** What the wall clock shows when the monotonic one shows 0. */
  #offset: EpochMs
  #order = 0
  readonly #sleepers: Sleeper[] = []

  constructor(start: EpochMs = Date.UTC(2026, 10, 24, 9)) {
    this.#offset = start
  }

  now(): EpochMs {
    return this.#monotonic + this.#offset
  }

  monotonic(): number {
    return this.#monotonic
  }

  sleepUntil(instant: EpochMs, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      if (instant <= this.now()) {
        resolve()
        return
      }
      const onAbort = () => {
        this.#remove(sleeper)
        reject(signal?.reason as Error)
      }
      const sleeper: Sleeper = {
        at: instant - this.#offset,
        order: this.#order++,
        wake: () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      this.#insert(sleeper)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** How many are asleep: a world at rest has a bounded number. */
  get sleeping(): number {
    return this.#sleepers.length
  }

  /** When the next sleeper wakes, or `undefined` when nobody sleeps. */
  get nextWake(): EpochMs | undefined {
    const next = this.#sleepers[0]
    return next && next.at + this.#offset
  }

  /** Lets `milliseconds` pass, waking every sleeper on the way. */
  async advance(milliseconds: number): Promise<void> {
    await this.#passUntil(this.#monotonic + milliseconds)
  }

  /** Lets time pass until the wall clock shows `instant`. */
  async advanceTo(instant: EpochMs): Promise<void> {
    await this.#passUntil(instant - this.#offset)
  }

  /**
   * Lets time pass until `condition` holds and gives the milliseconds that it took.
   * @throws Error when it does not hold within `limit` milliseconds.
   */
  async advanceUntil(condition: () => boolean, limit: number): Promise<number> {
    const start = this.#monotonic
    await settle()
    while (!condition()) {
      const next = this.#sleepers[0]?.at
      if (next === undefined || next > start + limit) {
        this.#step(start + limit)
        await settle()
        if (condition()) break
        throw new Error(`the condition did not hold within ${limit} ms of virtual time: ${condition.toString()}`)
      }
      this.#step(next)
      await settle()
    }
    return this.#monotonic - start
  }

  /** Moves the wall clock without any time passing: what NTP does. */
  jump(milliseconds: number): void {
    this.#offset += milliseconds
  }

  async #passUntil(end: number): Promise<void> {
    await settle()
    for (;;) {
      const next = this.#sleepers[0]
      if (!next || next.at > end) break
      this.#step(next.at)
      await settle()
    }
    this.#step(end)
    await settle()
  }

  #step(to: number): void {
    if (to > this.#monotonic) this.#monotonic = to
    // One instant, all its sleepers, in the order in which they went to sleep.
    while (this.#sleepers[0] && this.#sleepers[0].at <= this.#monotonic) this.#sleepers.shift()?.wake()
  }

  #insert(sleeper: Sleeper): void {
    let low = 0
    let high = this.#sleepers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sleepers[middle] as Sleeper).at <= sleeper.at) low = middle + 1
      else high = middle
    }
    this.#sleepers.splice(low, 0, sleeper)
  }

  #remove(sleeper: Sleeper): void {
    const index = this.#sleepers.indexOf(sleeper)
    if (index >= 0) this.#sleepers.splice(index, 1)
  }
}

/** Lets all microtasks, and all tasks that they queue, run to their end. */
async function settle(): Promise<void> {
  // Streams and the SDK's middleware hand over through a task now and then; four rounds of all that is queued covers their depth.
  for (let round = 0; round < 4; round++) await new Promise<void>((resolve) => setImmediate(resolve))
}
