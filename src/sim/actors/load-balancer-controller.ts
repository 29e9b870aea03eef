import type { RequestHandler } from '../../aws/handler.ts'
import type { Clock } from '../../clock.ts'
import type { Transport } from '../../kube/transport.ts'
import type { Random } from '../../random.ts'
import type { Change } from './kubernetes-cache.ts'
import { type AwsClients, createAwsClients } from './aws-clients.ts'
import { Cluster, type EventReason, isRelevant } from './load-balancer-controller/cluster.ts'
import { deploy } from './load-balancer-controller/deployment.ts'
import { CertificateDiscovery } from './load-balancer-controller/discovery.ts'
import { type Group, groupOf, groupsOf } from './load-balancer-controller/groups.ts'
import { buildModel, type Model } from './load-balancer-controller/model.ts'
import type { Ingress } from './load-balancer-controller/objects.ts'
import { Queue } from './load-balancer-controller/queue.ts'

/** A range in milliseconds from which a delay is drawn. */
export type DelayRange = readonly [shortest: number, longest: number]

export interface LoadBalancerControllerSettings {
  /** The value of the tag `elbv2.k8s.aws/cluster`. */
  readonly clusterName: string
  /** How many groups are worked on side by side: `--ingress-max-concurrent-reconciles`, 3. */
  readonly workers: number
  /** Between the look at Kubernetes, which the whole reconcile rests on, and the first call. */
  readonly reconcileDelay: DelayRange
  /** Before each call to ELBv2. */
  readonly callDelay: DelayRange
  /** Milliseconds before the listener of a port is touched. */
  readonly portDelay: Readonly<Record<number, number>>
}

export const defaultLoadBalancerControllerSettings: LoadBalancerControllerSettings = {
  clusterName: 'embedded',
  workers: 3,
  reconcileDelay: [0, 0],
  callDelay: [0, 0],
  portDelay: {},
}

export interface LoadBalancerControllerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly kube: Transport
  readonly aws: RequestHandler
  readonly region: string
  /** A key of its own, so that the ledger of the simulated AWS tells its calls from others'. */
  readonly accessKeyId: string
  readonly settings?: Partial<LoadBalancerControllerSettings>
}

/** What one reconcile works with: decided once, at its start. */
interface Reconcile {
  readonly group: Group
  readonly run: Run
}

/** One life of the process, from start to stop. */
interface Run {
  readonly abort: AbortController
  readonly cluster: Cluster
  readonly discovery: CertificateDiscovery
  readonly clients: AwsClients
  readonly queue: Queue
}

/**
 * An actor that behaves towards Kubernetes and AWS as the AWS Load Balancer Controller 3.5 does, its faults included: a group is
 * built and deployed as a whole or not at all, from the state that was seen when the reconcile began; a listener loses certificates
 * before it gains others. It shares no decision with the controller that is tried against it.
 */
export class LoadBalancerController {
  readonly #options: LoadBalancerControllerOptions
  readonly #deployed = new Map<string, Model>()
  #settings: LoadBalancerControllerSettings
  #run: Run | undefined
  #paused = false

  constructor(options: LoadBalancerControllerOptions) {
    this.#options = options
    this.#settings = { ...defaultLoadBalancerControllerSettings, ...options.settings }
  }

