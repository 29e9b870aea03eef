import type { EpochMs } from '../../clock.ts'
import type { KubeRequest } from '../../kube/transport.ts'
import type { KubeCall, Verb } from './faults.ts'
import { isWatch } from './request.ts'
import type { Route } from './route.ts'

/** A request in the words in which faults are told which ones they befall. */
export function callOf(options: { request: KubeRequest; route: Route | undefined; at: EpochMs }): KubeCall {
  const { request, route, at } = options
  const ofKind = route?.kind === 'collection' || route?.kind === 'object' ? route : undefined
  return {
    verb: ofKind ? verbOf(request, ofKind.kind) : 'other',
    path: request.path,
    collection: ofKind?.resource.collection ?? '',
    namespace: ofKind?.namespace ?? '',
    name: ofKind?.kind === 'object' ? ofKind.name : '',
    subresource: ofKind?.kind === 'object' ? ofKind.subresource : '',
    userAgent: request.headers?.['user-agent'] ?? '',
    at,
  }
}

function verbOf(request: KubeRequest, kind: 'collection' | 'object'): Verb {
  switch (request.method) {
    case 'GET':
      if (isWatch(request)) return 'watch'
      return kind === 'collection' ? 'list' : 'get'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return request.headers?.['content-type']?.startsWith('application/apply-patch') ? 'apply' : 'patch'
    case 'DELETE':
      return kind === 'collection' ? 'deletecollection' : 'delete'
    default:
      return request.method satisfies never
  }
}
