import type { Arn } from './certificate.ts'
import { common, listsOn, staying } from './leave.ts'
import { anyCovers } from './names.ts'
import type { Failure } from './observation.ts'
import { describedAt } from './observation.ts'
import type { Group, Member, Situation } from './situation.ts'
import { isAttached } from './situation.ts'
import type { DueLook } from './step.ts'
import { SECOND } from './time.ts'

/** An object whose annotation is empty and is about to be written. */
interface Beginning {
  readonly member: Member
  readonly situation: Situation
}

/** How old may be the look at the listeners on which the first write on an object rests. */
const BEGIN_ON = 5 * SECOND

/** How old may be what we know of an object's own pending certificates when it is lent another. */
const LEND_ON = 5 * SECOND

/** What discovery has attached by now is to be carried over, so the listeners are looked at right before. */
export function looksAtListeners({ situation }: Beginning, group: Group): readonly DueLook[] {
  const { observation, now } = situation
  const { loadBalancers, failures } = observation
  if (group.loadBalancers === undefined) {
    // A host name that no load balancer has, by a look of right now, is one of the past.
    const at = loadBalancers?.at ?? 0
    const fresh = at > group.changedAt && now - at <= BEGIN_ON
    if (fresh || isClosed(failures.get('look:loadBalancers'))) return []
    return [{ look: { kind: 'loadBalancers' }, dueAt: at === now ? now + 1 : now }]
  }
  return group.loadBalancers.flatMap(({ arn: loadBalancer }) => {
    const at = observation.listeners.get(loadBalancer)?.at ?? 0
    const fresh = at > group.changedAt && now - at <= BEGIN_ON
    if (fresh || isClosed(failures.get(`look:listeners:${loadBalancer}`))) return []
    return [{ look: { kind: 'listeners' as const, loadBalancer }, dueAt: at === now ? now + 1 : now }]
  })
}

/** Were we not allowed to see what the listeners serve, when we looked last? */
export function isBlind({ situation: { observation } }: Beginning, group: Group): boolean {
  const { failures } = observation
  if (group.loadBalancers === undefined) return isClosed(failures.get('look:loadBalancers'))
  return group.loadBalancers.some(({ arn }) => isClosed(failures.get(`look:listeners:${arn}`)))
}

/** Will this look fail until a person acts? What fails otherwise is tried again: that it showed nothing is no evidence. */
function isClosed(failure: Failure | undefined): boolean {
  return failure?.kind === 'denied' || failure?.kind === 'unsupported'
}

/**
 * A certificate that was issued since the last look may be served by discovery already, and lending would end that: what covers a host
 * and is pending is asked for once more.
 */
export function looksAtAwaited({ member, situation }: Beginning): readonly DueLook[] {
  const { observation, inventory, now } = situation
  return [...inventory.own.values()].flatMap(({ certificate: { arn, status, names } }) => {
    if (status !== 'PENDING_VALIDATION' || !member.claim.hosts.some((host) => anyCovers(names, host))) return []
    return (describedAt(observation, arn) ?? 0) + LEND_ON < now
      ? [{ look: { kind: 'describe' as const, arn }, dueAt: now }]
      : []
  })
}

/**
 * What discovery has attached, or would attach, for live names of the load balancer that ours do not cover there yet. It leaves again
 * by the same rule as any other ARN.
 */
export function discovered({ member, situation }: Beginning, group: Group, additions: readonly Arn[]): readonly Arn[] {
  // A look older than the last change may show what the load balancer's controller has changed since.
  const seen = group.looks.length > 0 && group.looks.every((looks) => looks.at > group.changedAt)
  const attached = seen ? group.attached : new Set<Arn>()
  const others = staying(group, member)
  const carried = new Set<Arn>()
  for (const other of group.members) {
    if (!other.live || (other !== member && other.annotation.kind === 'empty')) continue
    // Where somebody else lists it on the same ports it stays there without our help.
    const ports = common(other.claim.httpsPorts, member.claim.httpsPorts)
    if (ports.length === 0) continue
    for (const host of other.claim.hosts) {
      const covered = situation.ownServing
        .covering(host)
        .some(({ arn }) => seen && listsOn(others, arn, ports) && isAttached(group, ports, arn))
      if (covered) continue
      const candidates = situation.allServing.covering(host).map((certificate) => certificate.arn)
      const present = candidates.filter((arn) => attached.has(arn))
      for (const arn of present.length > 0 ? present : candidates) {
        if (!listsOn(others, arn, ports) && !additions.includes(arn)) carried.add(arn)
      }
    }
  }
  for (const arn of unknownOn(group, others, situation)) carried.add(arn)
  return [...carried].sort()
}

/** Attached, on nobody's list, and not in our view of the account yet: whom it serves is not known, so it stays until that is. */
function unknownOn(group: Group, others: readonly Member[], { inventory, observation }: Situation): readonly Arn[] {
  return [...group.attached].filter(
    (arn) =>
      !inventory.all.has(arn) &&
      !observation.gone.get(arn)?.proven &&
      !others.some((member) => member.listed.includes(arn)),
  )
}
