import type { Clock } from '../../clock.ts'
import type { Random } from '../../random.ts'
import { uuid } from '../../random.ts'
import { applyConfiguration, trackUpdate } from './apply/field-manager.ts'
import type { Owner, Owners } from './apply/managed-fields.ts'
import { decodeManagedFields } from './apply/managed-fields.ts'
import { establishedStatus } from './crd.ts'
import { ignoredBy, scoped } from './endpoint.ts'
import { formerOwners, sameButTimes, setManaged, withoutManaged } from './ownership.ts'
import { decodeConfiguration, decodeObject, decodePatched, typedConfiguration } from './decode.ts'
import { checkName, placed } from './placement.ts'
import type { Json } from './json.ts'
import { clone, equal } from './json.ts'
import type { Ledger, WriteVerb } from './ledger.ts'
import { finalizerWarnings, generatedName, keepSystemMetadata, specChanged, validateMetadata } from './metadata.ts'
import type { KubeObject } from './object.ts'
import { nameOf, namespaceOf, timestamp } from './object.ts'
import type { Registry } from './registry.ts'
import type { Resource } from './resource.ts'
import { SERVER, type Target, type WriteOptions } from './write-options.ts'
import { apiVersionOf, presented } from './resource.ts'
import { validateCustom } from './schema/validate.ts'
import {
  ApiError,
  absentUid,
  alreadyExists,
  conflict,
  fieldError,
  forbidden,
  invalid,
  MODIFIED,
  notFound,
} from './status.ts'
import type { Store } from './store.ts'
import { keyOf } from './store.ts'

/** Changes objects as the API server's storage layer does: decoding, defaults, checks, ownership, generation, finalizers. */
export class Api {
  readonly store: Store
  readonly registry: Registry
  readonly ledger: Ledger
  readonly #clock: Clock
  readonly #random: Random
  #addresses = 0

  constructor(options: { store: Store; registry: Registry; ledger: Ledger; clock: Clock; random: Random }) {
    this.store = options.store
    this.registry = options.registry
    this.ledger = options.ledger
    this.#clock = options.clock
    this.#random = options.random
  }

  get now(): number {
    return this.#clock.now()
  }

  /** @throws ApiError 404. */
  get({ resource, namespace, name }: Target): KubeObject {
    const stored = this.store.get(resource.collection, keyOf(namespace, name))
    if (!stored) throw notFound(resource, name)
    return presented(resource, stored)
  }

  create(target: Omit<Target, 'name'>, body: Json, options: WriteOptions): KubeObject {
    const { resource, namespace } = target
    const object = decodeObject({ resource, body, ...options })
    const name =
      object.metadata.name ||
      (object.metadata.generateName ? generatedName(object.metadata.generateName, this.#random) : '')
    if (object.metadata.resourceVersion)
      throw new ApiError({ code: 500, message: 'resourceVersion should not be set on objects to be created' })
    return this.#insert({
      target: { ...target, name },
      object: { ...object, metadata: { ...placed(object, namespace, resource).metadata, name } },
      options,
      verb: 'create',
    })
  }

  update(target: Target, body: Json, options: WriteOptions): KubeObject {
    const { resource, namespace, name } = target
    const object = decodeObject({ resource, body, ...options })
    checkName(placed(object, namespace, resource), name)
    const stored = this.store.get(resource.collection, keyOf(namespace, name))
    if (!stored) {
      if (!resource.createOnUpdate || options.subresource) throw notFound(resource, name)
      if (object.metadata.uid) throw conflict(resource, name, uidPrecondition(object.metadata.uid, ''))
      return this.#insert({ target, object, options, verb: 'update' })
    }
    const before = presented(resource, stored)
    const { uid } = object.metadata
    if (uid && uid !== before.metadata.uid)
      throw conflict(resource, name, uidPrecondition(uid, before.metadata.uid ?? ''))
    return this.#replace({ target, before, object, options, verb: 'update' })
  }

  /** `change` gives the patched object; a patch without a resource version never conflicts. */
  patch(target: Target, change: (current: KubeObject) => Json, options: WriteOptions): KubeObject {
    const { resource, namespace, name } = target
    const before = this.get(target)
    const object = decodePatched({ resource, body: change(before), ...options })
    checkName(placed(object, namespace, resource), name)
    return this.#replace({ target, before, object, options, verb: 'patch' })
  }

