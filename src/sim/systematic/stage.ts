import { createHash } from 'node:crypto'
import { resolveSettings, type Settings } from '../../config.ts'
import { runController } from '../../loop/controller.ts'
import { createHealth } from '../../telemetry/health.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { VERSION } from '../../version.ts'
import { Replica } from '../actors/replica.ts'
import type { IngressName } from '../actors/user.ts'
import type { FaultBefore } from '../aws/faults.ts'
import type { AwsSettings } from '../aws/settings.ts'
import { VirtualClock } from '../clock.ts'
import { createEmbeddedWorld, type EmbeddedWorld } from '../embedded.ts'
import { LawBook } from '../laws/book.ts'
import { Court } from '../laws/court.ts'
import { forkRandom } from '../random.ts'
import { Process } from '../simulation/process.ts'
import { type Call, isWrite } from './call.ts'
import { interceptedWorld } from './line.ts'
import { type Step, stepOfAws, stepOfKube } from './step.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** How long a certificate that nobody wants is kept here. */
export const RETIRE_AFTER_MS = 10 * SECOND
/** Long enough for a write of eight seconds between two renewals. */
export const LEASE_MS = 40 * SECOND

const FLAGS: Readonly<Record<string, string>> = {
  'cluster-name': 'systematic',
  'log-format': 'text',
  'retire-after': `${RETIRE_AFTER_MS / SECOND}s`,
  'retire-brake': 'off',
  'lease-duration': `${LEASE_MS / SECOND}s`,
  'lease-renew-interval': '30s',
  settle: '10s',
}

/**
 * No delay is drawn: runs of one story differ in what is done to them, and in nothing else. Lists and tags are behind for longer than
 * another process needs to lead, so that only the token keeps a request from being made twice.
 */
const AWS: Partial<AwsSettings> = {
  issuance: [20 * SECOND, 20 * SECOND],
  validationPoll: 5 * SECOND,
  describeDelay: [SECOND, SECOND],
  recordsDelay: [3 * SECOND, 3 * SECOND],
  listDelay: [45 * SECOND, 45 * SECOND],
  inUseRelease: [10 * SECOND, 10 * SECOND],
  inUseNotice: [SECOND, SECOND],
  deletedInList: [5 * SECOND, 5 * SECOND],
  deletedInTagging: [20 * MINUTE, 20 * MINUTE],
  taggingDelay: [45 * SECOND, 45 * SECOND],
  dnsPropagation: [5 * SECOND, 5 * SECOND],
  listenerSeesCertificate: [0, 0],
}

export interface StageOptions {
  readonly flags?: Readonly<Record<string, string>> | undefined
  readonly aws?: Partial<AwsSettings> | undefined
  /** Where lines of the story and of the log go; nowhere, where nobody reads them. */
  readonly tell?: ((line: string) => void) | undefined
}

/** What befalls a run. */
export interface Disturbance {
  /** Decides over a call: to send it, or what else. */
  call?<Answer>(stage: Stage, call: Call, send: () => Promise<Answer>): Promise<Answer>
  /** The stage is set and nobody has acted yet. */
  begin?(stage: Stage): void
  /** The worlds have just changed; nobody has been told yet. */
  step?(stage: Stage, step: Step): void
  /** What becomes of the events of a watch, one a chunk. */
  watch?(stage: Stage, by: number, collection: string, events: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
  /** What befalls a call to AWS. */
  aws?(stage: Stage, by: number, operation: string): FaultBefore | undefined
  /** Whether what it was to do is done: a run that missed it proves nothing. */
  readonly struck: boolean
}

interface Life {
  readonly process: Process
  readonly replica: Replica
}

/** A whole world on the virtual clock with the program in it and its court, for one run of a story. */
export class Stage {
  readonly clock = new VirtualClock()
  readonly world: EmbeddedWorld
  readonly book: LawBook
  readonly court: Court
  readonly settings: Settings
  readonly calls: Call[] = []
  readonly steps: Step[] = []
  readonly #disturbance: Disturbance | undefined
  readonly #tell: ((line: string) => void) | undefined
  readonly #lives = new Map<number, Life>()
  readonly #trace = createHash('sha256')
  readonly #state = createHash('sha256')
  #begun = 0
  #processes = 0

  constructor(options: StageOptions, disturbance?: Disturbance) {
    this.#disturbance = disturbance
    this.#tell = options.tell
    this.settings = resolveSettings({
      flags: { ...FLAGS, 'log-level': options.tell ? 'debug' : 'error', ...options.flags },
    })
    this.world = createEmbeddedWorld({
      clock: this.clock,
      random: forkRandom(1, 'world'),
      settings: {
        handshakes: 'in process',
        aws: { ...AWS, ...options.aws },
        loadBalancerController: { reconcileDelay: [SECOND, SECOND], callDelay: [200, 200] },
      },
    })
    const { aws, kube } = this.world
    this.book = new LawBook(() => this.elapsed)
    this.court = new Court({
      clock: this.clock,
      book: this.book,
      world: this.world,
      retireAfter: this.settings.retireAfter,
      retireBrake: this.settings.retireBrake,
      onTerm: (replica) => this.tell(() => `${replica} leads`),
      delaysCalls: true,
    })
    aws.faults = {
      before: ({ operation, accessKeyId }) => {
        this.court.noteSending(operation, accessKeyId)
        const by = /^AKIDCERTWRIGHT(\d+)$/.exec(accessKeyId)?.[1]
        return by === undefined ? undefined : this.#disturbance?.aws?.(this, Number(by), operation)
      },
    }
    kube.faults = {
      before: (call) => {
        this.court.noteCall(call)
        return undefined
      },
    }
    aws.events.subscribe((event) => {
      const text = JSON.stringify(event)
      this.#trace.update(text)
      if (event.kind !== 'call') this.#state.update(text)
      this.#step(stepOfAws(event, this.#place))
    })
    kube.events.subscribe((entry) => {
      const { at, verb, collection, name, subresource, manager, after } = entry
      this.#trace.update(`${at} ${verb} ${collection} ${name} ${manager} ${after?.metadata.resourceVersion}`)
      // Events are written for people: nobody in this world reads them.
      if (!collection.startsWith('events'))
        this.#state.update(
          `${at} ${verb} ${collection} ${name} ${subresource} ${manager} ${JSON.stringify(after?.spec)}`,
        )
      this.#step(stepOfKube(entry, this.#place))
    })
  }

