import { systemClock } from '../../src/clock.ts'
import { resolveSettings } from '../../src/config.ts'
import { INGRESS_CERTIFICATE_ANNOTATION } from '../../src/core/ingress.ts'
import { runController } from '../../src/loop/controller.ts'
import { systemRandom } from '../../src/random.ts'
import { ApiError } from '../../src/sim/actors/kubernetes-api.ts'
import type { Replica } from '../../src/sim/actors/replica.ts'
import type { IngressManifest, IngressName } from '../../src/sim/actors/user.ts'
import { promptSettings } from '../../src/sim/aws/settings.ts'
import { ACCESS_KEYS, createEmbeddedWorld, type EmbeddedWorld } from '../../src/sim/embedded.ts'
import { createHealth } from '../../src/telemetry/health.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { MANAGED } from '../stories/story.ts'
import type { RealKubernetes } from './harness.ts'

/** What `kubectl get certclaim` shows. */
export interface Claim {
  readonly state: string
  readonly reason: string
  readonly message: string
}

export interface ClaimObject {
  readonly metadata: { readonly ownerReferences?: readonly { readonly kind: string; readonly uid: string }[] }
  readonly status?: Claim
}

/** A field manager, and what it owns of an object. */
export interface Owner {
  readonly manager: string
  readonly operation: string
}

const ISSUANCE_MS = 2_000
const POLL_MS = 50

/** The intervals of `certwright run`, shortened so that each story takes seconds. */
const FLAGS = {
  'cluster-name': 'real',
  'log-level': 'debug',
  settle: '2s',
  'retire-after': '4s',
  'retire-brake': 'off',
  'record-check-interval': '2s',
  'lease-duration': '10s',
  'lease-renew-interval': '1s',
}

/** The embedded world on the system's clock with a real API server in the place of its own, and the controller that `run` runs. */
export class RealStory {
  readonly world: EmbeddedWorld
  readonly log: string[] = []
  #controller: Replica | undefined

  private constructor(kubernetes: RealKubernetes) {
    this.world = createEmbeddedWorld({
      clock: systemClock,
      random: systemRandom,
      kubernetes: kubernetes.transport,
      settings: { aws: promptSettings(ISSUANCE_MS), loadBalancerController: { callDelay: [100, 200] } },
    })
  }

  static async begin(kubernetes: RealKubernetes): Promise<RealStory> {
    const story = new RealStory(kubernetes)
    await story.world.start()
    story.startController()
    return story
  }

