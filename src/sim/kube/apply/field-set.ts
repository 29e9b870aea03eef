import type { Json, JsonObject } from '../json.ts'
import { canonical, isObject } from '../json.ts'
import type { Schema } from '../schema/schema.ts'
import { isField, memberSchema, shapeOf } from '../schema/schema.ts'

/**
 * One step into an object, in the form of FieldsV1: `f:name` a field or map key, `k:{"name":"x"}` the item of a list map,
 * `v:"x"` the item of a set.
 */
export type PathElement = string
export type FieldPath = readonly PathElement[]

export const field = (name: string): PathElement => `f:${name}`

/** The element that names `item` in a list map (`keys`) or a set (no keys). Absent keys take the schema's default. */
export function itemElement(schema: Schema | undefined, keys: readonly string[] | undefined, item: Json): PathElement {
  if (!keys) return `v:${canonical(item)}`
  const identity: JsonObject = {}
  for (const key of keys) {
    const value = isObject(item) ? item[key] : undefined
    const known = value ?? schema?.items?.properties?.[key]?.default
    if (known !== undefined) identity[key] = known
  }
  return `k:${canonical(identity)}`
}

/**
 * A set of paths into objects, with the exact arithmetic of FieldsV1: a path is a member or it is not, whatever lies below it. What
 * arithmetic gives may be one of its operands, so it is never inserted into.
 */
export class FieldSet {
  readonly members = new Set<PathElement>()
  readonly children = new Map<PathElement, FieldSet>()

  static of(...paths: FieldPath[]): FieldSet {
    const set = new FieldSet()
    for (const path of paths) set.insert(path)
    return set
  }

  insert(path: FieldPath): void {
    const [first, ...rest] = path
    if (first === undefined) return
    if (rest.length === 0) this.members.add(first)
    else this.#child(first).insert(rest)
  }

  get isEmpty(): boolean {
    if (this.members.size > 0) return false
    for (const child of this.children.values()) if (!child.isEmpty) return false
    return true
  }

  union(other: FieldSet): FieldSet {
    if (other.isEmpty) return this
    return this.isEmpty ? other : this.#combine(other, (here, there) => here || there)
  }

  difference(other: FieldSet): FieldSet {
    return other.isEmpty ? this : this.#combine(other, (here, there) => here && !there)
  }

  intersection(other: FieldSet): FieldSet {
    return other.isEmpty ? other : this.#combine(other, (here, there) => here && there)
  }

  /** Without the members of `other` and all that lies below them. */
  without(other: FieldSet): FieldSet {
    const result = new FieldSet()
    for (const member of this.members) if (!other.members.has(member)) result.members.add(member)
    for (const [element, child] of this.children) {
      if (other.members.has(element)) continue
      const below = other.children.get(element)
      const rest = below ? child.without(below) : child
      if (!rest.isEmpty) result.children.set(element, rest)
    }
    return result
  }

  equals(other: FieldSet): boolean {
    return this.difference(other).isEmpty && other.difference(this).isEmpty
  }

  /** The members come before what lies below them and their siblings. */
  *paths(prefix: FieldPath = []): Generator<FieldPath> {
    for (const element of [...this.members].sort(byElement)) yield [...prefix, element]
    for (const element of [...this.children.keys()].sort(byElement))
      yield* this.children.get(element)?.paths([...prefix, element]) ?? []
  }

  toFieldsV1(): JsonObject {
    const json: JsonObject = {}
    for (const element of [...new Set([...this.members, ...this.children.keys()])].sort(byElement)) {
      const child = this.children.get(element)
      if (!child || child.isEmpty) {
        if (this.members.has(element)) json[element] = {}
      } else json[element] = { ...(this.members.has(element) ? { '.': {} } : {}), ...child.toFieldsV1() }
    }
    return json
  }

