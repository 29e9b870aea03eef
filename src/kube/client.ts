import { type Clock, deadline } from '../clock.ts'
import { readText } from './body.ts'
import { answerError, KubeError, networkError } from './errors.ts'
import { type KubeObject, type ObjectMeta, type Resource, apiVersionOf, resourcePath } from './resource.ts'
import type { KubeRequest, Transport } from './transport.ts'

/** Where a call goes, and how long it may take. */
export interface Place {
  readonly resource: Resource
  /** Absent for a cluster-scoped resource, or to list over all namespaces. */
  readonly namespace?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the whole call; the client's default where absent. */
  readonly timeoutMs?: number | undefined
}

export interface NamedPlace extends Place {
  readonly name: string
  readonly subresource?: 'status' | undefined
}

export interface ObjectList {
  readonly items: KubeObject[]
  readonly resourceVersion: string
}

/**
 * Thin calls over a Transport. `T` is the caller's word for what the resource looks like.
 * @throws KubeError, classified; or the reason of the caller's own signal when that was aborted.
 */
export interface KubeClient {
  get<T = KubeObject>(place: NamedPlace): Promise<T>
  /** All pages, `limit` at a time; kind and apiVersion are filled in. A list whose pages expire on the way is begun anew, once. */
  list(place: Place & { labelSelector?: string; fieldSelector?: string; limit?: number }): Promise<ObjectList>
  create<T = KubeObject>(place: Place & { object: unknown }): Promise<T>
  /** Replaces the whole object; a resourceVersion in it is the precondition. */
  update<T = KubeObject>(place: NamedPlace & { object: unknown }): Promise<T>
  /** JSON merge patch (RFC 7386). A `metadata.resourceVersion` in it is a precondition. */
  patch<T = KubeObject>(place: NamedPlace & { patch: unknown }): Promise<T>
  /**
   * Server-side apply. `object` holds all that this field manager wants to own, with apiVersion and kind; a
   * `metadata.resourceVersion` in it is a precondition (409 when the object has moved on).
   * @throws KubeError `conflict` when another manager owns a field, unless `force`.
   */
  apply<T = KubeObject>(place: NamedPlace & { object: unknown; fieldManager: string; force?: boolean }): Promise<T>
  delete(place: NamedPlace & { uid?: string; resourceVersion?: string; propagation?: Propagation }): Promise<void>
}

export type Propagation = 'Background' | 'Foreground' | 'Orphan'

/** A list's page as apiserver-side defaults of client-go have it. */
const PAGE_LIMIT = 500

