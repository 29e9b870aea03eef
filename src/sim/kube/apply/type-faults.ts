import type { Json } from '../json.ts'
import { isObject } from '../json.ts'
import type { Schema } from '../schema/schema.ts'
import { isOpen, memberSchema, shapeOf } from '../schema/schema.ts'
import { field, itemElement, pathText } from './field-set.ts'

/** What keeps `value` from being an apply configuration: unknown fields, values of another shape, one item of a set or map twice. */
export function typeFaults(schema: Schema | undefined, value: Json | undefined, rules: Rules): string[] {
  return faultsOf(schema, value, { ...rules, path: [] })
}

interface Rules {
  readonly duplicates: 'allowed' | 'refused'
}

type Context = Rules & { readonly path: readonly string[] }

function faultsOf(schema: Schema | undefined, value: Json | undefined, context: Context): string[] {
  const { path } = context
  if (!schema || value === null || value === undefined) return []
  const fault = (why: string) => [`${pathText(path)}: ${why}`]
  if (isObject(value)) {
    if (schema.type !== undefined && schema.type !== 'object') return fault(`expected ${schema.type}, got a map`)
    return Object.entries(value).flatMap(([name, member]) => {
      const inner = memberSchema(schema, name)
      const here = [...path, field(name)]
      if (inner) return faultsOf(inner, member, { ...context, path: here })
      return isOpen(schema) ? [] : [`${pathText(here)}: field not declared in schema`]
    })
  }
  if (Array.isArray(value)) {
    if (schema.type !== undefined && schema.type !== 'array') return fault(`expected ${schema.type}, got a list`)
    return itemFaults(schema, value, context)
  }
  return isScalar(schema, value) ? [] : fault(`expected ${schema.type}, got ${JSON.stringify(value)}`)
}

function itemFaults(schema: Schema, items: Json[], context: Context): string[] {
  const { path, duplicates } = context
  const shape = shapeOf(schema, items)
  if (shape.kind !== 'list') return items.flatMap((item) => faultsOf(schema.items, item, context))
  const seen = new Set<string>()
  const faults: string[] = []
  for (const item of items) {
    if (shape.keys && !isObject(item)) return [...faults, `${pathText(path)}: an item is no map`]
    const element = itemElement(schema, shape.keys, item)
    if (element === 'k:{}') return [...faults, `${pathText(path)}: an item omits all keys`]
    if (seen.has(element) && duplicates === 'refused')
      faults.push(`${pathText(path)}: duplicate entries for key ${pathText([element])}`)
    seen.add(element)
    faults.push(...faultsOf(schema.items, item, { ...context, path: [...path, element] }))
  }
  return faults
}

function isScalar(schema: Schema, value: Json): boolean {
  switch (schema.type) {
    case undefined:
      return true
    case 'integer':
    case 'number':
      return typeof value === 'number'
    case 'string':
    case 'boolean':
      return typeof value === schema.type
    case 'object':
    case 'array':
      return false
    default:
      return schema.type satisfies never
  }
}
