import type { Clock, EpochMs } from '../../clock.ts'

interface Entry {
  readonly at: EpochMs
  readonly run: () => void
}

/**
 * What the simulated AWS will do by itself, by instant. However much is planned, one sleeper waits, for the earliest; with nothing planned,
 * none.
 */
export class Agenda {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()
  #alarm: { at: EpochMs; abort: AbortController } | undefined
  #stopped = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Plans `run` for `at`; an entry with the same key is replaced. */
  set(key: string, at: EpochMs, run: () => void): void {
    this.#entries.set(key, { at, run })
    if (!this.#alarm || at < this.#alarm.at) this.#arm()
  }

  cancel(key: string): void {
    const entry = this.#entries.get(key)
    this.#entries.delete(key)
    if (entry && this.#alarm && entry.at <= this.#alarm.at) this.#arm()
  }

  /** Plans nothing any more. */
  stop(): void {
    this.#stopped = true
    this.#entries.clear()
    this.#alarm?.abort.abort()
    this.#alarm = undefined
  }

  #arm(): void {
    this.#alarm?.abort.abort()
    this.#alarm = undefined
    if (this.#stopped || this.#entries.size === 0) return
    const at = Math.min(...[...this.#entries.values()].map((entry) => entry.at))
    const alarm = { at, abort: new AbortController() }
    this.#alarm = alarm
    this.#clock.sleepUntil(at, alarm.abort.signal).then(
      () => this.#ring(alarm),
      () => {},
    )
  }

  #ring(alarm: { at: EpochMs }): void {
    if (this.#alarm !== alarm) return
    this.#alarm = undefined
    const now = this.#clock.now()
    const due = [...this.#entries].filter(([, entry]) => entry.at <= now).sort(([, a], [, b]) => a.at - b.at)
    for (const [key, entry] of due) {
      if (this.#entries.get(key) !== entry) continue
      this.#entries.delete(key)
      entry.run()
    }
    this.#arm()
  }
}
