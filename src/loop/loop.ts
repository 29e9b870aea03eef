import type { EpochMs } from '../clock.ts'
import type { Action, Lanes as LanesOf } from '../core/action.ts'
import { lanesOf } from '../core/action.ts'
import { listedArns } from '../core/ingress.ts'
import type { Plan } from '../core/plan.ts'
import { lookKey } from '../core/step.ts'
import type { DueLook, Look } from '../core/step.ts'
import { MINUTE, SECOND } from '../core/time.ts'
import type { Random } from '../random.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Changes } from '../telemetry/changes.ts'
import { classifyFailure } from './failure.ts'
import { Lanes } from './lanes.ts'
import { performLook } from './look.ts'
import type { Hands } from './perform.ts'
import { Outdated } from './outdated.ts'
import { perform } from './perform.ts'
import type { Wake } from './wake.ts'

export interface LoopOptions {
  readonly hands: Hands
  readonly random: Random
  readonly wake: Wake
  readonly log: Log
  readonly changes: Changes
  readonly metrics: Metrics
  /** Told of every plan. @returns when it must be told of another, whatever happens. */
  readonly onPlan: (plan: Plan) => EpochMs
}

/** Between two plans at least this long, so that a burst of news makes one plan. */
const SHORTEST_REST_MS = 25

/** How long what is under way may take to end when the loop is told to stop. */
const DRAIN_MS = 10 * SECOND

/** How many of a kind run side by side: what waits for a quota should be chosen late, by the newest plan. */
const MOST_AT_ONCE: Readonly<Record<Action['kind'] | 'look', number>> = {
  countRequests: 1,
  requestCertificate: 8,
  createRecord: 1_000,
  publish: 32,
  nudge: 8,
  tag: 4,
  deleteCertificate: 4,
  remember: 32,
  forget: 8,
  reportPolicy: 4,
  report: 32,
  unreport: 8,
  look: 16,
}

/** Plans, starts what the plan says in its lanes, and rests until something changes or is due. Nothing is awaited but the rest. */
export class Loop {
  readonly #options: LoopOptions
  readonly #lanes: Lanes
  readonly #running = new Map<Action['kind'] | 'look', number>()
  readonly #tasks = new Set<Promise<void>>()
  #broken: unknown
  #until: AbortSignal | undefined

  constructor(options: LoopOptions) {
    this.#options = options
    this.#lanes = new Lanes({ clock: options.hands.clock, random: options.random })
  }

  /** Until `signal` fires; what is under way is then given ten seconds. @throws what is a defect of ours, or the lost lease. */
  async run(signal: AbortSignal): Promise<void> {
    const { hands, wake } = this.#options
    this.#until = signal
    const stop = new AbortController()
    const working = AbortSignal.any([stop.signal])
    while (!signal.aborted && this.#broken === undefined) {
      const next = this.#turn(working)
      await wake.rest(next, signal)
      await hands.clock.sleepUntil(hands.clock.now() + SHORTEST_REST_MS, signal).catch(() => {})
    }
    await this.#drain(stop)
    if (this.#broken !== undefined) throw this.#broken
  }

  /** One plan, and what can be started of it. Gives when to plan again if nothing happens before. */
  #turn(signal: AbortSignal): EpochMs {
    const { hands, metrics, onPlan } = this.#options
    const begun = hands.clock.monotonic()
    const made = hands.plan(hands.facts.input())
    metrics.planned(hands.clock.monotonic() - begun)
    for (const action of made.actions) this.#start(action, signal)
    const nextLook = this.#startLooks(made.looks, signal)
    metrics.lanesBusy(this.#lanes.counts())
    const heardBy = onPlan(made)
    return Math.min(made.wakeAt, nextLook, heardBy, this.#lanes.nextRelease() ?? Number.POSITIVE_INFINITY)
  }

  #start(action: Action, signal: AbortSignal): void {
    const lanes = lanesOf(action)
    if (!this.#hasRoom(action.kind) || !this.#lanes.enter(lanes)) return
    this.#run({
      kind: action.kind,
      lanes,
      key: lanes.own[0] as string,
      work: () => perform(action, this.#options.hands, signal),
      action,
      signal,
    })
  }

  /** Starts the looks that are due, and gives when the next one is. */
  #startLooks(looks: readonly DueLook[], signal: AbortSignal): EpochMs {
    const { hands } = this.#options
    const now = hands.clock.now()
    let next = Number.POSITIVE_INFINITY
    for (const { look, dueAt } of [...looks].sort((a, b) => a.dueAt - b.dueAt)) {
      if (dueAt > now) {
        next = Math.min(next, dueAt)
        continue
      }
      const key = lookKey(look)
      const lanes = { own: [key], shared: [] }
      if (!this.#hasRoom('look') || !this.#lanes.enter(lanes)) continue
      this.#run({ kind: 'look', lanes, key, work: () => this.#look(look, signal), action: undefined, signal })
    }
    return next
  }

  async #look(look: Look, signal: AbortSignal): Promise<void> {
    const { hands, metrics } = this.#options
    const at = hands.clock.now()
    await performLook(look, hands, signal)
    if (['certificates', 'tags', 'zones', 'loadBalancers'].includes(look.kind)) metrics.observed(look.kind, at)
  }

