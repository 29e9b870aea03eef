import type { Json, JsonObject } from '../json.ts'
import { clone, equal, isObject, textOf } from '../json.ts'
import type { Schema } from '../schema/schema.ts'
import { memberSchema } from '../schema/schema.ts'
import { ApiError, badRequest } from '../status.ts'

const DIRECTIVE = '$patch'
const DELETE_FROM_LIST = '$deleteFromPrimitiveList/'
const ORDER = '$setElementOrder/'
const RETAIN = '$retainKeys'

/**
 * Strategic merge patch, for the kinds whose schemas carry patch strategies: lists with strategy `merge` are merged by their merge
 * key (or as sets), everything else as in a JSON merge patch. Understands `$patch: delete|replace`,
 * `$deleteFromPrimitiveList`, `$setElementOrder` and `$retainKeys`.
 * @throws ApiError 400 for a list item without its merge key, or an unknown directive.
 */
export function strategicMergePatch(schema: Schema | undefined, target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return clone(patch)
  const directive = patch[DIRECTIVE]
  const rest = members(patch)
  if (directive === 'replace') return clone(Object.fromEntries(rest))
  if (directive === 'delete') return {}
  if (directive !== undefined)
    throw new ApiError({ code: 500, message: `unknown patch type found in patch: [${textOf(directive)}]` })
  const result: JsonObject = isObject(target) ? clone(target) : {}
  retain(result, patch)
  for (const [name, value] of Object.entries(patch))
    if (name.startsWith(DELETE_FROM_LIST)) subtract(result, name, value)
  for (const [key, order] of Object.entries(patch))
    if (key.startsWith(ORDER)) checkOrdered(key, order, { result, patch })
  for (const [name, value] of rest) {
    const inner = memberSchema(schema, name)
    const current = result[name]
    checkOrder(inner, value, patch[`${ORDER}${name}`])
    if (value === null || value === undefined) delete result[name]
    else if (Array.isArray(value) && Array.isArray(current)) {
      const order = patch[`${ORDER}${name}`]
      result[name] = patchList({ schema: inner, target: current, patch: value, order })
    } else if (isObject(value) && isObject(current)) result[name] = strategicMergePatch(inner, current, value)
    else {
      // There is nothing to merge with: what holds a directive is left out.
      const plain = withoutDirectives(value)
      if (plain === undefined) delete result[name]
      else result[name] = plain
    }
  }
  for (const [key, order] of Object.entries(patch)) {
    const name = key.slice(ORDER.length)
    if (!key.startsWith(ORDER) || patch[name] !== undefined || !Array.isArray(result[name])) continue
    result[name] = patchList({ schema: memberSchema(schema, name), target: result[name], patch: [], order })
  }
  return result
}

function members(patch: JsonObject): [string, Json | undefined][] {
  return Object.entries(patch).filter(
    ([name]) => name !== DIRECTIVE && name !== RETAIN && !name.startsWith(DELETE_FROM_LIST) && !name.startsWith(ORDER),
  )
}

/** A value without nulls, and without the maps that are directives; undefined for a directive. */
function withoutDirectives(value: Json): Json | undefined {
  if (Array.isArray(value))
    return value.flatMap((item) => {
      const plain = withoutDirectives(item)
      return plain === undefined ? [] : [plain]
    })
  if (!isObject(value)) return value
  if (value[DIRECTIVE] !== undefined) return undefined
  const result: JsonObject = {}
  for (const [name, member] of Object.entries(value)) {
    const plain = member === undefined || member === null ? undefined : withoutDirectives(member)
    if (plain !== undefined) result[name] = plain
  }
  return result
}

function retain(result: JsonObject, patch: JsonObject): void {
  const keys = patch[RETAIN]
  if (keys === undefined) return
  if (!Array.isArray(keys) || members(patch).some(([name, value]) => value !== null && !keys.includes(name)))
    throw badRequest('invalid patch format of retainKeys')
  for (const name of Object.keys(result)) if (!keys.includes(name)) delete result[name]
}

function subtract(result: JsonObject, name: string, values: Json | undefined): void {
  const list = result[name.slice(DELETE_FROM_LIST.length)]
  if (!Array.isArray(list) || !Array.isArray(values)) return
  result[name.slice(DELETE_FROM_LIST.length)] = list.filter((item) => !values.some((value) => equal(item, value)))
}

