import type { Clock } from '../../clock.ts'
import type { Random } from '../../random.ts'

/** `--aws-max-retries` of the reference, and the longest pause of its SDK's standard retryer. */
const MOST_ATTEMPTS = 10
const LONGEST_PAUSE_MS = 20_000

/** What the SDKs take for throttling, the quota's error included. */
const THROTTLES = [
  'LimitExceededException',
  'PriorRequestNotComplete',
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]

/** Calls as the reference's SDK makes them: throttled and broken ones again and again, inside the reconcile that waits for them. */
export class SdkCalls {
  readonly #clock: Clock
  readonly #random: Random
  readonly signal: AbortSignal

  constructor(options: { clock: Clock; random: Random; signal: AbortSignal }) {
    this.#clock = options.clock
    this.#random = options.random
    this.signal = options.signal
  }

  async send<T>(call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      this.signal.throwIfAborted()
      try {
        return await call({ abortSignal: this.signal })
      } catch (error) {
        if (attempt === MOST_ATTEMPTS || !isRetried(error)) throw error
        await this.sleep(Math.min(1_000 * 2 ** (attempt - 1) * this.#random.next(), LONGEST_PAUSE_MS))
      }
    }
  }

  async sleep(milliseconds: number): Promise<void> {
    await this.#clock.sleepUntil(this.#clock.now() + milliseconds, this.signal)
  }

  now(): number {
    return this.#clock.now()
  }

  /** A moment between the two, in milliseconds. */
  between(shortest: number, longest: number): number {
    return shortest + (longest - shortest) * this.#random.next()
  }

  /** In no order that anybody could rely on, as the reference's language walks a map. */
  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items]
    const shuffled: T[] = []
    while (rest.length > 0) shuffled.push(...rest.splice(Math.floor(this.#random.next() * rest.length), 1))
    return shuffled
  }
}

function isRetried(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (THROTTLES.includes(error.name)) return true
  const { $metadata, $response } = error as { $metadata?: { httpStatusCode?: number }; $response?: unknown }
  const status = $metadata?.httpStatusCode
  // Without an answer the connection broke.
  return status === undefined ? $response === undefined && error.name !== 'AbortError' : status >= 500
}
