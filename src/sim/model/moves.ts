import type { Arn } from '../../core/certificate.ts'
import { HOUR, SECOND } from '../../core/time.ts'
import type { AcmStep } from './acm.ts'
import { acmSteps, addForeign, stepAcm } from './acm.ts'
import { createObject } from './cluster.ts'
import { crash, deliver, sync, turn } from './controller.ts'
import { LONGEST_RUN, mayReconcile, stepLoadBalancerController } from './load-balancer.ts'
import { breach } from './law-book.ts'
import { auditServed, unserved } from './law-served.ts'
import type { Task } from './memory.ts'
import type { Hands } from './perform.ts'
import { loseAnswer, stepTask } from './perform.ts'
import type { Scope } from './scope.ts'
import { hostsOf, lettersOf } from './scope.ts'
import type { Edit } from './users.ts'
import { applyEdit } from './users.ts'
import type { Holds, World } from './world.ts'
import { emptyWorld, NO_HOLDS, tell } from './world.ts'

/** One thing that happens. A run is a scope and a list of these: it can be played again, and made shorter. */
export type Move =
  | { readonly do: 'sync' }
  | { readonly do: 'deliver' }
  | { readonly do: 'turn' }
  | { readonly do: 'task'; readonly key: string }
  | { readonly do: 'lose'; readonly key: string }
  | { readonly do: 'crash' }
  | { readonly do: 'lbc'; readonly group: string }
  | { readonly do: 'acm'; readonly arn: Arn; readonly step: AcmStep }
  | { readonly do: 'user'; readonly edit: Edit }
  | { readonly do: 'zone'; readonly name: string; readonly there: boolean }
  /** Somebody puts another value at the place of a record. */
  | { readonly do: 'record'; readonly name: string; readonly value: string | undefined }
  | { readonly do: 'loseLedger' }
  | { readonly do: 'approve' }
  /** Something does not work from now on, even in good weather. */
  | { readonly do: 'hold'; readonly what: Partial<Holds> }
  /** Good weather, until something under way is about to take this step. */
  | { readonly do: 'until'; readonly key: string; readonly step: Task['step'] }
  /** A law of its own: these hosts of the object are served now. */
  | { readonly do: 'served'; readonly name: string; readonly letters: string }
  /** Time passes; nothing else happens that is not forced. */
  | { readonly do: 'tick'; readonly ms: number }
  /** Time passes and everything works as fast as it can. */
  | { readonly do: 'calm'; readonly ms: number }

export function beginWorld(scope: Scope, story?: string[]): World {
  const world = emptyWorld(scope, story)
  for (const letters of scope.foreign) addForeign(world, hostsOf(letters))
  for (const manifest of scope.ingresses) {
    createObject(world, manifest)
    world.now += SECOND
  }
  return world
}

const ZONES: Readonly<Record<string, string>> = { 'example.com': 'Z1', 'other.example': 'Z2' }

/** Applies a move; false where there was nothing to do. Laws are checked on the way. */
export function apply(world: World, move: Move, hands: Hands = {}): boolean {
  switch (move.do) {
    case 'sync':
      return sync(world)
    case 'deliver':
      return deliver(world)
    case 'turn':
      return turn(world, hands.decide)
    case 'task':
      return stepTask(world, move.key, hands)
    case 'lose':
      return loseAnswer(world, move.key)
    case 'crash':
      crash(world)
      return true
    case 'lbc':
      return stepLoadBalancerController(world, move.group)
    case 'acm':
      return stepAcm(world, move.arn, move.step)
    case 'user':
      return applyEdit(world, move.edit)
    case 'zone': {
      const id = ZONES[move.name] as string
      if (world.zones.has(move.name) === move.there) return false
      if (move.there) world.zones.set(move.name, id)
      else world.zones.delete(move.name)
      tell(world, () => `the zone ${move.name} is ${move.there ? 'back' : 'gone'}`)
      return true
    }
    case 'record': {
      if (world.records.get(move.name) === move.value) return false
      if (move.value === undefined) world.records.delete(move.name)
      else world.records.set(move.name, move.value)
      tell(world, () => `somebody makes the record ${move.name} ${move.value ?? 'absent'}`)
      return true
    }
    case 'loseLedger': {
      tell(world, () => 'the whole ledger is deleted')
      world.ledger.clear()
      world.claims.clear()
      world.memory.ledger.clear()
      world.memory.claims.clear()
      // Whatever answer is still on its way, the watch tells last.
      for (const key of world.memory.tasks.keys()) if (/^(ledger|claim):/.test(key)) world.memory.tasks.delete(key)
      world.memory.wakeAt = 0
      return true
    }
    case 'approve': {
      for (const [key, entry] of world.ledger) {
        world.ledger.set(key, { ...entry, retireApproved: true })
        for (const { arn } of entry.certificates) world.law.approved.add(arn)
      }
      world.memory.ledger = new Map(world.ledger)
      world.memory.wakeAt = 0
      tell(world, () => 'somebody approves the retirement')
      return true
    }
    case 'hold':
      world.holds = { ...world.holds, ...move.what }
      tell(world, () => `held from now on: ${JSON.stringify(move.what)}`)
      return true
    case 'until': {
      calm(world, HOUR, hands, () => world.memory.tasks.get(move.key)?.step === move.step)
      return world.memory.tasks.get(move.key)?.step === move.step
    }
    case 'served': {
      const missing = unserved(world, move.name, hostsOf(move.letters))
      if (missing.length > 0) breach(world.law, 'L1', `${lettersOf(missing)} of ${move.name} is not served meanwhile`)
      return true
    }
    case 'tick':
      return tick(world, move.ms, hands)
    case 'calm':
      calm(world, move.ms, hands)
      return true
  }
}

