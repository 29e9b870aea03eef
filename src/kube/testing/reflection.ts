import { VirtualClock } from '../../sim/clock.ts'
import { seededRandom } from '../../sim/random.ts'
import { createReflector, type ReflectorOptions, type ReflectorState } from '../reflector.ts'
import type { KubeObject } from '../resource.ts'
import { type Answer, ScriptedTransport, WatchFeed } from './scripted-transport.ts'
import type { KubeRequest } from '../transport.ts'

export const PATH = '/apis/networking.k8s.io/v1/ingresses'
export const MINUTE = 60_000

export function ingress(name: string, version: number, uid = `uid-${name}`) {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: 'web', name, uid, resourceVersion: String(version) },
  }
}

export function bookmark(version: number, annotations?: Record<string, string>) {
  return { kind: 'Ingress', metadata: { resourceVersion: String(version), annotations } }
}

export const endOfList = (version: number) => bookmark(version, { 'k8s.io/initial-events-end': 'true' })
export const failed = (code: number, reason = ''): Answer => ({ status: code, body: { kind: 'Status', code, reason } })
export const isList = (request: KubeRequest) => request.query?.['watch'] !== 'true'
export const isStreamedList = (request: KubeRequest) => request.query?.['sendInitialEvents'] === 'true'

/** A streamed list of these objects at a version, which stays open as a watch. */
export function streamed(version: number, ...objects: object[]): { stream: WatchFeed } {
  const feed = new WatchFeed()
  for (const object of objects) feed.event('ADDED', object)
  return { stream: feed.event('BOOKMARK', endOfList(version)) }
}

/** One page, without kinds on the items, as API servers send it. */
export function page(version: number, objects: { metadata: object }[], token?: string): Answer {
  const items = objects.map(({ metadata }) => ({ metadata }))
  return {
    status: 200,
    body: { kind: 'IngressList', metadata: { resourceVersion: String(version), continue: token }, items },
  }
}

export function setUp(
  answer: (request: KubeRequest, index: number) => Answer | 'silence',
  options: Partial<ReflectorOptions<string>> = {},
) {
  let index = 0
  const transport = new ScriptedTransport((request) => answer(request, index++))
  const clock = new VirtualClock()
  const said: string[] = []
  const states: ReflectorState[] = []
  const errors: unknown[] = []
  const reflector = createReflector<string>({
    transport,
    clock,
    random: seededRandom(1),
    resource: { group: 'networking.k8s.io', version: 'v1', plural: 'ingresses' },
    project: ({ apiVersion, kind, metadata }: KubeObject) =>
      `${apiVersion}/${kind} ${metadata.name ?? ''}@${metadata.resourceVersion ?? ''}`.replace(
        'networking.k8s.io/v1/Ingress ',
        '',
      ),
    onChange: ({ kind, value, previous }) =>
      said.push(previous === undefined ? `${kind} ${value}` : `${kind} ${previous} → ${value}`),
    onState: (state) => states.push(state),
    onHandlerError: (error) => errors.push(error),
    ...options,
  })
  return { transport, clock, reflector, said, states, errors, store: reflector.store }
}
