import type { Json, JsonObject } from '../json.ts'
import { clone, equal, isObject } from '../json.ts'
import { ApiError } from '../status.ts'

/**
 * JSON Patch (RFC 6902): `add`, `remove`, `replace`, `move`, `copy`, `test`, in order, all or nothing. As the API server has it: an
 * absent member can be replaced, and copied as null; negative indices count from the end.
 * @throws ApiError 400 for a patch of the wrong form, 422 for one that does not fit the object.
 */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch))
    throw malformed('json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp')
  const operations = patch.map(operationOf)
  let result = clone(target)
  for (const operation of operations) result = perform(result, operation)
  return result
}

type Operation = { op?: string; path?: string; from?: string; value?: Json }

function operationOf(given: Json): Operation {
  if (!isObject(given)) throw malformed('json: cannot unmarshal into Go value of type jsonpatch.Operation')
  for (const name of ['op', 'path', 'from'])
    if (given[name] !== undefined && typeof given[name] !== 'string')
      throw malformed(`json: cannot unmarshal into Go struct field jsonPatchOp.${name} of type string`)
  return given
}

function perform(document: Json, operation: Operation): Json {
  const { op, path, from, value = null } = operation
  switch (op) {
    case 'add':
      place(document, path, op).add(value)
      return document
    case 'replace':
      if (path === '') return whole(value)
      place(document, path, op).set(value)
      return document
    case 'remove':
      place(document, path, op).remove()
      return document
    case 'copy': {
      const copied = clone(place(document, from, op).get() ?? null)
      place(document, path, op).add(copied)
      return document
    }
    case 'move': {
      const source = place(document, from, op)
      const moved = source.get() ?? null
      source.remove()
      place(document, path, op).add(moved)
      return document
    }
    case 'test': {
      const found = path === '' ? document : place(document, path, op).get()
      if (!equal(found ?? null, value)) throw doesNotApply(`testing value ${path} failed`)
      return document
    }
    case undefined:
    default:
      throw doesNotApply(`Unexpected kind: ${op}`)
  }
}

function whole(value: Json): Json {
  if (isObject(value) || Array.isArray(value)) return value
  throw doesNotApply('replace operation value must be object or array')
}

/** Where a pointer leads: a member of an object, or an item of a list. */
interface Place {
  get(): Json | undefined
  set(value: Json): void
  add(value: Json): void
  remove(): void
}

function place(document: Json, path: string | undefined, op: string): Place {
  const steps = (path ?? '').split('/').slice(1).map(unescaped)
  const last = steps.pop()
  let parent: Json | undefined = document
  for (const step of steps) parent = child(parent, step)
  if (path !== undefined && last !== undefined) {
    if (isObject(parent)) return member(parent, last)
    if (Array.isArray(parent)) return item(parent, last)
  }
  throw doesNotApply(`${op} operation does not apply: doc is missing path: ${path}: missing value`)
}

function child(value: Json | undefined, step: string): Json | undefined {
  if (isObject(value)) return value[step]
  return Array.isArray(value) && /^[+-]?\d+$/.test(step) ? value.at(Number(step)) : undefined
}

function member(parent: JsonObject, name: string): Place {
  const set = (value: Json) => {
    parent[name] = value
  }
  return {
    get: () => parent[name],
    set,
    add: set,
    remove: () => {
      if (parent[name] === undefined) throw doesNotApply(`Unable to remove nonexistent key: ${name}: missing value`)
      delete parent[name]
    },
  }
}

function item(parent: Json[], step: string): Place {
  const index = (length: number): number => {
    const given = /^[+-]?\d+$/.test(step) ? Number(step) : Number.NaN
    const found = given < 0 ? given + length : given
    if (found >= 0 && found < length) return found
    throw doesNotApply(`Unable to access invalid index: ${step}: invalid index referenced`)
  }
  return {
    get: () => parent[index(parent.length)],
    set: (value) => {
      parent[index(parent.length)] = value
    },
    add: (value) => {
      parent.splice(step === '-' ? parent.length : index(parent.length + 1), 0, value)
    },
    remove: () => {
      parent.splice(index(parent.length), 1)
    },
  }
}

const unescaped = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~')

function malformed(message: string): ApiError {
  return new ApiError({ code: 400, reason: 'BadRequest', message: `error decoding patch: ${message}` })
}

/** The answer does not say what did not apply. */
function doesNotApply(_why: string): ApiError {
  return new ApiError({
    code: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
    details: {},
  })
}
