import type { JsonObject } from './json.ts'
import { isObject } from './json.ts'
import type { KubeObject } from './object.ts'
import { nameOf, namespaceOf } from './object.ts'
import type { Resource } from './resource.ts'
import { presented } from './resource.ts'
import type { Matcher } from './selectors.ts'
import { fieldSelector, labelSelector, pinnedName } from './selectors.ts'
import { ApiError, badRequest, expired } from './status.ts'
import type { Store } from './store.ts'
import { keyOf } from './store.ts'

export type Query = Readonly<Record<string, string>>

/** A page of a list, with what the next one needs. */
export interface Page {
  readonly items: readonly KubeObject[]
  readonly metadata: JsonObject
}

/** Which objects a list or watch is about. */
export function matcherOf(resource: Resource, query: Query): Matcher {
  const labels = labelSelector(query['labelSelector'])
  const fields = fieldSelector({
    text: query['fieldSelector'],
    supported: resource.selectableFields,
    namespaced: resource.namespaced || !resource.custom,
  })
  return (object) => labels(object) && fields(object)
}

/**
 * One page of a list, all pages of one revision.
 * @throws ApiError 400 for a malformed parameter, 410 when the revision of the list is compacted, 504 for one that is not yet.
 */
export function listPage(options: { store: Store; resource: Resource; namespace: string; query: Query }): Page {
  const { store, resource, namespace, query } = options
  const matches = matcherOf(resource, query)
  const limit = Number(query['limit'] ?? 0)
  const token = query['continue'] ? decodeToken(query['continue']) : undefined
  const revision = token ? token.rv : exactRevision(store, query)
  if (token && revision !== undefined && revision >= 0 && revision < store.compacted)
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
      encodeToken({ rv: -1, start: token.start }),
    )
  const at = revision === undefined || revision < 0 ? store.revision : revision
  const stored =
    at === store.revision
      ? store.list(resource.collection, namespace)
      : store.listAt(resource.collection, namespace, at)
  // A name leaves at most one object, and no more pages.
  const name = token || (resource.namespaced && namespace === '') ? undefined : pinnedName(query['fieldSelector'])
  const named = name === undefined ? stored : stored.filter((object) => nameOf(object) === name)
  const rest = token ? named.filter((object) => keyOf(namespaceOf(object), nameOf(object)) >= token.start) : named
  const items: KubeObject[] = []
  let index = 0
  for (const each of rest) {
    if (limit > 0 && items.length === limit) break
    const object = presented(resource, each)
    if (matches(object)) items.push(object)
    index++
  }
  const metadata: JsonObject = { resourceVersion: String(at) }
  const next = rest[index]
  if (next) {
    metadata['continue'] = encodeToken({ rv: at, start: keyOf(namespaceOf(next), nameOf(next)) })
    if (!query['labelSelector'] && !query['fieldSelector']) metadata['remainingItemCount'] = rest.length - index
  }
  return { items, metadata }
}

/** The revision that `resourceVersion` and `resourceVersionMatch` ask for; undefined for the newest. */
function exactRevision(store: Store, query: Query): number | undefined {
  const version = query['resourceVersion']
  const match = query['resourceVersionMatch']
  if (match !== undefined && version === undefined)
    throw listOptionsInvalid(
      'resourceVersionMatch',
      'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    )
  if (version === undefined || version === '' || version === '0') return undefined
  const revision = parseRevision(version)
  if (revision > store.revision) throw tooLarge(revision, store.revision)
  if (match !== 'Exact') return undefined
  if (revision < store.compacted) throw expired(`The resourceVersion for the provided list is too old.`)
  return revision
}

/** @throws ApiError for what is no number: 400, and 500 for a watch, as the real server has it. */
export function parseRevision(text: string, of: 'list' | 'watch' = 'list'): number {
  if (/^\d+$/.test(text)) return Number(text)
  const quoted = JSON.stringify(text)
  const message = `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`
  if (of === 'watch') throw new ApiError({ code: 500, message })
  throw badRequest(`invalid resource version: ${message}`)
}

export function listOptionsInvalid(field: string, message: string): ApiError {
  return new ApiError({
    code: 422,
    reason: 'Invalid',
    message: `ListOptions.meta.k8s.io "" is invalid: ${field}: ${message}`,
    details: {
      group: 'meta.k8s.io',
      kind: 'ListOptions',
      causes: [
        { reason: message.startsWith('Forbidden') ? 'FieldValueForbidden' : 'FieldValueInvalid', message, field },
      ],
    },
  })
}

function tooLarge(wanted: number, current: number): ApiError {
  return new ApiError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${wanted}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  })
}

interface Token {
  readonly rv: number
  readonly start: string
}

function encodeToken(token: Token): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', ...token })).toString('base64url')
}

function decodeToken(text: string): Token {
  let token: unknown
  try {
    token = JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    token = undefined
  }
  if (!isObject(token) || typeof token['rv'] !== 'number' || typeof token['start'] !== 'string')
    throw badRequest('invalid continue token: continue key is not valid: it cannot be decoded')
  return { rv: token['rv'], start: token['start'] }
}
