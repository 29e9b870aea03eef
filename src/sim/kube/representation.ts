import type { EpochMs } from '../../clock.ts'
import type { JsonObject } from './json.ts'
import { without } from './json.ts'
import type { KubeObject } from './object.ts'
import type { Page } from './list.ts'
import type { Resource } from './resource.ts'
import { apiVersionOf } from './resource.ts'
import { ApiError } from './status.ts'
import { partialMetadata, tableOf } from './table.ts'
import type { WatchEvent } from './watch.ts'

/** The form in which a client wants its answer. */
export type Form = 'object' | 'table' | 'metadata' | 'discovery'

/**
 * The first form that `accept` names and that is served.
 * @throws ApiError 406 when there is none.
 */
export function formOf(accept: string | undefined): Form {
  if (!accept) return 'object'
  for (const clause of accept.split(',')) {
    const [type = '', ...parameters] = clause.split(';').map((part) => part.trim())
    if (!['application/json', '*/*', 'application/*'].includes(type)) continue
    const values = new Map(parameters.map((parameter) => parameter.split('=') as [string, string]))
    switch (values.get('as')) {
      case undefined:
        return 'object'
      case 'Table':
        if (values.get('v') === 'v1') return 'table'
        break
      case 'PartialObjectMetadata':
      case 'PartialObjectMetadataList':
        return 'metadata'
      case 'APIGroupDiscoveryList':
        if (values.get('v') === 'v2') return 'discovery'
        break
      default:
    }
  }
  throw new ApiError({
    code: 406,
    reason: 'NotAcceptable',
    message: 'only the following media types are accepted: application/json',
  })
}

interface Representation {
  readonly resource: Resource
  readonly form: Form
  /** For tables: `Metadata` (where absent), `Object` or `None`. */
  readonly includeObject: string | undefined
  readonly now: EpochMs
}

export function objectAs(object: JsonObject, { resource, form, includeObject, now }: Representation): JsonObject {
  if (object['kind'] === 'Status') return object
  const known = object as KubeObject
  if (form === 'metadata') return partialMetadata(known)
  if (form !== 'table') return object
  const metadata = { resourceVersion: known.metadata.resourceVersion }
  return tableOf({ resource, objects: [known], metadata, includeObject, now })
}

export function listAs(page: Page, { resource, form, includeObject, now }: Representation): JsonObject {
  if (form === 'table') return tableOf({ resource, objects: page.items, metadata: page.metadata, includeObject, now })
  if (form === 'metadata')
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata: page.metadata,
      items: page.items.map(partialMetadata),
    }
  return {
    kind: `${resource.kind}List`,
    apiVersion: apiVersionOf(resource),
    metadata: page.metadata,
    items: resource.custom ? [...page.items] : page.items.map(withoutType),
  }
}

/** In lists of built-in kinds the items do not repeat their kind. */
function withoutType(object: KubeObject): JsonObject {
  return without(object as JsonObject, 'kind', 'apiVersion')
}

/** `first`: only the first event of a watch brings the columns. */
export function eventAs(event: WatchEvent, wanted: Representation & { readonly first: boolean }): WatchEvent {
  const { resource, form, includeObject, now, first } = wanted
  if (event.type === 'ERROR' || form === 'object' || form === 'discovery') return event
  const object = event.object as KubeObject
  if (form === 'metadata') return { type: event.type, object: partialMetadata(object) }
  const metadata = { resourceVersion: object.metadata.resourceVersion }
  return {
    type: event.type,
    object: tableOf({ resource, objects: [object], metadata, includeObject, now, columns: first }),
  }
}
