import { hash } from '../../core/hash.ts'
import type { EpochMs } from '../../core/time.ts'
import { HOUR, SECOND } from '../../core/time.ts'
import { acmFaults, acmSteps } from './acm.ts'
import { digest } from './digest.ts'
import { checkEnd } from './ends.ts'
import type { Breach } from './law-book.ts'
import { mayReconcile } from './load-balancer.ts'
import type { Memory } from './memory.ts'
import type { Move } from './moves.ts'
import { apply, beginWorld } from './moves.ts'
import type { Hands } from './perform.ts'
import type { Run } from './run.ts'
import { cloneStandby, hear, isBehind, newStandby, type Standby, takeOver, tellStandby } from './standby.ts'
import type { Edit } from './users.ts'
import type { World } from './world.ts'
import { cloneWorld } from './world.ts'

/** A small scope to be explored to the end of a bounded number of moves. */
export interface Exploration {
  /** From where: a scope, and what happened in it before. */
  readonly from: Run
  /** What users may do, each at most once and in this order. */
  readonly edits: readonly Edit[]
  readonly crashes: number
  /** Certificates that somebody may delete. */
  readonly deletions: number
  /** How often time may pass: `TICK` each. */
  readonly ticks: number
  /** How often the lease may pass to another replica, which stands by and may be behind with what it hears. Absent: there is one. */
  readonly takeovers?: number
  /** Also what usually happens at once is a step of its own: requests, and writes of records and of the ledger. */
  readonly everyStep?: boolean
  /** How many moves a schedule has at most. */
  readonly depth: number
  /** How many states are visited at most. */
  readonly most: number
  /** Also let each schedule's end come to rest, and check what must hold there. */
  readonly ends: boolean
}

/** A move of a schedule; with two replicas, also the other's. */
export type Scheduled = Move | { readonly do: 'hear' } | { readonly do: 'takeOver' }

export interface Explored {
  readonly states: number
  /** How long the schedules were when the bound on states was met. */
  readonly depth: number
  readonly complete: boolean
  readonly breach: Breach | undefined
  /** The schedule to the breach, after the moves of the beginning. */
  readonly schedule: readonly Scheduled[] | undefined
}

/** A little more than the settling time: two of them, with looks in between, let an ARN leave. */
const TICK = 61 * SECOND

interface Place {
  readonly world: World
  readonly standby: Standby | undefined
}

interface Node extends Place {
  readonly moves: readonly Scheduled[]
  readonly edits: number
  readonly crashes: number
  readonly deletions: number
  readonly ticks: number
  readonly takeovers: number
}

/** Visits every state that the moves reach, breadth first, so that the first breach found has the shortest schedule. */
export function explore(exploration: Exploration, hands: Hands = {}): Explored {
  const { depth, most, ends } = exploration
  let layer: Node[] = [beginning(exploration, hands)]
  const seen = new Set([keyOf(layer[0] as Node)])
  const found = (level: number, more: Partial<Explored> = {}): Explored => {
    return { states: seen.size, depth: level, complete: false, breach: undefined, schedule: undefined, ...more }
  }
  for (let level = 0; level < depth && layer.length > 0; level++) {
    const next: Node[] = []
    for (const node of layer) {
      for (const { move, ...counts } of successors(node, exploration)) {
        const child = follow({ ...node, ...counts }, move, { hands, exploration })
        if (!child) continue
        if (child.world.law.breach) return found(level, { breach: child.world.law.breach, schedule: child.moves })
        const key = keyOf(child)
        if (seen.has(key)) continue
        seen.add(key)
        if (seen.size >= most) return found(level)
        const breach = ends && level + 1 === depth ? breachInTheEnd(child.world, hands) : undefined
        if (breach) return found(level, { breach, schedule: child.moves })
        next.push(child)
      }
    }
    layer = next
  }
  return found(depth, { complete: true })
}

/** Follows a schedule once more, and tells it. @returns the breach that it ends in. */
export function replay(
  exploration: Exploration,
  schedule: readonly Scheduled[],
  options: { readonly hands?: Hands; readonly story: string[] },
): Breach | undefined {
  const { hands = {}, story } = options
  const begun = beginning(exploration, hands, story)
  let place: Place = begun
  for (const move of schedule.slice(begun.moves.length)) place = moved(place, move, hands) ?? place
  return place.world.law.breach
}

function beginning(exploration: Exploration, hands: Hands, story?: string[]): Node {
  const { from, takeovers } = exploration
  const world = beginWorld(from.scope, story)
  for (const move of from.moves) apply(world, move, hands)
  const moves = settleEager(world, hands, exploration)
  const standby = takeovers === undefined ? undefined : newStandby(world)
  return { world, standby, moves, edits: 0, crashes: 0, deletions: 0, ticks: 0, takeovers: 0 }
}

