import type { KubeRequest, KubeResponse, Transport } from '../../kube/transport.ts'

/** An answer of the API server other than 2xx. */
export class ApiError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.name = 'ApiError'
    this.code = code
  }
}

/** What every object has, as far as actors look at it. */
export interface ObjectMetadata {
  readonly name: string
  readonly namespace?: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
}

export interface AnyObject {
  readonly metadata: ObjectMetadata
}

export interface WatchEvent<T extends AnyObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: T
}

interface Written {
  readonly path: string
  readonly body: unknown
  readonly signal?: AbortSignal | undefined
  /** Whose change it is in `managedFields`; the actor's own name where absent. */
  readonly fieldManager?: string | undefined
}

/**
 * How actors of the simulated world talk to Kubernetes: on the same wire as everybody, but with nothing in common with the
 * controller's own client, so that a mistake in that one cannot hide itself.
 */
export class KubernetesApi {
  readonly #transport: Transport
  readonly #userAgent: string
  readonly #fieldManager: string

  constructor(options: { transport: Transport; userAgent: string; fieldManager: string }) {
    this.#transport = options.transport
    this.#userAgent = options.userAgent
    this.#fieldManager = options.fieldManager
  }

  /** @throws ApiError for an answer other than 2xx. */
  async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return await this.#json<T>({ method: 'GET', path }, signal)
  }

  /** @throws ApiError for an answer other than 2xx. */
  async create<T>({ path, body, signal, fieldManager }: Written): Promise<T> {
    const query = { fieldManager: fieldManager ?? this.#fieldManager }
    return await this.#json<T>({ method: 'POST', path, query, body: JSON.stringify(body) }, signal)
  }

  /** A JSON merge patch. @throws ApiError for an answer other than 2xx. */
  async patch<T>({ path, body, signal, fieldManager }: Written): Promise<T> {
    const query = { fieldManager: fieldManager ?? this.#fieldManager }
    const headers = { 'content-type': 'application/merge-patch+json' }
    return await this.#json<T>({ method: 'PATCH', path, query, headers, body: JSON.stringify(body) }, signal)
  }

  /** @throws ApiError for an answer other than 2xx. */
  async delete(path: string, signal?: AbortSignal): Promise<void> {
    await this.#json({ method: 'DELETE', path }, signal)
  }

  /** Events after `resourceVersion`, until the server closes the stream or `signal` is aborted. */
  async *watch<T extends AnyObject>(options: {
    path: string
    resourceVersion: string
    signal: AbortSignal
  }): AsyncGenerator<WatchEvent<T>> {
    const query = { watch: '1', resourceVersion: options.resourceVersion, allowWatchBookmarks: 'true' }
    const response = await this.#send({ method: 'GET', path: options.path, query }, options.signal)
    if (response.status >= 300) throw await asError(response, options.path)
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of response.body) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as WatchEvent<T>
    }
  }

  async #json<T>(request: Omit<KubeRequest, 'signal'>, signal: AbortSignal | undefined): Promise<T> {
    const response = await this.#send(request, signal ?? new AbortController().signal)
    if (response.status >= 300) throw await asError(response, request.path)
    return JSON.parse(await textOf(response)) as T
  }

  #send(request: Omit<KubeRequest, 'signal'>, signal: AbortSignal): Promise<KubeResponse> {
    const headers = { 'user-agent': this.#userAgent, ...request.headers }
    return this.#transport.request({ ...request, headers, signal })
  }
}

async function textOf(response: KubeResponse): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body) text += decoder.decode(chunk, { stream: true })
  return text
}

async function asError(response: KubeResponse, path: string): Promise<ApiError> {
  const text = await textOf(response)
  let message = text
  try {
    message = (JSON.parse(text) as { message?: string }).message ?? text
  } catch {
    // Not a Status object: the text itself says more than nothing.
  }
  return new ApiError(response.status, `${response.status} for ${path}: ${message}`)
}
