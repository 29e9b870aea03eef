import type { Json, JsonObject } from '../json.ts'
import { clone, isObject } from '../json.ts'

/** JSON Merge Patch (RFC 7396): null removes a member, an object goes deeper, anything else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return clone(patch)
  const result: JsonObject = isObject(target) ? clone(target) : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete result[name]
    else result[name] = mergePatch(result[name], value)
  }
  return result
}
