import { resolveSettings } from '../../config.ts'
import { runController } from '../../loop/controller.ts'
import { createHealth } from '../../telemetry/health.ts'
import { createLog } from '../../telemetry/log.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { VERSION } from '../../version.ts'
import { type Program, Replica } from '../actors/replica.ts'
import type { IngressManifest, IngressName } from '../actors/user.ts'
import { ANY_SECRET } from '../aws/accounts.ts'
import type { Faults } from '../aws/faults.ts'
import type { AwsSettings } from '../aws/settings.ts'
import { VirtualClock } from '../clock.ts'
import { ACCESS_KEYS, createEmbeddedWorld, type EmbeddedWorld } from '../embedded.ts'
import { type Law, LawBook } from '../laws/book.ts'
import { Court } from '../laws/court.ts'
import { CERTWRIGHT, REFERENCE } from '../laws/subject.ts'
import { isController, REFERENCE_KEY } from '../laws/view.ts'
import { seededRandom } from '../random.ts'
import { Process } from '../simulation/process.ts'
import { watchDefaultCertificates } from './default-certificates.ts'
import { Patience } from './patience.ts'
import { runReference } from './reference.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

/** How often what must happen within some time is asked for. */
const GLANCE_MS = 15 * SECOND

/** After this time a contestant leads, and has seen the world. */
const SETTLED_MS = 30 * SECOND

export type Contestant = 'certwright' | 'reference'

export interface TrialOptions {
  readonly contestant: Contestant
  readonly seed?: number
  readonly zones?: readonly string[]
  readonly aws?: Partial<AwsSettings>
  /** Flags of `certwright run`; the reference knows none of them. */
  readonly flags?: Readonly<Record<string, string>>
  /** Hosts that no controller can be expected to serve. */
  readonly hopeless?: readonly string[]
}

/** A law that was broken. L8 is asked here only: in a storm nobody could answer for it. */
export interface Finding {
  readonly law: Law | 'L8'
  readonly sentence: string
  /** Milliseconds since the trial began. */
  readonly at: number
}

/** Keeps all that was broken, and not only the first. */
class Findings extends LawBook {
  readonly all: Finding[] = []
  readonly #elapsed: () => number

  constructor(elapsed: () => number) {
    super(elapsed)
    this.#elapsed = elapsed
  }

  override broken(law: Law | 'L8', sentence: string): void {
    if (this.all.some((finding) => finding.sentence === sentence)) return
    this.all.push({ law, sentence, at: this.#elapsed() })
  }
}

/** One contestant in a world of its own on the virtual clock, with the laws watching. Worlds of equal options differ in the contestant alone. */
export class Trial {
  readonly contestant: Contestant
  readonly clock = new VirtualClock()
  readonly world: EmbeddedWorld
  readonly court: Court
  readonly log: string[] = []
  readonly #options: TrialOptions
  readonly #findings: Findings
  readonly #patience: Patience
  /** When that began which the story is about, as {@link elapsed} counts. */
  befellAt = 0
  /** What befalls the contestant's calls to AWS. */
  faults: Faults = {}
  #begun = 0
  #replica: Replica | undefined

  private constructor(options: TrialOptions) {
    const { clock } = this
    const isReference = options.contestant === 'reference'
    this.#options = options
    this.contestant = options.contestant
    this.world = createEmbeddedWorld({
      clock,
      random: seededRandom(options.seed ?? 1),
      settings: {
        handshakes: 'in process',
        runLoadBalancerController: !isReference,
        zones: options.zones ?? ['example.com'],
        aws: { issuance: [120 * SECOND, 120 * SECOND], ...options.aws },
      },
    })
    const { accounts } = this.world.aws
    accounts.createAccessKey({ accessKeyId: `${ACCESS_KEYS.controller}1`, userName: 'certwright' })
    accounts.createAccessKey({ accessKeyId: REFERENCE_KEY, userName: 'reference' })
    this.#findings = new Findings(() => this.elapsed)
    this.court = new Court({
      clock,
      book: this.#findings,
      world: this.world,
      retireAfter: isReference ? 0 : HOUR,
      retireBrake: !isReference,
      onTerm: () => {},
      subject: isReference ? REFERENCE : CERTWRIGHT,
    })
    this.world.aws.faults = {
      before: (call) => {
        this.court.noteSending(call.operation, call.accessKeyId)
        return isController(call.accessKeyId) ? this.faults.before?.(call) : undefined
      },
      after: (call) => (isController(call.accessKeyId) ? this.faults.after?.(call) : undefined),
    }
    watchDefaultCertificates({
      events: this.world.aws.events,
      view: this.court.view,
      broken: (sentence) => this.#findings.broken('S9', sentence),
    })
    this.world.kube.faults = {
      before: (call) => {
        this.court.noteCall(call)
        return undefined
      },
    }
    this.#patience = new Patience({
      clock,
      court: this.court,
      world: this.world,
      hopeless: options.hopeless ?? [],
      broken: (law, sentence) => this.#findings.broken(law, sentence),
    })
  }

