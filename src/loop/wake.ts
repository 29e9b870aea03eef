import { type Clock, type EpochMs, IN_TIME } from '../clock.ts'

/** Rests until an instant, or until there is news; news that comes while nobody rests is not lost. */
export class Wake {
  readonly #clock: Clock
  #pending = false
  #ring: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** There is news. */
  ring(): void {
    this.#pending = true
    this.#ring?.()
  }

  /** Resolves at `instant`, on news, or when `signal` fires; never rejects. */
  async rest(instant: EpochMs, signal: AbortSignal): Promise<void> {
    if (!this.#pending && !signal.aborted) {
      const stop = new AbortController()
      const rung = new Promise<void>((resolve) => {
        this.#ring = resolve
      })
      const onAbort = () => this.#ring?.()
      signal.addEventListener('abort', onAbort, { once: true })
      await Promise.race([rung, this.#clock.sleepUntil(instant, stop.signal).catch(() => {})])
      stop.abort(IN_TIME)
      signal.removeEventListener('abort', onAbort)
      this.#ring = undefined
    }
    this.#pending = false
  }
}
