import type { Arn } from './certificate.ts'
import type { Claim } from './claim.ts'
import type { Group, Situation } from './situation.ts'
import type { WishKey } from './wish.ts'

/** The certificates that a group's load balancer holds or will hold: listed by a member, or seen on a listener. */
export function occupants(group: Group): Set<Arn> {
  return new Set([...group.members.flatMap((member) => member.listed), ...group.attached])
}

/** Would a certificate of this key be one more than the load balancer of the claim holds? What is there already is never displaced. */
export function isFullFor(claim: Claim, key: WishKey, situation: Situation): boolean {
  const group = situation.groups.get(claim.group)
  if (!group) return false
  const held = occupants(group)
  if (situation.inventory.byKey.get(key)?.some((entry) => held.has(entry.certificate.arn))) return false
  return held.size >= situation.settings.certificatesPerLoadBalancer
}
