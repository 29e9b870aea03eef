import type { Json } from '../json.ts'
import { clone, equal, isObject } from '../json.ts'
import { ApiError } from '../status.ts'

/**
 * JSON Patch (RFC 6902): `add`, `remove`, `replace`, `move`, `copy`, `test`, in order, all or nothing.
 * @throws ApiError 400 for a patch of the wrong form, 422 for one that does not fit the object.
 */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch))
    throw malformed('json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp')
  let result = clone(target)
  for (const operation of patch) {
    if (!isObject(operation)) throw malformed('json: cannot unmarshal into Go value of type jsonpatch.Operation')
    result = perform(result, operation)
  }
  return result
}

type Operation = { op?: string; path?: string; from?: string; value?: Json }

function perform(document: Json, { op, path = '', from = '', value = null }: Operation): Json {
  switch (op) {
    case 'add':
      return edit(document, path, { kind: 'add', value })
    case 'replace':
      // The API server's library lets a replacement of an absent member add it.
      return edit(document, path, { kind: 'replace', value })
    case 'remove':
      read(document, path, 'remove operation does not apply: doc is missing key')
      return edit(document, path, { kind: 'remove' })
    case 'copy':
      return edit(document, path, {
        kind: 'add',
        value: clone(read(document, from, 'copy operation does not apply: doc is missing key')),
      })
    case 'move': {
      const moved = read(document, from, 'move operation does not apply: doc is missing key')
      return edit(edit(document, from, { kind: 'remove' }), path, { kind: 'add', value: moved })
    }
    case 'test':
      if (!equal(find(document, path) ?? null, value)) throw doesNotApply(`testing value ${path} failed`)
      return document
    case undefined:
    default:
      throw malformed(`Unexpected kind: ${op}`)
  }
}

type Edit = { kind: 'add' | 'replace'; value: Json } | { kind: 'remove' }

function edit(document: Json, path: string, change: Edit): Json {
  const steps = pointer(path)
  const last = steps.pop()
  if (last === undefined) return change.kind === 'remove' ? null : change.value
  let parent: Json | undefined = document
  for (const step of steps) parent = child(parent, step)
  if (Array.isArray(parent)) editArray({ parent, step: last, path, change })
  else if (!isObject(parent))
    throw doesNotApply(`${change.kind} operation does not apply: doc is missing path: ${path}: missing value`)
  else if (change.kind === 'remove') delete parent[last]
  else parent[last] = change.value
  return document
}

function editArray({ parent, step, path, change }: { parent: Json[]; step: string; path: string; change: Edit }): void {
  const index = step === '-' ? parent.length : Number(step)
  if (!Number.isInteger(index) || index < 0 || index > parent.length)
    throw doesNotApply(
      `${change.kind} operation does not apply: doc is missing path: ${path}: invalid index referenced`,
    )
  if (change.kind === 'remove') parent.splice(index, 1)
  else parent.splice(index, change.kind === 'replace' ? 1 : 0, change.value)
}

function read(document: Json, path: string, otherwise: string): Json {
  const found = find(document, path)
  if (found === undefined) throw doesNotApply(`${otherwise}: ${path}: missing value`)
  return found
}

function find(document: Json, path: string): Json | undefined {
  let here: Json | undefined = document
  for (const step of pointer(path)) here = child(here, step)
  return here
}

function child(value: Json | undefined, step: string): Json | undefined {
  if (Array.isArray(value)) return value[Number(step)]
  return isObject(value) ? value[step] : undefined
}

function pointer(path: string): string[] {
  if (path === '') return []
  return path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function malformed(message: string): ApiError {
  return new ApiError({ code: 400, reason: 'BadRequest', message: `error decoding patch: ${message}` })
}

function doesNotApply(message: string): ApiError {
  return new ApiError({
    code: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
    details: { causes: [{ reason: 'UnexpectedServerResponse', message }] },
  })
}