  /** Begins a world, and in it the contestant. Dispose of it in the end. */
  static async begin(options: TrialOptions): Promise<Trial> {
    const trial = new Trial(options)
    await trial.during(trial.world.start())
    trial.world.prober.stop()
    trial.start()
    await trial.clock.advance(SETTLED_MS)
    trial.#begun = trial.clock.monotonic()
    return trial
  }

  /** Milliseconds since the trial began. */
  get elapsed(): number {
    return this.clock.monotonic() - this.#begun
  }

  /** Now comes what the story is about; what was before only led up to it. */
  befalls(): void {
    this.befellAt = this.elapsed
  }

  /** All that was broken, in order. */
  get findings(): readonly Finding[] {
    return this.#findings.all
  }

  /** Asks once more what only the end can tell. */
  conclude(): void {
    const throttled = new Map<string, number>()
    // The buckets of load balancers are shared with their own controller.
    for (const { by, operation, outcome, service } of this.world.aws.events.of('call')) {
      if (isController(by) && service !== 'elasticloadbalancing' && /Throttl|TooManyRequests/.test(outcome))
        throttled.set(operation, (throttled.get(operation) ?? 0) + 1)
    }
    for (const [operation, times] of throttled)
      this.#findings.broken('Q1', `AWS had to say ${times} times that calls of ${operation} come too fast`)
  }

  /** Calls to AWS that the contestant made, those for load balancers left out: they are of another making. */
  get calls(): ReadonlyMap<string, number> {
    const calls = new Map<string, number>()
    for (const { by, operation, service } of this.world.aws.events.of('call')) {
      if (isController(by) && service !== 'elasticloadbalancing') calls.set(operation, (calls.get(operation) ?? 0) + 1)
    }
    return calls
  }

  /** A new process; the earlier one must have ended. */
  start(): void {
    const process = new Process({ inner: this.world.world, number: 1 })
    this.#replica = new Replica(
      this.contestant === 'certwright'
        ? { world: process.world, program: this.#certwright() }
        : {
            world: {
              ...process.world,
              aws: {
                ...process.world.aws,
                credentials: async () => ({ accessKeyId: REFERENCE_KEY, secretAccessKey: ANY_SECRET }),
              },
            },
            program: this.#reference(),
          },
    )
    this.#replica.start()
    this.#replica.ended.catch((error: unknown) => this.#findings.broken('P', `it ended by itself: ${String(error)}`))
  }

  /** As a killed process ends. */
  kill(): void {
    this.#replica?.kill()
    this.#replica = undefined
  }

