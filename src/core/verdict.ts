import type { Name } from './names.ts'
import type { EpochMs } from './time.ts'

/** Where a claim or a certificate stands. The table of states and conditions is in docs/states.md. */
export type State =
  | 'Refused'
  | 'Deferred'
  | 'Held'
  | 'Requesting'
  | 'Validating'
  | 'Issuing'
  | 'Attaching'
  | 'Ready'
  | 'Replacing'
  | 'Failed'
  | 'RenewalAtRisk'
  | 'Retiring'

/** `reason` is CamelCase and stable; `message` is one sentence for people: what happened, to what, what to do. */
export interface Verdict {
  readonly state: State
  readonly reason: string
  readonly message: string
}

/** A verdict and when it began to hold. */
export interface StandingVerdict extends Verdict {
  readonly since: EpochMs
}

/** Where one name of a claim stands, where it is not with the others. */
export interface NameVerdict extends Verdict {
  readonly name: Name
}

/** The verdict with the time since when it holds: the old one's where state and reason are the same. */
export function standing(verdict: Verdict, before: StandingVerdict | undefined, now: EpochMs): StandingVerdict {
  const same = before !== undefined && before.state === verdict.state && before.reason === verdict.reason
  if (same && before.message === verdict.message) return before
  // Only what is stored: anything more would differ from what was read back, and be written again and again.
  const { state, reason, message } = verdict
  return { state, reason, message, since: same ? before.since : now }
}

/** Several names, for a sentence: all of up to three, else the first three and how many more. */
export function listed(names: readonly string[]): string {
  if (names.length <= 3) return names.join(', ')
  return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
}
