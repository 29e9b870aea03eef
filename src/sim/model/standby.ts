import { emptyObservation } from '../../core/observation.ts'
import { deliver } from './controller.ts'
import { claimIn, cloneMemory, groupChanged, type Memory, newMemory, setIngress } from './memory.ts'
import type { Move } from './moves.ts'
import type { WatchEvent, World } from './world.ts'
import { tell } from './world.ts'

/** The replica that does not lead: what it knows, and what its watches have not brought yet. */
export interface Standby {
  readonly memory: Memory
  readonly events: WatchEvent[]
}

/** One that has just listed everything. */
export function newStandby(world: World): Standby {
  const standby: Standby = { memory: newMemory(), events: [] }
  listAll(world, standby)
  return standby
}

function listAll(world: World, { memory, events }: Standby): void {
  events.length = 0
  for (const { ingress } of world.objects.values()) setIngress(memory, ingress, world.scope.settings, world.now)
  memory.ledger = new Map(world.ledger)
  memory.claims = new Map(world.claims)
  memory.synced = true
}

export function cloneStandby({ memory, events }: Standby): Standby {
  return { memory: cloneMemory(memory), events: [...events] }
}

/** What the API server told the leader's watch since, it tells the other's as well. `before`: how many events were on their way. */
export function tellStandby(world: World, standby: Standby, move: Move | undefined, before: number): void {
  // A list begins anew, and an event that was heard is gone; everything else only adds some.
  const known = move?.do === 'sync' ? 0 : move?.do === 'deliver' ? before - 1 : before
  standby.events.push(...world.events.slice(known))
}

/** Is there something that its watches have not brought? */
export function isBehind(world: World, { memory, events }: Standby): boolean {
  return (
    !memory.synced || events.length > 0 || !isSame(memory.ledger, world.ledger) || !isSame(memory.claims, world.claims)
  )
}

/** Its watches bring the next event of an Ingress or, where there is none, all of the ledger. */
export function hear(world: World, standby: Standby): boolean {
  if (!isBehind(world, standby)) return false
  if (!standby.memory.synced) {
    listAll(world, standby)
    return true
  }
  if (standby.events.length > 0) return deliver({ ...world, memory: standby.memory, events: standby.events })
  standby.memory.ledger = new Map(world.ledger)
  standby.memory.claims = new Map(world.claims)
  return true
}

/**
 * The lease passes: what the other had under way and not sent is never sent, and what it knew of AWS it forgets; so does the one that
 * leads now. Gives the one that stands by from here on.
 */
export function takeOver(world: World, standby: Standby): Standby {
  tell(world, () => 'the lease passes to the other replica')
  const former: Standby = { memory: endTerm(world.memory), events: world.events }
  world.memory = standby.memory
  world.events = standby.events
  world.memory.observation = { ...emptyObservation, failures: world.memory.observation.failures }
  for (const ingress of world.memory.cache.values())
    groupChanged(world.memory, claimIn(ingress, world.scope.settings).group, world.now)
  world.memory.wakeAt = 0
  return former
}

function endTerm(memory: Memory): Memory {
  return { ...memory, tasks: new Map(), backoffs: new Map(), observation: emptyObservation }
}

function isSame<Key, Value>(a: ReadonlyMap<Key, Value>, b: ReadonlyMap<Key, Value>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)
}
