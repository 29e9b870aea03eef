/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | JsonObject
/** A JSON object. `undefined` stands for an absent member and is never stored. */
export type JsonObject = { [key: string]: Json | undefined }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A deep copy; members that are `undefined` are left out. */
export function clone<T extends Json | undefined>(value: T): T {
  if (Array.isArray(value)) return value.map((item) => clone(item)) as T
  if (!isObject(value)) return value
  const copy: JsonObject = {}
  for (const key of Object.keys(value)) {
    const member = value[key]
    if (member !== undefined) copy[key] = clone(member)
  }
  return copy as T
}

/** As JSON. Objects that are answered are never changed any more: many answers and watches share one text. */
export function jsonTextOf(value: JsonObject): string {
  let text = texts.get(value)
  if (text === undefined) texts.set(value, (text = JSON.stringify(value)))
  return text
}

const texts = new WeakMap<JsonObject, string>()

/** Deep equality; the order of an object's members does not count, and an `undefined` member is an absent one. */
export function equal(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) && left.length === right.length && left.every((item, index) => equal(item, right[index]))
    )
  }
  if (!isObject(left) || !isObject(right)) return false
  for (const key of Object.keys(left)) if (!equal(left[key], right[key])) return false
  return Object.keys(right).every((key) => right[key] === undefined || left[key] !== undefined)
}

/** The member of `value` at `path`, or `undefined` when something on the way is absent or no object. */
export function at(value: Json | undefined, ...path: string[]): Json | undefined {
  let here = value
  for (const key of path) {
    if (!isObject(here)) return undefined
    here = here[key]
  }
  return here
}

/** The object at `path`, or an empty one: for reading optional members. */
export function objectAt(value: Json | undefined, ...path: string[]): JsonObject {
  const found = at(value, ...path)
  return isObject(found) ? found : {}
}

export function stringAt(value: Json | undefined, ...path: string[]): string | undefined {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : undefined
}

export function arrayAt(value: Json | undefined, ...path: string[]): Json[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/** A string as it is, anything else as JSON; nothing for what is absent. */
export function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value
  return value === undefined ? '' : JSON.stringify(value)
}

/** An object without some of its members. */
export function without<T extends object, K extends keyof T>(object: T, ...names: K[]): Omit<T, K> {
  const rest: Partial<T> = { ...object }
  for (const name of names) delete rest[name]
  return rest as Omit<T, K>
}

/** JSON with its members sorted, for keys and comparisons of text. */
export function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value ?? null)
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
  return `{${members.join(',')}}`
}
