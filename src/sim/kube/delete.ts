import type { Api } from './api.ts'
import type { Target, WriteOptions } from './write-options.ts'
import type { Json, JsonObject } from './json.ts'
import { at, stringAt } from './json.ts'
import type { KubeObject, ObjectMeta } from './object.ts'
import { nameOf, namespaceOf, timestamp } from './object.ts'
import type { Resource } from './resource.ts'
import { presented } from './resource.ts'
import { conflict } from './status.ts'

/** What a DELETE asks for, in its body or its query. */
export interface DeleteOptions {
  readonly propagationPolicy: string | undefined
  readonly uid: string | undefined
  readonly resourceVersion: string | undefined
}

export function deleteOptions(body: Json | undefined, query: Readonly<Record<string, string>>): DeleteOptions {
  return {
    propagationPolicy:
      stringAt(body, 'propagationPolicy') ??
      query['propagationPolicy'] ??
      (at(body, 'orphanDependents') === true ? 'Orphan' : undefined),
    uid: stringAt(body, 'preconditions', 'uid'),
    resourceVersion: stringAt(body, 'preconditions', 'resourceVersion'),
  }
}

/** The finalizers by which the garbage collector holds an owner until its dependents are dealt with. */
export const FOREGROUND = 'foregroundDeletion'
export const ORPHAN = 'orphan'

/**
 * Deletes an object, or marks it as being deleted while finalizers hold it.
 * @returns the object where it still exists, otherwise a Status that says what was deleted.
 * @throws ApiError 404, or 409 for a precondition that does not hold.
 */
export function deleteObject(api: Api, target: Target, wanted: DeleteOptions, options: WriteOptions): JsonObject {
  const { resource, name } = target
  const object = api.get(target)
  const { uid, resourceVersion } = object.metadata
  if (wanted.uid !== undefined && wanted.uid !== uid)
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${wanted.uid}, UID in object meta: ${uid ?? ''}`,
    )
  if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion)
    throw conflict(
      resource,
      name,
      `Precondition failed: ResourceVersion in precondition: ${wanted.resourceVersion}, ResourceVersion in object meta: ${resourceVersion ?? ''}`,
    )
  const finalizers = holding(object, wanted.propagationPolicy)
  if (options.dryRun) return finalizers.length > 0 ? object : success(resource, object)
  const held = finalizers.length > 0 || isNamespace(resource)
  if (!held) {
    removeNow(api, resource, object, options)
    return resource.returnsDeleted ? object : success(resource, object)
  }
  return markDeleted({ api, resource, object, finalizers, options })
}

/** Deletes all objects of a list, as DELETE on a collection does. */
export function deleteCollection(options: {
  api: Api
  resource: Resource
  objects: readonly KubeObject[]
  wanted: DeleteOptions
  options: WriteOptions
}): void {
  const { api, resource, objects, wanted } = options
  for (const object of objects)
    deleteObject(api, { resource, namespace: namespaceOf(object), name: nameOf(object) }, wanted, options.options)
}

function holding(object: KubeObject, policy: string | undefined): string[] {
  const others = (object.metadata.finalizers ?? []).filter((name) => name !== FOREGROUND && name !== ORPHAN)
  if (policy === 'Foreground') return [...others, FOREGROUND]
  if (policy === 'Orphan') return [...others, ORPHAN]
  return policy === undefined ? (object.metadata.finalizers ?? []) : others
}

const isNamespace = (resource: Resource): boolean => resource.group === '' && resource.kind === 'Namespace'

function markDeleted(mark: {
  api: Api
  resource: Resource
  object: KubeObject
  finalizers: string[]
  options: WriteOptions
}): KubeObject {
  const { api, resource, object, finalizers, options } = mark
  const metadata: ObjectMeta = { ...object.metadata }
  if (!metadata.deletionTimestamp) {
    metadata.deletionTimestamp = timestamp(api.now)
    metadata.deletionGracePeriodSeconds = 0
    if (metadata.generation !== undefined) metadata.generation++
  }
  if (finalizers.length > 0) metadata.finalizers = finalizers
  else delete metadata.finalizers
  const marked = isNamespace(resource) ? { ...object, status: { phase: 'Terminating' } } : object
  return api.putMetadata(resource, marked, metadata, { ...options, subresource: '' })
}

/** A definition takes its kind and all objects of it along. */
function removeNow(api: Api, resource: Resource, object: KubeObject, options: WriteOptions): void {
  if (resource.kind === 'CustomResourceDefinition') {
    const [custom] = api.registry.undefine(nameOf(object))
    if (custom)
      for (const instance of api.store.list(custom.collection)) api.remove(custom, presented(custom, instance), options)
  }
  api.remove(resource, object, options)
}

function success(resource: Resource, object: KubeObject): JsonObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: nameOf(object),
      ...(resource.group ? { group: resource.group } : {}),
      kind: resource.plural,
      uid: object.metadata.uid,
    },
  }
}
