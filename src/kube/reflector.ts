import { type Clock, deadline, type EpochMs } from '../clock.ts'
import { jitter, type Random } from '../random.ts'
import { readText } from './body.ts'
import { parseList, withKind } from './client.ts'
import { answerError, KubeError, networkError, statusError } from './errors.ts'
import { extendableDeadline } from './extendable-deadline.ts'
import { apiVersionOf, type KubeObject, type Resource, resourcePath } from './resource.ts'
import { type Change, type Entry, ObjectStore, type Store, storeKey } from './store.ts'
import type { KubeRequest, KubeResponse, Transport } from './transport.ts'
import { INITIAL_EVENTS_END, readWatchEvents, type WatchEvent } from './watch-stream.ts'

/** How well the store follows the cluster. */
export interface ReflectorState {
  /** Whether a whole list has ever been taken in. It stays true while we reconnect: see `at` for how old the store is. */
  readonly synced: boolean
  /** The last time at which we knew the store to be current; `-Infinity` before the first list. */
  readonly at: EpochMs
  /** Why we are not following at the moment: no permission, no such resource, no connection. Absent: all is well. */
  readonly error?: KubeError | undefined
}

export interface Reflector<T> {
  readonly store: Store<T>
  state(): ReflectorState
  /** Nothing is asked and nobody is told any more, from this call on. */
  stop(): void
  /** Resolves when everything has come to rest after `stop`. Never rejects. */
  readonly done: Promise<void>
}

/** What a whole list says beyond its objects: which there were at its version. */
export interface WholeList {
  readonly uids: ReadonlySet<string>
  readonly resourceVersion: string | undefined
}

export interface ReflectorOptions<T> {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
  /** Without a namespace: all of them. */
  readonly resource: Resource & { readonly namespace?: string | undefined }
  /** Keeps of an object what is needed. An object for which it throws keeps its last projection, and `onHandlerError` hears of it. */
  readonly project: (raw: KubeObject) => T
  readonly onChange: (change: Change<T>) => void
  /** Called when a whole list was taken in, after its changes. */
  readonly onList?: (list: WholeList) => void
  /** Called when `synced` or the kind of error changes: once a change, not once a try. */
  readonly onState: (state: ReflectorState) => void
  /** What a handler or the projection threw; they disturb neither the store nor each other. */
  readonly onHandlerError?: (error: unknown) => void
  readonly userAgent?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** The kind may never be installed: it is asked for less often as long as it is not there. */
  readonly optional?: boolean
}

/** How long an end bookmark may take before pages are asked for instead. */
const STREAMED_LIST_LIMIT_MS = 10_000
const PAGE_LIMIT = 500
/** For the head of an answer, and for a page. */
const ANSWER_LIMIT_MS = 30_000
/** API servers send a bookmark about once a minute; without any in three the connection is taken for dead. */
const IDLE_LIMIT_MS = 180_000
/** A watch that ended sooner, and brought nothing but bookmarks, is no progress: it must not be begun again at once. */
const SHORTEST_WATCH_MS = 1_000
/** What a watch lost on the way, a list finds: without one, a deletion that never arrived would be believed away for ever. */
const LIST_AGAIN_AFTER_MS = 3_600_000
const FIRST_BACKOFF_MS = 1_000
const LONGEST_BACKOFF_MS = 30_000
/** Between two looks for an optional kind that is not installed. */
const LONGEST_ABSENCE_MS = 300_000

/**
 * Keeps a Store of a resource's projections in step with the cluster, from now until it is stopped: a streamed list where the server
 * has it (else pages of 500), then watches. It never gives up: a server that is away, a kind that is not installed and a missing
 * permission are states that it reports and gets over.
 */
export function createReflector<T>(options: ReflectorOptions<T>): Reflector<T> {
  const follower = new Follower(options)
  return {
    store: follower.store,
    state: () => follower.state(),
    stop: () => follower.stop(),
    done: follower.run(),
  }
}

