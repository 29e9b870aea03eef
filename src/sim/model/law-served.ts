import { listedArns } from '../../core/ingress.ts'
import type { Ingress } from '../../core/ingress.ts'
import { anyCovers } from '../../core/names.ts'
import { SECOND } from '../../core/time.ts'
import { isOptedIn } from '../../core/claim.ts'
import { askedBy, groupOf, isHealthy, membersOf } from './asked.ts'
import { breach, premise } from './law-book.ts'
import { claimIn } from './memory.ts'
import { lettersOf } from './scope.ts'
import type { Reconcile, World } from './world.ts'
import { shorts } from './world.ts'

/** Opted in, or still carrying an ARN of ours, and not being deleted. */
export function isLive(world: World, ingress: Ingress): boolean {
  if (ingress.deleting) return false
  const claim = claimIn(ingress, world.scope.settings)
  return (
    claim.loadBalanced &&
    (isOptedIn(claim) || listedArns(ingress).some((arn) => world.certificates.get(arn)?.ours === true))
  )
}

/** `group|port|host` of every live name that is served: a healthy certificate for it is attached, asked for, and not about to be removed. */
export function servedNow(world: World): { live: Set<string>; served: Set<string> } {
  const live = new Set<string>()
  const served = new Set<string>()
  const groups = new Set([...world.objects.values()].map((object) => groupOf(world, object.ingress)))
  for (const group of groups) {
    const members = membersOf(world, group).filter((ingress) => !ingress.deleting)
    const askedOn = new Map<number, Set<string>>()
    for (const ingress of members) {
      for (const port of claimIn(ingress, world.scope.settings).httpsPorts) {
        const asked = askedOn.get(port) ?? new Set()
        for (const arn of askedBy(world, ingress) ?? []) asked.add(arn)
        askedOn.set(port, asked)
      }
    }
    const listeners = world.balancers.get(group)?.listeners
    const run = world.groups.get(group)?.run
    for (const ingress of members) {
      if (!isLive(world, ingress)) continue
      const claim = claimIn(ingress, world.scope.settings)
      for (const port of claim.httpsPorts) {
        const standing = (listeners?.get(port) ?? []).filter(
          (arn) =>
            isHealthy(world, arn) &&
            askedOn.get(port)?.has(arn) &&
            (!run || run.desired.get(port)?.includes(arn) === true),
        )
        for (const host of claim.hosts) {
          const place = `${group}|${port}|${host}`
          live.add(place)
          if (standing.some((arn) => anyCovers(world.certificates.get(arn)?.names ?? [], host))) served.add(place)
        }
      }
    }
  }
  return { live, served }
}

/** A name that discovery served only just before our write may lose that: no look could have shown it. */
const UNSEEN = 6 * SECOND

/**
 * S1, after each step that could take TLS away. What `others` do (a user's own edit, ACM, a colleague) may; what `us` does, or the load
 * balancer's controller on our word, may not. `begins`: our write ended the discovery of an object.
 */
export function auditServed(world: World, actor: 'us' | 'others', begins = false): void {
  const { law, now } = world
  const { live, served } = servedNow(world)
  for (const [place, since] of law.served) {
    if (!live.has(place) || served.has(place) || (begins && now - since < UNSEEN)) continue
    if (actor === 'us') breach(law, 'S1', `${placeOf(place)} was served and is no longer: ${standingOf(world, place)}`)
  }
  if (actor === 'us' && served.size > 0) premise(law, 'S1', served.size)
  law.served = new Map([...served].map((place) => [place, law.served.get(place) ?? now]))
}

/** Those of an object's hosts that are not served on each of its ports now. */
export function unserved(world: World, name: string, hosts: readonly string[]): readonly string[] {
  const { served } = servedNow(world)
  const ingress = [...world.objects.values()].find((object) => object.ingress.ref.name === name)?.ingress
  if (!ingress) return hosts
  const { httpsPorts } = claimIn(ingress, world.scope.settings)
  const group = groupOf(world, ingress)
  return hosts.filter((host) => httpsPorts.some((port) => !served.has(`${group}|${port}|${host}`)))
}

export function placeOf(place: string): string {
  const [group, port, host] = place.split('|')
  return `${lettersOf([host ?? ''])} on ${group}:${port}`
}

function standingOf(world: World, place: string): string {
  const [group = '', port] = place.split('|')
  const attached = world.balancers.get(group)?.listeners.get(Number(port)) ?? []
  const run = world.groups.get(group)?.run?.desired.get(Number(port))
  const asked = membersOf(world, group).map(
    (ingress) => `${ingress.ref.name} asks ${shorts(askedBy(world, ingress) ?? [])}`,
  )
  return `attached ${shorts(attached)}, ${asked.join(', ')}${run ? `, LBC at work on ${shorts(run)}` : ''}`
}

/** Hosts of an object that opted out are covered when the first reconcile after our withdrawal is done. */
export function auditWithdrawn(world: World, group: string, run: Reconcile): void {
  const { law } = world
  for (const uid of run.active) {
    const hosts = law.withdrawn.get(uid)
    const object = world.objects.get(uid)
    if (!hosts || !object) continue
    if (groupOf(world, object.ingress) !== group || world.groups.get(group)?.dirty) continue
    law.withdrawn.delete(uid)
    const claim = claimIn(object.ingress, world.scope.settings)
    for (const port of claim.httpsPorts) {
      const attached = world.balancers.get(group)?.listeners.get(port) ?? []
      for (const host of hosts.filter((name) => claim.hosts.includes(name))) {
        premise(law, 'S1')
        const covered = attached.some(
          (arn) => isHealthy(world, arn) && anyCovers(world.certificates.get(arn)?.names ?? [], host),
        )
        if (!covered)
          breach(law, 'S1', `${lettersOf([host])} of ${object.ingress.ref.name} is not covered after the opt-out`)
      }
    }
  }
}
