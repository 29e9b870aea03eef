import type { Api } from './api.ts'
import { SERVER, type WriteOptions } from './write-options.ts'
import { deleteObject, FOREGROUND, ORPHAN } from './delete.ts'
import type { KubeObject, OwnerReference } from './object.ts'
import { nameOf, namespaceOf } from './object.ts'
import type { Resource } from './resource.ts'
import { presented } from './resource.ts'
import type { Change } from './store.ts'

/** Whose writes these are in the ledger and in managedFields. */
const COLLECTOR: WriteOptions = {
  ...SERVER,
  userAgent: 'kube-controller-manager',
  fieldManager: 'kube-controller-manager',
}

interface Located {
  readonly collection: string
  readonly key: string
}

/**
 * What the controllers beside the API server do: they delete what has lost its owners, release owners whose dependents are dealt
 * with, and empty namespaces that are being deleted. Follows every write, in a task of its own, so that no request waits for it.
 */
export class Collector {
  readonly #api: Api
  /** Dependents by the uid of each of their owners. */
  readonly #dependents = new Map<string, Map<string, Located>>()
  readonly #byUid = new Map<string, Located>()
  readonly #queue: Change[] = []
  #draining = false

  constructor(api: Api) {
    this.#api = api
    api.store.subscribe((change) => {
      this.#index(change)
      this.#queue.push(change)
      if (this.#draining) return
      this.#draining = true
      queueMicrotask(() => this.#drain())
    })
  }

  #index({ type, collection, key, before, object }: Change): void {
    const identity = `${collection}/${key}`
    for (const { uid } of before?.metadata.ownerReferences ?? []) this.#dependents.get(uid)?.delete(identity)
    if (type === 'DELETED') {
      this.#byUid.delete(object.metadata.uid ?? '')
      return
    }
    this.#byUid.set(object.metadata.uid ?? '', { collection, key })
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(uid) ?? new Map<string, Located>()
      this.#dependents.set(uid, dependents.set(identity, { collection, key }))
    }
  }

  #drain(): void {
    this.#draining = false
    for (let change = this.#queue.shift(); change; change = this.#queue.shift()) this.#follow(change)
  }

  #follow({ type, collection, key, before, object }: Change): void {
    const { uid = '' } = object.metadata
    if (type === 'DELETED') {
      for (const dependent of this.#dependentsOf(uid)) this.#considerDependent(dependent)
      this.#dependents.delete(uid)
      for (const { uid: owner } of before?.metadata.ownerReferences ?? []) {
        const located = this.#byUid.get(owner)
        if (located) this.#considerHeld(located)
      }
      if (object.metadata.namespace) this.#considerNamespace(object.metadata.namespace)
      return
    }
    if (object.metadata.ownerReferences?.length) this.#considerDependent({ collection, key })
    if (object.metadata.deletionTimestamp) {
      this.#considerHeld({ collection, key })
      if (collection === 'namespaces') this.#considerNamespace(nameOf(object))
    }
  }

