import type { Arn } from '../../core/certificate.ts'
import { MINUTE, SECOND } from '../../core/time.ts'
import { askedBy, groupOf, isHealthy, membersOf } from './asked.ts'
import { removeObject, store } from './cluster.ts'
import { auditServed, auditWithdrawn } from './law-served.ts'
import { claimIn } from './memory.ts'
import type { GroupState, Reconcile, World } from './world.ts'
import { short, shorts, tell } from './world.ts'

/** A reconcile takes less than the settling time that we wait for it: a stated assumption of make before break. */
export const LONGEST_RUN = 45 * SECOND

/** May the controller do something for this group now? */
export function mayReconcile(world: World, group: string): boolean {
  const state = world.groups.get(group)
  return state !== undefined && (state.run !== undefined || (state.dirty && state.retryAt <= world.now))
}

/** One call of the load balancer's controller: start with a snapshot, then remove, then add, one by one, then finish. */
export function stepLoadBalancerController(world: World, group: string): boolean {
  const state = world.groups.get(group)
  if (!state || !mayReconcile(world, group)) return false
  if (!state.run) start(world, group, state)
  else advance(world, group, state, state.run)
  return true
}

function start(world: World, group: string, state: GroupState): void {
  const members = membersOf(world, group)
  const active = members.filter((ingress) => !ingress.deleting)
  const desired = new Map<number, Arn[]>()
  for (const ingress of active) {
    const ports = claimIn(ingress, world.scope.settings).httpsPorts
    if (ports.length === 0) continue
    const asked = askedBy(world, ingress)
    if (!asked) return fail(world, group, state, `${ingress.ref.name} has no certificate`)
    for (const port of ports) {
      const arns = desired.get(port) ?? []
      desired.set(port, [...arns, ...asked.filter((arn) => !arns.includes(arn))])
    }
  }
  const most = world.scope.settings.certificatesPerLoadBalancer
  if ([...desired.values()].some((arns) => arns.length > most))
    return fail(world, group, state, 'too many certificates')
  const run: Reconcile = {
    startedAt: world.now,
    desired,
    deleting: members.filter((ingress) => ingress.deleting).map((ingress) => ingress.ref.uid),
    active: active.map((ingress) => ingress.ref.uid),
  }
  world.groups.set(group, { ...state, dirty: false, run })
  tell(
    world,
    () =>
      `LBC starts on ${group}: wants ${[...desired].map(([port, arns]) => `${port} ${shorts(arns)}`).join('; ') || 'nothing'}`,
  )
  auditServed(world, 'us')
}

function fail(world: World, group: string, state: GroupState, because: string): void {
  const failures = state.failures + 1
  const retryAt = world.now + Math.min(SECOND * 2 ** failures, 16 * MINUTE)
  world.groups.set(group, { dirty: true, run: undefined, retryAt, failures })
  if (failures === 1) tell(world, () => `LBC builds nothing for ${group}: ${because}`)
}

function advance(world: World, group: string, state: GroupState, run: Reconcile): void {
  const balancer = world.balancers.get(group)
  if (run.active.length > 0 && !balancer) {
    const arn = `lb/${group}`
    world.balancers.set(group, { arn, dnsName: `${group.replace('/', '-')}.elb.example`, listeners: new Map() })
    return
  }
  for (const [port, desired] of run.desired) {
    if (!balancer) break
    const attached = balancer.listeners.get(port) ?? []
    const [wanted] = desired
    const set = (arns: readonly Arn[]) =>
      world.balancers.set(group, { ...balancer, listeners: new Map(balancer.listeners).set(port, arns) })
    const missing = desired.filter((arn) => !attached.includes(arn))
    if (wanted !== undefined && attached[0] !== wanted) {
      if (!isHealthy(world, wanted) && !attached.includes(wanted))
        return fail(world, group, state, `${short(wanted)} cannot be attached`)
      // The default is replaced first; the old one stays among the others until it is removed.
      set([wanted, ...attached.filter((arn) => arn !== wanted)])
      tell(world, () => `LBC makes ${short(wanted)} the default on ${port}`)
      return auditServed(world, 'us')
    }
    const surplus = attached.find((arn) => !desired.includes(arn))
    if (surplus !== undefined) {
      set(attached.filter((arn) => arn !== surplus))
      tell(world, () => `LBC removes ${short(surplus)} from ${port}`)
      return auditServed(world, 'us')
    }
    const [next] = missing
    if (next !== undefined) {
      if (!isHealthy(world, next)) return fail(world, group, state, `${short(next)} cannot be attached`)
      set([...attached, next])
      tell(world, () => `LBC adds ${short(next)} to ${port}`)
      return auditServed(world, 'us')
    }
  }
  finish(world, group, state, run)
}

function finish(world: World, group: string, state: GroupState, run: Reconcile): void {
  const balancer = world.balancers.get(group)
  if (balancer) {
    if (run.active.length === 0) world.balancers.delete(group)
    else {
      const listeners = new Map([...balancer.listeners].filter(([port]) => run.desired.has(port)))
      world.balancers.set(group, { ...balancer, listeners })
      for (const uid of run.active) {
        const object = world.objects.get(uid)
        if (object && object.ingress.hostnames[0] !== balancer.dnsName && groupOf(world, object.ingress) === group)
          store(world, { ...object, ingress: { ...object.ingress, hostnames: [balancer.dnsName] } })
      }
    }
  }
  for (const uid of run.deleting) removeObject(world, uid)
  world.groups.set(group, { ...state, run: undefined, failures: 0, retryAt: 0 })
  tell(world, () => `LBC is done with ${group}`)
  auditServed(world, 'us')
  auditWithdrawn(world, group, run)
}
