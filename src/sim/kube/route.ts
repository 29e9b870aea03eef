import type { Registry } from './registry.ts'
import type { Resource } from './resource.ts'

/** What a path names. */
export type Route =
  | {
      readonly kind: 'collection'
      readonly resource: Resource
      /** Empty for all namespaces, and for what belongs to none. */
      readonly namespace: string
    }
  | {
      readonly kind: 'object'
      readonly resource: Resource
      readonly namespace: string
      readonly name: string
      readonly subresource: '' | 'status'
    }
  /** A kind that is a question, with an answer and nothing stored. */
  | { readonly kind: 'review'; readonly group: string; readonly version: string; readonly plural: string }
  /** `segments` without empty ones: discovery, health, version, schemas. */
  | { readonly kind: 'other'; readonly segments: readonly string[] }

/** Finds what `path` names; `undefined` where a resource is meant that is not served. */
export function routeOf(path: string, registry: Registry): Route | undefined {
  const segments = path
    .split('/')
    .filter(Boolean)
    .map((segment) => (segment.includes('%') ? decodeURIComponent(segment) : segment))
  const core = segments[0] === 'api'
  const start = core ? 2 : 3
  if ((!core && segments[0] !== 'apis') || segments.length <= start) return { kind: 'other', segments }
  const [group = '', version = ''] = core ? ['', segments[1]] : [segments[1], segments[2]]
  const rest = segments.slice(start)
  if (rest.length === 1 && rest[0]?.endsWith('reviews')) return { kind: 'review', group, version, plural: rest[0] }
  return resourceRoute({ registry, group, version, rest })
}

function resourceRoute(at: { registry: Registry; group: string; version: string; rest: string[] }): Route | undefined {
  const { registry, group, version, rest } = at
  const ofNamespace = group === '' && (rest[2] === 'status' || rest[2] === 'finalize')
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2 && !ofNamespace
  const namespace = inNamespace ? (rest[1] ?? '') : ''
  const [plural = '', name, subresource = '', ...more] = inNamespace ? rest.slice(2) : rest
  const resource = registry.byPath(group, version, plural)
  if (!resource || more.length > 0 || (inNamespace && !resource.namespaced)) return undefined
  if (name === undefined) return { kind: 'collection', resource, namespace }
  if (resource.namespaced && !inNamespace) return undefined
  if (subresource !== '' && !(subresource === 'status' && resource.hasStatus)) return undefined
  return { kind: 'object', resource, namespace, name, subresource }
}