  #dependentsOf(uid: string): Located[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])]
  }

  #read({ collection, key }: Located): { resource: Resource; object: KubeObject } | undefined {
    const stored = this.#api.store.get(collection, key)
    const resource = this.#api.registry.byCollection(collection)
    return stored && resource && { resource, object: presented(resource, stored) }
  }

  /** Deletes an object whose owners are all gone; lets go of the owners that are gone where others remain. */
  #considerDependent(located: Located): void {
    const found = this.#read(located)
    if (!found || found.object.metadata.deletionTimestamp) return
    const { resource, object } = found
    const references = object.metadata.ownerReferences ?? []
    const standing = references.map((reference) => this.#ownerState(reference, object))
    if (references.length === 0 || standing.includes('unknown')) return
    if (standing.every((state) => state !== 'solid')) this.#delete(resource, object, standing.includes('deleting'))
    else if (standing.some((state) => state === 'absent')) {
      const ownerReferences = references.filter((_, index) => standing[index] !== 'absent')
      this.#api.putMetadata(resource, object, { ...object.metadata, ownerReferences }, COLLECTOR)
    }
  }

  /** `deleting`: the owner waits, in the foreground, for its dependents to go. `unknown`: a kind that is not served says nothing. */
  #ownerState(reference: OwnerReference, dependent: KubeObject): 'solid' | 'absent' | 'deleting' | 'unknown' {
    const resource = this.#api.registry.byKind(reference.apiVersion, reference.kind)
    if (!resource || (resource.namespaced && !dependent.metadata.namespace)) return 'unknown'
    const key = resource.namespaced ? `${namespaceOf(dependent)}/${reference.name}` : reference.name
    const owner = this.#api.store.get(resource.collection, key)
    if (owner?.metadata.uid !== reference.uid) return 'absent'
    const { deletionTimestamp, finalizers } = owner.metadata
    return deletionTimestamp && finalizers?.includes(FOREGROUND) ? 'deleting' : 'solid'
  }

  #delete(resource: Resource, object: KubeObject, foreground: boolean): void {
    const propagationPolicy =
      foreground && this.#dependentsOf(object.metadata.uid ?? '').length > 0 ? 'Foreground' : undefined
    deleteObject(
      this.#api,
      { resource, namespace: namespaceOf(object), name: nameOf(object) },
      { propagationPolicy, uid: object.metadata.uid, resourceVersion: undefined },
      COLLECTOR,
    )
  }

  /** An object that waits for the collector: its dependents are orphaned, or deleted before it. */
  #considerHeld(located: Located): void {
    const found = this.#read(located)
    const finalizers = found?.object.metadata.finalizers ?? []
    if (!found?.object.metadata.deletionTimestamp) return
    const { uid = '' } = found.object.metadata
    if (finalizers.includes(ORPHAN)) {
      for (const dependent of this.#dependentsOf(uid)) this.#orphan(dependent, uid)
      this.#release(located, ORPHAN)
    } else if (finalizers.includes(FOREGROUND)) {
      for (const dependent of this.#dependentsOf(uid)) this.#considerDependent(dependent)
      if (!this.#dependentsOf(uid).some((dependent) => this.#blocks(dependent, uid))) this.#release(located, FOREGROUND)
    }
  }

  #blocks(dependent: Located, uid: string): boolean {
    const references = this.#read(dependent)?.object.metadata.ownerReferences ?? []
    return references.some((reference) => reference.uid === uid && reference.blockOwnerDeletion === true)
  }

  #orphan(dependent: Located, uid: string): void {
    const found = this.#read(dependent)
    if (!found) return
    const { ownerReferences = [], ...metadata } = found.object.metadata
    const others = ownerReferences.filter((reference) => reference.uid !== uid)
    const next = others.length > 0 ? { ...metadata, ownerReferences: others } : metadata
    this.#api.putMetadata(found.resource, found.object, next, COLLECTOR)
  }

  #release(located: Located, finalizer: string): void {
    const found = this.#read(located)
    if (!found) return
    const { resource, object } = found
    const { finalizers = [], ...metadata } = object.metadata
    const others = finalizers.filter((name) => name !== finalizer)
    if (others.length > 0) this.#api.putMetadata(resource, object, { ...metadata, finalizers: others }, COLLECTOR)
    else this.#api.remove(resource, { ...object, metadata }, COLLECTOR)
  }

  /** Empties a namespace that is being deleted, and lets it go once it is empty. */
  #considerNamespace(name: string): void {
    const found = this.#read({ collection: 'namespaces', key: name })
    if (!found?.object.metadata.deletionTimestamp) return
    let left = 0
    for (const collection of this.#api.registry.collections) {
      const resource = this.#api.registry.byCollection(collection)
      if (!resource?.namespaced) continue
      for (const stored of this.#api.store.list(collection, name)) {
        if (!stored.metadata.deletionTimestamp) this.#delete(resource, presented(resource, stored), false)
        if (this.#api.store.get(collection, keyIn(stored))) left++
      }
    }
    const { resource, object } = found
    if (left === 0 && !object.metadata.finalizers?.length) this.#api.remove(resource, object, COLLECTOR)
  }
}

const keyIn = (object: KubeObject): string =>
  object.metadata.namespace ? `${object.metadata.namespace}/${nameOf(object)}` : nameOf(object)