  #certwright(): Program {
    const { clock, log: lines } = this
    const settings = resolveSettings({
      flags: {
        'cluster-name': 'trial',
        'log-level': 'info',
        'log-format': 'text',
        'retire-after': '1h',
        ...this.#options.flags,
      },
    })
    const destination = { write: (line: string) => void lines.push(line.trimEnd()) }
    const log = createLog({ clock, level: settings.logLevel, format: 'text', destination })
    const metrics = createMetrics({ clock, version: VERSION, nodeVersion: 'trial' })
    const health = createHealth({ clock, parts: ['kubernetes', 'aws'] })
    return ({ world, signal }) => runController({ settings, world, log, metrics, health, signal })
  }

  #reference(): Program {
    return ({ world, signal }) =>
      runReference({
        world,
        signal,
        loadBalancerKey: ACCESS_KEYS.loadBalancerController,
        onPanic: (error) => this.#findings.broken('P', `its process breaks: ${error.message}`),
      })
  }

  /** The next call of this operation takes its effect, and the connection breaks. */
  loseAnswer(operation: string): void {
    let lost = false
    this.faults = {
      after: (call) => {
        if (call.operation !== operation || lost) return undefined
        lost = true
        return { kind: 'reset' }
      },
    }
  }

  /** Lets virtual time pass until `work` is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    let ended = false
    const settled = work.finally(() => {
      ended = true
    })
    settled.catch(() => {})
    await this.clock.advanceUntil(() => ended, MINUTE)
    return await settled
  }

  async pass(milliseconds: number): Promise<void> {
    const end = this.clock.monotonic() + milliseconds
    while (this.clock.monotonic() < end) {
      await this.clock.advance(Math.min(GLANCE_MS, end - this.clock.monotonic()))
      this.#patience.ask()
    }
  }

  /** Lets time pass, at most `limit`, until the condition holds. @returns whether it does. */
  async passUntil(condition: () => boolean, limit = 30 * MINUTE): Promise<boolean> {
    const end = this.clock.monotonic() + limit
    while (!condition() && this.clock.monotonic() < end)
      await this.pass(Math.min(GLANCE_MS, end - this.clock.monotonic()))
    return condition()
  }

  /** An Ingress that asks for a certificate, on a load balancer with a port for HTTP and one for HTTPS. */
  async apply(
    manifest: Partial<IngressManifest> & {
      readonly name: string
      readonly hosts: readonly string[]
      readonly group?: string
    },
  ): Promise<IngressName> {
    const { group, ...rest } = manifest
    const whole = { namespace: 'default', ...rest }
    await this.during(
      this.world.user.apply({
        ...whole,
        annotations: {
          'certwright.dev/certificate': 'true',
          'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP":80},{"HTTPS":443}]',
          ...(group === undefined ? {} : { 'alb.ingress.kubernetes.io/group.name': group }),
          ...manifest.annotations,
        },
      }),
    )
    return { namespace: whole.namespace, name: whole.name }
  }

  async delete(ingress: IngressName): Promise<void> {
    await this.during(this.world.user.delete(ingress))
  }

  async setHosts(ingress: IngressName, ...hosts: readonly string[]): Promise<void> {
    await this.during(this.world.user.setHosts(ingress, hosts))
  }

  /** Whether each host of these objects is served on each port for HTTPS. */
  isServed(...ingresses: readonly IngressName[]): boolean {
    return ingresses.every(({ namespace, name }) => {
      const ingress = this.court.view.ingress(`${namespace}/${name}`)
      return ingress?.hosts.every((host) => this.court.served.unservedFor(ingress, host) === 0) ?? false
    })
  }

  /** Until all these objects are served, at most an hour. */
  async untilServed(...ingresses: readonly IngressName[]): Promise<boolean> {
    return await this.passUntil(() => this.isServed(...ingresses), HOUR)
  }

  /** ARNs of the contestant's certificates that exist, with exactly these names. */
  certificates(...names: readonly string[]): readonly string[] {
    const { view } = this.court
    return view.own.filter((arn) => [...view.namesOf(arn)].sort().join() === [...names].sort().join())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.court.close()
    this.kill()
    await this.during(this.world.stop())
  }
}
