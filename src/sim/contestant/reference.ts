import type { World } from '../../world.ts'
import { type AwsClients, createAwsClients } from '../actors/aws-clients.ts'
import type { Change } from '../actors/kubernetes-cache.ts'
import { Cluster, type EventReason, isRelevant } from '../actors/load-balancer-controller/cluster.ts'
import { deploy } from '../actors/load-balancer-controller/deployment.ts'
import { CertificateDiscovery } from '../actors/load-balancer-controller/discovery.ts'
import { type Group, groupOf, groupsOf, type Member } from '../actors/load-balancer-controller/groups.ts'
import { BuildFailure, buildModel, type Model } from '../actors/load-balancer-controller/model.ts'
import { annotation, hostsOf, type Ingress, nameOf } from '../actors/load-balancer-controller/objects.ts'
import { Queue } from '../actors/load-balancer-controller/queue.ts'
import { HostedZones } from './hosted-zones.ts'
import { Issuing, NilDereference } from './issuing.ts'
import { SdkCalls } from './sdk-calls.ts'
import { type DesiredCertificate, desiredCertificate, Synthesis } from './synthesis.ts'
import { TaggedCertificates } from './tagged-certificates.ts'

const CLUSTER_NAME = 'trial'
const RESYNC_MS = 10 * 3_600_000

export interface ReferenceOptions {
  /** Its credentials are those of the certificates; load balancers are worked on with a key of their own, so that ledgers tell the two apart. */
  readonly world: World
  readonly loadBalancerKey: string
  /** `--ingress-max-concurrent-reconciles`. */
  readonly workers?: number
  /** The annotation that, with the value "true", asks for a certificate: Certwright's, so that both stand in the same world, or the reference's own. */
  readonly asks?: string
  /** Told of each time that the reference's process would have broken. */
  readonly onPanic: (error: Error) => void
  readonly signal: AbortSignal
}

/**
 * The certificates of the AWS Load Balancer Controller 3.5 (`create-acm-cert`), told again from a description of what it does: one reconcile a
 * group and three at a time, each of which builds its model, requests its certificates and waits for them, and only then touches the load
 * balancer.
 * Runs until `signal` is aborted.
 */
export async function runReference(options: ReferenceOptions): Promise<void> {
  const { region = '', credentials, requestHandler } = options.world.aws
  if (!requestHandler) throw new Error('the reference runs in a simulated world only')
  const { accessKeyId } = await credentials()
  const clients = createAwsClients({ region, accessKeyId, requestHandler })
  const { elbv2 } = createAwsClients({ region, accessKeyId: options.loadBalancerKey, requestHandler })
  await new Reference({ ...options, clients: { ...clients, elbv2 } }).run()
}

class Reference {
  readonly #options: ReferenceOptions
  readonly #elbv2: AwsClients['elbv2']
  readonly #calls: SdkCalls
  readonly #cluster: Cluster
  readonly #queue: Queue
  readonly #discovery: CertificateDiscovery
  readonly #certificates: TaggedCertificates
  readonly #issuing: Issuing

  constructor(options: ReferenceOptions & { clients: AwsClients }) {
    const { clients, signal, world } = options
    const { clock, random } = world
    this.#options = options
    this.#elbv2 = clients.elbv2
    this.#calls = new SdkCalls({ clock, random, signal })
    this.#discovery = new CertificateDiscovery({ acm: clients.acm, clock })
    this.#certificates = new TaggedCertificates({ acm: clients.acm, calls: this.#calls })
    const zones = new HostedZones({ route53: clients.route53, calls: this.#calls })
    this.#issuing = new Issuing({ acm: clients.acm, zones, calls: this.#calls })
    this.#queue = new Queue({ clock, workers: options.workers ?? 3, run: (key) => this.#reconcile(key) })
    this.#cluster = new Cluster({
      transport: world.kube,
      clock,
      random,
      onIngress: (change) => this.#onIngress(change),
      onClass: () => this.#enqueueAll(),
    })
  }

  async run(): Promise<void> {
    const { signal } = this.#options
    await this.#cluster.start(signal)
    this.#queue.open()
    try {
      while (!signal.aborted) {
        this.#enqueueAll()
        await this.#calls.sleep(RESYNC_MS)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      this.#queue.clear()
    }
  }

  #onIngress(change: Change<Ingress>): void {
    if (!isRelevant(change)) return
    const { snapshot } = this.#cluster
    const keys = [change.before, change.after].flatMap((ingress) => (ingress ? groupsOf(snapshot, ingress) : []))
    for (const key of new Set(keys)) this.#queue.add(key)
  }

