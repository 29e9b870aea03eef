import type { Clock, EpochMs } from '../clock.ts'
import type { Lanes as LanesOf } from '../core/action.ts'
import type { Random } from '../random.ts'
import { jitter } from '../random.ts'

/**
 * What runs side by side and what does not. A lane is busy while something runs in it, and for its backoff after a failure. Within a
 * lane things happen one at a time; shared lanes hold off only those who want the lane for themselves.
 */
export class Lanes {
  readonly #clock: Clock
  readonly #random: Random
  readonly #own = new Set<string>()
  readonly #shared = new Map<string, number>()
  readonly #backoffs = new Map<string, { failures: number; until: EpochMs }>()

  constructor(options: { clock: Clock; random: Random }) {
    this.#clock = options.clock
    this.#random = options.random
  }

  /** Takes the lanes if all of them are free; `false` takes none. */
  enter(lanes: LanesOf): boolean {
    const now = this.#clock.now()
    const blocked =
      lanes.own.some(
        (lane) => this.#own.has(lane) || this.#shared.has(lane) || (this.#backoffs.get(lane)?.until ?? 0) > now,
      ) || lanes.shared.some((lane) => this.#own.has(lane))
    if (blocked) return false
    for (const lane of lanes.own) this.#own.add(lane)
    for (const lane of lanes.shared) this.#shared.set(lane, (this.#shared.get(lane) ?? 0) + 1)
    return true
  }

  leave(lanes: LanesOf): void {
    for (const lane of lanes.own) this.#own.delete(lane)
    for (const lane of lanes.shared) {
      const count = (this.#shared.get(lane) ?? 1) - 1
      if (count > 0) this.#shared.set(lane, count)
      else this.#shared.delete(lane)
    }
  }

  /** What ran in these lanes succeeded. */
  succeed(lanes: LanesOf): void {
    for (const lane of lanes.own) this.#backoffs.delete(lane)
  }

  /** Keeps the lanes busy for `first`, then twice that with each failure, up to `most` milliseconds, with jitter. */
  backOff(lanes: LanesOf, options: { first: number; most: number }): void {
    for (const lane of lanes.own) {
      const failures = (this.#backoffs.get(lane)?.failures ?? 0) + 1
      const pause = Math.min(options.first * 2 ** Math.min(failures - 1, 20), options.most)
      this.#backoffs.set(lane, { failures, until: this.#clock.now() + jitter(this.#random, pause) })
    }
  }

  /** When the next backoff ends, or `undefined`. Those long past are forgotten. */
  nextRelease(): EpochMs | undefined {
    const now = this.#clock.now()
    let next: EpochMs | undefined
    for (const [lane, { until }] of this.#backoffs) {
      if (until > now) next = Math.min(next ?? until, until)
      else if (until + FORGET_AFTER < now) this.#backoffs.delete(lane)
    }
    return next
  }

  /** How many lanes of each kind are taken: for the metrics. */
  counts(): { kind: string; count: number }[] {
    const counts = new Map<string, number>()
    for (const lane of [...this.#own, ...this.#shared.keys()]) {
      const kind = lane.slice(0, lane.indexOf(':'))
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
    }
    return [...counts].map(([kind, count]) => ({ kind, count }))
  }
}

/** A lane that has not failed for this long begins again with the shortest backoff. */
const FORGET_AFTER = 15 * 60_000
