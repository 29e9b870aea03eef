import type { Json } from './json.ts'
import { at } from './json.ts'
import type { KubeObject } from './object.ts'
import { badRequest } from './status.ts'

/** Does an object count? */
export type Matcher = (object: KubeObject) => boolean

/**
 * A label selector in the form of the query parameter: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
 * @throws ApiError 400 when it cannot be parsed.
 */
export function labelSelector(text: string | undefined): Matcher {
  if (!text) return () => true
  const requirements = splitOutside(text).map(labelRequirement)
  return (object) => requirements.every((holds) => holds(object.metadata.labels ?? {}))
}

type Labels = Readonly<Record<string, string>>

function labelRequirement(text: string): (labels: Labels) => boolean {
  const set = /^\s*([\w./-]+)\s+(in|notin)\s*\(([^)]*)\)\s*$/.exec(text)
  if (set) {
    const [, key = '', operator, list = ''] = set
    const values = new Set(list.split(',').map((value) => value.trim()))
    const isIn = (labels: Labels) => labels[key] !== undefined && values.has(labels[key])
    return operator === 'in' ? isIn : (labels) => !isIn(labels)
  }
  const comparison = /^\s*([\w./-]+)\s*(=|==|!=)\s*([\w.-]*)\s*$/.exec(text)
  if (comparison) {
    const [, key = '', operator, value = ''] = comparison
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value
  }
  const presence = /^\s*(!?)\s*([\w./-]+)\s*$/.exec(text)
  if (presence) {
    const [, not, key = ''] = presence
    return not ? (labels) => labels[key] === undefined : (labels) => labels[key] !== undefined
  }
  throw badRequest(`unable to parse requirement: found '${text.trim()}', expected: a label selector`)
}

/** Splits at the commas that stand outside parentheses. */
function splitOutside(text: string): string[] {
  return text.split(/,(?![^(]*\))/)
}

/**
 * A field selector: `metadata.name=x,metadata.namespace!=y`. Only `supported` fields may be named, beside name and namespace.
 * @throws ApiError 400 for any other field.
 */
export function fieldSelector(options: {
  readonly text: string | undefined
  readonly supported: readonly string[]
  /** Whether `metadata.namespace` may be named too. */
  readonly namespaced: boolean
}): Matcher {
  if (!options.text) return () => true
  const requirements = options.text.split(/(?<!\\),/).map((part) => {
    const match = /^([^=!]+)(=|==|!=)(.*)$/s.exec(part)
    if (!match) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`)
    const [, path = '', operator, raw = ''] = match
    const always = path === 'metadata.name' || (path === 'metadata.namespace' && options.namespaced)
    if (!always && !options.supported.includes(path)) throw badRequest(`field label not supported: ${path}`)
    const value = raw.replaceAll(/\\([,=\\])/g, '$1')
    return (object: KubeObject) => (fieldText(at(object, ...path.split('.'))) === value) === (operator !== '!=')
  })
  return (object) => requirements.every((holds) => holds(object))
}

/** The name that a field selector pins the answer to, if it does: such a list is one look-up. */
export function pinnedName(text: string | undefined): string | undefined {
  return /(?:^|,)metadata\.name==?([^,]+)/.exec(text ?? '')?.[1]
}

const fieldText = (value: Json | undefined): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
