import type { Random } from '../../random.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../core/time.ts'
import { seededRandom } from '../random.ts'
import { acmFaults, acmSteps, validationRecord, zoneOf } from './acm.ts'
import { checkEnd } from './ends.ts'
import type { Breach, Law } from './law-book.ts'
import { mayReconcile } from './load-balancer.ts'
import type { Move } from './moves.ts'
import { apply, beginWorld } from './moves.ts'
import type { Hands } from './perform.ts'
import type { Manifest, Scope } from './scope.ts'
import { HOSTS, manifest, scopeOf, SETTINGS } from './scope.ts'
import type { Edit } from './users.ts'
import { manifestOf } from './users.ts'
import type { World } from './world.ts'
import { NO_HOLDS } from './world.ts'

/** A run that can be played again. */
export interface Run {
  readonly scope: Scope
  readonly moves: readonly Move[]
}

export interface Outcome {
  readonly run: Run
  readonly breach: Breach | undefined
  readonly premises: ReadonlyMap<Law, number>
}

/** Plays a run from its beginning, through its moves, to its end in quiet. */
export function play(run: Run, hands: Hands = {}, story?: string[]): Outcome {
  const world = beginWorld(run.scope, story)
  guarded(world, () => {
    for (const move of run.moves) {
      if (world.law.breach) break
      apply(world, move, hands)
    }
    if (!world.law.breach) checkEnd(world, hands)
  })
  return { run, breach: world.law.breach, premises: world.law.premises }
}

/** What the model or the core throws is a finding like any other. */
function guarded(world: World, work: () => void): void {
  try {
    work()
  } catch (error) {
    world.law.breach ??= {
      law: 'M',
      sentence: error instanceof Error ? `${error.message} ${error.stack?.split('\n')[1] ?? ''}` : String(error),
    }
  }
}

/** Draws a run from a seed and plays it at the same time, since what can happen depends on what has. */
export function playSeed(seed: number, hands: Hands = {}): Outcome {
  const random = seededRandom(seed)
  const scope = drawScope(random)
  const world = beginWorld(scope)
  const moves: Move[] = []
  const faulty = random.next() < 0.6
  guarded(world, () => {
    const steps = 8 + Math.floor(random.next() * 50)
    for (let step = 0; step < steps && !world.law.breach; step++) {
      const move = drawMove(world, random, faulty)
      if (!move) continue
      moves.push(move)
      if (!apply(world, move, hands)) moves.pop()
    }
    if (!world.law.breach) checkEnd(world, hands)
  })
  return { run: { scope, moves }, breach: world.law.breach, premises: world.law.premises }
}

function pick<T>(random: Random, values: readonly T[]): T | undefined {
  return values[Math.floor(random.next() * values.length)]
}

const ASKS = ['true', 'true', 'true', 'true', undefined, 'ture'] as const
const HOST_SETS = ['a', 'b', 'ab', 'ac', 'bc', 'abc', 'w', 'wa', 'ad', 'd', 'bd', 'de']

function drawManifest(random: Random, name: string, first: boolean): Manifest {
  return manifest(name, pick(random, HOST_SETS) as string, {
    asks: first ? 'true' : pick(random, ASKS),
    group: random.next() < 0.75 ? 'g' : 'h',
    ports: random.next() < 0.85 ? [443] : [443, 8443],
  })
}

function drawScope(random: Random): Scope {
  const mass = random.next() < 0.05
  const count = 1 + Math.floor(random.next() * 3)
  const ingresses = mass
    ? ['a', 'b', 'c', 'd', 'e'].map((hosts, index) => manifest(`I${index + 1}`, hosts))
    : Array.from({ length: count }, (_, index) => drawManifest(random, `I${index + 1}`, index === 0))
  const foreign = random.next() < 0.5 ? [] : [pick(random, ['a', 'ab', 'b', 'w', 'd', 'abcd']) as string]
  return scopeOf(ingresses, {
    foreign,
    bad: random.next() < 0.85 ? '' : (pick(random, ['b', 'c', 'd', 'e']) as string),
    settings: {
      ...SETTINGS,
      certificatesPerLoadBalancer: random.next() < 0.1 ? 3 : 25,
      retireAfter: random.next() < 0.7 ? 10 * MINUTE : random.next() < 0.5 ? 0 : HOUR,
    },
    atomicLooks: random.next() < 0.5,
  })
}

