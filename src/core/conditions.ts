import type { State, Verdict } from './verdict.ts'

export type ConditionType = 'Requested' | 'Validated' | 'Issued' | 'Attached' | 'RenewalHealthy' | 'Ready'

export interface Condition {
  readonly type: ConditionType
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

/** How far along the life of a certificate each state is; what is behind holds. */
const REACHED: Readonly<Record<State, readonly ConditionType[]>> = {
  Refused: [],
  Deferred: [],
  Held: [],
  Requesting: [],
  Failed: ['Requested'],
  Validating: ['Requested'],
  Issuing: ['Requested'],
  Attaching: ['Requested', 'Validated', 'Issued', 'RenewalHealthy'],
  Replacing: ['Attached', 'RenewalHealthy'],
  Ready: ['Requested', 'Validated', 'Issued', 'Attached', 'RenewalHealthy', 'Ready'],
  RenewalAtRisk: ['Requested', 'Validated', 'Issued', 'Attached', 'Ready'],
  Retiring: ['Requested', 'Validated', 'Issued'],
}

const TYPES: readonly ConditionType[] = ['Requested', 'Validated', 'Issued', 'Attached', 'RenewalHealthy', 'Ready']

/** The conditions of a verdict. `Ready` is false while a successor is on its way: a host that was just added may not be served yet. */
export function conditionsOf(verdict: Verdict): readonly Condition[] {
  // What no load balancer uses is not renewed, and is not served either.
  const reached = REACHED[verdict.reason === 'NotInUse' ? 'Attaching' : verdict.state].filter(
    (type) => verdict.state !== 'RenewalAtRisk' || type !== 'RenewalHealthy',
  )
  return TYPES.map((type) => {
    const holds = reached.includes(type)
    return { type, status: holds ? 'True' : 'False', reason: verdict.reason, message: verdict.message }
  })
}
