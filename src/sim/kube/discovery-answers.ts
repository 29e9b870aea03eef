import type { KubeRequest } from '../../kube/transport.ts'
import type { Answer } from './answer.ts'
import { json, PAGE_NOT_FOUND } from './answer.ts'
import { aggregatedDiscovery, apiGroup, coreVersions, groupList, resourceList } from './discovery.ts'
import type { Json, JsonObject } from './json.ts'
import { isObject } from './json.ts'
import { openApiIndex, openApiOf } from './openapi.ts'
import { formOf } from './representation.ts'
import { bodyOf } from './request.ts'
import type { Resource } from './resource.ts'
import { methodNotAllowed } from './status.ts'

/** The release that this server behaves like. */
const VERSION = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-08-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'linux/amd64',
}

/** Answers that concern no object: discovery, health, version, schemas. */
export function otherAnswer(options: {
  request: KubeRequest
  segments: readonly string[]
  resources: readonly Resource[]
}): Answer {
  const { request, segments, resources } = options
  if (request.method !== 'GET') throw methodNotAllowed()
  const [first, second, third] = segments
  switch (first) {
    case undefined:
      return json(200, {
        paths: ['/api', '/api/v1', '/apis', '/healthz', '/livez', '/openapi/v3', '/readyz', '/version'],
      })
    case 'version':
      return json(200, VERSION)
    case 'healthz':
    case 'livez':
    case 'readyz':
      return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'ok' }
    case 'api':
      if (second === undefined) return discovery(request, resources, true)
      return found(resourceList(resources, '', second))
    case 'apis':
      if (second === undefined) return discovery(request, resources, false)
      return found(third === undefined ? apiGroup(resources, second) : resourceList(resources, second, third))
    case 'openapi':
      if (second !== 'v3') return PAGE_NOT_FOUND
      return found(third === undefined ? openApiIndex(resources) : openApiOf(resources, segments.slice(2)))
    default:
      return PAGE_NOT_FOUND
  }
}

const found = (body: JsonObject | undefined): Answer => (body ? json(200, body) : PAGE_NOT_FOUND)

function discovery(request: KubeRequest, resources: readonly Resource[], core: boolean): Answer {
  if (formOf(request.headers?.['accept']) !== 'discovery')
    return json(200, core ? coreVersions() : groupList(resources))
  const answer = json(200, aggregatedDiscovery(resources, core))
  const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
  return { ...answer, headers: { ...answer.headers, 'content-type': type } }
}

/** Whoever asks may do anything. */
const REVIEW_STATUS: Readonly<Record<string, Json>> = {
  selfsubjectaccessreviews: { allowed: true },
  selfsubjectrulesreviews: {
    incomplete: false,
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  },
  selfsubjectreviews: { userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] } },
}

export function reviewAnswer(options: { request: KubeRequest; plural: string }): Answer {
  const { request, plural } = options
  const status = REVIEW_STATUS[plural]
  if (status === undefined) return PAGE_NOT_FOUND
  if (request.method !== 'POST') throw methodNotAllowed()
  const body = bodyOf(request)
  return json(201, { ...(isObject(body) ? body : {}), status })
}