/** ACM shows a new certificate after this long at the latest. */
const LONGEST_LAG = 60 * SECOND

/** What cannot outlast the time that passes comes to its end first: calls have deadlines, and reconciles are shorter than the settling. */
function tick(world: World, ms: number, hands: Hands): boolean {
  if (ms > 5 * SECOND) {
    for (let round = 0; round < 20 && world.memory.tasks.size > 0; round++)
      for (const key of world.memory.tasks.keys()) stepTask(world, key, hands)
  }
  for (const [group, { run }] of world.groups) {
    if (!run || world.now + ms - run.startedAt < LONGEST_RUN) continue
    while (world.groups.get(group)?.run) stepLoadBalancerController(world, group)
  }
  world.now += ms
  for (const { arn, createdAt } of world.certificates.values()) {
    if (world.now - createdAt < LONGEST_LAG) continue
    stepAcm(world, arn, 'show')
    stepAcm(world, arn, 'list')
  }
  return true
}

/** How many rounds of work one instant may hold before the model is said to spin. */
const MOST_ROUNDS = 400

/**
 * Everything works as it should, for this long, or until `stop`: all that can happen happens, and then time passes to the next thing
 * that is due.
 */
export function calm(world: World, ms: number, hands: Hands = {}, stop: () => boolean = () => false): void {
  const end = world.now + ms
  let rounds = 0
  while (!world.law.breach) {
    if (stop()) return
    let worked = sync(world)
    if (!world.holds.watch) while (deliver(world)) worked = true
    if (world.memory.wakeAt <= world.now) {
      world.memory.wakeAt = Number.POSITIVE_INFINITY
      worked = turn(world, hands.decide) || worked
      if (stop()) return
    }
    for (const key of world.memory.tasks.keys()) {
      worked = stepTask(world, key, hands) || worked
      if (stop()) return
    }
    for (const group of world.groups.keys()) worked = reconcile(world, group) || worked
    worked = issue(world) || worked
    if (worked) {
      if (++rounds > MOST_ROUNDS) throw new Error(`the model does not come to rest at ${world.now}`)
      continue
    }
    rounds = 0
    const next = nextEvent(world)
    if (next >= end) break
    world.now = next
  }
  world.now = end
}

function reconcile(world: World, group: string): boolean {
  let worked = false
  while (mayReconcile(world, group) && !world.law.breach) {
    const run = world.groups.get(group)?.run
    // Held, it still finishes in time what it began.
    if (world.holds.lbc && !(run && run.startedAt + LONGEST_RUN <= world.now)) break
    worked = stepLoadBalancerController(world, group) || worked
  }
  return worked
}

/** What ACM does by itself in good weather, by the age of the certificate. */
function issue(world: World): boolean {
  let worked = false
  for (const certificate of world.certificates.values()) {
    const age = world.now - certificate.createdAt
    if (certificate.status === 'PENDING_VALIDATION' && age >= 72 * HOUR)
      worked = stepAcm(world, certificate.arn, 'timeOut') || worked
    for (const step of acmSteps(world, certificate))
      if (age >= AFTER[step] && !(step === 'inUse' && world.holds.inUse))
        worked = stepAcm(world, certificate.arn, step) || worked
  }
  return worked
}

const AFTER: Readonly<Record<AcmStep, number>> = {
  show: SECOND,
  list: 5 * SECOND,
  records: 3 * SECOND,
  validate: 20 * SECOND,
  status: 0,
  inUse: 0,
  fail: 0,
  timeOut: 72 * HOUR,
  vanish: 0,
}

function nextEvent(world: World): number {
  let next = world.memory.wakeAt
  for (const { dirty, retryAt, run } of world.groups.values()) {
    if (dirty && retryAt > world.now) next = Math.min(next, retryAt)
    if (run) next = Math.min(next, run.startedAt + LONGEST_RUN)
  }
  for (const { createdAt, status } of world.certificates.values()) {
    const ages =
      status === 'PENDING_VALIDATION' ? [SECOND, 3 * SECOND, 5 * SECOND, 20 * SECOND, 72 * HOUR] : [5 * SECOND]
    for (const age of ages) if (createdAt + age > world.now) next = Math.min(next, createdAt + age)
  }
  return Math.max(next, world.now + 1)
}

/** The storm is over: zones are there, records are as ACM wants them, nobody edits any more. */
export function heal(world: World): void {
  world.holds = NO_HOLDS
  for (const [name, id] of Object.entries(ZONES)) world.zones.set(name, id)
  for (const [name, value] of world.records) if (value.startsWith('elsewhere')) world.records.delete(name)
  auditServed(world, 'others')
}
