import type { Clock } from '../../clock.ts'
import type { KubeRequest, KubeResponse, Transport } from '../../kube/transport.ts'
import type { Random } from '../../random.ts'
import { Admin } from './admin.ts'
import type { Answer } from './answer.ts'
import { PAGE_NOT_FOUND, refusal } from './answer.ts'
import { answer } from './answers.ts'
import { Api } from './api.ts'
import { SERVER } from './write-options.ts'
import { Collector } from './collector.ts'
import type { Fault, Faults, KubeCall } from './faults.ts'
import { ConnectionReset, never } from './faults.ts'
import { namespace } from './kinds/core.ts'
import { Ledger } from './ledger.ts'
import { Registry } from './registry.ts'
import type { Route } from './route.ts'
import { routeOf } from './route.ts'
import { ApiError, badRequest } from './status.ts'
import { isWatch } from './request.ts'
import { Store } from './store.ts'
import { callOf } from './verb.ts'
import { WatchConnection } from './watch-connection.ts'

export interface KubernetesSettings {
  /** How many writes watches can look back on before they get 410; twice as many at most. */
  readonly historyLimit: number
  /** How many entries of `events` are kept, twice as many at most. */
  readonly ledgerLimit: number
  /** Whether garbage is collected and namespaces are emptied, as in a cluster; `false` leaves the API server alone, as in some tests. */
  readonly controllers: boolean
}

export const defaultKubernetesSettings: KubernetesSettings = {
  historyLimit: 10_000,
  ledgerLimit: 100_000,
  controllers: true,
}

/** The namespaces that are there from the start. */
const NAMESPACES = ['default', 'kube-system']

/**
 * A Kubernetes API server in this process. Requests come in through `transport`; nothing in it takes time by itself, and with no
 * watch open nobody in it sleeps.
 */
export class SimulatedKubernetes {
  /** In process: an answer is there as soon as the request is. */
  readonly transport: Transport
  /** Every write that took effect, by whom, in order. */
  readonly events: Ledger
  /** What befalls requests and the events of watches; to be set by tests. */
  faults: Faults = {}
  /** For tests: reads and writes without a request, a fault or a wait. */
  readonly admin: Admin
  readonly #api: Api
  readonly #clock: Clock
  readonly #random: Random
  readonly #watches = new Set<WatchConnection>()

