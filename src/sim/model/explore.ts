import { hash } from '../../core/hash.ts'
import { SECOND } from '../../core/time.ts'
import { acmFaults, acmSteps } from './acm.ts'
import { digest } from './digest.ts'
import { checkEnd } from './ends.ts'
import type { Breach } from './law-book.ts'
import { mayReconcile } from './load-balancer.ts'
import type { Move } from './moves.ts'
import { apply, beginWorld } from './moves.ts'
import type { Hands } from './perform.ts'
import type { Run } from './run.ts'
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
  /** How many moves a schedule has at most. */
  readonly depth: number
  /** How many states are visited at most. */
  readonly most: number
  /** Also let each schedule's end come to rest, and check what must hold there. */
  readonly ends: boolean
}

export interface Explored {
  readonly states: number
  /** How long the schedules were when the bound on states was met. */
  readonly depth: number
  readonly complete: boolean
  readonly breach: Breach | undefined
  readonly run: Run | undefined
}

/** A little more than the settling time: two of them, with looks in between, let an ARN leave. */
const TICK = 61 * SECOND

interface Node {
  readonly world: World
  readonly moves: readonly Move[]
  readonly edits: number
  readonly crashes: number
  readonly deletions: number
  readonly ticks: number
}

/** Visits every state that the moves reach, breadth first, so that the first breach found has the shortest schedule. */
export function explore(exploration: Exploration, hands: Hands = {}): Explored {
  const { from, depth, most, ends } = exploration
  const world = beginWorld(from.scope)
  for (const move of from.moves) apply(world, move, hands)
  let layer: Node[] = [{ world, moves: settleEager(world, hands), edits: 0, crashes: 0, deletions: 0, ticks: 0 }]
  const seen = new Set([keyOf(layer[0] as Node)])
  for (let level = 0; level < depth && layer.length > 0; level++) {
    const next: Node[] = []
    for (const node of layer) {
      for (const { move, ...counts } of successors(node, exploration)) {
        const after = cloneWorld(node.world)
        if (!apply(after, move, hands)) continue
        const moves = [...node.moves, move, ...settleEager(after, hands)]
        const run = { scope: from.scope, moves: [...from.moves, ...moves] }
        if (after.law.breach) return { states: seen.size, depth: level, complete: false, breach: after.law.breach, run }
        const child = { ...node, ...counts, world: after, moves }
        const key = keyOf(child)
        if (seen.has(key)) continue
        seen.add(key)
        if (seen.size >= most)
          return { states: seen.size, depth: level, complete: false, breach: undefined, run: undefined }
        if (ends && level + 1 === depth) {
          const end = cloneWorld(after)
          checkEnd(end, hands)
          if (end.law.breach) return { states: seen.size, depth: level, complete: false, breach: end.law.breach, run }
        }
        next.push(child)
      }
    }
    layer = next
  }
  return { states: seen.size, depth, complete: true, breach: undefined, run: undefined }
}

function keyOf({ world, edits, crashes, deletions, ticks }: Node): string {
  return hash(JSON.stringify([digest(world), edits, crashes, deletions, ticks]), 32)
}

/**
 * What is left to the random runs: the lags of ACM, and the writes of the ledger, of records and of what only people read happen at
 * once, so that the schedules of what takes TLS away can be explored deeper.
 */
function settleEager(world: World, hands: Hands): readonly Move[] {
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
    for (const [key, { action }] of world.memory.tasks)
      if (action?.kind !== 'publish' && action?.kind !== 'deleteCertificate')
        worked = attempt({ do: 'task', key }) || worked
  }
  return moves
}

type Successor = { readonly move: Move } & Partial<Pick<Node, 'edits' | 'crashes' | 'deletions' | 'ticks'>>

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
  if (node.crashes < exploration.crashes) found.push({ move: { do: 'crash' }, crashes: node.crashes + 1 })
  if (node.ticks < exploration.ticks) found.push({ move: { do: 'tick', ms: TICK }, ticks: node.ticks + 1 })
  return found
}