const merges = (schema: Schema | undefined): boolean =>
  (schema?.['x-kubernetes-patch-strategy'] ?? '').split(',').includes('merge')
const mergeKey = (schema: Schema | undefined): string | undefined => schema?.['x-kubernetes-patch-merge-key']

interface ListPatch {
  readonly schema: Schema | undefined
  readonly target: Json | undefined
  readonly patch: Json[]
  /** `$setElementOrder`; the order of the patch where absent. */
  readonly order: Json | undefined
}

function patchList({ schema, target, patch, order }: ListPatch): Json[] {
  const directives = patch.filter((item) => isObject(item) && item[DIRECTIVE] !== undefined)
  const items = patch.filter((item) => !directives.includes(item))
  const replaces = directives.some((item) => isObject(item) && item[DIRECTIVE] === 'replace')
  if (replaces || !merges(schema)) return clone(items)
  const key = mergeKey(schema)
  const identity = (item: Json): Json => {
    if (key === undefined) return item
    const value = isObject(item) ? item[key] : undefined
    if (value === undefined)
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`)
    return value
  }
  const before: Json[] = Array.isArray(target) ? target : []
  const same = (left: Json) => (right: Json) => equal(identity(left), identity(right))
  const result = clone(before).filter((item) => !directives.some(same(item)))
  for (const item of items) {
    const index = result.findIndex(same(item))
    const merged = key === undefined ? clone(item) : strategicMergePatch(schema?.items, result[index], item)
    if (index >= 0) result[index] = merged
    else result.push(merged)
  }
  const wanted = Array.isArray(order) ? order : items
  return ordered({ items: result, wanted: wanted.map(identityIn(key)), before: before.map(identityIn(key)), identity })
}

/** @throws ApiError 500 when what is to be put into an order is no list, or when there is nothing to put into it. */
function checkOrdered(key: string, order: Json | undefined, lists: { result: JsonObject; patch: JsonObject }): void {
  const name = key.slice(ORDER.length)
  const found = [lists.result[name], lists.patch[name]].filter((list) => list !== undefined)
  const isWrong = !Array.isArray(order) || found.some((list) => !Array.isArray(list))
  if (isWrong || (found.length > 0 && found.every((list) => Array.isArray(list) && list.length === 0)))
    throw new ApiError({ code: 500, message: `${key} does not fit the list that it is about` })
}

/** @throws ApiError 500 when a patch names items that its order does not, or in another order. */
function checkOrder(schema: Schema | undefined, patch: Json | undefined, order: Json | undefined): void {
  if (!Array.isArray(patch) || !Array.isArray(order)) return
  const name = identityIn(mergeKey(schema))
  const items = patch.filter((item) => !isObject(item) || item[DIRECTIVE] === undefined)
  let next = 0
  for (const place of order) if (next < items.length && equal(name(items[next] as Json), name(place))) next++
  if (next < items.length)
    throw new ApiError({ code: 500, message: 'the order in the patch list does not match the $setElementOrder list' })
}

/** What an entry of `$setElementOrder` or of a list is told apart by. */
const identityIn = (key: string | undefined) => (item: Json) =>
  key !== undefined && isObject(item) ? (item[key] ?? null) : item

/**
 * Puts items that the patch speaks of into its order, and each other one before the first of those that stood behind it in the list as it
 * was: https://github.com/kubernetes/community/blob/main/contributors/design-proposals/cli/preserve-order-in-strategic-merge-patch.md
 */
function ordered(lists: {
  items: readonly Json[]
  wanted: readonly Json[]
  before: readonly Json[]
  identity: (item: Json) => Json
}): Json[] {
  const { items, wanted, before, identity } = lists
  const place = (list: readonly Json[], item: Json) => list.findIndex((each) => equal(each, identity(item)))
  const inOrder = (list: readonly Json[]) => (left: Json, right: Json) => place(list, left) - place(list, right)
  const named = items.filter((item) => place(wanted, item) >= 0).sort(inOrder(wanted))
  const others = items.filter((item) => place(wanted, item) < 0).sort(inOrder(before))
  const result: Json[] = []
  while (named.length > 0 || others.length > 0) {
    const [first, other] = [named[0], others[0]]
    const isLater =
      first !== undefined &&
      (other === undefined || place(before, first) < 0 || place(before, other) > place(before, first))
    result.push((isLater ? named : others).shift() as Json)
  }
  return result
}
