import type { Action, Lanes } from '../../core/action.ts'
import type { Claim } from '../../core/claim.ts'
import type { Ingress, IngressClass } from '../../core/ingress.ts'
import { fingerprintOf } from '../../core/ingress.ts'
import type { ClaimEntry, LedgerEntry } from '../../core/ledger.ts'
import type { FailureKind, Observation } from '../../core/observation.ts'
import { emptyObservation } from '../../core/observation.ts'
import { markGroupChanged } from '../../core/observe.ts'
import type { Settings } from '../../core/settings.ts'
import type { PlanInput } from '../../core/situation.ts'
import type { EpochMs } from '../../core/time.ts'
import { HOUR, MINUTE, SECOND } from '../../core/time.ts'
import type { WishKey } from '../../core/wish.ts'
import { claimOf } from '../../sources/ingress.ts'

/** Something under way: the model's `loop/perform.ts` and `loop/look.ts`, cut where the world may change in between. */
export interface Task {
  readonly key: string
  readonly lanes: Lanes
  readonly begun: EpochMs
  /** A look that was read and is to be merged; its effect is in `merge`. */
  readonly merge: ((world: { memory: Memory; now: EpochMs }) => void) | undefined
  readonly action: Action | undefined
  readonly step: 'confirm' | 'read' | 'look' | 'send' | 'answer'
  readonly readAt: EpochMs
  /** How far the API server was at the fresh read. */
  readonly readVersion: number
  /** A deletion: whether the certificate had to stay at the fresh read. */
  readonly neededAtRead: string | undefined
}

/** Everything that the controller knows, and loses with a crash: `loop/facts.ts` and `loop/lanes.ts` as values. */
export interface Memory {
  synced: boolean
  cache: Map<string, Ingress>
  observation: Observation
  ledger: Map<WishKey, LedgerEntry>
  claims: Map<string, ClaimEntry>
  tasks: Map<string, Task>
  backoffs: Map<string, { readonly failures: number; readonly until: EpochMs }>
  /** When to plan again if nothing happens before; 0: at once. */
  wakeAt: EpochMs
}

export function newMemory(): Memory {
  return {
    synced: false,
    cache: new Map(),
    observation: emptyObservation,
    ledger: new Map(),
    claims: new Map(),
    tasks: new Map(),
    backoffs: new Map(),
    wakeAt: 0,
  }
}

export function cloneMemory(memory: Memory): Memory {
  return {
    ...memory,
    cache: new Map(memory.cache),
    ledger: new Map(memory.ledger),
    claims: new Map(memory.claims),
    tasks: new Map(memory.tasks),
    backoffs: new Map(memory.backoffs),
  }
}

const CLASS: IngressClass = {
  name: 'alb',
  controller: 'ingress.k8s.aws/alb',
  parameters: undefined,
  isDefault: true,
  asks: undefined,
}
const CLASSES = { classes: new Map([['alb', CLASS]]), parameters: new Map() }

/** The one in which all objects of the scopes are: it asks for nothing. */
const NAMESPACES = new Map([['shop', { name: 'shop', labels: {} }]])

const claims = new WeakMap<Ingress, Claim>()

/** The claim of an Ingress; the settings that it depends on are the same in all scopes. */
export function claimIn(ingress: Ingress, settings: Settings): Claim {
  let claim = claims.get(ingress)
  if (!claim) claims.set(ingress, (claim = claimOf({ ingress, classes: CLASSES, namespaces: NAMESPACES, settings })))
  return claim
}

export function inputOf(memory: Memory, settings: Settings, now: EpochMs): PlanInput {
  const seen = <T>(value: T) => (memory.synced ? { value, at: now, complete: true } : undefined)
  return {
    claims: [...memory.cache.values()].map((ingress) => claimIn(ingress, settings)),
    observation: {
      ...memory.observation,
      ingresses: seen(memory.cache),
      ingressClasses: seen(CLASSES.classes),
      ingressClassParameters: seen(CLASSES.parameters),
      namespaces: seen(NAMESPACES),
    },
    ledger: { certificates: memory.synced ? memory.ledger : undefined, claims: memory.claims },
    settings,
    now,
  }
}

