import type { Action } from '../../core/action.ts'
import { INGRESS_CERTIFICATE_ANNOTATION } from '../../core/ingress.ts'
import { type Plan, plan } from '../../core/plan.ts'
import type { PlanInput } from '../../core/situation.ts'
import type { Break } from './breaks.ts'

/** The plan, with one rule of it reversed. */
export function brokenPlan(how: Break): (input: PlanInput) => Plan {
  switch (how) {
    case 'drop-old-first':
      return (input) => {
        const made = plan(input)
        return { ...made, actions: made.actions.map(dropOldFirst) }
      }
  }
}

/** Where a successor would be published beside what is listed, it takes its place at once. */
function dropOldFirst(action: Action): Action {
  if (action.kind !== 'publish') return action
  const listed = (action.ingress.annotations[INGRESS_CERTIFICATE_ANNOTATION] ?? '')
    .split(',')
    .filter((arn) => arn !== '')
  const added = action.arns.filter((arn) => !listed.includes(arn))
  return added.length === 0 ? action : { ...action, arns: added, dropped: listed }
}
