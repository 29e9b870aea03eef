import type { Arn } from './certificate.ts'
import type { Claim } from './claim.ts'
import { nameOf } from './ingress.ts'
import { isDead, issuedOf, pendingOf, terminalOf } from './inventory.ts'
import type { Group, Member, Situation } from './situation.ts'
import { isServedElsewhere, serves } from './situation.ts'
import type { EpochMs } from './time.ts'
import { MINUTE } from './time.ts'
import type { Verdict } from './verdict.ts'
import { listed } from './verdict.ts'
import type { Wish, WishKey } from './wish.ts'
import type { Wishes } from './wishes.ts'

/** The places for certificates on the load balancer of one group. */
export interface Places {
  /** What it holds, or was asked to hold. */
  readonly held: ReadonlySet<Arn>
  /** Keys that it does not hold yet and for whose certificate a place is free. */
  readonly entering: ReadonlySet<WishKey>
  /** Keys for whose certificate there is none. */
  readonly waiting: ReadonlySet<WishKey>
}

/** A certificate that is not issued within this time of its request holds no place free any more: one bad name never keeps good ones out. */
const ON_ITS_WAY = 10 * MINUTE

/**
 * What a group's load balancer holds or will hold: listed by a member, or seen on a listener, whoever it belongs to. What is dead leaves
 * before its successor is added. The default certificate counts, too: AWS does not count it
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html), but the load balancer's controller
 * also puts it in the list of the listener, where AWS does.
 */
export function occupants(group: Group, { observation, now }: Situation): Set<Arn> {
  const arns = new Set([...group.members.flatMap((member) => member.listed), ...group.attached])
  return new Set([...arns].filter((arn) => !isDead(observation, arn, now)))
}

/**
 * Who gets the free places of each load balancer: what is there is never displaced, and new ones enter by the age of their claims. Derived
 * from what is observed alone, so that a restart changes nothing. By the key of the group.
 */
export function assignPlaces(situation: Situation, wishes: Wishes): ReadonlyMap<string, Places> {
  const interims = interimsByClaim(wishes)
  const places = new Map<string, Places>()
  for (const group of situation.groups.values()) {
    const held = occupants(group, situation)
    const entering = new Set<WishKey>()
    const waiting = new Set<WishKey>()
    for (const member of group.members) {
      const { claim } = member
      const keys = keysOf(claim, wishes)
      if (keys.length === 0 || claim.paused || isServedElsewhere(member)) continue
      for (const key of [...keys, ...(interims.get(claim) ?? [])]) {
        if (entering.has(key) || situation.inventory.byKey.get(key)?.some((own) => held.has(own.certificate.arn)))
          continue
        if (held.size + entering.size >= situation.settings.certificatesPerLoadBalancer) waiting.add(key)
        else if (isOnItsWay(key, situation)) entering.add(key)
      }
    }
    places.set(group.key, { held, entering, waiting })
  }
  return places
}

function keysOf(claim: Claim, wishes: Wishes): readonly WishKey[] {
  return wishes.resolutions.get(claim.ingress.ref.uid)?.keys ?? []
}

function interimsByClaim(wishes: Wishes): ReadonlyMap<Claim, readonly WishKey[]> {
  const interims = new Map<Claim, WishKey[]>()
  for (const { key, interim, claims } of wishes.byKey.values())
    if (interim) for (const claim of claims) interims.set(claim, [...(interims.get(claim) ?? []), key])
  return interims
}

/** Is its certificate there, or to be expected soon? */
function isOnItsWay(key: WishKey, situation: Situation): boolean {
  const { inventory, observation, now } = situation
  if (issuedOf(inventory, key, now)) return true
  const pending = pendingOf(inventory, key)
  if (pending) return pending.certificate.createdAt + ON_ITS_WAY > now
  return !terminalOf(inventory, key, now) && observation.failures.get(`key:${key}`)?.kind !== 'invalid'
}

/** When a place that is kept for a certificate on its way is free for others, because it takes too long. */
export function heldFreeUntil(places: Places | undefined, { inventory, now }: Situation): EpochMs | undefined {
  const ends = [...(places?.entering ?? [])].flatMap((key) => {
    const createdAt = pendingOf(inventory, key)?.certificate.createdAt
    return createdAt === undefined ? [] : [createdAt + ON_ITS_WAY]
  })
  return ends.length === 0 ? undefined : Math.max(now, Math.min(...ends))
}

/** Why the certificate of a wish is not requested, or not published, on this member's load balancer. */
export function fullVerdict(options: {
  wish: Pick<Wish, 'names'>
  member: Member
  places: Places | undefined
  situation: Situation
}): Verdict {
  const { wish, member, places, situation } = options
  const { claim } = member
  const carried = places?.held.size ?? 0
  const coming = places?.entering.size ?? 0
  const more = coming === 0 ? '' : `, with ${coming} more on the way for Ingresses before it,`
  const isServed = claim.hosts.some((host) => member.listed.some((arn) => serves(situation, arn, host)))
  const stays = isServed ? '; what serves it now stays, and a successor needs one free place beside it' : ''
  return {
    state: 'Held',
    reason: 'LoadBalancerFull',
    message: `The load balancer of ${claim.group} has ${carried} certificates${more} and holds ${situation.settings.certificatesPerLoadBalancer}, so there is no place for one for ${listed(wish.names)} of Ingress ${nameOf(claim.ingress.ref)}${stays}: move Ingresses to another group, or raise the quota in AWS and --certificates-per-load-balancer.`,
  }
}
