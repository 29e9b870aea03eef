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
  const message = abridged(verdict.message)
  if (same && before.message === message) return before
  // Only what is stored: anything more would differ from what was read back, and be written again and again.
  const { state, reason } = verdict
  return { state, reason, message, since: same ? before.since : now }
}

/** An event holds 1,024 characters: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/, `note`. */
const LONGEST_MESSAGE = 1_000

/** A sentence that quotes what somebody wrote may be as long as that: its middle goes, so that what happened and what to do remain. */
export function abridged(message: string): string {
  if (message.length <= LONGEST_MESSAGE) return message
  return `${message.slice(0, LONGEST_MESSAGE / 2)} … ${message.slice(3 - LONGEST_MESSAGE / 2)}`
}

/** How many names are shown with a verdict of their own: the object stays far below what Kubernetes keeps well. */
const MOST_NAMES_APART = 50

/** https://datatracker.ietf.org/doc/html/rfc1035#section-2.3.4, without the trailing dot. What is longer is no name, and is shown cut. */
const LONGEST_NAME = 253

/** Names with a verdict of their own as an object shows them: few, short, and none twice. */
export function shownApart(verdicts: readonly NameVerdict[]): readonly NameVerdict[] {
  const byName = new Map<Name, NameVerdict>()
  for (const { name, state, reason, message } of verdicts) {
    if (byName.size === MOST_NAMES_APART) break
    const cut = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name
    if (!byName.has(cut)) byName.set(cut, { name: cut, state, reason, message: abridged(message) })
  }
  return [...byName.values()]
}

/** Several names, for a sentence: all of up to three, else the first three and how many more. */
export function listed(names: readonly string[]): string {
  if (names.length <= 3) return names.join(', ')
  return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
}