  static fromFieldsV1(json: JsonObject): FieldSet {
    const set = new FieldSet()
    for (const [element, below] of Object.entries(json)) {
      if (element === '.' || !isObject(below)) continue
      const names = Object.keys(below)
      if (names.length === 0 || names.includes('.')) set.members.add(element)
      if (names.some((name) => name !== '.')) set.children.set(element, FieldSet.fromFieldsV1(below))
    }
    return set
  }

  /** With every declared field that has something below it as a member of its own. */
  withNamedFields(schema: Schema | undefined): FieldSet {
    const result = new FieldSet()
    for (const member of this.members) result.members.add(member)
    for (const [element, child] of this.children) {
      const name = element.startsWith('f:') ? element.slice(2) : undefined
      if (name !== undefined && isField(schema, name)) result.members.add(element)
      result.children.set(
        element,
        child.withNamedFields(name === undefined ? schema?.items : memberSchema(schema, name)),
      )
    }
    return result
  }

  #child(element: PathElement): FieldSet {
    let child = this.children.get(element)
    if (!child) {
      child = new FieldSet()
      this.children.set(element, child)
    }
    return child
  }

  #combine(other: FieldSet, keep: (here: boolean, there: boolean) => boolean): FieldSet {
    const result = new FieldSet()
    for (const member of this.members) if (keep(true, other.members.has(member))) result.members.add(member)
    for (const member of other.members) if (!this.members.has(member) && keep(false, true)) result.members.add(member)
    for (const [element, child] of this.children)
      result.#adopt(element, child.#combine(other.children.get(element) ?? EMPTY, keep))
    for (const [element, child] of other.children)
      if (!this.children.has(element)) result.#adopt(element, EMPTY.#combine(child, keep))
    return result
  }

  #adopt(element: PathElement, child: FieldSet): void {
    if (!child.isEmpty) this.children.set(element, child)
  }
}

const EMPTY = new FieldSet()

/** Every path that a value sets, as an apply configuration owns them. */
export function fieldSetOf(schema: Schema | undefined, value: JsonObject): FieldSet {
  const set = new FieldSet()
  collectMap(schema, value, set)
  return set
}

function collectMap(schema: Schema | undefined, value: JsonObject, set: FieldSet): void {
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    const empty = member === null || (isObject(member) && Object.keys(member).length === 0)
    collect(memberSchema(schema, name), member, set, field(name))
    if (empty || !isField(schema, name)) set.members.add(field(name))
  }
}

function collect(schema: Schema | undefined, value: Json, set: FieldSet, element: PathElement): void {
  const shape = shapeOf(schema, value)
  if (shape.kind === 'leaf' || shape.kind === 'atomic') {
    set.members.add(element)
    return
  }
  const below = set.children.get(element) ?? new FieldSet()
  if (shape.kind === 'map') collectMap(schema, value as JsonObject, below)
  else
    for (const item of value as Json[]) {
      const itemName = itemElement(schema, shape.keys, item)
      if (shape.keys) collect(schema?.items, item, below, itemName)
      below.members.add(itemName)
    }
  if (!below.isEmpty) set.children.set(element, below)
}

/** `.metadata.annotations.foo`, `.spec.ports[port=80,protocol="TCP"].name`, `.metadata.finalizers["x"]`. */
export function pathText(path: FieldPath): string {
  return path
    .map((element) => {
      if (element.startsWith('f:')) return `.${element.slice(2)}`
      if (element.startsWith('v:')) return `[=${element.slice(2)}]`
      if (!element.startsWith('k:')) return `[${element.slice(2)}]`
      const keys = JSON.parse(element.slice(2)) as JsonObject
      return `[${Object.entries(keys)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(',')}]`
    })
    .join('')
}

const rank = (element: PathElement): number => 'fkvi'.indexOf(element[0] ?? 'i')

function byElement(left: PathElement, right: PathElement): number {
  return rank(left) - rank(right) || (left < right ? -1 : left > right ? 1 : 0)
}
