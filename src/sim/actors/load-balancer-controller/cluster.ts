import type { Clock } from '../../../clock.ts'
import type { Random } from '../../../random.ts'
import type { Transport } from '../../../kube/transport.ts'
import { KubernetesApi } from '../kubernetes-api.ts'
import { type Change, KubernetesCache } from '../kubernetes-cache.ts'
import { type Ingress, type IngressClass, type IngressClassParams, type Snapshot } from './objects.ts'

export type EventReason =
  | 'FailedAddFinalizer'
  | 'FailedBuildModel'
  | 'FailedDeployModel'
  | 'FailedRemoveFinalizer'
  | 'FailedUpdateStatus'
  | 'SuccessfullyReconciled'

interface Recorded {
  readonly path: string
  readonly count: number
}

/** Kubernetes as the controller sees it: caches that it decides from, and the few things that it writes. */
export class Cluster {
  readonly #api: KubernetesApi
  readonly #clock: Clock
  readonly #random: Random
  readonly #ingresses: KubernetesCache<Ingress>
  readonly #classes: KubernetesCache<IngressClass>
  readonly #params: KubernetesCache<IngressClassParams>
  readonly #recorded = new Map<string, Recorded>()

  constructor(options: {
    transport: Transport
    clock: Clock
    random: Random
    onIngress: (change: Change<Ingress>) => void
    onClass: () => void
  }) {
    const { transport, clock, random, onIngress, onClass } = options
    this.#clock = clock
    this.#random = random
    const api = new KubernetesApi({ transport, userAgent: 'elbv2.k8s.aws/v3.5.0', fieldManager: 'controller' })
    this.#api = api
    const elbv2 = '/apis/elbv2.k8s.aws/v1beta1'
    const networking = '/apis/networking.k8s.io/v1'
    this.#params = new KubernetesCache({ api, clock, path: `${elbv2}/ingressclassparams`, onChange: onClass })
    this.#classes = new KubernetesCache({ api, clock, path: `${networking}/ingressclasses`, onChange: onClass })
    this.#ingresses = new KubernetesCache({ api, clock, path: `${networking}/ingresses`, onChange: onIngress })
  }

  /** Resolves when all caches were filled once. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#params.start(signal)
    await this.#classes.start(signal)
    await this.#ingresses.start(signal)
  }

  get snapshot(): Snapshot {
    return { ingresses: this.#ingresses.objects, classes: this.#classes.objects, params: this.#params.objects }
  }

  async addFinalizer(ingress: Ingress, finalizer: string, signal: AbortSignal): Promise<void> {
    const present = ingress.metadata.finalizers ?? []
    if (!present.includes(finalizer)) await this.#setFinalizers(ingress, [...present, finalizer], signal)
  }

  async removeFinalizer(ingress: Ingress, finalizer: string, signal: AbortSignal): Promise<void> {
    const present = ingress.metadata.finalizers ?? []
    const left = present.filter((candidate) => candidate !== finalizer)
    if (left.length !== present.length) await this.#setFinalizers(ingress, left, signal)
  }

  async setHostname(ingress: Ingress, hostname: string, signal: AbortSignal): Promise<void> {
    const present = ingress.status?.loadBalancer?.ingress ?? []
    if (present.length === 1 && present[0]?.hostname === hostname) return
    const body = { status: { loadBalancer: { ingress: [{ hostname }] } } }
    await this.#api.patch({ path: `${pathOf(ingress)}/status`, body, signal })
  }

  /** An event on the Ingress; the same one again only raises its count. Never throws: events are best effort. */
  async record(ingress: Ingress, reason: EventReason, message: string, signal: AbortSignal): Promise<void> {
    const { namespace = '', name, uid, resourceVersion } = ingress.metadata
    const key = `${uid} ${reason} ${message}`
    const now = `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`
    const earlier = this.#recorded.get(key)
    try {
      if (earlier) {
        this.#recorded.set(key, { path: earlier.path, count: earlier.count + 1 })
        await this.#api.patch({ path: earlier.path, body: { count: earlier.count + 1, lastTimestamp: now }, signal })
        return
      }
      const events = `/api/v1/namespaces/${namespace}/events`
      const eventName = `${name}.${this.#random.hex(8)}`
      this.#recorded.set(key, { path: `${events}/${eventName}`, count: 1 })
      await this.#api.create({
        path: events,
        body: {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name: eventName, namespace },
          involvedObject: {
            apiVersion: 'networking.k8s.io/v1',
            kind: 'Ingress',
            namespace,
            name,
            uid,
            resourceVersion,
          },
          reason,
          message,
          type: reason === 'SuccessfullyReconciled' ? 'Normal' : 'Warning',
          source: { component: 'ingress' },
          reportingComponent: 'ingress',
          reportingInstance: '',
          firstTimestamp: now,
          lastTimestamp: now,
          count: 1,
        },
        signal,
      })
    } catch {
      this.#recorded.delete(key)
    }
  }

  /** With the version that was seen: somebody else's finalizer must not be lost. */
  async #setFinalizers(ingress: Ingress, finalizers: readonly string[], signal: AbortSignal): Promise<void> {
    const { resourceVersion } = ingress.metadata
    await this.#api.patch({ path: pathOf(ingress), body: { metadata: { resourceVersion, finalizers } }, signal })
  }
}

function pathOf(ingress: Ingress): string {
  const { namespace = '', name } = ingress.metadata
  return `/apis/networking.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/ingresses/${encodeURIComponent(name)}`
}

/** Does a change of an Ingress make its group work? Status, labels and managed fields do not. */
export function isRelevant({ before, after }: Change<Ingress>): boolean {
  if (!after) return false
  if (!before || before.metadata.uid !== after.metadata.uid) return true
  return (
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    JSON.stringify(before.metadata.annotations ?? {}) !== JSON.stringify(after.metadata.annotations ?? {}) ||
    JSON.stringify(before.spec) !== JSON.stringify(after.spec)
  )
}
