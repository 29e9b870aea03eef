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

  constructor(options: { transport: Transport; clock: Clock }) {
    const { transport, clock } = options
    const api = new KubernetesApi({ transport, userAgent: 'prober', fieldManager: 'prober' })
    const path = '/apis/networking.k8s.io/v1/ingresses'
    this.#cache = new KubernetesCache({ api, clock, path, onChange: () => {} })
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#cache.start(signal)
  }

  /** Each once, however many objects name it. */
  targets(): Target[] {
    const targets = new Map<string, Target>()
    for (const ingress of this.#cache.objects) {
      if (ingress.metadata.deletionTimestamp !== undefined) continue
      for (const { hostname } of ingress.status?.loadBalancer?.ingress ?? []) {
        if (hostname === undefined) continue
        for (const port of httpsPortsOf(ingress)) {
          for (const host of hostsOf(ingress)) {
            targets.set(`${host} ${hostname}:${port}`, { host, dnsName: hostname, port })
          }
        }
      }
    }
    return [...targets.values()]
  }
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