  #enqueueAll(): void {
    const { snapshot } = this.#cluster
    for (const ingress of snapshot.ingresses) for (const key of groupsOf(snapshot, ingress)) this.#queue.add(key)
  }

  async #reconcile(key: string): Promise<void> {
    const group = groupOf(this.#cluster.snapshot, key)
    if (group.members.length === 0 && group.leaving.length === 0) return
    await this.#orRecord(group, 'FailedAddFinalizer', () => this.#addFinalizers(group))
    const desired = new Map<string, DesiredCertificate>()
    const model = await this.#orRecord(group, 'FailedBuildModel', () => this.#build(group, desired))
    const hostname = await this.#orRecord(group, 'FailedDeployModel', () => this.#deploy(model, [...desired.values()]))
    await this.#orRecord(group, 'FailedRemoveFinalizer', () => this.#removeFinalizers(group))
    if (hostname !== undefined) {
      await this.#orRecord(group, 'FailedUpdateStatus', async () => {
        for (const { ingress } of group.members) {
          await this.#cluster.setHostname(ingress, hostname, this.#options.signal)
        }
      })
    }
    await this.#record(group, 'SuccessfullyReconciled', 'Successfully reconciled')
  }

  /** In the model a certificate that is to be made stands under its ID, where an ARN would stand. */
  async #build(group: Group, desired: Map<string, DesiredCertificate>): Promise<Model> {
    const { asks = 'certwright.dev/certificate' } = this.#options
    const members = group.members.map((member) => withCertificate(member, asks, desired))
    return await buildModel({ ...group, members }, (hosts) => this.#discovery.discover(hosts, this.#options.signal))
  }

  /** Certificates first: until the last of them is issued, nothing of the load balancer is looked at. */
  async #deploy(model: Model, desired: readonly DesiredCertificate[]): Promise<string | undefined> {
    const { signal } = this.#options
    const synthesis = new Synthesis({
      certificates: this.#certificates,
      issuing: this.#issuing,
      clusterName: CLUSTER_NAME,
      stack: model.key,
      now: () => this.#calls.now(),
    })
    const arns = await synthesis.synthesize(desired)
    const listeners = model.listeners.map((listener) => ({
      ...listener,
      certificates: listener.certificates.map((certificate) => arns.get(certificate) ?? certificate),
    }))
    const hostname = await deploy({
      elbv2: this.#elbv2,
      clusterName: CLUSTER_NAME,
      model: { ...model, listeners },
      pause: async () => signal.throwIfAborted(),
      pausePort: async () => {},
      sleep: (milliseconds) => this.#calls.sleep(milliseconds),
      signal,
    })
    await synthesis.clean()
    return hostname
  }

  async #addFinalizers(group: Group): Promise<void> {
    for (const { ingress } of group.members) {
      await this.#cluster.addFinalizer(ingress, group.finalizer, this.#options.signal)
    }
  }

  async #removeFinalizers(group: Group): Promise<void> {
    for (const ingress of group.leaving) {
      await this.#cluster.removeFinalizer(ingress, group.finalizer, this.#options.signal)
    }
  }

  async #orRecord<T>(group: Group, reason: EventReason, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      this.#options.signal.throwIfAborted()
      if (error instanceof NilDereference) this.#options.onPanic(error)
      await this.#record(group, reason, `${reason}: ${error instanceof Error ? error.message : String(error)}`)
      throw error
    }
  }

  /** Members hear of it; an Ingress that is being deleted does not. */
  async #record(group: Group, reason: EventReason, message: string): Promise<void> {
    for (const { ingress } of group.members) {
      await this.#cluster.record(ingress, reason, message, this.#options.signal)
    }
  }
}

/** @throws BuildFailure where a certificate is asked for and there is no host. */
function withCertificate(member: Member, asks: string, desired: Map<string, DesiredCertificate>): Member {
  const { ingress } = member
  const { annotations = {} } = ingress.metadata
  if (annotations[asks] !== 'true') return member
  if ((annotation(ingress, 'certificate-arn') ?? '') !== '') return member
  const names = hostsOf(ingress)
  if (names.length === 0) throw new BuildFailure(`${nameOf(ingress)} asks for a certificate and has no host`)
  const certificate = desiredCertificate(nameOf(ingress), names)
  desired.set(certificate.id, certificate)
  return {
    ...member,
    ingress: {
      ...ingress,
      metadata: {
        ...ingress.metadata,
        annotations: { ...annotations, 'alb.ingress.kubernetes.io/certificate-arn': certificate.id },
      },
    },
  }
}
