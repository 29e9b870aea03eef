import type { Json, JsonObject } from '../json.ts'
import { clone, isObject } from '../json.ts'
import type { Schema } from '../schema/schema.ts'
import { memberSchema, shapeOf } from '../schema/schema.ts'
import type { FieldSet } from './field-set.ts'
import { field, itemElement } from './field-set.ts'

/** `live` with everything that `config` sets laid over it: maps by key, list maps and sets by item, the rest whole. */
export function merge(schema: Schema | undefined, live: JsonObject, config: JsonObject): JsonObject {
  const result = clone(live)
  for (const [name, member] of Object.entries(config)) {
    const merged = mergeValue(memberSchema(schema, name), live[name], member)
    if (merged === undefined) delete result[name]
    else result[name] = merged
  }
  return result
}

function mergeValue(schema: Schema | undefined, live: Json | undefined, config: Json | undefined): Json | undefined {
  if (config === undefined || (config === null && isFilledPart(schema, live))) return clone(live)
  const shape = shapeOf(schema, config)
  if (shape.kind === 'map' && isObject(live) && isObject(config)) return merge(schema, live, config)
  if (shape.kind === 'list' && Array.isArray(live) && Array.isArray(config)) {
    if (live.length === 0) return clone(config)
    return mergeList({ schema, keys: shape.keys, live, config })
  }
  return clone(config)
}

/** A map or list with members of their own is not emptied by a null. */
function isFilledPart(schema: Schema | undefined, live: Json | undefined): boolean {
  const { kind } = shapeOf(schema, live)
  if (kind === 'map') return isObject(live) && Object.keys(live).length > 0
  return kind === 'list' && Array.isArray(live) && live.length > 0
}

/** Keeps the order of `config`; an item that only `live` has stays before the shared item that it stood before. */
function mergeList(options: {
  schema: Schema | undefined
  keys: string[] | undefined
  live: Json[]
  config: Json[]
}): Json[] {
  const { schema, keys, live, config } = options
  const named = (items: Json[]) => items.map((item) => [itemElement(schema, keys, item), item] as const)
  const liveItems = named(live)
  const configItems = named(config)
  const inLive = new Map(liveItems)
  const inConfig = new Set(configItems.map(([element]) => element))
  const shared = configItems.map(([element]) => element).filter((element) => inLive.has(element))
  const result: Json[] = []
  let next = 0
  /** Live items up to the shared one that comes next; shared items that moved are passed over. */
  const emitLiveOnly = (until: string | undefined) => {
    for (; next < liveItems.length; next++) {
      const [element, item] = liveItems[next] as readonly [string, Json]
      if (element === until) return
      if (!inConfig.has(element)) result.push(clone(item))
    }
  }
  for (const [element, item] of configItems) {
    emitLiveOnly(shared[0])
    const counterpart = inLive.get(element)
    result.push(keys ? (mergeValue(schema?.items, counterpart, item) ?? null) : clone(item))
    if (element !== shared[0]) continue
    shared.shift()
    next++
  }
  emitLiveOnly(undefined)
  return result
}

/** `value` without the members of `set`. A map or list that loses everything becomes null: whoever owns it itself goes on to. */
export function removeFields(schema: Schema | undefined, value: JsonObject, set: FieldSet): JsonObject {
  const result: JsonObject = {}
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || set.members.has(field(name))) continue
    const below = set.children.get(field(name))
    result[name] = below ? removeBelow(memberSchema(schema, name), member, below) : member
  }
  return result
}

function removeBelow(schema: Schema | undefined, value: Json, set: FieldSet): Json {
  const shape = shapeOf(schema, value)
  if (shape.kind === 'map') {
    if (!isObject(value) || Object.keys(value).length === 0) return value
    const rest = removeFields(schema, value, set)
    return Object.keys(rest).length > 0 ? rest : null
  }
  if (shape.kind !== 'list' || !Array.isArray(value)) return value
  const items = value.flatMap((item) => {
    const element = itemElement(schema, shape.keys, item)
    if (set.members.has(element)) return []
    const below = set.children.get(element)
    const rest = below ? removeBelow(schema?.items, item, below) : item
    return rest === null ? [] : [rest]
  })
  return items.length > 0 ? items : null
}
