import { setImmediate as nextTask } from 'node:timers/promises'
import { systemRandom } from '../../src/random.ts'
import type { KubeRequest, Transport } from '../../src/kube/transport.ts'

/** A server to ask, for one suite. */
export interface KubernetesHarness {
  readonly transport: Transport
  close(): Promise<void>
}

/** An object, list or Status as it came: looked into freely. */
export interface Body {
  readonly kind: string
  readonly apiVersion: string
  readonly metadata: Metadata
  readonly [member: string]: unknown
}

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation?: number
  readonly continue?: string
  readonly remainingItemCount?: number
  readonly creationTimestamp: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly managedFields?: readonly ManagedFields[]
}

export interface ManagedFields {
  readonly manager: string
  readonly operation: string
  readonly subresource?: string
  readonly fieldsType: string
  readonly fieldsV1: unknown
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** An empty object where the answer is no JSON. */
  readonly body: Body
  readonly text: string
}

export interface Event {
  readonly type: string
  readonly object: Body
}

type Query = Readonly<Record<string, string>>

/** Plain requests, one method for each kind, that give whatever comes back. */
export class KubernetesClient {
  readonly transport: Transport

  constructor(transport: Transport) {
    this.transport = transport
  }

  async send(request: Omit<KubeRequest, 'signal' | 'body'> & { body?: unknown }): Promise<Reply> {
    const { body, ...rest } = request
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await this.transport.request({ ...rest, body: text, signal: AbortSignal.timeout(30_000) })
    const chunks: Uint8Array[] = []
    for await (const chunk of answer.body) chunks.push(chunk)
    const received = Buffer.concat(chunks).toString()
    const json = received.startsWith('{') ? (JSON.parse(received) as Body) : ({} as Body)
    return { status: answer.status, headers: answer.headers, body: json, text: received }
  }

  get(path: string, query: Query = {}, accept = 'application/json'): Promise<Reply> {
    return this.send({ method: 'GET', path, query, headers: { accept } })
  }

  create(path: string, body: unknown, query: Query = {}): Promise<Reply> {
    return this.send({ method: 'POST', path, query, body })
  }

  /** @throws Error unless the object is created. */
  async created(path: string, body: unknown): Promise<Body> {
    const reply = await this.create(path, body, { fieldManager: 'creator' })
    if (reply.status !== 201) throw new Error(reply.text)
    return reply.body
  }

  update(path: string, body: unknown, query: Query = {}): Promise<Reply> {
    return this.send({ method: 'PUT', path, query, body })
  }

  patch(type: 'json' | 'merge' | 'strategic', path: string, body: unknown, query: Query = {}): Promise<Reply> {
    const form = { json: 'json-patch', merge: 'merge-patch', strategic: 'strategic-merge-patch' }[type]
    return this.send({ method: 'PATCH', path, query, headers: { 'content-type': `application/${form}+json` }, body })
  }

  apply(path: string, body: unknown, fieldManager: string, query: Query = {}): Promise<Reply> {
    const headers = { 'content-type': 'application/apply-patch+yaml' }
    return this.send({ method: 'PATCH', path, query: { fieldManager, ...query }, headers, body })
  }

  delete(path: string, body?: unknown, query: Query = {}): Promise<Reply> {
    return this.send({ method: 'DELETE', path, query, body })
  }

  async watch(path: string, query: Query = {}, accept = 'application/json'): Promise<WatchReader> {
    const controller = new AbortController()
    const { signal } = controller
    const headers = { accept }
    const answer = await this.transport.request({
      method: 'GET',
      path,
      query: { watch: 'true', ...query },
      headers,
      signal,
    })
    return new WatchReader({ status: answer.status, body: answer.body, controller })
  }

  /** A namespace of its own, by a name that nobody else has. */
  async namespace(): Promise<string> {
    const name = uniqueName()
    await this.created('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    return name
  }
}

export function uniqueName(): string {
  return `contract-${systemRandom.hex(6)}`
}

/** Reads a watch event by event. */
export class WatchReader {
  readonly status: number
  readonly #controller: AbortController
  readonly #chunks: AsyncIterator<Uint8Array>
  #buffer = ''

  constructor(options: { status: number; body: AsyncIterable<Uint8Array>; controller: AbortController }) {
    this.status = options.status
    this.#controller = options.controller
    this.#chunks = options.body[Symbol.asyncIterator]()
  }

  /** The next event. @throws Error when the watch ends, or the reason of its signal. */
  async next(): Promise<Event> {
    for (;;) {
      const end = this.#buffer.indexOf('\n')
      if (end >= 0) {
        const line = this.#buffer.slice(0, end)
        this.#buffer = this.#buffer.slice(end + 1)
        return JSON.parse(line) as Event
      }
      const { done, value } = await this.#chunks.next()
      if (done) throw new Error('the watch ended')
      this.#buffer += Buffer.from(value).toString()
    }
  }

  async take(count: number): Promise<Event[]> {
    const events: Event[] = []
    while (events.length < count) events.push(await this.next())
    return events
  }

  abort(reason: Error): void {
    this.#controller.abort(reason)
  }

  async close(): Promise<void> {
    await this.#chunks.return?.().catch(() => {})
    this.#controller.abort(new Error('the test has seen enough'))
  }
}

/** Asks until the answer suits: for what a real server does a moment later. @throws Error when it never does. */
export async function eventually(ask: () => Promise<boolean>, what: string): Promise<void> {
  for (let attempt = 0; attempt < 2000; attempt++) {
    if (await ask()) return
    await nextTask()
  }
  throw new Error(`it did not come about: ${what}`)
}

export const configMaps = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps`
export const ingresses = (namespace: string) => `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`
export const services = (namespace: string) => `/api/v1/namespaces/${namespace}/services`
export const leases = (namespace: string) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`

export function configMap(name: string, more: { metadata?: object; data?: Record<string, string> } = {}) {
  const { metadata = {}, data } = more
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, ...(data ? { data } : {}) }
}

export function ingress(name: string, options: { hosts?: readonly string[]; metadata?: object } = {}) {
  const { hosts = ['shop.example.com'], metadata = {} } = options
  const backend = { service: { name: 'web', port: { number: 80 } } }
  const rules = hosts.map((host) => ({ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }))
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, ...metadata },
    spec: { ingressClassName: 'alb', rules },
  }
}

export function service(name: string, ports: readonly object[]) {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports } }
}

export function lease(name: string, metadata: object = {}) {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, ...metadata },
    spec: { holderIdentity: 'me' },
  }
}

/** The causes of a refusal, as `field: reason`. */
export function causesOf(body: Body): string[] {
  const details = body['details'] as { causes?: readonly { field?: string; reason?: string }[] } | undefined
  return (details?.causes ?? []).map(({ field, reason }) => `${field}: ${reason}`)
}
