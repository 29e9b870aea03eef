import type { Json, JsonObject } from '../json.ts'
import { clone, equal, isObject, textOf } from '../json.ts'
import type { Schema } from '../schema/schema.ts'
import { memberSchema } from '../schema/schema.ts'
import { badRequest } from '../status.ts'

const DIRECTIVE = '$patch'
const DELETE_FROM_LIST = '$deleteFromPrimitiveList/'
const ORDER = '$setElementOrder/'
const RETAIN = '$retainKeys'

/**
 * Strategic merge patch, for the kinds whose schemas carry patch strategies: lists with strategy `merge` are merged by their merge
 * key (or as sets), everything else as in a JSON merge patch. Understands `$patch: delete|replace|merge`,
 * `$deleteFromPrimitiveList`, `$setElementOrder` and `$retainKeys`.
 * @throws ApiError 400 for a list item without its merge key, or an unknown directive.
 */
export function strategicMergePatch(schema: Schema | undefined, target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return clone(patch)
  const directive = patch[DIRECTIVE]
  const rest = members(patch)
  if (directive === 'replace') return clone(Object.fromEntries(rest))
  if (directive === 'delete') return {}
  if (directive !== undefined && directive !== 'merge')
    throw badRequest(`unknown patch type found in patch: [${textOf(directive)}]`)
  const result: JsonObject = isObject(target) ? clone(target) : {}
  retain(result, patch)
  for (const [name, value] of Object.entries(patch))
    if (name.startsWith(DELETE_FROM_LIST)) subtract(result, name, value)
  for (const [name, value] of rest) {
    const inner = memberSchema(schema, name)
    if (value === null || value === undefined) delete result[name]
    else if (Array.isArray(value)) {
      const order = patch[`${ORDER}${name}`]
      result[name] = patchList({ schema: inner, target: result[name], patch: value, order })
    } else result[name] = strategicMergePatch(inner, result[name], value)
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

function retain(result: JsonObject, patch: JsonObject): void {
  const keys = patch[RETAIN]
  if (!Array.isArray(keys)) return
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