  /** Server-side apply. Gives also whether the object was created. */
  apply(
    target: Target,
    body: Json,
    options: WriteOptions & { readonly force: boolean },
  ): { object: KubeObject; created: boolean } {
    const { resource, namespace, name } = target
    const stored = this.store.get(resource.collection, keyOf(namespace, name))
    if (!stored && options.subresource) throw notFound(resource, name)
    const config = decodeConfiguration(resource, body)
    const before = stored && presented(resource, stored)
    const { object, owners } = applyConfiguration({
      schema: resource.schema,
      blank: this.#skeleton(resource),
      live: before ? withoutManaged(before) : this.#skeleton(resource),
      owners: decodeManagedFields(before?.metadata.managedFields),
      owner: {
        manager: options.fieldManager,
        operation: 'Apply',
        apiVersion: apiVersionOf(resource),
        subresource: options.subresource || undefined,
      },
      ignored: ignoredBy(resource, options.subresource),
      time: timestamp(this.now),
      config,
      force: options.force,
    })
    const next = typedConfiguration(resource, object as KubeObject, before)
    if (!stored && config.metadata.uid) throw conflict(resource, name, absentUid(config.metadata.uid))
    checkName(placed(next, namespace, resource), name)
    if (before)
      return { object: this.#replace({ target, before, object: next, options, verb: 'apply', owners }), created: false }
    return { object: this.#insert({ target, object: next, options, verb: 'apply', owners }), created: true }
  }

  /** Stores what the server's own controllers changed: no checks, no ownership. */
  putStatus(resource: Resource, object: KubeObject, status: Json): void {
    const next = { ...object, status }
    if (!equal(object['status'], status))
      this.#store({ resource, before: object, next, options: SERVER, verb: 'update' })
  }

  /** Removes an object that nothing holds any more. */
  remove(resource: Resource, object: KubeObject, options: WriteOptions): KubeObject {
    const key = keyOf(namespaceOf(object), nameOf(object))
    const last = this.store.delete(resource.collection, key) ?? object
    this.#note({ resource, verb: 'delete', options, before: object, after: undefined })
    return last
  }

  /** Stores a change of metadata alone (deletion, finalizers): what deletes and the garbage collector do. */
  putMetadata(
    resource: Resource,
    object: KubeObject,
    metadata: KubeObject['metadata'],
    options: WriteOptions,
  ): KubeObject {
    return this.#store({ resource, before: object, next: { ...object, metadata }, options, verb: 'update' })
  }

  #skeleton(resource: Resource): KubeObject {
    return {
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      metadata: {},
      ...clone(resource.zero),
    }
  }

  #insert(write: {
    target: Target
    object: KubeObject
    options: WriteOptions
    verb: WriteVerb
    owners?: Owners
  }): KubeObject {
    const { target, object, options, owners } = write
    const { resource, namespace, name } = target
    const { metadata } = object
    this.#checkNamespace(target)
    Object.assign(metadata, { uid: uuid(this.#random), creationTimestamp: timestamp(this.now) })
    // A dry run shows what would be given to the store, the version of the request included.
    if (!options.dryRun) delete metadata.resourceVersion
    // Only a plain creation wipes what a client may not set; an apply or an update that creates keeps it.
    if (write.verb === 'create')
      for (const name of ['deletionTimestamp', 'deletionGracePeriodSeconds'] as const) delete metadata[name]
    if (resource.hasGeneration) metadata.generation = 1
    const managed =
      owners ??
      trackUpdate({
        ...this.#tracking(resource, options),
        live: this.#skeleton(resource),
        owners: new Map(),
        next: withoutManaged(object),
      })
    if (resource.hasStatus) {
      if (resource.zero['status'] !== undefined) object['status'] = clone(resource.zero['status'])
      else delete object['status']
    }
    resource.prepare?.(object, undefined, this.#context())
    this.#check(resource, object, undefined, '')
    const former = this.store.get(resource.collection, keyOf(namespace, name))
    if (former) throw alreadyExists(resource, name, former.metadata.deletionTimestamp !== undefined)
    if (resource.custom) options.warnings.push(...finalizerWarnings(metadata, undefined))
    setManaged(object, managed)
    const stored = this.#store({ resource, before: undefined, next: object, options, verb: write.verb })
    return stored
  }

  #replace(write: {
    target: Target
    before: KubeObject
    object: KubeObject
    options: WriteOptions
    verb: WriteVerb
    owners?: Owners
  }): KubeObject {
    const { target, before, options, verb } = write
    const { resource, name } = target
    const given = write.object.metadata
    if (!given.resourceVersion && !resource.unconditionalUpdate)
      throw invalid({ ...resource, kind: resource.plural }, name, [
        fieldError.invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
      ])
    if (given.resourceVersion && given.resourceVersion !== before.metadata.resourceVersion)
      throw conflict(resource, name, MODIFIED)
    given.resourceVersion ??= before.metadata.resourceVersion ?? ''
    const next = scoped(resource, options.subresource, before, write.object)
    const owners =
      write.owners ??
      trackUpdate({
        ...this.#tracking(resource, options),
        live: withoutManaged(before),
        owners: formerOwners(before, options.subresource === '' ? given : {}),
        next: withoutManaged(write.object),
      })
    keepSystemMetadata(next, before)
    resource.prepare?.(next, before, this.#context())
    if (resource.hasGeneration && specChanged(resource, before, next))
      next.metadata.generation = (before.metadata.generation ?? 0) + 1
    this.#check(resource, next, before, options.subresource)
    if (resource.custom) options.warnings.push(...finalizerWarnings(next.metadata, before.metadata))
    setManaged(next, owners)
    // A namespace is also held by what is in it: the collector lets it go.
    const free = !next.metadata.finalizers?.length && resource.collection !== 'namespaces'
    if (before.metadata.deletionTimestamp && free && !before.metadata.deletionGracePeriodSeconds && !options.dryRun) {
      this.remove(resource, next, { ...options, subresource: '' })
      return { ...next, metadata: { ...next.metadata, resourceVersion: before.metadata.resourceVersion ?? '' } }
    }
    return this.#store({ resource, before, next, options, verb })
  }

  #tracking(resource: Resource, options: WriteOptions) {
    const owner: Owner = {
      manager: options.fieldManager,
      operation: 'Update',
      apiVersion: apiVersionOf(resource),
      subresource: options.subresource || undefined,
    }
    return {
      schema: resource.schema,
      blank: this.#skeleton(resource),
      owner,
      ignored: ignoredBy(resource, options.subresource),
      time: timestamp(this.now),
    }
  }

  #context() {
    return {
      now: this.now,
      nextAddress: () => {
        this.#addresses++
        return `10.96.${(this.#addresses >> 8) & 255}.${this.#addresses & 255}`
      },
    }
  }

  #check(resource: Resource, object: KubeObject, before: KubeObject | undefined, subresource: '' | 'status'): void {
    const { kind } = object
    if (resource.custom && kind !== resource.kind)
      throw invalid({ ...resource, kind }, nameOf(object), [
        ...(before ? validateMetadata(resource, object, before) : []),
        fieldError.invalid('kind', kind, `must be ${resource.kind}`),
      ])
    const own = [
      ...(resource.custom ? validateCustom(resource.schema, object) : []),
      ...((subresource === 'status' && resource.validateStatus?.(object)) || resource.validate?.(object, before) || []),
    ]
    const alone = own.length > 0 && !before && resource.metadataLast === true
    const errors = alone ? own : [...validateMetadata(resource, object, before), ...own]
    if (errors.length > 0) throw invalid({ group: resource.errorGroup, kind }, nameOf(object), errors)
  }

  #checkNamespace({ resource, namespace, name }: Target): void {
    if (!resource.namespaced) return
    const found = this.store.get('namespaces', namespace)
    if (!found) throw notFound({ group: '', plural: 'namespaces', kind: 'Namespace' }, namespace)
    if (found.metadata.deletionTimestamp)
      throw forbidden(
        resource,
        name,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
        [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${namespace} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      )
  }

  #store(write: {
    resource: Resource
    before: KubeObject | undefined
    next: KubeObject
    options: WriteOptions
    verb: WriteVerb
  }): KubeObject {
    const { resource, before, next, options, verb } = write
    if (before && sameButTimes(before, next)) return before
    const kept = resource.toStorage ? resource.toStorage(next) : next
    if (options.dryRun) return presented(resource, kept)
    const stored = this.store.put(resource.collection, kept)
    this.#note({ resource, verb, options, before, after: stored })
    if (resource.kind === 'CustomResourceDefinition' && resource.group === 'apiextensions.k8s.io')
      this.#established(resource, stored)
    return presented(resource, stored)
  }

  /** What the server's own controllers do at once: accept the names and serve the new kinds. */
  #established(resource: Resource, definition: KubeObject): void {
    this.registry.define(definition)
    this.putStatus(resource, definition, establishedStatus(definition, timestamp(this.now)))
  }

  #note(entry: {
    resource: Resource
    verb: WriteVerb
    options: WriteOptions
    before: KubeObject | undefined
    after: KubeObject | undefined
  }): void {
    const { resource, verb, options, before, after } = entry
    const object = after ?? before
    this.ledger.append({
      at: this.now,
      verb,
      userAgent: options.userAgent,
      manager: options.fieldManager,
      collection: resource.collection,
      namespace: object ? namespaceOf(object) : '',
      name: object ? nameOf(object) : '',
      subresource: options.subresource,
      before,
      after,
    })
  }
}

const uidPrecondition = (wanted: string, found: string): string =>
  `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`
