import type { EpochMs } from '../clock.ts'

/** What happened to one object, in terms of its projection. */
export type Change<T> =
  | { readonly kind: 'added'; readonly value: T; readonly previous?: undefined }
  | { readonly kind: 'changed'; readonly value: T; readonly previous: T }
  /** `value` is the last that we saw. */
  | { readonly kind: 'deleted'; readonly value: T; readonly previous?: undefined }

/** The projections of all objects of a resource, as last seen. */
export interface Store<T> {
  /** `namespace` is empty for a cluster-scoped object. */
  get(key: { namespace?: string | undefined; name: string }): T | undefined
  values(): IterableIterator<T>
  readonly size: number
  /** Whether a whole list has ever been taken in. Until then absence means nothing. */
  readonly synced: boolean
  /** The last time at which we knew the store to be current: a list, an event, a bookmark. */
  readonly lastSyncedAt: EpochMs | undefined
}

/** One object on its way in. */
export interface Entry<T> {
  readonly key: string
  readonly uid: string
  readonly resourceVersion: string
  readonly value: T
}

/** The key under which an object is kept; a slash can be in neither part. */
export function storeKey(object: { namespace?: string | undefined; name?: string | undefined }): string {
  return `${object.namespace ?? ''}/${object.name ?? ''}`
}

/** A Store that its reflector writes. Each write gives the changes that it makes, and makes them at once. */
export class ObjectStore<T> implements Store<T> {
  #entries = new Map<string, Entry<T>>()
  #lastSyncedAt: EpochMs | undefined
  #synced = false

  get(key: { namespace?: string | undefined; name: string }): T | undefined {
    return this.#entries.get(storeKey(key))?.value
  }

  *values(): IterableIterator<T> {
    for (const entry of this.#entries.values()) yield entry.value
  }

  get size(): number {
    return this.#entries.size
  }

  get synced(): boolean {
    return this.#synced
  }

  get lastSyncedAt(): EpochMs | undefined {
    return this.#lastSyncedAt
  }

  /** The entry under a key, whatever its UID. */
  entry(key: string): Entry<T> | undefined {
    return this.#entries.get(key)
  }

  /** The store was current at `instant`. */
  markCurrent(instant: EpochMs): void {
    this.#lastSyncedAt = Math.max(instant, this.#lastSyncedAt ?? instant)
  }

  /** An object was created or changed. Another UID under the same key is another object: the old one is gone. */
  put(entry: Entry<T>): Change<T>[] {
    const known = this.#entries.get(entry.key)
    this.#entries.set(entry.key, entry)
    return difference(known, entry)
  }

  /** An object was deleted. When another object has its name by now, that one stays. */
  remove(object: { key: string; uid: string }): Change<T>[] {
    const known = this.#entries.get(object.key)
    if (!known || known.uid !== object.uid) return []
    this.#entries.delete(object.key)
    return [{ kind: 'deleted', value: known.value }]
  }

  /** A whole list, as it was at `instant`: what is not on it is gone. */
  replace(entries: Map<string, Entry<T>>, instant: EpochMs): Change<T>[] {
    const before = this.#entries
    this.#entries = entries
    this.#synced = true
    this.markCurrent(instant)
    const changes: Change<T>[] = []
    for (const [key, known] of before) if (!entries.has(key)) changes.push({ kind: 'deleted', value: known.value })
    for (const entry of entries.values()) changes.push(...difference(before.get(entry.key), entry))
    return changes
  }
}

function difference<T>(known: Entry<T> | undefined, entry: Entry<T>): Change<T>[] {
  if (!known) return [{ kind: 'added', value: entry.value }]
  if (known.uid !== entry.uid) {
    return [
      { kind: 'deleted', value: known.value },
      { kind: 'added', value: entry.value },
    ]
  }
  if (known.resourceVersion === entry.resourceVersion) return []
  return [{ kind: 'changed', value: entry.value, previous: known.value }]
}
