import type { Clock } from '../../clock.ts'
import type { Transport } from '../../kube/transport.ts'
import { KubernetesApi } from '../actors/kubernetes-api.ts'
import { KubernetesCache } from '../actors/kubernetes-cache.ts'
import { annotation, hostsOf, type Ingress } from '../actors/load-balancer-controller/objects.ts'
import type { Target } from './handshake.ts'

/**
 * Who ought to be served where, from the Ingresses themselves: each host of each object that is not being deleted, on each HTTPS port
 * that the object asks for, at the load balancer that its status names.
 */
export class ExpectedHosts {
  readonly #cache: KubernetesCache<Ingress>
  #last: ReadonlyMap<string, Target> = new Map()

  constructor(options: { transport: Transport; clock: Clock }) {
    const { transport, clock } = options
    const api = new KubernetesApi({ transport, userAgent: 'prober', fieldManager: 'prober' })
    const path = '/apis/networking.k8s.io/v1/ingresses'
    this.#cache = new KubernetesCache({ api, clock, path, onChange: () => {} })
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#cache.start(signal)
  }

  /**
   * Each once, however many objects name it. A host that moved to an object whose status is not written yet is still expected where it
   * was served before: that is where its clients still go.
   */
  targets(): Target[] {
    const targets = new Map<string, Target>()
    const homeless = new Set<string>()
    for (const ingress of this.#cache.objects) {
      if (ingress.metadata.deletionTimestamp !== undefined) continue
      const found = targetsOf(ingress)
      for (const target of found) targets.set(keyOf(target), target)
      if (found.length === 0) for (const host of hostsOf(ingress)) homeless.add(host)
    }
    const housed = new Set([...targets.values()].map(({ host }) => host))
    for (const target of this.#last.values()) {
      if (homeless.has(target.host) && !housed.has(target.host)) targets.set(keyOf(target), target)
    }
    this.#last = targets
    return [...targets.values()]
  }
}

function targetsOf(ingress: Ingress): Target[] {
  const hostnames = (ingress.status?.loadBalancer?.ingress ?? []).flatMap(({ hostname }) => hostname ?? [])
  return hostnames.flatMap((dnsName) =>
    httpsPortsOf(ingress).flatMap((port) => hostsOf(ingress).map((host) => ({ host, dnsName, port }))),
  )
}

function keyOf({ host, dnsName, port }: Target): string {
  return `${host} ${dnsName}:${port}`
}

/** Without listen-ports an Ingress with a certificate is served on 443: losing the certificate must not excuse losing the port. */
function httpsPortsOf(ingress: Ingress): number[] {
  const text = annotation(ingress, 'listen-ports')
  if (text === undefined) return [443]
  try {
    const entries = JSON.parse(text) as Record<string, number>[]
    return entries.flatMap((entry) => (entry.HTTPS === undefined ? [] : [entry.HTTPS]))
  } catch {
    return []
  }
}
