import type { Json, JsonObject } from '../json.ts'
import { isObject } from '../json.ts'

/** The part of OpenAPI v3 that structural schemas may use, with Kubernetes' extensions. */
export type Schema = {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  description?: string
  properties?: { [name: string]: Schema }
  additionalProperties?: Schema | boolean
  items?: Schema
  required?: string[]
  enum?: Json[]
  pattern?: string
  format?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: boolean
  exclusiveMaximum?: boolean
  minItems?: number
  maxItems?: number
  minProperties?: number
  maxProperties?: number
  default?: Json
  nullable?: boolean
  allOf?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  not?: Schema
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-map-type'?: 'atomic' | 'granular'
  'x-kubernetes-patch-strategy'?: string
  'x-kubernetes-patch-merge-key'?: string
  'x-kubernetes-group-version-kind'?: Json
  /** Of a built-in kind: the empty text is a value, since the server's own field is a pointer. */
  'x-pointer'?: boolean
  /** Of a built-in kind: zero, or false, is no value. */
  'x-omitted-zero'?: boolean
}

/** How server-side apply sees a value: whole, or by its members. */
export type Shape =
  | { kind: 'leaf' }
  | { kind: 'atomic' }
  | { kind: 'map' }
  | { kind: 'list'; keys: string[] | undefined }

/**
 * The shape of `value` under `schema`. Where the schema says nothing (unknown fields that are preserved), maps are granular and
 * lists atomic, as structured-merge-diff deduces them.
 */
export function shapeOf(schema: Schema | undefined, value: Json | undefined): Shape {
  if (isObject(value)) {
    if (schema?.['x-kubernetes-map-type'] === 'atomic') return { kind: 'atomic' }
    return schema?.type !== undefined && schema.type !== 'object' ? { kind: 'leaf' } : { kind: 'map' }
  }
  if (Array.isArray(value)) {
    if (schema?.['x-kubernetes-list-type'] === 'set') return { kind: 'list', keys: undefined }
    if (schema?.['x-kubernetes-list-type'] === 'map')
      return { kind: 'list', keys: schema['x-kubernetes-list-map-keys'] ?? [] }
    return { kind: 'atomic' }
  }
  return { kind: 'leaf' }
}

/** The schema of a map's member: a declared field's, or that of the map's elements. */
export function memberSchema(schema: Schema | undefined, name: string): Schema | undefined {
  const declared = schema?.properties?.[name]
  if (declared) return declared
  return isObject(schema?.additionalProperties) ? schema.additionalProperties : undefined
}

/** Is `name` a field that the schema declares, rather than a key of a map? */
export function isField(schema: Schema | undefined, name: string): boolean {
  return schema?.properties !== undefined && Object.hasOwn(schema.properties, name)
}

const preserves = (schema: Schema): boolean =>
  schema['x-kubernetes-preserve-unknown-fields'] === true || schema['x-kubernetes-embedded-resource'] === true

/** May an object hold fields that `schema` does not name? */
export function isOpen(schema: Schema): boolean {
  return (
    preserves(schema) ||
    (schema.properties === undefined && schema.type === undefined) ||
    schema.additionalProperties === true ||
    schema['x-kubernetes-int-or-string'] === true
  )
}

/**
 * Drops the fields that `schema` does not know, in place.
 * @returns their paths, as the server's warnings have them: `spec.foo`, `spec.list[0].foo`.
 */
export function prune(schema: Schema | undefined, value: Json | undefined, path = ''): string[] {
  if (!schema) return []
  if (Array.isArray(value)) return value.flatMap((item, index) => prune(schema.items, item, `${path}[${index}]`))
  if (!isObject(value)) return []
  const unknown: string[] = []
  for (const name of Object.keys(value)) {
    const here = path ? `${path}.${name}` : name
    const inner = memberSchema(schema, name)
    if (inner) unknown.push(...prune(inner, value[name], here))
    else if (!isOpen(schema)) {
      delete value[name]
      unknown.push(here)
    }
  }
  return unknown
}

/** Fills in the schema's defaults, in place; may drop nulls where the schema does not allow them. */
export function applyDefaults(schema: Schema | undefined, value: Json | undefined, nulls: 'dropped' | 'kept'): void {
  if (!schema) return
  if (Array.isArray(value)) {
    for (const item of value) applyDefaults(schema.items, item, nulls)
    return
  }
  if (!isObject(value)) return
  for (const name of nulls === 'dropped' ? Object.keys(value) : [])
    if (value[name] === null && isField(schema, name) && schema.properties?.[name]?.nullable !== true)
      delete value[name]
  for (const [name, inner] of defaultedFields(schema))
    if (value[name] === undefined) value[name] = structuredClone(inner)
  for (const name of Object.keys(value)) applyDefaults(memberSchema(schema, name), value[name], nulls)
}

/** The declared fields that have a default, once for each schema: most have none. */
function defaultedFields(schema: Schema): readonly (readonly [name: string, value: Json])[] {
  let fields = defaulted.get(schema)
  if (!fields) {
    fields = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
      inner.default === undefined ? [] : [[name, inner.default] as const],
    )
    defaulted.set(schema, fields)
  }
  return fields
}

const defaulted = new WeakMap<Schema, readonly (readonly [name: string, value: Json])[]>()

/**
 * What decoding into a typed object and encoding it again does to a built-in kind: nulls and empty optional values vanish, instants
 * take their canonical form.
 */
export function normalise(schema: Schema | undefined, value: JsonObject): void {
  for (const [name, member] of Object.entries(value)) {
    const inner = memberSchema(schema, name)
    const optional = isField(schema, name) && !schema?.required?.includes(name)
    if (member === null && inner?.type === 'string' && schema?.additionalProperties === inner) value[name] = ''
    else if (member === null || member === undefined) delete value[name]
    else if (Array.isArray(member)) {
      if (member.length === 0 && optional) delete value[name]
      for (const [index, item] of member.entries()) {
        if (item === null) member[index] = zeroOf(inner?.items)
        else if (isObject(item)) normalise(inner?.items, item)
      }
    } else if (isObject(member)) {
      if (Object.keys(member).length === 0 && optional && inner?.additionalProperties !== undefined) delete value[name]
      else normalise(inner, member)
    } else if (typeof member === 'string') {
      if (member === '' && optional && inner?.['x-pointer'] !== true) delete value[name]
      else value[name] = instantOf(inner?.format, member)
    } else if (!member && inner?.['x-omitted-zero'] === true) delete value[name]
  }
}

/** What null is decoded to among the items of a list. */
function zeroOf(schema: Schema | undefined): Json {
  const type = schema?.type
  switch (type) {
    case 'string':
      return ''
    case 'object':
      return {}
    case 'integer':
    case 'number':
      return 0
    case 'boolean':
      return false
    case 'array':
    case undefined:
      return null
    default:
      return type satisfies never
  }
}

/** `metav1.Time` has whole seconds, `metav1.MicroTime` exactly six decimals; both are UTC. */
function instantOf(format: string | undefined, text: string): string {
  if (format !== 'date-time' && format !== 'micro-time') return text
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text)
  if (!match) return text
  const seconds = new Date(`${match[1]}${match[3]}`).toISOString().slice(0, 19)
  if (format === 'date-time') return `${seconds}Z`
  return `${seconds}.${(match[2] ?? '.').slice(1, 7).padEnd(6, '0')}Z`
}
