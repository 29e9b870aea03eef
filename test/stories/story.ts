import { resolveSettings, type Settings } from '../../src/config.ts'
import type { Arn } from '../../src/core/certificate.ts'
import { MINUTE } from '../../src/core/time.ts'
import type { State } from '../../src/core/verdict.ts'
import { runController } from '../../src/loop/controller.ts'
import type { Replica } from '../../src/sim/actors/replica.ts'
import type { IngressManifest, IngressName } from '../../src/sim/actors/user.ts'
import type { AwsSettings } from '../../src/sim/aws/settings.ts'
import { VirtualClock } from '../../src/sim/clock.ts'
import { statusOf } from '../../src/sim/aws/acm/certificate.ts'
import { ACCESS_KEYS, createEmbeddedWorld, type EmbeddedSettings, type EmbeddedWorld } from '../../src/sim/embedded.ts'
import { seededRandom } from '../../src/sim/random.ts'
import { createHealth, type Health } from '../../src/telemetry/health.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'
import { VERSION } from '../../src/version.ts'

export interface StoryOptions {
  readonly seed?: number
  readonly aws?: Partial<AwsSettings>
  readonly embedded?: Partial<EmbeddedSettings>
  /** Flags of `certwright run`, as on its command line, without the dashes. */
  readonly flags?: Readonly<Record<string, string>>
  /** False: the story starts it itself. */
  readonly start?: boolean
}

/** What `kubectl get certclaim` shows of an Ingress. */
export interface Standing {
  readonly state: State | undefined
  readonly reason: string | undefined
  readonly message: string
  readonly names: readonly { readonly name: string; readonly reason: string }[]
}

/** An event on an Ingress. */
export interface StoryEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly action: string
  readonly note: string
  readonly eventTime: string
  readonly reportingController: string
  readonly regarding: { readonly kind: string; readonly name: string }
  readonly series?: { readonly count: number }
}

/** A whole world on the virtual clock, with the controller that `run` runs, and words to tell a story in. */
export class Story {
  readonly clock = new VirtualClock()
  readonly world: EmbeddedWorld
  readonly log: string[] = []
  readonly settings: Settings
  readonly #flags: Readonly<Record<string, string>>
  metrics!: Metrics
  health!: Health
  controller!: Replica

  private constructor(options: StoryOptions) {
    const { clock } = this
    this.#flags = { 'cluster-name': 'story', 'log-level': 'debug', 'log-format': 'text', ...options.flags }
    this.settings = this.settingsWith({})
    this.world = createEmbeddedWorld({
      clock,
      random: seededRandom(options.seed ?? 1),
      settings: { handshakes: 'in process', ...options.embedded, aws: { ...options.aws } },
    })
  }

  /** Begins a world, and in it the controller. Dispose of it in the end. */
  static async begin(options: StoryOptions = {}): Promise<Story> {
    const story = new Story(options)
    await story.during(story.world.start())
    if (options.start !== false) story.startController()
    return story
  }