export function setIngress(memory: Memory, ingress: Ingress, settings: Settings, now: EpochMs): void {
  const before = memory.cache.get(ingress.ref.uid)
  if (before && Number(ingress.resourceVersion) < Number(before.resourceVersion)) return
  memory.cache.set(ingress.ref.uid, ingress)
  memory.wakeAt = 0
  if (before && fingerprintOf(before) === fingerprintOf(ingress)) return
  if (before) groupChanged(memory, claimIn(before, settings).group, now)
  groupChanged(memory, claimIn(ingress, settings).group, now)
}

export function deleteIngress(memory: Memory, ingress: Ingress, settings: Settings, now: EpochMs): void {
  const before = memory.cache.get(ingress.ref.uid)
  if (!before) return
  groupChanged(memory, claimIn(before, settings).group, now)
  memory.cache.delete(ingress.ref.uid)
  memory.wakeAt = 0
}

export function groupChanged(memory: Memory, group: string, now: EpochMs): void {
  memory.observation = markGroupChanged(memory.observation, group, now)
}

export function failed(memory: Memory, key: string, kind: FailureKind, now: EpochMs): void {
  const since = memory.observation.failures.get(key)?.since ?? now
  const failure = { kind, code: kind, message: kind, since, at: now }
  memory.observation = {
    ...memory.observation,
    failures: new Map(memory.observation.failures).set(key, failure),
  }
}

export function succeeded(memory: Memory, task: Task): void {
  for (const lane of task.lanes.own) memory.backoffs.delete(lane)
  if (!memory.observation.failures.has(task.key)) return
  const failures = new Map(memory.observation.failures)
  failures.delete(task.key)
  memory.observation = { ...memory.observation, failures }
}

/** Are all lanes free? Within a lane things happen one at a time; shared lanes hold off only those who want the lane for themselves. */
export function mayEnter(memory: Memory, lanes: Lanes, now: EpochMs): boolean {
  if (lanes.own.some((lane) => (memory.backoffs.get(lane)?.until ?? 0) > now)) return false
  for (const other of memory.tasks.values()) {
    if (lanes.own.some((lane) => other.lanes.own.includes(lane) || other.lanes.shared.includes(lane))) return false
    if (lanes.shared.some((lane) => other.lanes.own.includes(lane))) return false
  }
  return true
}

const PAUSES: Readonly<Record<FailureKind | 'outdated', readonly [first: number, most: number]>> = {
  outdated: [SECOND / 4, MINUTE],
  throttled: [SECOND, MINUTE],
  transient: [SECOND, MINUTE],
  ambiguous: [SECOND, MINUTE],
  conflict: [SECOND, 5 * MINUTE],
  denied: [5 * SECOND, 4 * MINUTE],
  credentials: [5 * SECOND, 4 * MINUTE],
  notFound: [5 * SECOND, 4 * MINUTE],
  unsupported: [5 * SECOND, 4 * MINUTE],
  quota: [MINUTE, 30 * MINUTE],
  invalid: [MINUTE, HOUR],
}

export function backOff(memory: Memory, lanes: Lanes, kind: FailureKind | 'outdated', now: EpochMs): void {
  const [first, most] = PAUSES[kind]
  for (const lane of lanes.own) {
    const failures = (memory.backoffs.get(lane)?.failures ?? 0) + 1
    memory.backoffs.set(lane, { failures, until: now + Math.min(first * 2 ** Math.min(failures - 1, 20), most) })
  }
}

export function nextRelease(memory: Memory, now: EpochMs): EpochMs {
  let next = Number.POSITIVE_INFINITY
  for (const { until } of memory.backoffs.values()) if (until > now) next = Math.min(next, until)
  return next
}
