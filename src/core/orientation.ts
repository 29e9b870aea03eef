import type { Observation } from './observation.ts'
import type { Member, Situation } from './situation.ts'

/**
 * Has the account been read, whole, since this process began? Before that an entry of the ledger knows more than we do: to write it anew
 * would forget what it remembers.
 */
export function isAccountRead({ certificates, tagsSweptAt }: Observation): boolean {
  return certificates?.complete === true && tagsSweptAt !== undefined
}

/**
 * Is everything known that the verdict on this object rests on, or known to be out of reach? Before that what was last said of it stands:
 * a restart at rest has nothing to say.
 */
export function isOriented(member: Member, { observation, groups, settings }: Situation): boolean {
  // Without a region nothing is ever looked at, and that is what is to be said.
  if (settings.region === undefined) return true
  const { certificates, tagsSweptAt, zones, failures } = observation
  const looked = (known: boolean, look: string) => known || failures.has(`look:${look}`)
  return (
    looked(certificates?.complete === true, 'certificates') &&
    looked(tagsSweptAt !== undefined, 'tags') &&
    looked(zones?.complete === true, 'zones') &&
    isGroupOriented(member.claim.group, { observation, groups })
  )
}

/** Is it known what the load balancers of this group carry, or known to be out of reach? */
export function isGroupOriented(
  group: string,
  { observation, groups }: Pick<Situation, 'observation' | 'groups'>,
): boolean {
  const { loadBalancers, listeners, failures } = observation
  return (
    (loadBalancers !== undefined || failures.has('look:loadBalancers')) &&
    (groups.get(group)?.loadBalancers ?? []).every(
      ({ arn }) => listeners.has(arn) || failures.has(`look:listeners:${arn}`),
    )
  )
}