  /** Resolves when its caches are filled and it works. */
  async start(): Promise<void> {
    if (this.#run) return
    const { clock, random, kube, aws, region, accessKeyId } = this.#options
    const clients = createAwsClients({ region, accessKeyId, requestHandler: aws })
    const run: Run = {
      abort: new AbortController(),
      clients,
      discovery: new CertificateDiscovery({ acm: clients.acm, clock }),
      cluster: new Cluster({
        transport: kube,
        clock,
        random,
        onIngress: (change) => this.#onIngress(run, change),
        onClass: () => this.#enqueueAll(run),
      }),
      queue: new Queue({ clock, workers: this.#settings.workers, run: (key) => this.#reconcile(run, key) }),
    }
    this.#run = run
    await run.cluster.start(run.abort.signal)
    this.#enqueueAll(run)
    if (!this.#paused) run.queue.open()
  }

  /** Ends as a killed process does: what is under way stops between two calls. It can be started again. */
  stop(): void {
    this.#run?.queue.clear()
    this.#run?.abort.abort(new Error('the load balancer controller was stopped'))
    this.#run = undefined
  }

  /** Lets what is under way end, and begins nothing. */
  pause(): void {
    this.#paused = true
    this.#run?.queue.close()
  }

  resume(): void {
    this.#paused = false
    this.#run?.queue.open()
  }

  /** Takes effect with the next delay. `workers` counts from the next start. */
  configure(settings: Partial<LoadBalancerControllerSettings>): void {
    this.#settings = { ...this.#settings, ...settings }
  }

  /** What was last deployed for a group, its rules included; `undefined` where nothing is. */
  deployed(key: string): Model | undefined {
    return this.#deployed.get(key)
  }

  /** Nothing is under way and nothing waits, but for groups that failed and will be tried again later. */
  get idle(): boolean {
    return this.#run?.queue.idle ?? true
  }

  /** All groups look again at once: what LBC's resync does every ten hours. */
  resync(): void {
    if (this.#run) this.#enqueueAll(this.#run)
  }

  #onIngress(run: Run, change: Change<Ingress>): void {
    if (!isRelevant(change)) return
    const { snapshot } = run.cluster
    const keys = [change.before, change.after].flatMap((ingress) => (ingress ? groupsOf(snapshot, ingress) : []))
    for (const key of new Set(keys)) run.queue.add(key)
  }

  #enqueueAll(run: Run): void {
    const { snapshot } = run.cluster
    for (const ingress of snapshot.ingresses) for (const key of groupsOf(snapshot, ingress)) run.queue.add(key)
  }

  async #reconcile(run: Run, key: string): Promise<void> {
    const reconcile = { run, group: groupOf(run.cluster.snapshot, key) }
    if (reconcile.group.members.length === 0 && reconcile.group.leaving.length === 0) return
    await this.#addFinalizers(reconcile)
    await this.#pause(run, this.#settings.reconcileDelay)
    const model = await this.#build(reconcile)
    const hostname = await this.#deploy(reconcile, model)
    await this.#removeFinalizers(reconcile)
    if (hostname !== undefined) await this.#writeStatus(reconcile, hostname)
    await this.#record(reconcile, 'SuccessfullyReconciled', 'Successfully reconciled')
  }

  async #addFinalizers(reconcile: Reconcile): Promise<void> {
    const { group, run } = reconcile
    await this.#orRecord(reconcile, 'FailedAddFinalizer', async () => {
      for (const { ingress } of group.members) {
        await run.cluster.addFinalizer(ingress, group.finalizer, run.abort.signal)
      }
    })
  }

  async #build(reconcile: Reconcile): Promise<Model> {
    const { group, run } = reconcile
    return await this.#orRecord(reconcile, 'FailedBuildModel', async () =>
      buildModel(group, (hosts) => run.discovery.discover(hosts, run.abort.signal)),
    )
  }

  async #deploy(reconcile: Reconcile, model: Model): Promise<string | undefined> {
    const { clients, abort } = reconcile.run
    const hostname = await this.#orRecord(reconcile, 'FailedDeployModel', async () =>
      deploy({
        elbv2: clients.elbv2,
        clusterName: this.#settings.clusterName,
        model,
        pause: () => this.#pause(reconcile.run, this.#settings.callDelay),
        pausePort: (port) => {
          const delay = this.#settings.portDelay[port] ?? 0
          return this.#pause(reconcile.run, [delay, delay])
        },
        sleep: (milliseconds) => this.#pause(reconcile.run, [milliseconds, milliseconds]),
        signal: abort.signal,
      }),
    )
    if (hostname === undefined) this.#deployed.delete(model.key)
    else this.#deployed.set(model.key, model)
    return hostname
  }

  async #removeFinalizers(reconcile: Reconcile): Promise<void> {
    const { group, run } = reconcile
    await this.#orRecord(reconcile, 'FailedRemoveFinalizer', async () => {
      for (const ingress of group.leaving) await run.cluster.removeFinalizer(ingress, group.finalizer, run.abort.signal)
    })
  }

  async #writeStatus(reconcile: Reconcile, hostname: string): Promise<void> {
    const { group, run } = reconcile
    await this.#orRecord(reconcile, 'FailedUpdateStatus', async () => {
      for (const { ingress } of group.members) await run.cluster.setHostname(ingress, hostname, run.abort.signal)
    })
  }

  async #orRecord<T>(reconcile: Reconcile, reason: EventReason, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      reconcile.run.abort.signal.throwIfAborted()
      await this.#record(reconcile, reason, `${sentences[reason]} due to ${textOf(error)}`)
      throw error
    }
  }

  /** Only members hear of it; an Ingress that is being deleted does not. */
  async #record({ group, run }: Reconcile, reason: EventReason, message: string): Promise<void> {
    for (const { ingress } of group.members) await run.cluster.record(ingress, reason, message, run.abort.signal)
  }

  async #pause(run: Run, [shortest, longest]: DelayRange): Promise<void> {
    const { clock, random } = this.#options
    run.abort.signal.throwIfAborted()
    if (longest > 0) {
      const delay = shortest + (longest - shortest) * random.next()
      await clock.sleepUntil(clock.now() + delay, run.abort.signal)
    }
  }
}

const sentences: Record<EventReason, string> = {
  FailedAddFinalizer: 'Failed add finalizer',
  FailedBuildModel: 'Failed build model',
  FailedDeployModel: 'Failed deploy model',
  FailedRemoveFinalizer: 'Failed remove finalizer',
  FailedUpdateStatus: 'Failed update status',
  SuccessfullyReconciled: 'Reconciled',
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.name === 'Error' || error.name === 'ApiError' ? error.message : `${error.name}: ${error.message}`
}