  #hasRoom(kind: Action['kind'] | 'look'): boolean {
    return (this.#running.get(kind) ?? 0) < MOST_AT_ONCE[kind]
  }

  #run(task: {
    kind: Action['kind'] | 'look'
    lanes: LanesOf
    key: string
    work: () => Promise<void>
    action: Action | undefined
    signal: AbortSignal
  }): void {
    const { kind, lanes } = task
    this.#running.set(kind, (this.#running.get(kind) ?? 0) + 1)
    const running = task
      .work()
      .then(
        () => this.#succeeded(task),
        (error: unknown) => this.#failed(task, error),
      )
      .finally(() => {
        this.#running.set(kind, (this.#running.get(kind) ?? 1) - 1)
        this.#lanes.leave(lanes)
        this.#tasks.delete(running)
        this.#options.wake.ring()
      })
    this.#tasks.add(running)
  }

  #succeeded({
    kind,
    lanes,
    key,
    action,
  }: {
    kind: string
    lanes: LanesOf
    key: string
    action: Action | undefined
  }): void {
    const { hands, metrics, log, changes } = this.#options
    // Whoever removed the annotation may do so again: what is put back is put back ever more slowly.
    if (action && isRestoration(action, hands)) this.#lanes.backOff(lanes, { first: SECOND, most: 10 * MINUTE })
    else this.#lanes.succeed(lanes)
    hands.facts.succeeded(key)
    if (action) metrics.action({ kind, outcome: 'ok' })
    if (changes.note(key, undefined)) log.info('it works again', { lane: key })
    if (action) tell(log, action)
  }

  #failed(
    task: { kind: string; lanes: LanesOf; key: string; action: Action | undefined; signal: AbortSignal },
    error: unknown,
  ): void {
    const { hands, metrics, log, changes } = this.#options
    const { kind, lanes, key, action } = task
    // What was told to stop in the middle of something is no defect.
    if (task.signal.aborted || (this.#until?.aborted === true && error === this.#until.reason)) return
    if (error instanceof Outdated) {
      if (action) metrics.action({ kind, outcome: 'outdated' })
      this.#lanes.backOff(lanes, { first: SECOND / 4, most: MINUTE })
      log.debug('planned again', { lane: key, because: error.message })
      return
    }
    const failure = classifyFailure(error)
    if (!failure) {
      // A lost lease, or a defect: this term of leadership ends.
      this.#broken ??= error
      return
    }
    if (action) metrics.action({ kind, outcome: failure.kind })
    this.#lanes.backOff(lanes, failure)
    // A conflict on an object says that it moved on, which the watch will tell; it is no failure until it goes on.
    if (!(failure.kind === 'conflict' && kind === 'publish')) hands.facts.failed(key, failure)
    if (changes.note(key, failure.code))
      log.warn(failure.message, { lane: key, code: failure.code, kind: failure.kind })
  }

  async #drain(stop: AbortController): Promise<void> {
    const { clock } = this.#options.hands
    const limit = new AbortController()
    await Promise.race([
      Promise.all(this.#tasks),
      clock.sleepUntil(clock.now() + DRAIN_MS, limit.signal).catch(() => {}),
    ])
    limit.abort()
    stop.abort()
    await Promise.all(this.#tasks)
  }
}

/** Did somebody take our annotation away before this wrote it again? */
function isRestoration(action: Action, { facts }: Hands): boolean {
  if (action.kind !== 'publish' || listedArns(action.ingress).length > 0) return false
  return (facts.claims.get(action.ingress.ref.uid)?.entry.published.length ?? 0) > 0
}

/** What people want to find in the log of a quiet day: what was done to the world. */
function tell(log: Log, action: Action): void {
  switch (action.kind) {
    case 'requestCertificate':
      log.info('certificate requested', { names: action.wish.names, key: action.wish.key, attempt: action.attempt })
      return
    case 'createRecord':
      log.info('validation record written', { zone: action.zone, name: action.name })
      return
    case 'publish':
      log.info('annotation written', {
        ingress: `${action.ingress.ref.namespace}/${action.ingress.ref.name}`,
        arns: action.arns,
        dropped: action.dropped,
      })
      return
    case 'nudge':
      log.info('load balancer controller asked again', {
        ingress: `${action.ingress.ref.namespace}/${action.ingress.ref.name}`,
        arns: action.arns,
        count: action.count,
      })
      return
    case 'tag':
      log.info('certificate tagged', { arn: action.arn, set: action.set, removed: action.remove })
      return
    case 'deleteCertificate':
      log.info('certificate deleted', { arn: action.arn, key: action.key })
      return
    case 'countRequests':
    case 'remember':
    case 'forget':
    case 'reportPolicy':
    case 'report':
    case 'unreport':
      return
  }
}
