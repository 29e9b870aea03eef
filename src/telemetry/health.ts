import type { Clock } from '../clock.ts'

/** What this process says to those who ask whether it lives and whether it is ready. */
export interface Health {
  /** `part` lacks what `sentence` says, with the cure; `undefined`: it lacks nothing (any more). */
  report(part: string, sentence: string | undefined): void
  /** A standby has nothing to be ready for but the lease. */
  role(role: Role): void
  /** The loop is alive. Once it was, it must say so again within {@link STALLED_AFTER_MS}. */
  beat(): void
  live(): Answer
  ready(): Answer
}

export type Role = 'starting' | 'standby' | 'leader'

export interface Answer {
  readonly ok: boolean
  /** One line a thing. */
  readonly text: string
}

/** Far longer than the loop ever rests without a beat. */
export const STALLED_AFTER_MS = 5 * 60_000

/** `parts` are those that must report before this process can be ready. */
export function createHealth(options: { clock: Clock; parts: readonly string[] }): Health {
  const { clock } = options
  const missing = new Map(options.parts.map((part) => [part, 'not seen yet; wait, or look into the log']))
  let role: Role = 'starting'
  let lastBeat: number | undefined
  return {
    report(part, sentence) {
      if (sentence === undefined) missing.delete(part)
      else missing.set(part, sentence)
    },
    role(now) {
      role = now
    },
    beat() {
      lastBeat = clock.monotonic()
    },
    live() {
      const silent = lastBeat === undefined ? 0 : clock.monotonic() - lastBeat
      if (silent <= STALLED_AFTER_MS) return { ok: true, text: 'ok\n' }
      return { ok: false, text: `the loop has been silent for ${Math.round(silent / 1_000)} s: restart this process\n` }
    },
    ready() {
      if (role === 'standby') return { ok: true, text: 'ok: standing by, another process holds the lease\n' }
      if (missing.size === 0) return { ok: true, text: 'ok\n' }
      return { ok: false, text: [...missing].map(([part, sentence]) => `${part}: ${sentence}\n`).join('') }
    },
  }
}
