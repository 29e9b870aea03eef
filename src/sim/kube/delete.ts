import type { Api } from './api.ts'
import type { Target, WriteOptions } from './write-options.ts'
import type { Json, JsonObject } from './json.ts'
import { arrayAt, at, objectAt, stringAt } from './json.ts'
import type { KubeObject, ObjectMeta } from './object.ts'
import { nameOf, namespaceOf, timestamp } from './object.ts'
import type { Resource } from './resource.ts'
import { apiVersionOf, presented } from './resource.ts'
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
  const subject = isDefinition(resource) ? resource : { ...resource, group: resource.errorGroup, plural: resource.kind }
  if (wanted.uid !== undefined && wanted.uid !== uid)
    throw conflict(
      subject,
      name,
      isDefinition(resource)
        ? `Precondition failed: UID in precondition: ${wanted.uid}, UID in object meta: ${uid ?? ''}`
        : `the UID in the precondition (${wanted.uid}) does not match the UID in record (${uid ?? ''}). The object might have been deleted and then recreated`,
    )
  if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion)
    throw conflict(
      subject,
      name,
      isDefinition(resource)
        ? `Precondition failed: ResourceVersion in precondition: ${wanted.resourceVersion}, ResourceVersion in object meta: ${resourceVersion ?? ''}`
        : `the ResourceVersion in the precondition (${wanted.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion ?? ''}). The object might have been modified`,
    )
  if (isDefinition(resource)) return deleteDefinition(api, resource, object, options)
  const finalizers = holding(resource, object, wanted.propagationPolicy)
  if (finalizers.length > 0 || isNamespace(resource)) return markDeleted({ api, resource, object, finalizers, options })
  // The real server shows an object that it has not read, where nothing holds the object any more that something held.
  if (options.dryRun && object.metadata.finalizers?.length) return blank(resource)
  // It also asks for the version of the object that it has not read.
  if (object.metadata.finalizers?.length && wanted.resourceVersion !== undefined)
    throw conflict(
      resource,
      name,
      `Precondition failed: ResourceVersion in precondition: , ResourceVersion in object meta: ${resourceVersion ?? ''}`,
    )
  if (!options.dryRun) api.remove(resource, object, options)
  return resource.returnsDeleted ? object : success(resource, object)
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

function holding(resource: Resource, object: KubeObject, policy: string | undefined): string[] {
  const others = (object.metadata.finalizers ?? []).filter((name) => name !== FOREGROUND && name !== ORPHAN)
  if (!resource.collected) return others
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
    if (metadata.generation) metadata.generation++
  }
  metadata.deletionGracePeriodSeconds = 0
  if (finalizers.length > 0) metadata.finalizers = finalizers
  else delete metadata.finalizers
  const marked = isNamespace(resource) ? { ...object, status: { phase: 'Terminating' } } : object
  return api.putMetadata(resource, marked, metadata, { ...options, subresource: '' })
}

const isDefinition = (resource: Resource): boolean =>
  resource.group === 'apiextensions.k8s.io' && resource.kind === 'CustomResourceDefinition'

/** By which the server holds a definition until all objects of its kind are gone. */
const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io'

/** Marks a definition; the server's own controller then takes the kind, all objects of it and the definition away: here at once. */
function deleteDefinition(api: Api, resource: Resource, object: KubeObject, options: WriteOptions): KubeObject {
  const time = timestamp(api.now)
  const terminating = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: time,
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  }
  const status = objectAt(object, 'status')
  const conditions = [...arrayAt(status, 'conditions'), terminating]
  const marked = api.putMetadata(
    resource,
    { ...object, status: { ...status, conditions } },
    { ...object.metadata, deletionTimestamp: time, finalizers: [...(object.metadata.finalizers ?? []), CLEANUP] },
    options,
  )
  if (options.dryRun) return marked
  const [custom] = api.registry.undefine(nameOf(object))
  if (custom)
    for (const instance of api.store.list(custom.collection)) api.remove(custom, presented(custom, instance), options)
  api.remove(resource, marked, options)
  return marked
}

function blank(resource: Resource): JsonObject {
  const type = { kind: resource.kind, apiVersion: apiVersionOf(resource) }
  return resource.custom ? type : { ...type, metadata: {}, ...resource.zero }
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
