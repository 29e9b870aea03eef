import type { Owners } from './apply/managed-fields.ts'
import { decodeManagedFields, encodeManagedFields, withoutTimes } from './apply/managed-fields.ts'
import type { JsonObject } from './json.ts'
import { equal } from './json.ts'
import type { KubeObject } from './object.ts'

/** What an apply compares with: ownership is kept apart. */
export function withoutManaged(object: KubeObject): JsonObject {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** A writer may bring managedFields of its own; `[{}]` forgets them all. */
export function formerOwners(before: KubeObject, given: KubeObject['metadata']): Owners {
  if (!given.managedFields) return decodeManagedFields(before.metadata.managedFields)
  const owners = decodeManagedFields(given.managedFields)
  const reset = given.managedFields.length === 1 && Object.keys(given.managedFields[0] ?? {}).length === 0
  return owners.size > 0 || reset ? owners : decodeManagedFields(before.metadata.managedFields)
}

export function setManaged(object: KubeObject, owners: Owners): void {
  const entries = encodeManagedFields(owners)
  if (entries.length > 0) object.metadata.managedFields = entries
  else delete object.metadata.managedFields
}

/** A write that changes nothing but the times in managedFields is none. */
export function sameButTimes(before: KubeObject, next: KubeObject): boolean {
  const essence = (object: KubeObject): JsonObject => {
    const { managedFields, resourceVersion: _, ...metadata } = object.metadata
    return { ...object, metadata, owners: withoutTimes(managedFields) }
  }
  return equal(essence(before), essence(next))
}
