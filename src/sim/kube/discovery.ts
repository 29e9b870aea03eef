import type { JsonObject } from './json.ts'
import type { Resource } from './resource.ts'
import { groupVersion } from './object.ts'

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const STATUS_VERBS = ['get', 'patch', 'update']

/** Answers that have no objects behind them: reviews of access. */
const REVIEWS = [
  { group: 'authorization.k8s.io', version: 'v1', plural: 'selfsubjectaccessreviews', kind: 'SelfSubjectAccessReview' },
  { group: 'authorization.k8s.io', version: 'v1', plural: 'selfsubjectrulesreviews', kind: 'SelfSubjectRulesReview' },
  { group: 'authentication.k8s.io', version: 'v1', plural: 'selfsubjectreviews', kind: 'SelfSubjectReview' },
] as const

interface Served {
  readonly group: string
  readonly version: string
  readonly resources: readonly Resource[]
  readonly reviews: (typeof REVIEWS)[number][]
}

function served(resources: readonly Resource[]): Served[] {
  const all = new Map<string, Served & { resources: Resource[] }>()
  const entry = (group: string, version: string) => {
    const key = groupVersion(group, version)
    const found = all.get(key) ?? { group, version, resources: [], reviews: [] }
    all.set(key, found)
    return found
  }
  for (const resource of resources) entry(resource.group, resource.version).resources.push(resource)
  for (const review of REVIEWS) entry(review.group, review.version).reviews.push(review)
  return [...all.values()]
}

/** `APIVersions`: what /api answers. */
export function coreVersions(): JsonObject {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }
}

/** `APIGroupList`: what /apis answers. */
export function groupList(resources: readonly Resource[]): JsonObject {
  const groups = [...new Set(served(resources).map(({ group }) => group))].filter(Boolean)
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((group) => apiGroup(resources, group) ?? {}) }
}

/** What /apis/GROUP answers, or undefined for a group that is not served. */
export function apiGroup(resources: readonly Resource[], group: string): JsonObject | undefined {
  const versions = served(resources)
    .filter((each) => each.group === group)
    .map(({ version }) => ({ groupVersion: groupVersion(group, version), version }))
  const [preferredVersion] = versions
  return preferredVersion && { kind: 'APIGroup', apiVersion: 'v1', name: group, versions, preferredVersion }
}

/** `APIResourceList`: what /apis/GROUP/VERSION answers. */
export function resourceList(resources: readonly Resource[], group: string, version: string): JsonObject | undefined {
  const found = served(resources).find((each) => each.group === group && each.version === version)
  if (!found) return undefined
  const own = found.resources.flatMap((resource) => [
    {
      name: resource.plural,
      singularName: resource.singular,
      namespaced: resource.namespaced,
      kind: resource.kind,
      verbs: VERBS,
      ...(resource.shortNames.length > 0 ? { shortNames: [...resource.shortNames] } : {}),
      ...(resource.categories.length > 0 ? { categories: [...resource.categories] } : {}),
    },
    ...(resource.hasStatus
      ? [
          {
            name: `${resource.plural}/status`,
            singularName: '',
            namespaced: resource.namespaced,
            kind: resource.kind,
            verbs: STATUS_VERBS,
          },
        ]
      : []),
  ])
  const reviews = found.reviews.map(({ plural, kind }) => ({
    name: plural,
    singularName: kind.toLowerCase(),
    namespaced: false,
    kind,
    verbs: ['create'],
  }))
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupVersion(group, version),
    resources: [...own, ...reviews],
  }
}

/** Aggregated discovery (`apidiscovery.k8s.io/v2`) of the core group or of all named ones. */
export function aggregatedDiscovery(resources: readonly Resource[], core: boolean): JsonObject {
  const all = served(resources).filter(({ group }) => (group === '') === core)
  const groups = [...new Set(all.map(({ group }) => group))]
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map((group) => ({
      metadata: group ? { name: group, creationTimestamp: null } : { creationTimestamp: null },
      versions: all
        .filter((each) => each.group === group)
        .map((each) => ({ version: each.version, freshness: 'Current', resources: discovered(each) })),
    })),
  }
}

function discovered({ group, version, resources, reviews }: Served): JsonObject[] {
  // Built-in kinds leave the group and the version to the document around them.
  const ofItself = resources.some(({ custom }) => custom)
  const kindOf = (kind: string) => (ofItself ? { group, version, kind } : { group: '', version: '', kind })
  return [
    ...resources.map((resource) => ({
      resource: resource.plural,
      responseKind: kindOf(resource.kind),
      scope: resource.namespaced ? 'Namespaced' : 'Cluster',
      singularResource: resource.singular,
      verbs: VERBS,
      ...(resource.shortNames.length > 0 ? { shortNames: [...resource.shortNames] } : {}),
      ...(resource.categories.length > 0 ? { categories: [...resource.categories] } : {}),
      ...(resource.hasStatus
        ? { subresources: [{ subresource: 'status', responseKind: kindOf(resource.kind), verbs: STATUS_VERBS }] }
        : {}),
    })),
    ...reviews.map(({ plural, kind }) => ({
      resource: plural,
      responseKind: kindOf(kind),
      scope: 'Cluster',
      singularResource: kind.toLowerCase(),
      verbs: ['create'],
    })),
  ]
}
