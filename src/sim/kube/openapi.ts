import type { JsonObject } from './json.ts'
import { groupVersion } from './object.ts'
import type { Resource } from './resource.ts'

/** `/openapi/v3`: where the document of each group and version is. */
export function openApiIndex(resources: readonly Resource[]): JsonObject {
  const keys = [...new Set(resources.map(keyOf))]
  return { paths: Object.fromEntries(keys.map((key) => [key, { serverRelativeURL: `/openapi/v3/${key}` }])) }
}

/**
 * The document of one group and version: the schemas, and of the operations as much as kubectl looks for — whose kind they are, and
 * that they know `fieldValidation`.
 */
export function openApiOf(resources: readonly Resource[], segments: readonly string[]): JsonObject | undefined {
  const wanted = segments.join('/')
  const own = resources.filter((resource) => keyOf(resource) === wanted)
  if (own.length === 0) return undefined
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.3' },
    paths: Object.fromEntries(own.flatMap(pathsOf)),
    components: { schemas: Object.fromEntries(own.map((resource) => [schemaName(resource), schemaOf(resource)])) },
  }
}

const keyOf = ({ group, version }: Resource): string => (group ? `apis/${group}/${version}` : `api/${version}`)

const kindOf = ({ group, version, kind }: Resource) => ({ group, version, kind })

const schemaName = ({ group, version, kind }: Resource): string =>
  `${(group || 'core').split('.').reverse().join('.')}.${version}.${kind}`

function schemaOf(resource: Resource): JsonObject {
  return { ...(resource.schema as JsonObject), 'x-kubernetes-group-version-kind': [kindOf(resource)] }
}

function pathsOf(resource: Resource): [string, JsonObject][] {
  const place = `/${keyOf(resource)}${resource.namespaced ? '/namespaces/{namespace}' : ''}/${resource.plural}`
  const operation = (action: string): JsonObject => ({
    description: `${action} ${groupVersion(resource.group, resource.version)} ${resource.kind}`,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kindOf(resource),
    parameters: ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
      name,
      in: 'query',
      schema: { type: 'string', uniqueItems: true },
    })),
    responses: {
      '200': {
        description: 'OK',
        content: { 'application/json': { schema: { $ref: `#/components/schemas/${schemaName(resource)}` } } },
      },
    },
  })
  return [
    [place, { get: operation('list'), post: operation('post') }],
    [
      `${place}/{name}`,
      { get: operation('get'), put: operation('put'), patch: operation('patch'), delete: operation('delete') },
    ],
  ]
}