  /** The settings of the story's controller, but for these flags. */
  settingsWith(flags: Readonly<Record<string, string>>): Settings {
    return resolveSettings({ flags: { ...this.#flags, ...flags } })
  }

  /** Another process of the controller; the earlier one, if it still lives, goes on. */
  startController(settings: Settings = this.settings): Replica {
    const { clock } = this
    const destination = { write: (line: string) => void this.log.push(line.trimEnd()) }
    this.metrics = createMetrics({ clock, version: VERSION, nodeVersion: 'story' })
    this.health = createHealth({ clock, parts: ['kubernetes', 'aws'] })
    const { metrics, health } = this
    const log = createLog({ clock, level: settings.logLevel, format: 'text', destination })
    this.controller = this.world.addReplica(({ world, signal }) =>
      runController({ settings, world, log, metrics, health, signal }),
    )
    this.controller.start()
    return this.controller
  }

  /** Lets virtual time pass until `work` is done. */
  async during<T>(work: Promise<T>, limit = MINUTE): Promise<T> {
    let ended = false
    const settled = work.finally(() => {
      ended = true
    })
    settled.catch(() => {})
    await this.clock.advanceUntil(() => ended, limit)
    return await settled
  }

  /** Lets virtual time pass until the condition holds, and gives how long that took. @throws with the log's last lines when it does not. */
  async until(what: string, condition: () => boolean, limit = 10 * MINUTE): Promise<number> {
    try {
      return await this.clock.advanceUntil(condition, limit)
    } catch (cause) {
      throw new Error(`${what}: not within ${limit / 1_000} s.\n${this.picture()}`, { cause })
    }
  }

  pass(milliseconds: number): Promise<void> {
    return this.clock.advance(milliseconds)
  }

  apply(manifest: Partial<IngressManifest> & { readonly name: string; readonly hosts: readonly string[] }) {
    const annotations = { ...MANAGED, ...manifest.annotations }
    return this.during(this.world.user.apply({ namespace: 'default', ...manifest, annotations }))
  }

  standing(ingress: string | IngressName): Standing {
    const { namespace, name } = named(ingress)
    const claim = this.world.kube.admin.get({ ...CLAIMS, namespace, name: `ingress-${name}` })
    const status = (claim?.status ?? {}) as Partial<Standing>
    return { state: status.state, reason: status.reason, message: status.message ?? '', names: status.names ?? [] }
  }

  /** The conditions of an Ingress's claim that hold. */
  conditions(ingress: string | IngressName): readonly string[] {
    const { namespace, name } = named(ingress)
    const claim = this.world.kube.admin.get({ ...CLAIMS, namespace, name: `ingress-${name}` })
    const { conditions = [] } = (claim?.status ?? {}) as { conditions?: { type: string; status: string }[] }
    return conditions.filter(({ status }) => status === 'True').map(({ type }) => type)
  }

  /** What we tell of an Ingress in events, oldest first. */
  events(ingress: string | IngressName): readonly StoryEvent[] {
    const { namespace, name } = named(ingress)
    return this.world.kube.admin
      .list({ apiVersion: 'events.k8s.io/v1', kind: 'Event', namespace })
      .map((event) => event as unknown as StoryEvent)
      .filter(({ reportingController }) => reportingController === 'certwright.dev/controller')
      .filter(({ regarding }) => regarding.kind === 'Ingress' && regarding.name === name)
      .sort((a, b) => (a.eventTime < b.eventTime ? -1 : 1))
  }

  /** Lets time pass until an Ingress stands so, for this reason. */
  reaches(ingress: string | IngressName, reason: string, limit = 10 * MINUTE): Promise<number> {
    return this.until(`${JSON.stringify(ingress)}: ${reason}`, () => this.standing(ingress).reason === reason, limit)
  }

  isReady(ingress: string | IngressName): boolean {
    return this.standing(ingress).state === 'Ready'
  }

  ready(ingress: string | IngressName, limit = 10 * MINUTE): Promise<number> {
    return this.until(`${JSON.stringify(ingress)} is Ready`, () => this.isReady(ingress), limit)
  }

  /** The ARNs in the annotation of an Ingress. */
  listed(ingress: string | IngressName): readonly Arn[] {
    const { namespace, name } = named(ingress)
    const object = this.world.kube.admin.get({ ...INGRESSES, namespace, name })
    const text = object?.metadata.annotations?.['alb.ingress.kubernetes.io/certificate-arn'] ?? ''
    return text === '' ? [] : text.split(',')
  }

  /** Certificates in ACM with exactly these names, whatever their state. */
  certificates(...names: string[]): readonly { readonly arn: Arn; readonly status: string }[] {
    const wanted = [...names].sort().join()
    return this.world.aws
      .certificates()
      .filter((certificate) => [...certificate.names].sort().join() === wanted)
      .map((certificate) => ({ arn: certificate.arn, status: statusOf(certificate) }))
  }

  /** How often AWS was asked for this, by the controller. */
  calls(operation: string): number {
    return this.world.aws.events
      .of('call')
      .filter((call) => call.operation === operation && call.by === ACCESS_KEYS.controller).length
  }

  requests(): number {
    return this.world.aws.events.of('certificateRequested').filter(({ by }) => by === ACCESS_KEYS.controller).length
  }

  /** What a person would look at when the story went wrong. */
  picture(): string {
    const objects = [INGRESSES, CLAIMS, CERTIFICATES].flatMap((resource) => this.world.kube.admin.list(resource))
    const lines = objects.map(({ kind, metadata, status }) => {
      const { state, reason, message } = (status ?? {}) as Partial<Standing>
      return `${kind} ${metadata.namespace ?? ''}/${metadata.name} ${state ?? ''} ${reason ?? ''} ${message ?? ''} ${metadata.annotations?.['alb.ingress.kubernetes.io/certificate-arn'] ?? ''}`
    })
    return [...lines, '', ...this.log.slice(-25)].join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.during(this.world.stop())
  }
}

const INGRESSES = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }
const CLAIMS = { apiVersion: 'certwright.dev/v1alpha1', kind: 'CertificateClaim' }
const CERTIFICATES = { apiVersion: 'certwright.dev/v1alpha1', kind: 'ACMCertificate' }

export const MANAGED = {
  'certwright.dev/certificate': 'true',
  'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP":80},{"HTTPS":443}]',
}

function named(ingress: string | IngressName): IngressName {
  return typeof ingress === 'string' ? { namespace: 'default', name: ingress } : ingress
}
