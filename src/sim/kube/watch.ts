import { type Clock, IN_TIME } from '../../clock.ts'
import type { Random } from '../../random.ts'
import type { JsonObject } from './json.ts'
import type { Query } from './list.ts'
import { listOptionsInvalid, matcherOf, parseRevision } from './list.ts'
import type { KubeObject } from './object.ts'
import { namespaceOf } from './object.ts'
import type { Resource } from './resource.ts'
import { apiVersionOf, presented } from './resource.ts'
import type { Matcher } from './selectors.ts'
import { expired } from './status.ts'
import type { Change, Store } from './store.ts'

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: JsonObject
}

/** The server sends bookmarks about once a minute: https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks */
const BOOKMARK_INTERVAL_MS = 60_000
/** Without `timeoutSeconds` a watch ends after 30 to 60 min (`--min-request-timeout`, 1800 s). */
const MIN_WATCH_MS = 1_800_000
/** A watcher that reads too slowly is cut off when so many events wait for it. */
const QUEUE_LIMIT = 10_000
/** Of WatchList: says that the state as of the request is complete. */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end'

interface WatchOptions {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly resource: Resource
  readonly namespace: string
  readonly query: Query
  /** Ends the watch with its reason. */
  readonly signal: AbortSignal
}

/**
 * The events of a watch, from the state or revision that the query asks for until its time is up. A revision that is compacted gives
 * one ERROR event with a Status of code 410, as the real server's watch cache does, or is refused with that code:
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses names the code and not the way.
 * @throws ApiError for parameters that do not go together, and for a revision that is compacted where the store says so.
 */
export function watch(options: WatchOptions): AsyncGenerator<WatchEvent> {
  const { store, resource, namespace, query } = options
  const matches = matcherOf(resource, query)
  const bookmarks = query['allowWatchBookmarks'] === 'true'
  const initial = initialEvents(query)
  const from = initial === 'none' ? Math.max(parseRevision(query['resourceVersion'] ?? '', 'watch'), 0) : store.revision
  const queue: WatchEvent[] = []
  const subscription = new Subscription()
  if (from < store.compacted) {
    const error = expired(`too old resource version: ${from} (${store.compacted})`)
    if (store.expiredWatch === 'status') throw error
    return once({ type: 'ERROR', object: error.status() })
  }
  const push = (change: Change) => {
    const event = eventOf({ change, resource, namespace, matches })
    if (event) queue.push(event)
    if (queue.length > QUEUE_LIMIT) subscription.end()
    if (event) subscription.wake()
  }
  const state = initial === 'none' ? [] : store.list(resource.collection, namespace)
  if (initial === 'none') for (const change of store.since(from)) push(change)
  // Subscribed before the first read: what is written between the answer and the first read is not lost.
  subscription.stop = store.subscribe(push)
  // A reader that gives up before it has begun never runs the stream's own ending.
  options.signal.addEventListener('abort', () => subscription.stop(), { once: true })
  return stream({ ...options, matches, state, endMark: initial === 'marked', bookmarks, queue, subscription })
}

/** `none`: from a revision on. `plain`: first the state, as ADDED. `marked`: and then a bookmark that says that it was all. */
function initialEvents(query: Query): 'none' | 'plain' | 'marked' {
  const asked = query['sendInitialEvents']
  const match = query['resourceVersionMatch']
  if (asked === undefined) {
    if (match !== undefined)
      throw listOptionsInvalid(
        'resourceVersionMatch',
        'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      )
    const version = query['resourceVersion']
    return version === undefined || version === '' || version === '0' ? 'plain' : 'none'
  }
  if (match === undefined)
    throw listOptionsInvalid(
      'resourceVersionMatch',
      'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    )
  if (match !== 'NotOlderThan')
    throw listOptionsInvalid(
      'resourceVersionMatch',
      `Unsupported value: ${JSON.stringify(match)}: supported values: "NotOlderThan"`,
    )
  if (asked === 'true') return query['allowWatchBookmarks'] === 'true' ? 'marked' : 'plain'
  return 'none'
}

async function* once(event: WatchEvent): AsyncGenerator<WatchEvent> {
  yield event
}

/** What a reader waits on: the next event, or the end. */
class Subscription {
  stop: () => void = () => {}
  ended = false
  #wake: (() => void) | undefined

  wake(): void {
    this.#wake?.()
    this.#wake = undefined
  }

  end(): void {
    this.ended = true
    this.wake()
  }

  async changed(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }
}

interface StreamOptions extends WatchOptions {
  readonly matches: Matcher
  readonly state: readonly KubeObject[]
  readonly endMark: boolean
  readonly bookmarks: boolean
  readonly queue: WatchEvent[]
  readonly subscription: Subscription
}

async function* stream(options: StreamOptions): AsyncGenerator<WatchEvent> {
  const { store, clock, random, resource, query, matches, state, queue, subscription, signal } = options
  const revision = store.revision
  const seconds = Number(query['timeoutSeconds'] ?? 0)
  const endsAt = clock.now() + (seconds > 0 ? seconds * 1000 : MIN_WATCH_MS * (1 + random.next()))
  const onAbort = () => subscription.wake()
  signal.addEventListener('abort', onAbort)
  const timer = new AbortController()
  let nextBookmark = clock.now() + BOOKMARK_INTERVAL_MS
  try {
    for (const stored of state) {
      signal.throwIfAborted()
      const object = presented(resource, stored)
      if (matches(object)) yield { type: 'ADDED', object }
    }
    if (options.endMark) yield bookmark(resource, revision, { [INITIAL_EVENTS_END]: 'true' })
    let alarm = 0
    while (!subscription.ended) {
      signal.throwIfAborted()
      const event = queue.shift()
      if (event) {
        yield event
        continue
      }
      if (clock.now() >= endsAt) return
      if (options.bookmarks && clock.now() >= nextBookmark) {
        nextBookmark = clock.now() + BOOKMARK_INTERVAL_MS
        yield bookmark(resource, store.revision)
        continue
      }
      const due = options.bookmarks ? Math.min(endsAt, nextBookmark) : endsAt
      // One sleeper a watch: the alarm that is set stands until it rings.
      if (alarm <= clock.now()) {
        alarm = due
        clock.sleepUntil(due, timer.signal).then(
          () => subscription.wake(),
          () => {},
        )
      }
      await subscription.changed()
    }
  } finally {
    timer.abort(IN_TIME)
    signal.removeEventListener('abort', onAbort)
    subscription.stop()
  }
}

function bookmark(resource: Resource, revision: number, annotations?: Record<string, string>): WatchEvent {
  const object = {
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    metadata: { resourceVersion: String(revision), ...(annotations ? { annotations } : {}) },
    ...resource.zero,
  }
  return { type: 'BOOKMARK', object }
}

/** A change as a watcher with a selector sees it: an object that comes to match is added, one that ceases to is deleted. */
function eventOf(seen: {
  change: Change
  resource: Resource
  namespace: string
  matches: Matcher
}): WatchEvent | undefined {
  const { change, resource, namespace, matches } = seen
  if (change.collection !== resource.collection) return undefined
  if (namespace && namespaceOf(change.object) !== namespace) return undefined
  const object = presented(resource, change.object)
  const before = change.before && presented(resource, change.before)
  const matched = before !== undefined && matches(before)
  const now = change.type !== 'DELETED' && matches(object)
  if (now) return { type: matched ? 'MODIFIED' : 'ADDED', object }
  if (!matched) return undefined
  const metadata = { ...before.metadata, resourceVersion: String(change.revision) }
  return { type: 'DELETED', object: { ...before, metadata } }
}
