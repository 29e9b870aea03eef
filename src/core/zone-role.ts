import type { Name } from './names.ts'
import { baseOf, isWithin } from './names.ts'

/** Where the hosted zones of some names are: in another account, which is reached through a role there. */
export interface ZoneRole {
  /** Itself and all names below it. */
  readonly suffix: Name
  readonly arn: string
  /** What the role's trust policy asks for: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html */
  readonly externalId: string | undefined
}

/** The role through which the zone of a name is reached: that of the longest suffix; `undefined`: it is in our own account. */
export function roleFor(name: Name, roles: readonly ZoneRole[]): ZoneRole | undefined {
  let best: ZoneRole | undefined
  for (const role of roles) {
    if (isWithin(role.suffix, baseOf(name)) && role.suffix.length > (best?.suffix.length ?? 0)) best = role
  }
  return best
}

/** The role for a validation record: that for the name which it proves. */
export function roleForRecord(recordName: Name, roles: readonly ZoneRole[]): ZoneRole | undefined {
  return roleFor(recordName.slice(recordName.indexOf('.') + 1), roles)
}

/** The cure that a denial through a role needs. */
export function cureOf(role: ZoneRole): string {
  const id = role.externalId === undefined ? 'no external id' : `the external id ${role.externalId}`
  return `let the trust policy of ${role.arn} name the controller's role with ${id}, allow the controller sts:AssumeRole on it, and allow it the zones' records`
}
