import type { Transport } from '../../kube/transport.ts'
import { type AnyObject, ApiError, KubernetesApi } from './kubernetes-api.ts'
import type { Ingress } from './load-balancer-controller/objects.ts'

/** Which Ingress. */
export interface IngressName {
  readonly namespace: string
  readonly name: string
}

/** What a user writes in an Ingress. */
export interface IngressManifest extends IngressName {
  readonly hosts: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
  /** `alb` where absent; `null` for none. */
  readonly ingressClassName?: string | null
  readonly tlsHosts?: readonly string[]
  /** The one path of each host; `/` where absent. */
  readonly path?: string
}

const CERTIFICATE_ANNOTATION = 'alb.ingress.kubernetes.io/certificate-arn'

/** Somebody with kubectl. Each verb is one or two requests as kubectl makes them, under kubectl's field managers. */
export class User {
  readonly #api: KubernetesApi

  constructor(options: { transport: Transport }) {
    const { transport } = options
    this.#api = new KubernetesApi({ transport, userAgent: 'kubectl/v1.36.3', fieldManager: 'kubectl-edit' })
  }

  /** `kubectl create namespace`; one that is there already is fine. */
  async createNamespace(name: string): Promise<void> {
    try {
      await this.#api.create({
        path: '/api/v1/namespaces',
        body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
        fieldManager: 'kubectl-create',
      })
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 409)) throw error
    }
  }

  /** `kubectl apply` on the client's side: what the manifest does not name stays as it is. */
  async apply(manifest: IngressManifest): Promise<Ingress> {
    const object = ingressOf(manifest)
    const fieldManager = 'kubectl-client-side-apply'
    try {
      await this.get(manifest)
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error
      return await this.#api.create({ path: collectionOf(manifest), body: object, fieldManager })
    }
    return await this.#api.patch({ path: pathOf(manifest), body: object, fieldManager })
  }

  /** `kubectl annotate --overwrite`; `null` removes. */
  async annotate(ingress: IngressName, annotations: Readonly<Record<string, string | null>>): Promise<Ingress> {
    const body = { metadata: { annotations } }
    return await this.#api.patch({ path: pathOf(ingress), body, fieldManager: 'kubectl-annotate' })
  }

  /** `kubectl edit`: these hosts instead of those that are there. */
  async setHosts(ingress: IngressName, hosts: readonly string[], path = '/'): Promise<Ingress> {
    const body = { spec: { rules: hosts.map((host) => ruleOf(ingress, host, path)) } }
    return await this.#api.patch({ path: pathOf(ingress), body })
  }

  async addHost(ingress: IngressName, host: string): Promise<Ingress> {
    return await this.setHosts(ingress, [...(await this.#hosts(ingress)), host])
  }

  async removeHost(ingress: IngressName, host: string): Promise<Ingress> {
    return await this.setHosts(
      ingress,
      (await this.#hosts(ingress)).filter((candidate) => candidate !== host),
    )
  }

  /** Added there before it is removed here, so that at every moment one of the two wants it. */
  async moveHost(options: { host: string; from: IngressName; to: IngressName }): Promise<void> {
    await this.addHost(options.to, options.host)
    await this.removeHost(options.from, options.host)
  }

  async emptyCertificateAnnotation(ingress: IngressName): Promise<Ingress> {
    return await this.annotate(ingress, { [CERTIFICATE_ANNOTATION]: '' })
  }

  async removeCertificateAnnotation(ingress: IngressName): Promise<Ingress> {
    return await this.annotate(ingress, { [CERTIFICATE_ANNOTATION]: null })
  }

  async delete(ingress: IngressName): Promise<void> {
    await this.#api.delete(pathOf(ingress))
  }

  /** @throws ApiError 404 where there is none. */
  async get(ingress: IngressName): Promise<Ingress> {
    return await this.#api.get(pathOf(ingress))
  }

  /** Any other object or list, by its path. */
  async read<T = AnyObject>(path: string): Promise<T> {
    return await this.#api.get<T>(path)
  }

  async #hosts(ingress: IngressName): Promise<string[]> {
    const { spec } = await this.get(ingress)
    return (spec.rules ?? []).map((rule) => rule.host ?? '').filter((host) => host !== '')
  }
}

function ingressOf(manifest: IngressManifest) {
  const { namespace, name, hosts, annotations, ingressClassName = 'alb', tlsHosts, path = '/' } = manifest
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace, name, ...(annotations ? { annotations } : {}) },
    spec: {
      ...(ingressClassName === null ? {} : { ingressClassName }),
      rules: hosts.map((host) => ruleOf(manifest, host, path)),
      ...(tlsHosts ? { tls: [{ hosts: tlsHosts }] } : {}),
    },
  }
}

function ruleOf(ingress: IngressName, host: string, path: string) {
  const backend = { service: { name: ingress.name, port: { number: 80 } } }
  return { host, http: { paths: [{ path, pathType: 'Prefix', backend }] } }
}

function collectionOf({ namespace }: IngressName): string {
  return `/apis/networking.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/ingresses`
}

function pathOf(ingress: IngressName): string {
  return `${collectionOf(ingress)}/${encodeURIComponent(ingress.name)}`
}
