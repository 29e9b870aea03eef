import type { EpochMs } from '../../clock.ts'

/** How long a superseded value can still be looked at: longer than any delay or staleness of the simulated AWS. */
const MEMORY_MS = 2 * 3_600_000

/** A value and what it was before: what a reader with a delay, or a stale one, still sees. */
export class History<Value> {
  #versions: { readonly at: EpochMs; readonly value: Value }[] = []

  /** What holds from `at` on; never earlier than what was set before. */
  set(at: EpochMs, value: Value): void {
    const from = Math.max(at, this.#versions.at(-1)?.at ?? Number.NEGATIVE_INFINITY)
    this.#versions.push({ at: from, value })
    const horizon = from - MEMORY_MS
    const keep = this.#versions.findLastIndex((version) => version.at <= horizon)
    if (keep > 0) this.#versions = this.#versions.slice(keep)
  }

  /** The newest value, whether or not its time has come. */
  get latest(): Value | undefined {
    return this.#versions.at(-1)?.value
  }

  /** What held at `instant`. */
  at(instant: EpochMs): Value | undefined {
    return this.#versions.findLast((version) => version.at <= instant)?.value
  }
}
