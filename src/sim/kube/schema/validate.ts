import type { Json, JsonObject } from '../json.ts'
import { canonical, isObject } from '../json.ts'
import type { FieldError } from '../status.ts'
import { fieldError } from '../status.ts'
import type { Schema } from './schema.ts'
import { memberSchema } from './schema.ts'

/** Checks a custom resource against the schema of its definition, which has no say in its metadata. */
export function validateCustom(schema: Schema, object: JsonObject): FieldError[] {
  const { metadata: _, ...properties } = schema.properties ?? {}
  return validate({ ...schema, properties }, object)
}

/** Checks `value` against a structural schema. Gives one error a violation, worded as the API server words it. */
export function validate(schema: Schema | undefined, value: Json | undefined, path = ''): FieldError[] {
  if (!schema || value === undefined) return []
  if (value === null) return schema.nullable || schema.type === undefined ? [] : [wrongType(schema, value, path)]
  const errors: FieldError[] = []
  if (!hasType(schema, value)) errors.push(wrongType(schema, value, path))
  if (schema.enum && !schema.enum.some((allowed) => canonical(allowed) === canonical(value)))
    errors.push(fieldError.unsupported(path, value, schema.enum))
  if (!hasType(schema, value)) return errors
  if (typeof value === 'string') errors.push(...validateString(schema, value, path))
  else if (typeof value === 'number') errors.push(...validateNumber(schema, value, path))
  else if (Array.isArray(value)) errors.push(...validateArray(schema, value, path))
  else if (isObject(value)) errors.push(...validateObject(schema, value, path))
  errors.push(...validateJunctors(schema, value, path))
  return errors
}

function hasType(schema: Schema, value: Json): boolean {
  if (schema['x-kubernetes-int-or-string']) return typeof value === 'string' || Number.isInteger(value)
  switch (schema.type) {
    case undefined:
      return true
    case 'object':
      return isObject(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === schema.type
    default:
      return schema.type satisfies never
  }
}

function typeName(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function wrongType(schema: Schema, value: Json, path: string): FieldError {
  const wanted = schema['x-kubernetes-int-or-string'] ? 'integer,string' : schema.type
  return fieldError.typeInvalid(
    path,
    typeName(value),
    `${path} in body must be of type ${wanted}: "${typeName(value)}"`,
  )
}

function validateString(schema: Schema, value: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { length } = Array.from(value)
  if (schema.maxLength !== undefined && length > schema.maxLength)
    errors.push(fieldError.tooLong(path, schema.maxLength))
  if (schema.minLength !== undefined && length < schema.minLength)
    errors.push(fieldError.invalid(path, value, `${path} in body should be at least ${schema.minLength} chars long`))
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value))
    errors.push(fieldError.invalid(path, value, `${path} in body should match '${schema.pattern}'`))
  if (schema.format === 'date-time' && !/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(value))
    errors.push(fieldError.typeInvalid(path, value, `${path} in body must be of type date-time: "${value}"`))
  return errors
}

function validateNumber(schema: Schema, value: number, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { minimum, maximum } = schema
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) {
    const relation = schema.exclusiveMinimum ? 'greater than' : 'greater than or equal to'
    errors.push(fieldError.invalid(path, value, `${path} in body should be ${relation} ${minimum}`))
  }
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum)) {
    const relation = schema.exclusiveMaximum ? 'less than' : 'less than or equal to'
    errors.push(fieldError.invalid(path, value, `${path} in body should be ${relation} ${maximum}`))
  }
  return errors
}

function validateArray(schema: Schema, value: Json[], path: string): FieldError[] {
  const errors: FieldError[] = []
  if (schema.maxItems !== undefined && value.length > schema.maxItems)
    errors.push(fieldError.tooMany(path, value.length, schema.maxItems))
  if (schema.minItems !== undefined && value.length < schema.minItems)
    errors.push(fieldError.invalid(path, value.length, `${path} in body should have at least ${schema.minItems} items`))
  for (const [index, item] of value.entries()) errors.push(...validate(schema.items, item, `${path}[${index}]`))
  errors.push(...duplicates(schema, value, path))
  return errors
}

function duplicates(schema: Schema, value: Json[], path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return []
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const seen = new Set<string>()
  const errors: FieldError[] = []
  for (const [index, item] of value.entries()) {
    if (type === 'map' && !isObject(item))
      errors.push(fieldError.invalid(`${path}[${index}]`, item, 'must be an object for an array of list-type map'))
    const identity =
      type === 'set'
        ? item
        : Object.fromEntries(
            keys.flatMap((key) => (isObject(item) && item[key] !== undefined ? [[key, item[key]]] : [])),
          )
    const text = canonical(identity)
    if (seen.has(text))
      errors.push({
        field: `${path}[${index}]`,
        reason: 'FieldValueDuplicate',
        message: `Duplicate value: ${type === 'set' ? JSON.stringify(item) : goMap(identity)}`,
      })
    seen.add(text)
  }
  return errors
}

/** A map as Go's `%#v` prints it: the server shows the keys of list items so. */
function goMap(value: Json): string {
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${JSON.stringify(value[key])}`)
  return `map[string]interface {}{${members.join(', ')}}`
}

function validateObject(schema: Schema, value: JsonObject, path: string): FieldError[] {
  const inside = (name: string) => (path ? `${path}.${name}` : name)
  const errors: FieldError[] = []
  for (const name of schema.required ?? [])
    if (value[name] === undefined) errors.push(fieldError.required(inside(name)))
  const count = Object.keys(value).length
  if (schema.maxProperties !== undefined && count > schema.maxProperties)
    errors.push(fieldError.tooMany(path, count, schema.maxProperties))
  if (schema.minProperties !== undefined && count < schema.minProperties)
    errors.push(
      fieldError.invalid(path, count, `${path} in body should have at least ${schema.minProperties} properties`),
    )
  for (const [name, member] of Object.entries(value))
    errors.push(...validate(memberSchema(schema, name), member, inside(name)))
  return errors
}

function validateJunctors(schema: Schema, value: Json, path: string): FieldError[] {
  const errors: FieldError[] = []
  const holds = (option: Schema) => validate(option, value, path).length === 0
  for (const part of schema.allOf ?? []) errors.push(...validate(part, value, path))
  if (schema.anyOf && !schema.anyOf.some(holds))
    errors.push(fieldError.invalid(path, value, `${path} in body must validate at least one schema (anyOf)`))
  if (schema.oneOf && schema.oneOf.filter(holds).length !== 1)
    errors.push(fieldError.invalid(path, value, `${path} in body must validate one and only one schema (oneOf)`))
  if (schema.not && holds(schema.not))
    errors.push(fieldError.invalid(path, value, `${path} in body must not validate the schema (not)`))
  return errors
}
