import type { Arn } from '../../core/certificate.ts'
import { listedArns } from '../../core/ingress.ts'
import type { Ingress } from '../../core/ingress.ts'
import { covers } from '../../core/names.ts'
import { claimIn } from './memory.ts'
import type { World } from './world.ts'

export function groupOf(world: World, ingress: Ingress): string {
  return claimIn(ingress, world.scope.settings).group
}

/** The objects of a group, those being deleted too, in the order in which the load balancer's controller takes them. */
export function membersOf(world: World, group: string): readonly Ingress[] {
  const members = [...world.objects.values()].map((object) => object.ingress)
  return members
    .filter((ingress) => claimIn(ingress, world.scope.settings).loadBalanced && groupOf(world, ingress) === group)
    .sort((a, b) => (a.ref.name < b.ref.name ? -1 : 1))
}

/** What an object asks to be attached, by annotation or by discovery, which may see more than ACM shows us yet; `undefined` where a host has no certificate. */
export function askedBy(world: World, ingress: Ingress): readonly Arn[] | undefined {
  const listed = listedArns(ingress)
  if (listed.length > 0) return listed
  const found = new Set<Arn>()
  const { hosts } = claimIn(ingress, world.scope.settings)
  for (const host of hosts) {
    const before = found.size
    let covered = false
    for (const { arn, status, names } of world.certificates.values()) {
      if (status !== 'ISSUED' || !names.some((name) => covers(name, host))) continue
      covered = true
      found.add(arn)
    }
    if (found.size === before && !covered) return undefined
  }
  return hosts.length === 0 ? undefined : [...found]
}

export function isHealthy(world: World, arn: Arn): boolean {
  return world.certificates.get(arn)?.status === 'ISSUED'
}