/** @param options.version of this program, for the user agent. @param options.timeoutMs per call, default 10 s. */
export function createKubeClient(options: {
  transport: Transport
  clock: Clock
  version: string
  timeoutMs?: number
}): KubeClient {
  const { transport, clock, version } = options

  async function call(place: Place, request: Omit<KubeRequest, 'signal'>): Promise<unknown> {
    const milliseconds = place.timeoutMs ?? options.timeoutMs ?? 10_000
    place.signal?.throwIfAborted()
    const limit = deadline({ clock, milliseconds, parent: place.signal })
    try {
      const headers = { 'user-agent': userAgent(version), ...request.headers }
      const response = await transport.request({ ...request, headers, signal: limit.signal })
      const body = await readText(response)
      if (response.status >= 300) {
        throw answerError({ request, code: response.status, headers: response.headers, body })
      }
      return JSON.parse(body) as unknown
    } catch (error) {
      if (error instanceof KubeError) throw error
      // The caller gave up: that says nothing about the server.
      place.signal?.throwIfAborted()
      throw networkError(request, limit.signal.aborted ? limit.signal.reason : error)
    } finally {
      limit.done()
    }
  }

  async function listPages(place: Parameters<KubeClient['list']>[0]): Promise<ObjectList> {
    const items: KubeObject[] = []
    let token: string | undefined
    for (;;) {
      const page = parseList(
        await call(place, { method: 'GET', path: resourcePath(place), query: listQuery(place, token) }),
      )
      for (const item of page.items)
        items.push(withKind(item, { kind: page.kind, apiVersion: apiVersionOf(place.resource) }))
      token = page.continueToken
      if (token === undefined) return { items, resourceVersion: page.resourceVersion }
    }
  }

  return {
    get: async <T>(place: NamedPlace) => (await call(place, { method: 'GET', path: resourcePath(place) })) as T,

    list: async (place) => {
      try {
        return await listPages(place)
      } catch (error) {
        if (error instanceof KubeError && error.kind === 'expired') return listPages(place)
        throw error
      }
    },

    create: async <T>(place: Place & { object: unknown }) =>
      (await call(place, { method: 'POST', path: resourcePath(place), ...json(place.object) })) as T,

    update: async <T>(place: NamedPlace & { object: unknown }) =>
      (await call(place, { method: 'PUT', path: resourcePath(place), ...json(place.object) })) as T,

    patch: async <T>(place: NamedPlace & { patch: unknown }) =>
      (await call(place, {
        method: 'PATCH',
        path: resourcePath(place),
        ...json(place.patch, 'application/merge-patch+json'),
      })) as T,

    apply: async <T>(place: NamedPlace & { object: unknown; fieldManager: string; force?: boolean }) =>
      (await call(place, {
        method: 'PATCH',
        path: resourcePath(place),
        query: { fieldManager: place.fieldManager, force: String(place.force ?? false) },
        // JSON is YAML: the only content type that every server with server-side apply takes.
        ...json(place.object, 'application/apply-patch+yaml'),
      })) as T,

    delete: async (place) => {
      const preconditions = {
        ...(place.uid !== undefined && { uid: place.uid }),
        ...(place.resourceVersion !== undefined && { resourceVersion: place.resourceVersion }),
      }
      await call(place, {
        method: 'DELETE',
        path: resourcePath(place),
        ...json({
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          ...(Object.keys(preconditions).length > 0 && { preconditions }),
          ...(place.propagation !== undefined && { propagationPolicy: place.propagation }),
        }),
      })
    },
  }
}

/** How we introduce ourselves to the API server: its audit log and its flow control see this. */
export function userAgent(version: string): string {
  return `certwright/${version}`
}

/** One page of a list. `kind` is that of its items. */
export interface ListPage {
  readonly kind: string
  readonly items: readonly { readonly metadata: ObjectMeta }[]
  readonly resourceVersion: string
  readonly continueToken: string | undefined
}

/** @throws KubeError `transient` when the value is not a list as the API server sends them: something in between answered. */
export function parseList(value: unknown): ListPage {
  const list = value as {
    kind?: string
    metadata?: { resourceVersion?: string; continue?: string }
    items?: { metadata: ObjectMeta }[] | null
  }
  const { kind, metadata, items } = list
  if (kind === undefined || !kind.endsWith('List') || metadata?.resourceVersion === undefined) {
    const got = kind ?? 'an object without a kind'
    throw new KubeError({ kind: 'transient', message: `expected a list with a resourceVersion, got ${got}` })
  }
  return {
    kind: kind.slice(0, -'List'.length),
    items: items ?? [],
    resourceVersion: metadata.resourceVersion,
    continueToken: metadata.continue === undefined || metadata.continue === '' ? undefined : metadata.continue,
  }
}

/** Items of a list come without kind and apiVersion; those of a watch have them. */
export function withKind(
  item: { readonly metadata: ObjectMeta },
  type: { readonly kind: string; readonly apiVersion: string },
): KubeObject {
  return { ...type, ...item }
}

function listQuery(
  place: { labelSelector?: string; fieldSelector?: string; limit?: number },
  token: string | undefined,
): Record<string, string> {
  return {
    limit: String(place.limit ?? PAGE_LIMIT),
    ...(token !== undefined && { continue: token }),
    ...(place.labelSelector !== undefined && { labelSelector: place.labelSelector }),
    ...(place.fieldSelector !== undefined && { fieldSelector: place.fieldSelector }),
  }
}

function json(value: unknown, contentType = 'application/json'): Pick<KubeRequest, 'headers' | 'body'> {
  return { headers: { 'content-type': contentType }, body: JSON.stringify(value) }
}
