import type { Observation } from './observation.ts'
import { once } from './once.ts'
import type { Member, Situation } from './situation.ts'

/**
 * Has the account been read, whole, since this process began? Before that an entry of the ledger knows more than we do: to write it anew
 * would forget what it remembers.
 */
export function isAccountRead({ certificates, tagsSweptAt }: Observation): boolean {
  return certificates?.complete === true && tagsSweptAt !== undefined
}

/** Is it known, or known to be out of reach, what the wishes rest on? Before that an entry of the ledger would lose its claims. */
export function areWishesKnown(situation: Situation): boolean {
  return situation.settings.region === undefined || areZonesLooked(situation)
}

/** Zones are of no use where every certificate, wanted or of ours, is a private CA's. */
export function needsZones(situation: Situation): boolean {
  return once(NEEDS_ZONES, situation, () => {
    const wanted = situation.members.flatMap(({ claim: { request } }) =>
      request.kind === 'wanted' ? [request.issuer.kind] : [],
    )
    const isPrivate = (kind: 'amazon' | 'private') => kind === 'private'
    return (
      !wanted.some(isPrivate) ||
      !wanted.every(isPrivate) ||
      ![...situation.inventory.own.values()].every(({ issuer }) => isPrivate(issuer.kind))
    )
  })
}

const NEEDS_ZONES = new WeakMap<Situation, boolean>()

function areZonesLooked(situation: Situation): boolean {
  const { observation, settings } = situation
  return (
    !needsZones(situation) ||
    (isLooked(observation, observation.zones?.complete === true, 'zones') &&
      settings.zoneRoles.every(({ suffix }) =>
        isLooked(observation, observation.zonesByRole.has(suffix), `zones:${suffix}`),
      ))
  )
}

/**
 * Is everything known that the verdict on this object rests on, or known to be out of reach? Before that what was last said of it stands:
 * a restart at rest has nothing to say.
 */
export function isOriented(member: Member, situation: Situation): boolean {
  const { observation, groups, settings } = situation
  // Without a region nothing is ever looked at, and that is what is to be said.
  if (settings.region === undefined) return true
  const { certificates, tagsSweptAt } = observation
  return (
    isLooked(observation, certificates?.complete === true, 'certificates') &&
    isLooked(observation, tagsSweptAt !== undefined, 'tags') &&
    areZonesLooked(situation) &&
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

/** Is it known what the load balancers of every group carry, or known to be out of reach? */
export function areListenersRead({ observation, groups }: Pick<Situation, 'observation' | 'groups'>): boolean {
  return [...groups.keys()].every((group) => isGroupOriented(group, { observation, groups }))
}

function isLooked({ failures }: Observation, known: boolean, look: string): boolean {
  return known || failures.has(`look:${look}`)
}