/** A move, and what follows from it at once. @returns undefined where there was nothing to do. */
function follow(
  node: Node,
  move: Scheduled,
  { hands, exploration }: { hands: Hands; exploration: Exploration },
): Node | undefined {
  const place = moved(
    { world: cloneWorld(node.world), standby: node.standby && cloneStandby(node.standby) },
    move,
    hands,
  )
  if (!place) return undefined
  const { world, standby } = place
  const before = world.events.length
  const eager = settleEager(world, hands, exploration)
  if (standby) tellStandby(world, standby, undefined, before)
  return { ...node, world, standby, moves: [...node.moves, move, ...eager] }
}

/** Makes a move in a world. @returns undefined where there was nothing to do. */
function moved({ world, standby }: Place, move: Scheduled, hands: Hands): Place | undefined {
  if (move.do === 'hear') return standby && hear(world, standby) ? { world, standby } : undefined
  if (move.do === 'takeOver') return standby && { world, standby: takeOver(world, standby) }
  const before = world.events.length
  if (!apply(world, move, hands)) return undefined
  if (standby) tellStandby(world, standby, move, before)
  return { world, standby }
}

function breachInTheEnd(world: World, hands: Hands): Breach | undefined {
  const end = cloneWorld(world)
  checkEnd(end, hands)
  return end.law.breach
}

function keyOf({ world, standby, edits, crashes, deletions, ticks, takeovers }: Node): string {
  const other = standby && [digest({ ...world, ...standby }), looked(standby.memory, world.now)]
  const parts = [digest(world), looked(world.memory, world.now), other, edits, crashes, deletions, ticks, takeovers]
  return hash(JSON.stringify(parts), 32)
}

/** What was looked at, and how long ago: until that is enough, nothing is planned. */
function looked({ observation, wakeAt }: Memory, now: EpochMs): unknown {
  const { certificates, certificatesSweptAt, tagsSweptAt, zones, loadBalancers, records, missing } = observation
  const ages = [certificates?.at, certificatesSweptAt, tagsSweptAt, zones?.at, loadBalancers?.at, wakeAt]
  return [
    ages.map((at) => (at === undefined || at === 0 ? at : at > now + HOUR ? 'later' : at - now)),
    [...records].map(([place, { value }]) => [place, value]),
    [...missing],
    [...observation.sawIssued],
  ]
}

/**
 * What is left to the random runs: the lags of ACM, and the writes of the ledger, of records and of what only people read happen at
 * once, so that the schedules of what takes TLS away can be explored deeper.
 */
function settleEager(world: World, hands: Hands, { everyStep = false }: Exploration): readonly Move[] {
  const moves: Move[] = []
  const attempt = (move: Move) => {
    if (!apply(world, move, hands)) return false
    moves.push(move)
    return true
  }
  for (let worked = true; worked && !world.law.breach; ) {
    worked = false
    for (const certificate of world.certificates.values())
      for (const step of acmSteps(world, certificate))
        if (step !== 'validate') worked = attempt({ do: 'acm', arn: certificate.arn, step }) || worked
    for (const [key, { action }] of everyStep ? [] : world.memory.tasks)
      if (action?.kind !== 'publish' && action?.kind !== 'deleteCertificate')
        worked = attempt({ do: 'task', key }) || worked
  }
  return moves
}

type Successor = { readonly move: Scheduled } & Partial<
  Pick<Node, 'edits' | 'crashes' | 'deletions' | 'ticks' | 'takeovers'>
>

function successors(node: Node, exploration: Exploration): readonly Successor[] {
  const { world } = node
  const { memory } = world
  const found: Successor[] = []
  const edit = exploration.edits[node.edits]
  if (edit) found.push({ move: { do: 'user', edit }, edits: node.edits + 1 })
  if (!memory.synced) found.push({ move: { do: 'sync' } })
  if (world.events.length > 0) found.push({ move: { do: 'deliver' } })
  if (memory.wakeAt <= world.now) found.push({ move: { do: 'turn' } })
  for (const key of memory.tasks.keys()) found.push({ move: { do: 'task', key } })
  for (const group of world.groups.keys()) if (mayReconcile(world, group)) found.push({ move: { do: 'lbc', group } })
  for (const certificate of world.certificates.values()) {
    const { arn } = certificate
    if (acmSteps(world, certificate).includes('validate')) found.push({ move: { do: 'acm', arn, step: 'validate' } })
    if (node.deletions < exploration.deletions && acmFaults(world, certificate).includes('vanish'))
      found.push({ move: { do: 'acm', arn, step: 'vanish' }, deletions: node.deletions + 1 })
  }
  if (node.standby && isBehind(world, node.standby)) found.push({ move: { do: 'hear' } })
  if (node.standby && node.takeovers < (exploration.takeovers ?? 0))
    found.push({ move: { do: 'takeOver' }, takeovers: node.takeovers + 1 })
  if (node.crashes < exploration.crashes) found.push({ move: { do: 'crash' }, crashes: node.crashes + 1 })
  if (node.ticks < exploration.ticks) found.push({ move: { do: 'tick', ms: TICK }, ticks: node.ticks + 1 })
  return found
}