  /** A process that knows nothing; what an earlier one holds it has to wait for. */
  startController(): void {
    const settings = resolveSettings({ flags: FLAGS })
    const destination = { write: (line: string) => void this.log.push(line.trimEnd()) }
    const log = createLog({ clock: systemClock, level: settings.logLevel, format: 'text', destination })
    const metrics = createMetrics({ clock: systemClock, version: 'test', nodeVersion: 'test' })
    const health = createHealth({ clock: systemClock, parts: ['kubernetes', 'aws'] })
    this.#controller = this.world.addReplica(({ world, signal }) =>
      runController({ settings, world, log, metrics, health, signal }),
    )
    this.#controller.start()
  }

  killController(): void {
    this.#controller?.kill()
  }

  async end(): Promise<void> {
    await this.#controller?.stop().catch(() => {})
    await this.world.stop()
  }

  async apply(manifest: IngressManifest): Promise<void> {
    await this.world.user.createNamespace(manifest.namespace)
    await this.world.user.apply({ ...manifest, annotations: { ...MANAGED, ...manifest.annotations } })
  }

  /** Waits until the condition holds. @throws Error, with what a person would look at, after `seconds` or as soon as a handshake failed. */
  async until(what: string, condition: () => Promise<boolean> | boolean, seconds = 60): Promise<void> {
    const end = systemClock.monotonic() + seconds * 1_000
    while (!(await condition())) {
      const [failure] = this.world.prober.failures
      if (failure) throw new Error(`${failure.target.host}: ${failure.reason}\n${await this.#picture()}`)
      if (systemClock.monotonic() > end) throw new Error(`${what}: not within ${seconds} s\n${await this.#picture()}`)
      await systemClock.sleepUntil(systemClock.now() + POLL_MS)
    }
  }

  ready(...ingresses: IngressName[]): Promise<void> {
    return this.until(`${ingresses.map(({ name }) => name).join(' and ')}: Ready`, async () => {
      const claims = await Promise.all(ingresses.map((ingress) => this.claim(ingress)))
      return claims.every((claim) => claim?.state === 'Ready')
    })
  }

  async exists(ingress: IngressName): Promise<boolean> {
    return (await orAbsent(this.world.user.get(ingress))) !== undefined
  }

  async claim(ingress: IngressName): Promise<Claim | undefined> {
    return (await this.claimObject(ingress))?.status
  }

  claimObject({ namespace, name }: IngressName): Promise<ClaimObject | undefined> {
    const path = `/apis/certwright.dev/v1alpha1/namespaces/${namespace}/certificateclaims/ingress-${name}`
    return orAbsent(this.world.user.read<ClaimObject>(path))
  }

  /** The ARNs in the annotation of an Ingress. */
  async listed(ingress: IngressName): Promise<readonly string[]> {
    const { metadata } = await this.world.user.get(ingress)
    const text = metadata.annotations?.[INGRESS_CERTIFICATE_ANNOTATION] ?? ''
    return text === '' ? [] : text.split(',')
  }

  /** Waits until exactly these ARNs are listed. */
  lists(ingress: IngressName, ...arns: string[]): Promise<void> {
    return this.until(
      `${ingress.name} lists ${arns.join()}`,
      async () => (await this.listed(ingress)).join() === arns.join(),
    )
  }

  /** Whose the annotation is, as the API server has it. */
  async owners(ingress: IngressName): Promise<readonly Owner[]> {
    const { namespace, name } = ingress
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${name}`
    const { metadata } = await this.world.user.read<{ metadata: { managedFields: ManagedFields[] } }>(path)
    return metadata.managedFields
      .filter(({ fieldsV1 }) => fieldsV1['f:metadata']?.['f:annotations']?.[`f:${INGRESS_CERTIFICATE_ANNOTATION}`])
      .map(({ manager, operation }) => ({ manager, operation }))
  }

  /** ARNs that the controller requested for exactly these names, in order, whatever became of them. */
  requested(...names: string[]): readonly string[] {
    const wanted = [...names].sort().join()
    return this.world.aws.events
      .of('certificateRequested')
      .filter((event) => event.by === ACCESS_KEYS.controller && [...event.names].sort().join() === wanted)
      .map(({ arn }) => arn)
  }

  /** The one ARN that was requested for exactly these names. @throws Error where it is not one. */
  certificateOf(...names: string[]): string {
    const [arn, ...others] = this.requested(...names)
    if (arn === undefined || others.length > 0) {
      throw new Error(`${others.length + (arn === undefined ? 0 : 1)} certificates were requested for ${names.join()}`)
    }
    return arn
  }

  /** The name of the validation record that ACM gave for a host. */
  recordOf(arn: string, host: string): string {
    return this.world.aws.certificate(arn)?.domains.find(({ name }) => name === host)?.record?.name ?? ''
  }

  hasRecord(name: string): boolean {
    return this.world.aws.hostedZones().some((zone) => zone.get(name, 'CNAME') !== undefined)
  }

  async #picture(): Promise<string> {
    const list = '/apis/certwright.dev/v1alpha1/certificateclaims'
    const { items } = await this.world.user.read<{ items: { metadata: IngressName; status?: Claim }[] }>(list)
    const claims = items.map(({ metadata: { namespace, name }, status }) =>
      [namespace, name, status?.state, status?.reason, status?.message].join(' '),
    )
    return [...claims, '', ...this.log.slice(-25)].join('\n')
  }
}

interface ManagedFields extends Owner {
  readonly fieldsV1: { readonly 'f:metadata'?: { readonly 'f:annotations'?: Readonly<Record<string, object>> } }
}

async function orAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return undefined
    throw error
  }
}
