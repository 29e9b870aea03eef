import type { KubeObject } from './object.ts'
import { nameOf, namespaceOf } from './object.ts'

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** One write. The objects are never changed afterwards. */
export interface Change {
  readonly revision: number
  readonly type: ChangeType
  readonly collection: string
  readonly key: string
  readonly before: KubeObject | undefined
  /** For a deletion the last state, with the revision of the deletion. */
  readonly object: KubeObject
}

/** `namespace/name`, or the name alone for what belongs to no namespace. */
export const keyOf = (namespace: string, name: string): string => (namespace ? `${namespace}/${name}` : name)

/**
 * What etcd is to the API server: objects by collection and key, one revision a write for all of them, and the recent writes, from
 * which watches and consistent lists of the past are served until they are compacted.
 */
export class Store {
  #revision = 0
  #compacted = 0
  readonly #collections = new Map<string, Collection>()
  readonly #history: Change[] = []
  readonly #historyLimit: number
  readonly #listeners = new Set<(change: Change) => void>()
  /** How a watch from before what is remembered is refused: clients have to understand both. */
  expiredWatch: 'event' | 'status' = 'event'

  constructor(options: { readonly historyLimit: number }) {
    this.#historyLimit = options.historyLimit
  }

  get revision(): number {
    return this.#revision
  }

  /** Writes at or before this revision are forgotten. */
  get compacted(): number {
    return this.#compacted
  }

  get(collection: string, key: string): KubeObject | undefined {
    return this.#collections.get(collection)?.objects.get(key)
  }

  /** All objects of a collection in the order of their keys; of one namespace where it is given. */
  list(collection: string, namespace = ''): KubeObject[] {
    const found = this.#collections.get(collection)
    if (!found) return []
    const prefix = namespace ? `${namespace}/` : ''
    return found
      .sortedKeys()
      .filter((key) => key.startsWith(prefix))
      .map((key) => found.objects.get(key) as KubeObject)
  }

  /** The list as it was at `revision`, which must not be compacted. */
  listAt(collection: string, namespace: string, revision: number): KubeObject[] {
    const objects = new Map(
      this.list(collection, namespace).map((object) => [keyOf(namespaceOf(object), nameOf(object)), object]),
    )
    for (let index = this.#history.length - 1; index >= 0; index--) {
      const change = this.#history[index] as Change
      if (change.revision <= revision) break
      if (change.collection !== collection || (namespace && namespaceOf(change.object) !== namespace)) continue
      if (change.before) objects.set(change.key, change.before)
      else objects.delete(change.key)
    }
    return [...objects.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object)
  }

  put(collection: string, object: KubeObject): KubeObject {
    const key = keyOf(namespaceOf(object), nameOf(object))
    const before = this.get(collection, key)
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } }
    this.#collection(collection).set(key, stored)
    this.#record({
      revision: this.#revision,
      type: before ? 'MODIFIED' : 'ADDED',
      collection,
      key,
      before,
      object: stored,
    })
    return stored
  }

  delete(collection: string, key: string): KubeObject | undefined {
    const before = this.get(collection, key)
    if (!before) return undefined
    const last = { ...before, metadata: { ...before.metadata, resourceVersion: String(++this.#revision) } }
    this.#collection(collection).delete(key)
    this.#record({ revision: this.#revision, type: 'DELETED', collection, key, before, object: last })
    return last
  }

  /** The writes after `revision` that are still remembered. */
  since(revision: number): Change[] {
    let low = 0
    let high = this.#history.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#history[middle] as Change).revision <= revision) low = middle + 1
      else high = middle
    }
    return this.#history.slice(low)
  }

  /** Tells every write, in order, while it happens. @returns what ends it. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Forgets the writes up to `revision` (all, when absent): older watches and lists get 410. */
  compact(revision = this.#revision): void {
    this.#compacted = Math.max(this.#compacted, revision)
    const kept = this.since(revision)
    this.#history.splice(0, this.#history.length - kept.length)
  }

  #record(change: Change): void {
    this.#history.push(change)
    // Trimmed by halves, so that a write stays cheap.
    if (this.#history.length > this.#historyLimit * 2)
      this.compact((this.#history[this.#history.length - this.#historyLimit - 1] as Change).revision)
    for (const listener of this.#listeners) listener(change)
  }

  #collection(name: string): Collection {
    let collection = this.#collections.get(name)
    if (!collection) {
      collection = new Collection()
      this.#collections.set(name, collection)
    }
    return collection
  }
}

/** Objects by key, with their order remembered between lists. */
class Collection {
  readonly objects = new Map<string, KubeObject>()
  #keys: string[] | undefined

  set(key: string, object: KubeObject): void {
    if (!this.objects.has(key)) this.#keys = undefined
    this.objects.set(key, object)
  }

  delete(key: string): void {
    if (this.objects.delete(key)) this.#keys = undefined
  }

  sortedKeys(): readonly string[] {
    this.#keys ??= [...this.objects.keys()].sort()
    return this.#keys
  }
}
