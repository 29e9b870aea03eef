import type { Clock } from '../../clock.ts'
import type { KubeRequest } from '../../kube/transport.ts'
import type { Random } from '../../random.ts'
import type { Answer } from './answer.ts'
import { json } from './answer.ts'
import type { Api } from './api.ts'
import type { Target } from './write-options.ts'
import { deleteCollection, deleteObject, deleteOptions } from './delete.ts'
import { otherAnswer, reviewAnswer } from './discovery-answers.ts'
import type { Json } from './json.ts'
import { listPage } from './list.ts'
import type { KubeObject } from './object.ts'
import { jsonPatch } from './patch/json.ts'
import { mergePatch } from './patch/merge.ts'
import { strategicMergePatch } from './patch/strategic.ts'
import type { Form } from './representation.ts'
import { eventAs, formOf, listAs, objectAs } from './representation.ts'
import type { PatchType } from './request.ts'
import { bodyOf, checkNumbers, isWatch, optionalBodyOf, patchTypeOf, writeOptions } from './request.ts'
import type { Resource } from './resource.ts'
import type { Route } from './route.ts'
import { methodNotAllowed } from './status.ts'
import { keyOf } from './store.ts'
import type { WatchEvent } from './watch.ts'
import { watch } from './watch.ts'

export interface Question {
  readonly request: KubeRequest
  readonly route: Route
  readonly api: Api
  readonly clock: Clock
  readonly random: Random
}

/** Carries out a request. @throws ApiError for what is refused. */
export function answer(question: Question): Answer {
  const { request, route, api } = question
  switch (route.kind) {
    case 'other':
      return otherAnswer({ request, segments: route.segments, resources: api.registry.resources })
    case 'review':
      return reviewAnswer({ request, ...route })
    case 'collection':
      return collectionAnswer(question, route)
    case 'object':
      return objectAnswer(question, route)
    default:
      return route satisfies never
  }
}

type CollectionRoute = Extract<Route, { kind: 'collection' }>
type ObjectRoute = Extract<Route, { kind: 'object' }>

function collectionAnswer(question: Question, route: CollectionRoute): Answer {
  const { request, api } = question
  const { resource, namespace } = route
  const query = request.query ?? {}
  const everywhere = resource.namespaced && namespace === ''
  switch (request.method) {
    case 'GET': {
      checkNumbers(query)
      const shown = representation(question, resource)
      if (isWatch(request)) return watchAnswer(question, route, shown)
      return json(200, listAs(listPage({ store: api.store, resource, namespace, query }), shown))
    }
    case 'POST': {
      if (everywhere) throw methodNotAllowed()
      const shown = representation(question, resource)
      const options = writeOptions({ request, verb: 'Create', subresource: '' })
      const created = api.create({ resource, namespace }, bodyOf(request), options)
      return json(201, objectAs(created, shown), options.warnings)
    }
    case 'DELETE': {
      if (everywhere) throw methodNotAllowed()
      const body = optionalBodyOf(request)
      const options = writeOptions({ request, verb: 'Delete', subresource: '', body })
      const page = listPage({ store: api.store, resource, namespace, query })
      deleteCollection({ api, resource, objects: page.items, wanted: deleteOptions(body, query), options })
      return json(200, listAs(page, representation(question, resource)))
    }
    case 'PUT':
    case 'PATCH':
      throw methodNotAllowed()
    default:
      return request.method satisfies never
  }
}

function watchAnswer(question: Question, { resource, namespace }: CollectionRoute, shown: Shown): Answer {
  const { request, api, clock, random } = question
  const { signal, query = {} } = request
  const events = watch({ store: api.store, clock, random, resource, namespace, query, signal })
  const form = shown.form === 'object' ? events : presentedEvents(events, shown, clock)
  return { status: 200, headers: { 'content-type': 'application/json' }, body: form }
}

async function* presentedEvents(
  events: AsyncGenerator<WatchEvent>,
  shown: Shown,
  clock: Clock,
): AsyncGenerator<WatchEvent> {
  let first = true
  for await (const event of events) {
    // Ages are those of the event, not of the request, which may be an hour old.
    yield eventAs(event, { ...shown, now: clock.now(), first })
    first = false
  }
}

function objectAnswer(question: Question, route: ObjectRoute): Answer {
  const { request, api } = question
  const { resource, namespace, name, subresource } = route
  const target: Target = { resource, namespace, name }
  const shown = representation(question, resource)
  switch (request.method) {
    case 'GET':
      return json(200, objectAs(api.get(target), shown))
    case 'PUT': {
      const options = writeOptions({ request, verb: 'Update', subresource })
      const existed = api.store.get(resource.collection, keyOf(namespace, name)) !== undefined
      const updated = api.update(target, bodyOf(request), options)
      return json(existed ? 200 : 201, objectAs(updated, shown), options.warnings)
    }
    case 'PATCH':
      return patchAnswer(question, route, shown)
    case 'DELETE': {
      if (subresource !== '') throw methodNotAllowed()
      const body = optionalBodyOf(request)
      const options = writeOptions({ request, verb: 'Delete', subresource, body })
      return json(200, objectAs(deleteObject(api, target, deleteOptions(body, request.query ?? {}), options), shown))
    }
    case 'POST':
      throw methodNotAllowed()
    default:
      return request.method satisfies never
  }
}

function patchAnswer({ request, api }: Question, route: ObjectRoute, shown: Shown): Answer {
  const { resource, namespace, name, subresource } = route
  const target: Target = { resource, namespace, name }
  const type = patchTypeOf(request, resource.custom)
  const options = writeOptions({ request, verb: 'Patch', subresource, apply: type === 'apply' })
  const body = bodyOf(request)
  if (type === 'apply') {
    const { object, created } = api.apply(target, body, { ...options, force: request.query?.['force'] === 'true' })
    return json(created ? 201 : 200, objectAs(object, shown), options.warnings)
  }
  const change = (current: KubeObject) => patched({ type, resource, current, patch: body })
  return json(200, objectAs(api.patch(target, change, options), shown), options.warnings)
}

function patched(options: {
  type: Exclude<PatchType, 'apply'>
  resource: Resource
  current: KubeObject
  patch: Json
}): Json {
  const { type, resource, current, patch } = options
  switch (type) {
    case 'json':
      return jsonPatch(current, patch)
    case 'merge':
      return mergePatch(current, patch)
    case 'strategic':
      return strategicMergePatch(resource.schema, current, patch)
    default:
      return type satisfies never
  }
}

type Shown = Parameters<typeof objectAs>[1] & { readonly form: Form }

function representation({ request, clock }: Question, resource: Resource): Shown {
  const form = formOf(request.headers?.['accept'])
  return { resource, form, includeObject: request.query?.['includeObject'], now: clock.now() }
}
