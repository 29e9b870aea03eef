import type { JsonObject } from '../json.ts'
import { equal } from '../json.ts'
import type { Schema } from '../schema/schema.ts'
import { ApiError } from '../status.ts'
import { compare } from './compare.ts'
import type { FieldPath } from './field-set.ts'
import { FieldSet, fieldSetOf, pathText } from './field-set.ts'
import type { Owned, Owner, Owners } from './managed-fields.ts'
import { capManagers, identityOf, UNOWNED } from './managed-fields.ts'
import { merge, removeFields } from './merge.ts'
import { typeFaults } from './type-faults.ts'

interface Write {
  readonly schema: Schema
  /** Without `managedFields`, like every object here. */
  readonly live: JsonObject
  /** An object of the kind in which nothing was set yet. */
  readonly blank: JsonObject
  readonly owners: Owners
  readonly owner: Owner
  /** What this endpoint ignores, and nobody comes to own through it: the status on the object, the spec on the status. */
  readonly ignored: FieldSet
  /** `metav1.Time` of this write. */
  readonly time: string
}

/** Ownership after a create, update or patch: whoever changed a field owns it, alone. */
export function trackUpdate(write: Write & { readonly next: JsonObject }): Owners {
  const { schema, live, next, owner, owners, ignored } = write
  // Ownership that was lost is not begun again before somebody applies.
  if (owners.size === 0 && (live['metadata'] as JsonObject | undefined)?.['uid'] !== undefined) return owners
  // What cannot be told apart by the schema loses all ownership.
  if (typeFaults(schema, next, { duplicates: 'allowed' }).length > 0) return new Map()
  const changes = compare(schema, live, next)
  const taken = own(changes.added.union(changes.modified), ignored)
  const removed = changes.removed.without(ignored)
  const result = new Map<string, Owned>()
  for (const [identity, owned] of owners)
    result.set(identity, { ...owned, fields: owned.fields.difference(taken).difference(removed) })
  if (!taken.isEmpty) {
    const former = owners.get(identityOf(owner))
    const fields = former ? former.fields.difference(removed).union(taken) : taken
    result.set(identityOf(owner), { ...owner, time: write.time, fields })
  }
  return capManagers(withoutEmpty(result))
}

/**
 * Server-side apply: lays `config` over the live object, removes what this manager applied before and nobody else owns, and moves
 * ownership.
 * @throws ApiError 409 with a cause a field, where another manager owns what would change and `force` is not given.
 */
export function applyConfiguration(write: Write & { readonly config: JsonObject; readonly force: boolean }): {
  object: JsonObject
  owners: Owners
} {
  const { schema, live, config, owner, ignored, force, time } = write
  const owners = withFormerOwner(write)
  const identity = identityOf(owner)
  const last = owners.get(identity)
  const named = fieldSetOf(schema, config).without(ignored)
  const applied = own(named, ignored)
  const claimed = new Map(owners).set(identity, { ...owner, time: last?.time, fields: applied })
  // Name and namespace are nobody's, but an object keeps them.
  const claims = new Map(claimed).set(identity, { ...owner, time: last?.time, fields: named })
  const object = pruneUnclaimed({ schema, merged: merge(schema, live, config), last, owners: claims })
  const changes = compare(schema, live, object)
  const changed = changes.added.union(changes.modified)
  const removed = changes.removed.without(ignored)
  const result = new Map<string, Owned>()
  const conflicts: { owned: Owned; fields: FieldSet }[] = []
  for (const [other, owned] of claimed) {
    if (other === identity) {
      result.set(other, owned)
      continue
    }
    const disputed = owned.fields.intersection(changed).without(ignored)
    if (!disputed.isEmpty) conflicts.push({ owned, fields: disputed })
    result.set(other, { ...owned, fields: owned.fields.difference(disputed).difference(removed) })
  }
  if (conflicts.length > 0 && !force) throw conflictError(conflicts)
  // An apply that changes nothing but ownership leaves no time.
  result.set(identity, { ...owner, time: equal(live, object) ? last?.time : time, fields: applied })
  return { object, owners: withoutEmpty(result) }
}

const own = (fields: FieldSet, ignored: FieldSet): FieldSet => fields.difference(UNOWNED).without(ignored)

function withoutEmpty(owners: Owners): Owners {
  return new Map([...owners].filter(([, { fields }]) => !fields.isEmpty))
}

/** An object that lost its managedFields: what it holds belonged to somebody, before the first apply. */
function withFormerOwner({ schema, live, blank, owners, owner, ignored, time }: Write): Owners {
  const exists = (live['metadata'] as JsonObject | undefined)?.['uid'] !== undefined
  if (owners.size > 0 || !exists) return owners
  const former: Owner = { ...owner, manager: 'before-first-apply', operation: 'Update' }
  const { added, modified } = compare(schema, blank, live)
  const fields = own(added.union(modified), ignored)
  return fields.isEmpty ? owners : new Map([[identityOf(former), { ...former, time, fields }]])
}

/** Removes what the manager applied last time and does not now, unless another manager owns it or something inside it. */
function pruneUnclaimed(options: {
  schema: Schema
  merged: JsonObject
  last: Owned | undefined
  owners: Owners
}): JsonObject {
  const { schema, merged, last, owners } = options
  if (!last || last.fields.isEmpty) return merged
  const named = (set: FieldSet) => set.withNamedFields(schema)
  const setOf = (object: JsonObject) => named(fieldSetOf(schema, object))
  const all = setOf(merged)
  const dropped = removeFields(schema, merged, named(last.fields))
  let claimed = new FieldSet()
  for (const owned of owners.values()) claimed = claimed.union(owned.fields)
  const withClaimed = removeFields(schema, merged, all.difference(setOf(dropped).union(named(claimed))))
  return removeFields(schema, merged, all.difference(setOf(withClaimed)).intersection(named(last.fields)))
}

function conflictError(conflicts: readonly { owned: Owned; fields: FieldSet }[]): ApiError {
  const inOrder = [...conflicts].sort((left, right) => compareText(idOf(left.owned), idOf(right.owned)))
  const all: { who: string; path: FieldPath }[] = inOrder.flatMap(({ owned, fields }) =>
    [...fields.paths()].map((path) => ({ who: ownerText(owned), path })),
  )
  const causes = all.map(({ who, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${who}`,
    field: pathText(path),
  }))
  return new ApiError({ code: 409, reason: 'Conflict', message: conflictText(all), details: { causes } })
}

function conflictText(all: readonly { who: string; path: FieldPath }[]): string {
  const [only] = all
  if (all.length === 1 && only) return `Apply failed with 1 conflict: conflict with ${only.who}: ${pathText(only.path)}`
  const managers = [...new Set(all.map(({ who }) => who))]
  const parts = managers.map((manager) => {
    const paths = all.filter(({ who }) => who === manager).map(({ path }) => `- ${pathText(path)}`)
    return `conflicts with ${manager}:\n${paths.join('\n')}`
  })
  return `Apply failed with ${all.length} conflicts: ${parts.join('\n')}`
}

/** By which the server sorts those whom it names. */
function idOf({ manager, operation, apiVersion, subresource }: Owned): string {
  const version = operation === 'Update' ? { apiVersion } : {}
  return JSON.stringify({ manager, operation, ...version, ...(subresource ? { subresource } : {}) })
}

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

function ownerText({ manager, operation, apiVersion, subresource }: Owned): string {
  const text = JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '')
  return operation === 'Update' ? `${text} using ${apiVersion}` : text
}
