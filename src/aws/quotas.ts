import type { Clock } from '../clock.ts'
import { type DocumentedQuota, factsOf, type Operation } from './operations.ts'

/** Work that a person waits for goes before sweeps and checks. */
export type Priority = 'interactive' | 'background'

export interface QuotaOptions {
  readonly clock: Clock
  /** Our share of what AWS grants, in (0, 1]: others use the account too. Default 0.8. */
  readonly share?: number | undefined
}

/** The client's own limit on calls to AWS in one account and region: a token bucket for each quota. */
export class Quotas {
  readonly #clock: Clock
  readonly #share: number
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: QuotaOptions) {
    this.#clock = options.clock
    this.#share = options.share ?? 0.8
    if (!(this.#share > 0 && this.#share <= 1)) throw new RangeError(`a quota share is in (0, 1], not ${this.#share}`)
  }

  /** Resolves when the call may be sent. Rejects with the signal's reason when that fires first; nothing is drawn then. */
  acquire(options: { operation: Operation; priority: Priority; signal?: AbortSignal | undefined }): Promise<void> {
    return this.#bucket(options.operation).acquire(options.priority, options.signal)
  }

  /** AWS throttled a call that was sent at `sentAt` (monotonic): the rate halves, once for all that were under way together. */
  throttled(operation: Operation, sentAt: number): void {
    this.#bucket(operation).throttled(sentAt)
  }

  /** AWS answered a call without throttling it: a lowered rate recovers by a step. */
  passed(operation: Operation): void {
    this.#bucket(operation).passed()
  }

  /** The present rate in calls a second, for metrics. */
  rateOf(operation: Operation): number {
    return this.#bucket(operation).rate
  }

  #bucket(operation: Operation): Bucket {
    const { bucket: name, quota } = factsOf(operation)
    let bucket = this.#buckets.get(name)
    if (!bucket) {
      bucket = new Bucket(this.#clock, ours(quota, this.#share))
      this.#buckets.set(name, bucket)
    }
    return bucket
  }
}

/**
 * Our share of a documented quota. Where AWS names no burst, we take what our share leaves of one second, so that no second ever sees
 * more than the documented number, however AWS counts.
 */
export function ours(quota: DocumentedQuota, share: number): { readonly rate: number; readonly burst: number } {
  const burst = quota.burst === undefined ? quota.rate * (1 - share) : quota.burst * share
  // The nudge is for products such as 10 × (1 − 0.8), which fall short of the whole number that they are.
  return { rate: quota.rate * share, burst: Math.max(1, Math.floor(burst + 1e-9)) }
}

/** The lowest rate that throttling leads to, as a share of the ceiling: slow, but never at a stand. */
const FLOOR = 1 / 32
/** How much of the ceiling one call that passed gives back. */
const RECOVERY = 1 / 20
/** Of so many calls in a row, while both kinds wait, the last is a background one. */
const BACKGROUND_TURN = 10

interface Waiter {
  readonly grant: () => void
}

class Bucket {
  readonly #clock: Clock
  readonly #ceiling: number
  readonly #burst: number
  #rate: number
  #tokens: number
  #filledAt: number
  #halvedAt = Number.NEGATIVE_INFINITY
  #interactiveInRow = 0
  readonly #queues: Readonly<Record<Priority, Waiter[]>> = { interactive: [], background: [] }
  #timer: AbortController | undefined

  constructor(clock: Clock, limit: { rate: number; burst: number }) {
    this.#clock = clock
    this.#ceiling = limit.rate
    this.#rate = limit.rate
    this.#burst = limit.burst
    this.#tokens = limit.burst
    this.#filledAt = clock.monotonic()
  }

  get rate(): number {
    return this.#rate
  }

  async acquire(priority: Priority, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      const queue = this.#queues[priority]
      const onAbort = () => {
        queue.splice(queue.indexOf(waiter), 1)
        this.#serve()
        reject(signal?.reason as Error)
      }
      const waiter: Waiter = {
        grant: () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      queue.push(waiter)
      this.#serve()
    })
  }

  throttled(sentAt: number): void {
    if (sentAt <= this.#halvedAt) return
    this.#fill()
    this.#halvedAt = this.#clock.monotonic()
    this.#rate = Math.max(this.#ceiling * FLOOR, this.#rate / 2)
    this.#tokens = 0
    this.#serve()
  }

  passed(): void {
    if (this.#rate >= this.#ceiling) return
    this.#fill()
    this.#rate = Math.min(this.#ceiling, this.#rate + this.#ceiling * RECOVERY)
    this.#serve()
  }

  /** Grants what the tokens allow, and sets one timer for the next token while somebody waits. */
  #serve(): void {
    this.#fill()
    while (this.#tokens >= 1) {
      const waiter = this.#next()
      if (!waiter) break
      this.#tokens -= 1
      waiter.grant()
    }
    this.#timer?.abort()
    this.#timer = undefined
    if (this.#queues.interactive.length + this.#queues.background.length === 0) return
    const timer = new AbortController()
    this.#timer = timer
    // Rounded up, and one more look when it fires: a clock of whole milliseconds never wakes us a hair too early for ever.
    const wait = Math.max(1, Math.ceil(((1 - this.#tokens) / this.#rate) * 1_000))
    this.#clock.sleepUntil(this.#clock.now() + wait, timer.signal).then(
      () => this.#serve(),
      () => {},
    )
  }

  #next(): Waiter | undefined {
    const { interactive, background } = this.#queues
    const backgroundsTurn = this.#interactiveInRow >= BACKGROUND_TURN - 1 && background.length > 0
    if (interactive.length > 0 && !backgroundsTurn) {
      this.#interactiveInRow = background.length > 0 ? this.#interactiveInRow + 1 : 0
      return interactive.shift()
    }
    this.#interactiveInRow = 0
    return background.shift()
  }

  #fill(): void {
    const now = this.#clock.monotonic()
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1_000) * this.#rate)
    this.#filledAt = now
  }
}
