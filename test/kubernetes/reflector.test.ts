import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts'
import { connect } from '../../src/kube/connect.ts'
import { createReflector, type ReflectorState } from '../../src/kube/reflector.ts'
import type { KubeRequest, Transport } from '../../src/kube/transport.ts'
import { systemRandom } from '../../src/random.ts'
import { type RealKubernetes, startKubernetes } from './harness.ts'

const configMaps = { group: '', version: 'v1', plural: 'configmaps', namespace: 'default' }
let kubernetes: RealKubernetes
let client: KubeClient
beforeAll(async () => {
  // Secrets come straight from etcd: a cache that is as old as its cluster has never forgotten anything.
  kubernetes = await startKubernetes({ apiServerFlags: { 'watch-cache-sizes': 'secrets#0' } })
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

const secrets = { group: '', version: 'v1', plural: 'secrets' }

function writeSecret(name: string) {
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name } }
  return client.create({ resource: secrets, namespace: 'default', object })
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

it('a resourceVersion that the server has forgotten leads to a new list, at once and without alarm', async () => {
  await writeSecret('forgotten-a')
  const asked: string[] = []
  let connection = new AbortController()
  const transport: Transport = {
    request: async (request) => {
      asked.push(request.query?.['sendInitialEvents'] ? 'list' : `watch ${request.query?.['resourceVersion']}`)
      const signal = AbortSignal.any([request.signal, connection.signal])
      // As after hours without a connection: the server's history does not reach back to this any more.
      const query = { ...request.query, ...(!request.query?.['sendInitialEvents'] && { resourceVersion: '1' }) }
      return kubernetes.transport.request({ ...request, query, signal })
    },
  }
  const { reflector, said, states } = follow({ transport, plural: 'secrets', prefix: 'forgotten-' })
  await expect.poll(() => states.at(-1)?.synced).toBe(true)
  const broken = connection
  connection = new AbortController()
  await kubernetes.compact()
  broken.abort(new Error('connection reset'))
  await client.delete({ resource: secrets, namespace: 'default', name: 'forgotten-a' })
  await writeSecret('forgotten-b')
  await expect
    .poll(() => said, { timeout: 10_000 })
    .toEqual(['added Secret forgotten-a', 'deleted Secret forgotten-a', 'added Secret forgotten-b'])
  expect(asked.map((each) => each.split(' ')[0])).toEqual(['list', 'watch', 'list'])
  expect(states.map(({ error }) => error?.kind)).toEqual([undefined, 'unreachable', undefined])
  reflector.stop()
  await reflector.done
})

it('pages that expire on the way are asked for again, in one', async () => {
  for (const name of ['expiry-a', 'expiry-b', 'expiry-c']) await writeSecret(name)
  const pages: (string | undefined)[] = []
  const transport: Transport = {
    request: async (request) => {
      if (request.query?.['sendInitialEvents']) return { status: 422, headers: {}, body: nothing() }
      if (request.query?.['watch']) return kubernetes.transport.request(request)
      pages.push(request.query?.['limit'])
      if (request.query?.['continue'] === undefined) {
        const query = { ...request.query, ...(request.query?.['limit'] && { limit: '2' }) }
        return kubernetes.transport.request({ ...request, query })
      }
      return kubernetes.transport.request({ ...request, query: { ...request.query, continue: aged(request.query) } })
    },
  }
  await kubernetes.compact()
  const { reflector, said, states } = follow({ transport, plural: 'secrets', prefix: 'expiry-' })
  await expect.poll(() => states.at(-1)?.synced).toBe(true)
  expect(said.toSorted()).toEqual(['expiry-a', 'expiry-b', 'expiry-c'].map((name) => `added Secret ${name}`))
  expect([pages, states.length]).toEqual([['500', '500', undefined], 1])
  reflector.stop()
  await reflector.done
})

it('a kind that is not installed is a state, until it is installed', async () => {
  const { reflector, said, states } = follow({ group: 'example.com', plural: 'absences', prefix: '' })
  await expect.poll(() => states.at(-1)?.error?.kind).toBe('notFound')
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  await client.create({
    resource: { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' },
    object: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'absences.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'absences', singular: 'absence', kind: 'Absence' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    },
  })
  await expect.poll(() => states.at(-1)?.synced, { timeout: 40_000 }).toBe(true)
  const absence = { apiVersion: 'example.com/v1', kind: 'Absence', metadata: { name: 'first' } }
  const resource = { group: 'example.com', version: 'v1', plural: 'absences' }
  await client.create({ resource, namespace: 'default', object: absence })
  await expect.poll(() => said).toEqual(['added Absence first'])
  // A kind that was just installed is answered with 429 until its storage is ready.
  expect(states.map(({ error }) => error?.kind).filter((kind) => kind !== 'throttled')).toEqual(['notFound', undefined])
  reflector.stop()
  await reflector.done
})

it('a user without rights is a state, until they are granted', async () => {
  const kubeconfig = await kubernetes.addUser('reader')
  const asReader = await connect({ clock: systemClock, kubeconfig, environment: {} })
  const { reflector, states } = follow({ transport: asReader, prefix: '' })
  await expect.poll(() => states.at(-1)?.error?.kind).toBe('forbidden')
  const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' }
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  const metadata = { name: 'reader' }
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list', 'watch'] }]
  await client.create({
    resource: { ...rbac, plural: 'roles' },
    namespace: 'default',
    object: { apiVersion, kind: 'Role', metadata, rules },
  })
  await client.create({
    resource: { ...rbac, plural: 'rolebindings' },
    namespace: 'default',
    object: {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac.group, kind: 'Role', name: 'reader' },
      subjects: [{ apiGroup: rbac.group, kind: 'User', name: 'reader' }],
    },
  })
  await expect.poll(() => states.at(-1)?.synced, { timeout: 40_000 }).toBe(true)
  expect(states.map(({ error }) => error?.kind)).toEqual(['forbidden', undefined])
  reflector.stop()
  await reflector.done
  await asReader.close()
})

/** The token for the next page, of a list that was begun at the cluster's first revision: compacted since. */
function aged(query: KubeRequest['query']): string {
  const token = JSON.parse(Buffer.from(query?.['continue'] ?? '', 'base64url').toString()) as object
  return Buffer.from(JSON.stringify({ ...token, rv: 2 })).toString('base64url')
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
