import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts'
import { createReflector, type ReflectorState } from '../../src/kube/reflector.ts'
import type { KubeRequest, Transport } from '../../src/kube/transport.ts'
import { systemRandom } from '../../src/random.ts'
import { type RealKubernetes, startKubernetes } from './harness.ts'

const configMaps = { group: '', version: 'v1', plural: 'configmaps', namespace: 'default' }
let kubernetes: RealKubernetes
let client: KubeClient
beforeAll(async () => {
  kubernetes = await startKubernetes()
  client = createKubeClient({ transport: kubernetes.transport, clock: systemClock, version: 'test' })
})
afterAll(() => kubernetes.close())

function follow(options: { transport?: Transport; plural?: string; group?: string; prefix: string }) {
  const said: string[] = []
  const states: ReflectorState[] = []
  const reflector = createReflector({
    transport: options.transport ?? kubernetes.transport,
    clock: systemClock,
    random: systemRandom,
    resource: { ...configMaps, plural: options.plural ?? 'configmaps', group: options.group ?? '' },
    project: ({ kind, metadata }) => `${kind} ${metadata.name}`,
    onChange: ({ kind, value }) => {
      if (value.includes(options.prefix)) said.push(`${kind} ${value}`)
    },
    onState: (state) => states.push(state),
  })
  return { reflector, said, states }
}

function write(name: string, value = '1') {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } }
  return client.apply({ resource: configMaps, namespace: 'default', name, object, fieldManager: 'test' })
}

const remove = (name: string) => client.delete({ resource: configMaps, namespace: 'default', name })

it('a real server streams the list, and every change follows', async () => {
  await write('stream-a')
  const requests: KubeRequest[] = []
  const transport: Transport = {
    request: (request) => {
      requests.push(request)
      return kubernetes.transport.request(request)
    },
  }
  const { reflector, said, states } = follow({ transport, prefix: 'stream-' })
  await expect.poll(() => states.at(-1)?.synced).toBe(true)
  await write('stream-a', '2')
  await write('stream-b')
  await remove('stream-a')
  await write('stream-a', '3')
  await expect
    .poll(() => said)
    .toEqual([
      'added ConfigMap stream-a',
      'changed ConfigMap stream-a',
      'added ConfigMap stream-b',
      'deleted ConfigMap stream-a',
      'added ConfigMap stream-a',
    ])
  expect(requests).toHaveLength(1)
  reflector.stop()
  await reflector.done
})

it('the same store comes from pages, and a reset connection goes on where it was', async () => {
  const cut: AbortController[] = []
  const transport: Transport = {
    request: async (request) => {
      if (request.query?.['sendInitialEvents']) return { status: 422, headers: {}, body: nothing() }
      // A connection that breaks when the test says so.
      const controller = new AbortController()
      cut.push(controller)
      const signal = AbortSignal.any([request.signal, controller.signal])
      return kubernetes.transport.request({ ...request, signal })
    },
  }
  await write('pages-a')
  const { reflector, said, states } = follow({ transport, prefix: 'pages-' })
  await expect.poll(() => states.at(-1)?.synced).toBe(true)
  await expect.poll(() => cut.length).toBe(2)
  cut[1]?.abort(new Error('connection reset'))
  await write('pages-b')
  await expect.poll(() => said, { timeout: 10_000 }).toEqual(['added ConfigMap pages-a', 'added ConfigMap pages-b'])
  expect(reflector.state().error).toBeUndefined()
  reflector.stop()
  await reflector.done
})

it('a kind that is not installed is a state', async () => {
  const { reflector, states } = follow({ group: 'example.com', plural: 'absences', prefix: '' })
  await expect.poll(() => states.at(-1)?.error?.kind).toBe('notFound')
  reflector.stop()
  await reflector.done
})

async function* nothing(): AsyncGenerator<Uint8Array> {}
