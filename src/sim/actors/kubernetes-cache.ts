import type { Clock } from '../../clock.ts'
import { ApiError, type AnyObject, type KubernetesApi } from './kubernetes-api.ts'

interface ListAnswer<T> {
  readonly metadata: { readonly resourceVersion: string }
  readonly items: readonly T[]
}

/** A change of one object. `before` is absent for a new one, `after` for one that is gone. */
export interface Change<T> {
  readonly before: T | undefined
  readonly after: T | undefined
}

/** How long an actor waits before it lists again after its watch broke. */
const RELIST_DELAY_MS = 1_000

/** All objects of one path, kept up to date by list and watch. */
export class KubernetesCache<T extends AnyObject> {
  readonly #api: KubernetesApi
  readonly #clock: Clock
  readonly #path: string
  readonly #onChange: (change: Change<T>) => void
  readonly #objects = new Map<string, T>()

  constructor(options: { api: KubernetesApi; clock: Clock; path: string; onChange: (change: Change<T>) => void }) {
    this.#api = options.api
    this.#clock = options.clock
    this.#path = options.path
    this.#onChange = options.onChange
  }

  /** In the order of namespace and name. */
  get objects(): T[] {
    return [...this.#objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
  }

  /** Resolves after the first list; goes on until `signal` is aborted. */
  async start(signal: AbortSignal): Promise<void> {
    const synced = Promise.withResolvers<void>()
    void this.#follow(signal, synced.resolve).then(synced.resolve)
    await synced.promise
  }

  async #follow(signal: AbortSignal, synced: () => void): Promise<void> {
    while (!signal.aborted) {
      try {
        const version = await this.#list(signal)
        synced()
        await this.#watch(version, signal)
      } catch {
        // Whatever broke it, a new list puts it right; a path that is not served stays empty.
      }
      await this.#clock.sleepUntil(this.#clock.now() + RELIST_DELAY_MS, signal).catch(() => {})
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const answer = await this.#api.get<ListAnswer<T>>(this.#path, signal)
    const listed = new Map(answer.items.map((object) => [keyOf(object), object]))
    for (const [key, before] of this.#objects) if (!listed.has(key)) this.#put(key, before, undefined)
    for (const [key, after] of listed) this.#put(key, this.#objects.get(key), after)
    return answer.metadata.resourceVersion
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    for await (const event of this.#api.watch<T>({ path: this.#path, resourceVersion, signal })) {
      if (event.type === 'ERROR') throw new ApiError(410, 'the watch ended with an error')
      if (event.type === 'BOOKMARK') continue
      const key = keyOf(event.object)
      this.#put(key, this.#objects.get(key), event.type === 'DELETED' ? undefined : event.object)
    }
  }

  #put(key: string, before: T | undefined, after: T | undefined): void {
    if (before && after && before.metadata.resourceVersion === after.metadata.resourceVersion) return
    if (after) this.#objects.set(key, after)
    else this.#objects.delete(key)
    this.#onChange({ before, after })
  }
}

function keyOf(object: AnyObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}
