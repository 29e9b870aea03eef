import type { Action } from '../../core/action.ts'
import { lanesOf } from '../../core/action.ts'
import type { Plan } from '../../core/plan.ts'
import { plan } from '../../core/plan.ts'
import type { PlanInput } from '../../core/situation.ts'
import { lookKey } from '../../core/step.ts'
import { premise } from './law-book.ts'
import { auditPlan } from './law-retire.ts'
import { readLook } from './looks.ts'
import { deleteIngress, inputOf, mayEnter, newMemory, nextRelease, setIngress } from './memory.ts'
import type { Task } from './memory.ts'
import { wouldConfirm } from './perform.ts'
import type { World } from './world.ts'
import { tell } from './world.ts'

/** What decides: the real `plan`, or a mutant of it. */
export type Decide = (input: PlanInput) => Plan

/** The cache lists everything anew: the end of a start or of a restart. */
export function sync(world: World): boolean {
  const { memory } = world
  if (memory.synced) return false
  world.events = []
  for (const { ingress } of world.objects.values()) setIngress(memory, ingress, world.scope.settings, world.now)
  memory.ledger = new Map(world.ledger)
  memory.claims = new Map(world.claims)
  memory.synced = true
  memory.wakeAt = 0
  return true
}

/** Everything that was only known dies with the process; what was sent stays sent. */
export function crash(world: World): void {
  tell(world, () => 'the controller crashes and starts again')
  if (world.memory.tasks.size > 0) premise(world.law, 'S8')

  world.memory = newMemory()
}

/** The watch brings its oldest event. */
export function deliver(world: World): boolean {
  const event = world.events[0]
  if (!event || !world.memory.synced) return false
  world.events.shift()
  const { settings } = world.scope
  if (event.kind === 'set') setIngress(world.memory, event.ingress, settings, world.now)
  else {
    deleteIngress(world.memory, event.ingress, settings, world.now)
    // The CertificateClaim goes with its owner.
    world.claims.delete(event.ingress.ref.uid)
    world.memory.claims.delete(event.ingress.ref.uid)
  }
  return true
}

/** One plan, and what can be started of it: a turn of `loop/loop.ts`. Says whether anything was started. */
export function turn(world: World, decide: Decide = plan): boolean {
  const { memory, scope, now } = world
  const made = decide(inputOf(memory, scope.settings, now))
  auditPlan(world, made)
  let started = false
  let next = made.wakeAt
  for (const action of made.actions) started = start(world, action) || started
  for (const { look, dueAt } of made.looks) {
    if (dueAt > now) {
      next = Math.min(next, dueAt)
      continue
    }
    const key = lookKey(look)
    const lanes = { own: [key], shared: [] }
    if (!mayEnter(memory, lanes, now)) continue
    const merge = readLook(world, look)
    started = true
    if (scope.atomicLooks) merge(world)
    else memory.tasks.set(key, { ...EMPTY, key, lanes, begun: now, merge })
  }
  memory.wakeAt = Math.min(next, nextRelease(memory, now))
  if (started && scope.atomicLooks) memory.wakeAt = Math.min(memory.wakeAt, now)
  return started
}

const EMPTY: Omit<Task, 'key' | 'lanes' | 'begun'> = {
  merge: undefined,
  action: undefined,
  step: 'send',
  readAt: 0,
  readVersion: 0,
  neededAtRead: undefined,
}

function start(world: World, action: Action): boolean {
  const { memory, now } = world
  const lanes = lanesOf(action)
  if (!mayEnter(memory, lanes, now)) return false
  const key = lanes.own[0] as string
  memory.tasks.set(key, { ...EMPTY, key, lanes, begun: now, action, step: firstStep(action) })
  return true
}

function firstStep(action: Action): Task['step'] {
  switch (action.kind) {
    case 'publish':
      return wouldConfirm(action) ? 'confirm' : action.members.size > 0 ? 'read' : 'send'
    case 'deleteCertificate':
      return 'read'
    case 'remember':
    case 'forget':
    case 'nudge':
    case 'tag':
    case 'countRequests':
    case 'reportPolicy':
    case 'requestCertificate':
    case 'createRecord':
    case 'report':
    case 'unreport':
      return 'send'
  }
}
