/** Tells a change from one more try, so that what goes on for hours is said once. */
export interface Changes {
  /** Whether `state` differs from the last one noted for `key`. The first state of a key is a change, unless it is `undefined`. */
  note(key: string, state: string | undefined): boolean
  /** Forgets every key that is not in `keys`: what no longer exists must not be kept. */
  keep(keys: ReadonlySet<string>): void
}

/**
 * `undefined` stands for "nothing to say", and is not kept. Example: `if (changes.note('acm', error?.code)) log.warn(…)` logs a failure
 * when it begins, when its code changes, and when it ends.
 */
export function createChanges(): Changes {
  const last = new Map<string, string>()
  return {
    note(key, state) {
      if (last.get(key) === state) return false
      if (state === undefined) last.delete(key)
      else last.set(key, state)
      return true
    },
    keep(keys) {
      for (const key of last.keys()) if (!keys.has(key)) last.delete(key)
    },
  }
}
