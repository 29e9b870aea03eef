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
    else if (Array.isArray(value)) result[name] = patchList({ schema: inner, target: result[name], patch: value })
    else result[name] = strategicMergePatch(inner, result[name], value)
  }
  for (const [name, order] of Object.entries(patch))
    if (name.startsWith(ORDER) && Array.isArray(order)) {
      const list = result[name.slice(ORDER.length)]
      if (Array.isArray(list))
        result[name.slice(ORDER.length)] = ordered(
          list,
          order,
          mergeKey(memberSchema(schema, name.slice(ORDER.length))),
        )
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

function patchList({
  schema,
  target,
  patch,
}: {
  schema: Schema | undefined
  target: Json | undefined
  patch: Json[]
}): Json[] {
  const replace = patch.some((item) => isObject(item) && item[DIRECTIVE] === 'replace')
  if (replace || !merges(schema))
    return patch.filter((item) => !(isObject(item) && item[DIRECTIVE] === 'replace')).map((item) => clone(item))
  const result: Json[] = Array.isArray(target) ? clone(target) : []
  const key = mergeKey(schema)
  for (const item of patch) {
    if (key === undefined) {
      if (!result.some((existing) => equal(existing, item))) result.push(clone(item))
      continue
    }
    if (!isObject(item) || item[key] === undefined)
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`)
    const index = result.findIndex((existing) => isObject(existing) && equal(existing[key], item[key]))
    if (item[DIRECTIVE] === 'delete') {
      if (index >= 0) result.splice(index, 1)
    } else if (index >= 0) result[index] = strategicMergePatch(schema?.items, result[index], item)
    else result.push(strategicMergePatch(schema?.items, undefined, item))
  }
  return result
}

/** Items named by `order` stand in its order; the others keep their places before what they stood before. */
function ordered(list: Json[], order: Json[], key: string | undefined): Json[] {
  const identity = (item: Json) => (key !== undefined && isObject(item) ? item[key] : item)
  const rank = (item: Json) => order.findIndex((wanted) => equal(identity(wanted), identity(item)))
  const named = list.filter((item) => rank(item) >= 0).sort((left, right) => rank(left) - rank(right))
  return list.map((item) => (rank(item) >= 0 ? (named.shift() as Json) : item))
}
