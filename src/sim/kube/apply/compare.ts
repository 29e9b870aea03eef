import type { Json, JsonObject } from '../json.ts'
import { equal, isObject } from '../json.ts'
import type { Schema, Shape } from '../schema/schema.ts'
import { memberSchema, shapeOf } from '../schema/schema.ts'
import type { FieldPath } from './field-set.ts'
import { FieldSet, field, itemElement } from './field-set.ts'

export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

/** What changed between two versions of an object, by the paths that somebody may own. */
export function compare(schema: Schema | undefined, before: JsonObject, after: JsonObject): Comparison {
  const result = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() }
  compareMaps({ schema, before, after, path: [], result })
  return result
}

interface Step<T> {
  readonly schema: Schema | undefined
  readonly before: T | undefined
  readonly after: T | undefined
  readonly path: FieldPath
  readonly result: Comparison
}

function compareMaps({ schema, before, after, path, result }: Step<JsonObject>): void {
  for (const name of new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]))
    compareValues({
      schema: memberSchema(schema, name),
      before: before?.[name],
      after: after?.[name],
      path: [...path, field(name)],
      result,
    })
}

function compareValues(step: Step<Json>): void {
  const { before, after, path, result } = step
  if (before === undefined && after === undefined) return
  const shape = commonShape(step)
  if (shape.kind === 'map') compareMaps(step as Step<JsonObject>)
  else if (shape.kind === 'list') compareLists(step as Step<Json[]>, shape.keys)
  else if (before !== undefined && after !== undefined) {
    if (!equal(before, after)) result.modified.insert(path)
    return
  }
  if (before === undefined) result.added.insert(path)
  else if (after === undefined) result.removed.insert(path)
}

/** A change of shape, or two empty values, make a leaf: only then does the difference between empty and absent show. */
function commonShape({ schema, before, after }: Step<Json>): Shape {
  const left = shapeOf(schema, before)
  const right = shapeOf(schema, after)
  if (isEmpty(before) && isEmpty(after)) return { kind: 'leaf' }
  if (before === undefined || before === null) return right
  if (after === undefined || after === null) return left
  return left.kind === right.kind ? right : { kind: 'leaf' }
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0
}

function compareLists({ schema, before, after, path, result }: Step<Json[]>, keys: string[] | undefined): void {
  const left = index(schema, keys, before)
  const right = index(schema, keys, after)
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    const [former, latter] = [left.get(element) ?? [], right.get(element) ?? []]
    const here = [...path, element]
    const one = (item: Json | undefined, other: Json | undefined) =>
      compareValues({ schema: keys ? schema?.items : undefined, before: item, after: other, path: here, result })
    // Items that stand there more than once are one leaf.
    if (former.length < 2 && latter.length < 2) one(former[0], latter[0])
    else if (former.length >= 2 && latter.length >= 2) {
      if (!equal(former, latter)) result.modified.insert(here)
    } else if (former.length >= 2) {
      if (latter.length > 0) one(undefined, latter[0])
      result.removed.insert(here)
    } else {
      if (former.length > 0) one(former[0], undefined)
      result.added.insert(here)
    }
  }
}

function index(schema: Schema | undefined, keys: string[] | undefined, items: Json[] | undefined): Map<string, Json[]> {
  const found = new Map<string, Json[]>()
  for (const item of items ?? []) {
    const element = itemElement(schema, keys, item)
    found.set(element, [...(found.get(element) ?? []), item])
  }
  return found
}