  constructor(options: { clock: Clock; random: Random; settings?: Partial<KubernetesSettings> }) {
    const { clock, random } = options
    const settings = { ...defaultKubernetesSettings, ...options.settings }
    this.#clock = clock
    this.#random = random
    this.events = new Ledger({ limit: settings.ledgerLimit })
    const store = new Store({ historyLimit: settings.historyLimit })
    this.#api = new Api({ store, registry: new Registry(), ledger: this.events, clock, random })
    this.admin = new Admin(this.#api)
    this.transport = { request: (request) => this.#request(request) }
    // Subscribes to the store, and lives as long as it.
    if (settings.controllers) void new Collector(this.#api)
    store.subscribe(({ type, collection, key }) => {
      if (type === 'DELETED' && collection === 'customresourcedefinitions.apiextensions.k8s.io') this.closeWatches(key)
    })
    for (const name of NAMESPACES) this.#addNamespace(name)
  }

  /** How many watches are open. */
  get openWatches(): number {
    return this.#watches.size
  }

  /** Ends watches in order, as the server does when their time is up; of one collection where it is given. */
  closeWatches(collection?: string): void {
    for (const watch of this.#chosen(collection)) watch.end()
  }

  /** Breaks the connections of watches; of one collection where it is given. */
  resetWatches(collection?: string): void {
    for (const watch of this.#chosen(collection)) watch.end(new ConnectionReset())
  }

  /** Forgets all earlier writes: watches and continued lists from before get 410. */
  compact(): void {
    this.#api.store.compact()
  }

  /** From now on a watch from before what is remembered is refused with the status of its answer, not by an event. */
  refuseExpiredWatches(): void {
    this.#api.store.expiredWatch = 'status'
  }

  #chosen(collection: string | undefined): WatchConnection[] {
    return [...this.#watches].filter(({ call }) => collection === undefined || call.collection === collection)
  }

  #addNamespace(name: string): void {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
    this.#api.create({ resource: namespace, namespace: '' }, body, SERVER)
  }

  async #request(request: KubeRequest): Promise<KubeResponse> {
    request.signal.throwIfAborted()
    const route = decodable(request.path) ? routeOf(request.path, this.#api.registry) : undefined
    const call = callOf({ request, route, at: this.#clock.now() })
    const early = await this.#befall(this.faults.before?.(call), request.signal)
    if (early) return response(early)
    if (route && isWatch(request) && route.kind === 'collection') return await this.#watch(request, route, call)
    const answered = this.#answer(request, route)
    const late = await this.#befall(this.faults.after?.(call), request.signal)
    return response(late ?? answered)
  }

  async #watch(request: KubeRequest, route: Route, call: KubeCall): Promise<KubeResponse> {
    const connection = new WatchConnection({
      call,
      clock: this.#clock,
      signal: request.signal,
      faults: () => this.faults,
      onEnd: () => this.#watches.delete(connection),
    })
    const answered = this.#answer({ ...request, signal: connection.signal }, route)
    if (typeof answered.body === 'string') {
      connection.end()
      return response(answered)
    }
    this.#watches.add(connection)
    const late = await this.#befall(this.faults.after?.(call), request.signal).catch((error: unknown) => {
      connection.end()
      throw error
    })
    if (!late) return { ...answered, body: connection.read(answered.body) }
    connection.end()
    return response(late)
  }

  #answer(request: KubeRequest, route: Route | undefined): Answer {
    if (!route) return PAGE_NOT_FOUND
    try {
      return answer({ request, route, api: this.#api, clock: this.#clock, random: this.#random })
    } catch (error) {
      if (error instanceof ApiError) return refusal(error)
      throw error
    }
  }

  /** Lets faults happen. Gives the answer that one of them puts in the place of the server's. */
  async #befall(faults: Fault | readonly Fault[] | undefined, signal: AbortSignal): Promise<Answer | undefined> {
    for (const fault of [faults ?? []].flat() as readonly Fault[]) {
      switch (fault.kind) {
        case 'delay':
          await this.#clock.sleepUntil(this.#clock.now() + fault.milliseconds, signal)
          break
        case 'status':
          return refusal(failure(fault))
        case 'reset':
          throw new ConnectionReset()
        case 'hang':
          return await never(signal)
        default:
          fault satisfies never
      }
    }
    return undefined
  }
}

/** The errors by which a server says that it is in trouble. */
function failure({ code, retryAfterSeconds }: Extract<Fault, { kind: 'status' }>): ApiError {
  const reasons: Readonly<Record<number, [reason: string, message: string]>> = {
    401: ['Unauthorized', 'Unauthorized'],
    403: ['Forbidden', 'forbidden'],
    429: ['TooManyRequests', 'Too many requests, please try again later.'],
    500: ['InternalError', 'Internal error occurred: etcdserver: request timed out'],
    503: ['ServiceUnavailable', 'apiserver is shutting down.'],
    504: ['Timeout', 'request did not complete within the allotted timeout'],
  }
  const [reason, message] = reasons[code] ?? ['Unknown', 'an unknown error']
  return new ApiError({
    code,
    reason,
    message,
    ...(retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }),
  })
}

function decodable(path: string): boolean {
  if (!path.includes('%')) return true
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

function response({ status, headers, body }: Answer): KubeResponse {
  return { status, headers, body: once(body) }
}

const encoder = new TextEncoder()

async function* once(body: Answer['body']): AsyncGenerator<Uint8Array> {
  if (typeof body !== 'string') throw badRequest('a watch has no end')
  yield encoder.encode(body)
}
