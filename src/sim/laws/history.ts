import type { Clock } from '../../clock.ts'

interface Version<Value> {
  readonly since: number
  readonly value: Value
}

/** What was so at what time, by key. */
export class History<Value> {
  readonly #clock: Clock
  readonly #versions = new Map<string, Version<Value>[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get keys(): readonly string[] {
    return [...this.#versions.keys()]
  }

  /** From now on it is this. */
  set(key: string, value: Value): void {
    const versions = this.#versions.get(key) ?? []
    this.#versions.set(key, versions)
    versions.push({ since: this.#clock.monotonic(), value })
  }

  /** All that it was from a moment on, what it was at that moment and what it is now included; `undefined` before it was anything. */
  from(key: string, moment: number): readonly (Value | undefined)[] {
    const versions = this.#versions.get(key) ?? []
    const first = versions.findLastIndex(({ since }) => since <= moment)
    return [...(first < 0 ? [undefined] : []), ...versions.slice(Math.max(0, first)).map(({ value }) => value)]
  }
}