class Follower<T> {
  readonly store = new ObjectStore<T>()
  readonly #options: ReflectorOptions<T>
  readonly #path: string
  readonly #stopped = new AbortController()
  /** On the monotonic clock: when the last list was begun. */
  #listedAt = Number.NEGATIVE_INFINITY
  /** Where a watch goes on; undefined: the store must be listed anew. */
  #resourceVersion: string | undefined
  /** `pages` from now on when the server refuses to stream; `pagesOnce` when it did not finish. */
  #listBy: 'stream' | 'pages' | 'pagesOnce' = 'stream'
  #failures = 0
  /** Whether we were told that our place is forgotten, and have not followed since. */
  #expired = false
  #error: KubeError | undefined
  #said: string | undefined

  constructor(options: ReflectorOptions<T>) {
    this.#options = options
    this.#path = resourcePath({ resource: options.resource, namespace: options.resource.namespace })
    const { signal } = options
    if (signal?.aborted) this.stop()
    else signal?.addEventListener('abort', () => this.stop(), { once: true, signal: this.#stopped.signal })
  }

  state(): ReflectorState {
    return { synced: this.store.synced, at: this.store.lastSyncedAt ?? Number.NEGATIVE_INFINITY, error: this.#error }
  }

  stop(): void {
    this.#stopped.abort(new Error('the reflector was stopped'))
  }

  async run(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#stopped
    // Nobody is called before `createReflector` has returned.
    await Promise.resolve()
    while (!signal.aborted) {
      try {
        await this.#round()
      } catch (error) {
        if (signal.aborted) return
        const delay = this.#onFailure(error)
        await clock.sleepUntil(clock.now() + delay, signal).catch(() => {})
      }
    }
  }

  /** One list, or one watch to its end. */
  async #round(): Promise<void> {
    const now = this.#options.clock.monotonic()
    if (this.#resourceVersion !== undefined && now - this.#listedAt < LIST_AGAIN_AFTER_MS)
      return this.#watch(this.#resourceVersion)
    this.#listedAt = now
    if (this.#listBy === 'stream') return this.#watch(undefined)
    await this.#listPages()
    if (this.#listBy === 'pagesOnce') this.#listBy = 'stream'
  }

  /** @returns how long to wait before the next try, in milliseconds. */
  #onFailure(thrown: unknown): number {
    const error = thrown instanceof KubeError ? thrown : networkError({ method: 'GET', path: this.#path }, thrown)
    if (error.kind === 'expired') {
      this.#resourceVersion = undefined
      // The usual end of a long pause, or of a long outage: list at once. Twice in a row something is wrong.
      if (!this.#expired) {
        this.#expired = true
        return 0
      }
    }
    this.#report(error)
    const isAbsent = this.#options.optional === true && error.kind === 'notFound'
    const longest = isAbsent ? LONGEST_ABSENCE_MS : LONGEST_BACKOFF_MS
    const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures++, longest)
    return Math.max(Math.round(jitter(this.#options.random, backoff)), error.retryAfterMs ?? 0)
  }

  /** Follows from `from`; or, without it, first streams the whole list. Returns when the watch ended as it should. */
  async #watch(from: string | undefined): Promise<void> {
    const { clock, random } = this.#options
    const { signal: stopped } = this.#stopped
    const timeoutSeconds = Math.round(300 + 300 * random.next())
    const list =
      from === undefined ? { entries: new Map<string, Entry<T>>(), at: clock.now(), ended: false } : undefined
    // The server ends the watch by itself; one that does not is not there any more.
    const whole = deadline({ clock, milliseconds: timeoutSeconds * 1000 + ANSWER_LIMIT_MS, parent: stopped })
    const idle = extendableDeadline({ clock, milliseconds: ANSWER_LIMIT_MS, parent: whole.signal })
    const listing = extendableDeadline({
      clock,
      milliseconds: list ? STREAMED_LIST_LIMIT_MS : Number.POSITIVE_INFINITY,
      parent: idle.signal,
    })
    const started = clock.monotonic()
    let following = false
    let events = 0
    try {
      const response = await this.#ask(watchQuery({ from, timeoutSeconds }), listing.signal)
      idle.extend(IDLE_LIMIT_MS)
      if (!list) this.#report(undefined)
      following = !list
      for await (const event of readWatchEvents(response.body)) {
        if (stopped.aborted) return
        idle.extend(IDLE_LIMIT_MS)
        if (list && !list.ended) {
          this.#takeInitial(list, event)
          following = list.ended
          if (list.ended) listing.extend(Number.POSITIVE_INFINITY)
        } else {
          this.#take(event)
          if (event.type !== 'BOOKMARK') events++
        }
        if (stopped.aborted) return
      }
      if (list && !list.ended) {
        this.#listBy = 'pagesOnce'
        return
      }
      const endedAtOnce = events === 0 && clock.monotonic() - started < SHORTEST_WATCH_MS
      if (endedAtOnce) throw new KubeError({ kind: 'transient', message: `the watch of ${this.#path} ended at once` })
      this.#progressed()
    } catch (error) {
      if (stopped.aborted) return
      // Quiet, or dead: nobody can tell but by asking again. If that fails, it will be said.
      if (following && idle.signal.aborted) return
      const gaveUp = listing.signal.aborted && !idle.signal.aborted
      const refused = error instanceof KubeError && (error.code === 400 || error.code === 422)
      if (!list || list.ended || !(gaveUp || refused)) throw error
      this.#listBy = refused ? 'pages' : 'pagesOnce'
    } finally {
      listing.done()
      idle.done()
      whole.done()
    }
  }

  #progressed(): void {
    this.#failures = 0
    this.#expired = false
  }

  /** @throws KubeError for any answer but 200. */
  async #ask(query: Record<string, string>, signal: AbortSignal): Promise<KubeResponse> {
    const { transport, userAgent } = this.#options
    const headers = { ...(userAgent !== undefined && { 'user-agent': userAgent }) }
    const request: KubeRequest = { method: 'GET', path: this.#path, query, headers, signal }
    const response = await transport.request(request)
    if (response.status === 200) return response
    throw answerError({ request, code: response.status, headers: response.headers, body: await readText(response) })
  }

  /** An event after the list: it changes the store. */
  #take(event: WatchEvent): void {
    const { clock } = this.#options
    if (event.type === 'ERROR') throw this.#errorOf(event.object)
    this.#resourceVersion = event.object.metadata.resourceVersion ?? this.#resourceVersion
    this.store.markCurrent(clock.now())
    this.#progressed()
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED': {
        const entry = this.#entry(event.object)
        if (entry) this.#emit(this.store.put(entry))
        return
      }
      case 'DELETED': {
        const { metadata } = event.object
        this.#emit(this.store.remove({ key: storeKey(metadata), uid: metadata.uid ?? '' }))
        return
      }
      case 'BOOKMARK':
    }
  }

  /** An event of a streamed list: it changes nothing until the list is whole. */
  #takeInitial(list: { entries: Map<string, Entry<T>>; at: EpochMs; ended: boolean }, event: WatchEvent): void {
    switch (event.type) {
      case 'ERROR':
        throw this.#errorOf(event.object)
      case 'ADDED':
      case 'MODIFIED': {
        const entry = this.#entry(event.object)
        if (entry) list.entries.set(entry.key, entry)
        return
      }
      case 'DELETED':
        list.entries.delete(storeKey(event.object.metadata))
        return
      case 'BOOKMARK':
        if (event.object.metadata.annotations?.[INITIAL_EVENTS_END] !== 'true') return
        list.ended = true
        this.#replace(list.entries, { resourceVersion: event.object.metadata.resourceVersion, at: list.at })
    }
  }

  async #listPages(): Promise<void> {
    const { clock, resource } = this.#options
    const startedAt = clock.now()
    const apiVersion = apiVersionOf(resource)
    let entries = new Map<string, Entry<T>>()
    let limit: number | undefined = PAGE_LIMIT
    let token: string | undefined
    for (;;) {
      let page
      try {
        page = parseList(await this.#page({ limit, token }))
      } catch (error) {
        // The pages behind this one have been compacted away: all of it again, in one.
        if (!(error instanceof KubeError) || error.kind !== 'expired' || token === undefined) throw error
        entries = new Map()
        limit = undefined
        token = undefined
        continue
      }
      if (this.#stopped.signal.aborted) return
      for (const item of page.items) {
        const entry = this.#entry(withKind(item, { kind: page.kind, apiVersion }))
        if (entry) entries.set(entry.key, entry)
      }
      token = page.continueToken
      if (token === undefined) {
        this.#replace(entries, { resourceVersion: page.resourceVersion, at: startedAt })
        return
      }
    }
  }

  async #page(page: { limit: number | undefined; token: string | undefined }): Promise<unknown> {
    const { clock } = this.#options
    const whole = deadline({ clock, milliseconds: ANSWER_LIMIT_MS, parent: this.#stopped.signal })
    try {
      const query = {
        ...(page.limit !== undefined && { limit: String(page.limit) }),
        ...(page.token !== undefined && { continue: page.token }),
      }
      return JSON.parse(await readText(await this.#ask(query, whole.signal))) as unknown
    } finally {
      whole.done()
    }
  }

  #replace(entries: Map<string, Entry<T>>, seen: { resourceVersion: string | undefined; at: EpochMs }): void {
    this.#resourceVersion = seen.resourceVersion
    // Not yet progress that resets the backoff: a server may list and refuse every watch from there.
    this.#emit(this.store.replace(entries, seen.at))
    const { onList } = this.#options
    const uids = new Set([...entries.values()].map(({ uid }) => uid))
    if (onList) this.#isolate(() => onList({ uids, resourceVersion: seen.resourceVersion }))
    this.#report(undefined)
  }

  /** Undefined when it cannot be projected and never could. */
  #entry(object: KubeObject): Entry<T> | undefined {
    const { namespace, name, uid = '', resourceVersion = '' } = object.metadata
    const key = storeKey({ namespace, name })
    try {
      return { key, uid, resourceVersion, value: this.#options.project(object) }
    } catch (error) {
      this.#sayHandlerError(error)
      const known = this.store.entry(key)
      return known?.uid === uid ? known : undefined
    }
  }

  #emit(changes: readonly Change<T>[]): void {
    for (const change of changes) {
      if (this.#stopped.signal.aborted) return
      this.#isolate(() => this.#options.onChange(change))
    }
  }

  #report(error: KubeError | undefined): void {
    if (this.#stopped.signal.aborted) return
    this.#error = error
    const said = [this.store.synced, error?.kind, error?.code, error?.reason].join()
    if (said === this.#said) return
    this.#said = said
    this.#isolate(() => this.#options.onState(this.state()))
  }

  #isolate(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#sayHandlerError(error)
    }
  }

  #sayHandlerError(thrown: unknown): void {
    try {
      this.#options.onHandlerError?.(thrown)
    } catch {
      // Nobody is left who could be told.
    }
  }

  #errorOf(status: Parameters<typeof statusError>[0]['status']): KubeError {
    // Whatever a watch fails with, what came between is unknown: only a list gets us out.
    this.#resourceVersion = undefined
    return statusError({ request: { method: 'GET', path: this.#path }, status })
  }
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists */
function watchQuery(options: { from: string | undefined; timeoutSeconds: number }): Record<string, string> {
  const query = { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: String(options.timeoutSeconds) }
  if (options.from !== undefined) return { ...query, resourceVersion: options.from }
  return { ...query, sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
}
