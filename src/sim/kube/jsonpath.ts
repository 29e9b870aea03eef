import type { Json } from './json.ts'
import { equal, isObject } from './json.ts'

/** Finds values in an object. */
export type JsonPath = (value: Json) => Json[]

/**
 * Compiles the simple JSONPath of printer columns: `.spec.names[0]`, `.items[*].name`, `['a.b']`, `\.` in names,
 * `[?(@.type=="Ready")].status`.
 */
export function jsonPath(text: string): JsonPath {
  const steps = parse(text.replace(/^\{|\}$/g, '').replace(/^\$/, ''))
  return (value) => steps.reduce<Json[]>((found, step) => found.flatMap(step), [value])
}

type Step = (value: Json) => Json[]

const TOKEN =
  /\.?\[\?\(@(?<filter>[^=!]*)\s*(?<operator>==|!=)\s*(?<literal>"[^"]*"|'[^']*'|[^)]*)\)\]|\.?\[(?<index>-?\d+|\*)\]|\.?\['(?<quoted>[^']*)'\]|\.(?<name>(?:\\.|[^.[\\])+)/y

function parse(text: string): Step[] {
  const steps: Step[] = []
  const source = text.startsWith('.') || text.startsWith('[') ? text : `.${text}`
  // Its own place in the text: a filter holds a path, which is compiled in the middle of this one.
  const token = new RegExp(TOKEN)
  while (token.lastIndex < source.length) {
    const groups = token.exec(source)?.groups
    if (!groups) return [() => []]
    steps.push(step(groups))
  }
  return steps
}

function step(groups: Record<string, string | undefined>): Step {
  const { filter, operator, literal, index, quoted, name } = groups
  if (filter !== undefined) return filtered(filter, literal ?? '', operator === '==')
  if (index === '*' || name === '*')
    return (value) => (Array.isArray(value) ? value : isObject(value) ? present(Object.values(value)) : [])
  if (index !== undefined) return (value) => (Array.isArray(value) ? present([value.at(Number(index))]) : [])
  const key = quoted ?? (name ?? '').replaceAll(/\\(.)/g, '$1')
  return (value) => (isObject(value) ? present([value[key]]) : [])
}

function filtered(path: string, literal: string, wanted: boolean): Step {
  const find = jsonPath(path.trim())
  const expected: Json = /^["']/.test(literal) ? literal.slice(1, -1) : (JSON.parse(literal) as Json)
  return (value) =>
    Array.isArray(value) ? value.filter((item) => find(item).some((found) => equal(found, expected)) === wanted) : []
}

const present = (values: (Json | undefined)[]): Json[] => values.filter((value) => value !== undefined)
