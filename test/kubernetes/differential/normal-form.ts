import type { Json, JsonObject } from '../../../src/sim/kube/json.ts'
import { arrayAt, canonical, isObject, stringAt } from '../../../src/sim/kube/json.ts'
import type { Kind } from './operation.ts'
import { compareText } from './text.ts'

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const VERSION_IN_TEXT = /((?:ResourceVersion|resourceVersion)[^\d]{1,30}?)(\d+)/g
const TIME = '<time>'

/**
 * What is left of the answers of one server when all is taken from them that two servers may differ in: uids and resource versions
 * become numbers in the order of their appearance, so that it still shows which are the same; times become one word.
 */
export class NormalForm {
  readonly #uids = new Map<string, string>()
  readonly #versions = new Map<string, string>()

  /** Of an object, or of a Status. */
  of(body: JsonObject, kind: Kind): Json {
    if (body['kind'] === 'Status') return this.#value(refusal(JSON.parse(canonical(body)) as JsonObject, kind))
    const known = kind === 'CustomResourceDefinition' ? withoutControllers(body) : body
    // The order of its members decides which number is given first.
    return this.#value(JSON.parse(canonical(known)) as Json)
  }

  /** Of a list: only the items that are the sequence's own, and how it goes on. */
  ofList(
    list: JsonObject,
    { kind, owns, whole }: { kind: Kind; owns: (item: JsonObject) => boolean; whole: boolean },
  ): Json {
    const metadata = isObject(list['metadata']) ? list['metadata'] : {}
    const items = (list['items'] ?? []) as JsonObject[]
    return {
      kind: list['kind'] ?? null,
      apiVersion: list['apiVersion'] ?? null,
      ...(whole ? { goesOn: Boolean(metadata['continue']), left: metadata['remainingItemCount'] ?? null } : {}),
      items: items.filter(owns).map((item) => this.of(item, kind)),
    }
  }

  #value(value: Json): Json {
    if (typeof value === 'string') return this.#text(value)
    if (Array.isArray(value)) return value.map((item) => this.#value(item))
    if (!isObject(value)) return value
    const result: JsonObject = {}
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue
      result[this.#text(name)] = name === 'metadata' && isObject(member) ? this.#metadata(member) : this.#value(member)
    }
    return result
  }

  #metadata(metadata: JsonObject): JsonObject {
    const result = this.#value(metadata) as JsonObject
    for (const name of ['creationTimestamp', 'deletionTimestamp'])
      if (typeof result[name] === 'string') result[name] = TIME
    const { resourceVersion, continue: token, managedFields } = metadata
    if (typeof resourceVersion === 'string') result['resourceVersion'] = ordinal(this.#versions, 'v', resourceVersion)
    if (typeof token === 'string') result['continue'] = token === '' ? '' : '<token>'
    if (Array.isArray(managedFields)) result['managedFields'] = entriesOf(result['managedFields'] as Json[])
    return result
  }

  #text(text: string): string {
    return text
      .replaceAll(UUID, (uid) => ordinal(this.#uids, 'uid', uid))
      .replaceAll(
        VERSION_IN_TEXT,
        (_, before: string, version: string) => before + ordinal(this.#versions, 'v', version),
      )
  }
}

/** The real server sorts them by time, which the two do not share. */
function entriesOf(entries: readonly Json[]): Json[] {
  const named = entries.map((entry) => ({ ...(entry as JsonObject), time: at(entry) }))
  return named.sort((left, right) => compareText(identity(left), identity(right)))
}

const at = (entry: Json): Json => (stringAt(entry, 'time') === undefined ? null : TIME)
const identity = (entry: JsonObject): string =>
  JSON.stringify([entry['operation'], entry['manager'], entry['apiVersion'], entry['subresource'] ?? ''])

function ordinal(known: Map<string, string>, word: string, value: string): string {
  const found = known.get(value) ?? `<${word} ${known.size + 1}>`
  known.set(value, found)
  return found
}

/** A definition without what the server's controllers write of it, each at its own pace. */
function withoutControllers(body: JsonObject): JsonObject {
  if (body['kind'] !== 'CustomResourceDefinition') return body
  const { status: _, metadata, ...rest } = body
  const { resourceVersion: __, managedFields, ...known } = metadata as JsonObject
  const entries = (managedFields ?? []) as JsonObject[]
  return {
    ...rest,
    metadata: { ...known, managedFields: entries.filter((entry) => entry['manager'] !== 'kube-apiserver') },
  }
}

/** Reasons of refusals whose sentences are compared word by word: those that tell a client what to do next. */
const WORDED = new Set(['NotFound', 'AlreadyExists', 'Conflict', 'Forbidden', 'Expired', 'MethodNotAllowed'])

/** A Status without what only people read: wordings of malformed requests, and how often and in which order causes are told. */
function refusal(status: JsonObject, kind: Kind): JsonObject {
  if (status['status'] !== 'Failure') return status
  const { message: _, details, ...rest } = status
  if (WORDED.has(stringAt(status, 'reason') ?? '')) {
    const sorted = arrayAt(details, 'causes').sort((left, right) => compareText(canonical(left), canonical(right)))
    const told = stringAt(status, 'message')?.replace(/StorageError: .*AdditionalErrorMsg: /, '') ?? null
    return { ...rest, message: told, details: isObject(details) ? { ...details, causes: sorted } : null }
  }
  if (!isObject(details)) return rest
  if (kind === 'CustomResourceDefinition') return { ...rest, details: { ...details, causes: null } }
  const causes = arrayAt(details, 'causes').map(
    (cause) => `${stringAt(cause, 'field') ?? ''}: ${stringAt(cause, 'reason') ?? ''}`,
  )
  return { ...rest, details: { ...details, causes: [...new Set(causes)].sort() } }
}