/** One move, or undefined where the kind that was drawn has nothing to do. */
function drawMove(world: World, random: Random, faulty: boolean): Move | undefined {
  const { memory } = world
  const chance = random.next()
  if (!memory.synced && chance < 0.5) return { do: 'sync' }
  if (chance < 0.14) return { do: 'calm', ms: (pick(random, [2, 10, 30, 61, 130, 400, 700, 1500]) as number) * SECOND }
  if (chance < 0.26) return { do: 'user', edit: drawEdit(world, random) }
  if (chance < 0.4) return { do: 'turn' }
  if (chance < 0.6) {
    const key = pick(random, [...memory.tasks.keys()])
    return key === undefined ? { do: 'turn' } : { do: 'task', key }
  }
  if (chance < 0.72) {
    const group = pick(
      random,
      [...world.groups.keys()].filter((other) => mayReconcile(world, other)),
    )
    return group === undefined ? undefined : { do: 'lbc', group }
  }
  if (chance < 0.8) return { do: 'deliver' }
  if (chance < 0.88) {
    const certificate = pick(random, [...world.certificates.values()])
    const step = certificate && pick(random, acmSteps(world, certificate))
    return certificate && step ? { do: 'acm', arn: certificate.arn, step } : undefined
  }
  if (chance < 0.95) return { do: 'tick', ms: (pick(random, [1, 1, 4, 4, 20, 61, 61, 700, 3700]) as number) * SECOND }
  return faulty ? drawFault(world, random) : undefined
}

function drawFault(world: World, random: Random): Move | undefined {
  const { memory } = world
  const chance = random.next()
  if (chance < 0.3) return { do: 'crash' }
  if (chance < 0.55) {
    const key = pick(random, [...memory.tasks.keys()])
    return key === undefined ? { do: 'crash' } : { do: 'lose', key }
  }
  if (chance < 0.75) {
    const certificate = pick(random, [...world.certificates.values()])
    const step = certificate && pick(random, acmFaults(world, certificate))
    return certificate && step ? { do: 'acm', arn: certificate.arn, step } : undefined
  }
  if (chance < 0.82) return { do: 'loseLedger' }
  if (chance < 0.92) {
    const name = pick(random, ['example.com', 'other.example']) as string
    return { do: 'zone', name, there: !world.zones.has(name) }
  }
  if (chance < 0.94) {
    const name = pick(random, [...world.records.keys()])
    return name === undefined ? undefined : { do: 'record', name, value: undefined }
  }
  if (chance < 0.96) {
    const host = pick(random, Object.values(HOSTS)) as string
    const zone = zoneOf(world, host)
    const name = `${zone}/${validationRecord(host).name}`
    if (zone === undefined || world.records.has(name)) return undefined
    return { do: 'record', name, value: 'elsewhere.example.net' }
  }
  if (chance < 0.98) {
    const what = pick(random, [
      { lbc: true },
      { watch: true },
      { inUse: true },
      { lists: true },
      { names: 'b' },
      NO_HOLDS,
    ])
    return what && { do: 'hold', what }
  }
  if (chance < 0.99) return { do: 'approve' }
  return { do: 'calm', ms: 3 * DAY + 2 * HOUR }
}

function drawEdit(world: World, random: Random): Edit {
  const objects = [...world.objects.values()]
  const object = pick(random, objects)
  const chance = random.next()
  if (!object || chance < 0.1) {
    const name = `I${1 + Math.floor(random.next() * 3)}`
    return { kind: 'create', manifest: drawManifest(random, name, false) }
  }
  const { name } = object.ingress.ref
  const now = manifestOf(object.ingress, world)
  if (chance < 0.35) return { kind: 'change', name, to: { hosts: pick(random, HOST_SETS) as string } }
  if (chance < 0.5) {
    // A host moves: taken here or added there, the other half perhaps with the next edit.
    const other = pick(random, objects)
    const theirs = other ? manifestOf(other.ingress, world).hosts : ''
    const hosts = [...new Set(now.hosts + theirs)].sort().join('')
    return { kind: 'change', name, to: { hosts: random.next() < 0.6 ? hosts : (hosts[0] ?? 'a') } }
  }
  if (chance < 0.6) return { kind: 'change', name, to: { asks: pick(random, ASKS) } }
  if (chance < 0.67) return { kind: 'change', name, to: { group: now.group === 'g' ? 'h' : 'g' } }
  if (chance < 0.72) return { kind: 'change', name, to: { ports: now.ports.length === 1 ? [443, 8443] : [443] } }
  if (chance < 0.77) return { kind: 'change', name, to: { paused: !now.paused } }
  if (chance < 0.87)
    return {
      kind: 'annotate',
      name,
      value: pick(random, ['empty', 'empty', 'foreign', 'own', 'stale'] as const) as 'empty',
    }
  if (chance < 0.91) return { kind: 'restore', name }
  return { kind: 'delete', name }
}