  /** Milliseconds since the story began. */
  get elapsed(): number {
    return this.clock.monotonic() - this.#begun
  }

  async begin(): Promise<void> {
    await this.during(this.world.start())
    // Handshakes are for stories; here the laws read what is attached.
    this.world.prober.stop()
    this.#begun = this.clock.monotonic()
    this.#disturbance?.begin?.(this)
  }

  /** Lets virtual time pass until `work` is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    let ended = false
    const settled = work.finally(() => {
      ended = true
    })
    settled.catch(() => {})
    await this.clock.advanceUntil(() => ended, 10 * MINUTE)
    return await settled
  }

  /** Runs `work` once this much time has passed. */
  later(milliseconds: number, work: () => void): void {
    void this.clock.sleepUntil(this.clock.now() + milliseconds).then(work)
  }

  /** A new process, with a number of its own. */
  startProcess(): number {
    const number = ++this.#processes
    const inner = { ...this.world.world, random: forkRandom(number, 'process') }
    const process = new Process({
      inner: interceptedWorld(inner, {
        call: (call, send) => this.#intercept(number, call, send),
        watch: (collection, events) => this.#disturbance?.watch?.(this, number, collection, events) ?? events,
      }),
      number,
    })
    this.world.aws.accounts.createAccessKey({ accessKeyId: process.accessKeyId, userName: 'certwright' })
    const { clock } = process.world
    const destination = { write: (line: string) => this.tell(() => `  ${process.name}: ${line.trimEnd()}`) }
    const log = createLog({ clock, level: this.settings.logLevel, format: 'text', destination })
    const metrics = createMetrics({ clock, version: VERSION, nodeVersion: 'simulation' })
    const health = createHealth({ clock, parts: ['kubernetes', 'aws'] })
    const replica = new Replica({
      world: process.world,
      program: ({ world, signal }) => runController({ settings: this.settings, world, log, metrics, health, signal }),
    })
    const life = { process, replica }
    this.#lives.set(number, life)
    this.tell(() => `${process.name} starts`)
    replica.start()
    replica.ended.catch((error: unknown) => {
      if (this.#lives.get(number) !== life) return
      this.book.broken(
        'P',
        `${process.name} ended by itself: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      )
    })
    return number
  }

  process(number: number): Process | undefined {
    return this.#lives.get(number)?.process
  }

  /** The numbers of the processes that live. */
  get processes(): readonly number[] {
    return [...this.#lives.keys()]
  }

  /** From now on it neither sends nor hears anything. */
  kill(number: number): void {
    const life = this.#lives.get(number)
    if (!life) return
    this.#lives.delete(number)
    this.tell(() => `${life.process.name} is killed`)
    life.process.thaw()
    life.replica.kill()
  }

  tell(line: () => string): void {
    this.#tell?.(`${(this.elapsed / SECOND).toFixed(3).padStart(9)} s  ${line()}`)
  }

  /** SHA-256 over all that happened in both worlds. */
  traceHash(): string {
    return this.#trace.copy().digest('hex')
  }

  /**
   * A text that is the same where both worlds are in the same state at the same instant: they are made by nothing but what was changed in
   * them, so that all that follows from here is the same too, for processes that begin here.
   */
  stateHash(): string {
    return `${this.clock.monotonic()} ${this.#state.copy().digest('hex')}`
  }

  ingress(name: IngressName) {
    return this.court.view.ingress(`${name.namespace}/${name.name}`)
  }

  async end(): Promise<void> {
    this.court.close()
    for (const number of this.processes) this.kill(number)
    await this.during(this.world.stop())
  }

  get #place(): { index: number; at: number } {
    return { index: this.steps.length, at: this.elapsed }
  }

  #step(step: Step | undefined): void {
    if (!step) return
    this.steps.push(step)
    this.tell(() => `${step.index} ${step.what}`)
    this.#disturbance?.step?.(this, step)
  }

  async #intercept<Answer>(
    by: number,
    named: Pick<Call, 'to' | 'label' | 'kind'>,
    send: () => Promise<Answer>,
  ): Promise<Answer> {
    const call: Call = { index: this.calls.length, by, at: this.elapsed, ...named }
    this.calls.push(call)
    if (isWrite(call)) this.tell(() => `replica-${by}: ${call.label}`)
    return this.#disturbance?.call ? await this.#disturbance.call(this, call, send) : await send()
  }
}
