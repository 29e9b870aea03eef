import type { Schema } from './schema.ts'

/** Short forms, so that a built-in kind's schema reads like its documentation. */
export const string: Schema = { type: 'string' }
export const integer: Schema = { type: 'integer', format: 'int32' }
export const boolean: Schema = { type: 'boolean' }
export const time: Schema = { type: 'string', format: 'date-time' }
export const microTime: Schema = { type: 'string', format: 'micro-time' }
export const bytes: Schema = { type: 'string', format: 'byte' }
export const intOrString: Schema = { 'x-kubernetes-int-or-string': true }
export const anything: Schema = { 'x-kubernetes-preserve-unknown-fields': true }

export function object(properties: Record<string, Schema>, more: Schema = {}): Schema {
  return { type: 'object', properties, ...more }
}

export function map(additionalProperties: Schema): Schema {
  return { type: 'object', additionalProperties }
}

/** An atomic list: server-side apply owns it whole. */
export function list(items: Schema): Schema {
  return { type: 'array', items, 'x-kubernetes-list-type': 'atomic' }
}

/** A list of distinct values, merged as a set. */
export function setOf(items: Schema): Schema {
  return { type: 'array', items, 'x-kubernetes-list-type': 'set', 'x-kubernetes-patch-strategy': 'merge' }
}

/** A list of objects told apart by `keys`; `mergeKey` is what a strategic merge patch goes by. */
export function listMap(options: { items: Schema; keys: string[]; mergeKey?: string }): Schema {
  return {
    type: 'array',
    items: options.items,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': options.keys,
    'x-kubernetes-patch-strategy': 'merge',
    'x-kubernetes-patch-merge-key': options.mergeKey ?? options.keys[0] ?? 'name',
  }
}

/** An optional text of which the empty one is a value too. */
export const pointer = (schema: Schema): Schema => ({ ...schema, 'x-pointer': true })
/** An optional number or truth of which zero is no value. */
export const omittedZero = (schema: Schema): Schema => ({ ...schema, 'x-omitted-zero': true })

export const atomic = (schema: Schema): Schema => ({ ...schema, 'x-kubernetes-map-type': 'atomic' })

export const objectMeta: Schema = object({
  name: string,
  generateName: string,
  namespace: string,
  selfLink: string,
  uid: string,
  resourceVersion: string,
  generation: { type: 'integer', format: 'int64' },
  creationTimestamp: time,
  deletionTimestamp: time,
  deletionGracePeriodSeconds: { type: 'integer', format: 'int64' },
  labels: map(string),
  annotations: map(string),
  finalizers: setOf(string),
  ownerReferences: listMap({
    items: atomic(
      object(
        {
          apiVersion: string,
          kind: string,
          name: string,
          uid: string,
          controller: boolean,
          blockOwnerDeletion: boolean,
        },
        { required: ['apiVersion', 'kind', 'name', 'uid'] },
      ),
    ),
    keys: ['uid'],
  }),
  managedFields: list(
    object({
      manager: string,
      operation: string,
      apiVersion: string,
      time,
      fieldsType: string,
      fieldsV1: anything,
      subresource: string,
    }),
  ),
})

export const conditions: Schema = listMap({
  items: object(
    {
      type: string,
      status: string,
      observedGeneration: { type: 'integer', format: 'int64' },
      lastTransitionTime: time,
      reason: string,
      message: string,
    },
    { required: ['type', 'status'] },
  ),
  keys: ['type'],
})

/** A whole object's schema: type and object metadata, and what is its own. */
export function rootSchema(properties: Record<string, Schema>, more: Schema = {}): Schema {
  return object({ apiVersion: string, kind: string, metadata: objectMeta, ...properties }, more)
}
