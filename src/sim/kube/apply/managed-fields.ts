import type { JsonObject } from '../json.ts'
import { without } from '../json.ts'
import type { ManagedFieldsEntry } from '../object.ts'
import { FieldSet, field } from './field-set.ts'

/** Who writes: a manager is the same one only with the same operation and subresource (and, for updates, the same version). */
export interface Owner {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource?: string | undefined
}

export interface Owned extends Owner {
  readonly time: string | undefined
  readonly fields: FieldSet
}

/** Whose fields are whose, by identity of the owner. */
export type Owners = ReadonlyMap<string, Owned>

export function identityOf(owner: Owner): string {
  const version = owner.operation === 'Update' ? owner.apiVersion : ''
  return JSON.stringify([owner.manager, owner.operation, version, owner.subresource ?? ''])
}

export function decodeManagedFields(entries: readonly ManagedFieldsEntry[] | undefined): Owners {
  const owners = new Map<string, Owned>()
  for (const entry of entries ?? []) {
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') continue
    const owned: Owned = {
      manager: entry.manager ?? '',
      operation: entry.operation,
      apiVersion: entry.apiVersion ?? '',
      subresource: entry.subresource || undefined,
      time: entry.time,
      fields: FieldSet.fromFieldsV1(entry.fieldsV1 ?? {}),
    }
    owners.set(identityOf(owned), owned)
  }
  return owners
}

export function encodeManagedFields(owners: Owners): ManagedFieldsEntry[] {
  return [...owners.values()]
    .filter(({ fields }) => !fields.isEmpty)
    .sort(byOrder)
    .map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
      manager,
      operation,
      apiVersion,
      ...(time ? { time } : {}),
      fieldsType: 'FieldsV1',
      fieldsV1: fields.toFieldsV1(),
      ...(subresource ? { subresource } : {}),
    }))
}

function byOrder(left: Owned, right: Owned): number {
  return (
    compareText(left.operation, right.operation) ||
    compareText(left.time ?? '', right.time ?? '') ||
    compareText(left.manager, right.manager) ||
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.subresource ?? '', right.subresource ?? '')
  )
}

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** What nobody owns: identity and bookkeeping. */
export const UNOWNED = FieldSet.of(
  [field('apiVersion')],
  [field('kind')],
  [field('metadata')],
  ...[
    'name',
    'namespace',
    'generateName',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => [field('metadata'), field(name)]),
)

/** Update entries are capped, the oldest merged into one: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
const MAX_UPDATE_MANAGERS = 10

export function capManagers(owners: Owners): Owners {
  const updates = [...owners.values()].filter(({ operation }) => operation === 'Update')
  const surplus = updates.length - MAX_UPDATE_MANAGERS
  if (surplus <= 0) return owners
  const capped = new Map(owners)
  for (const owned of updates.sort(byOrder).slice(0, surplus + 1)) {
    capped.delete(identityOf(owned))
    const bucket: Owner = { manager: 'ancient-changes', operation: 'Update', apiVersion: owned.apiVersion }
    const former = capped.get(identityOf(bucket))
    capped.set(identityOf(bucket), {
      ...bucket,
      time: owned.time,
      fields: former ? former.fields.union(owned.fields) : owned.fields,
    })
  }
  return capped
}

/** Two lists of entries that differ in nothing but their times. */
export function withoutTimes(entries: readonly ManagedFieldsEntry[] | undefined): JsonObject[] {
  return (entries ?? []).map((entry) => without(entry, 'time'))
}
