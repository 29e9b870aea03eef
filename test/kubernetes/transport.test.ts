import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { readText } from '../../src/kube/body.ts'
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts'
import { connect } from '../../src/kube/connect.ts'
import { createReflector } from '../../src/kube/reflector.ts'
import { systemRandom } from '../../src/random.ts'
import { type RealKubernetes, startKubernetes } from './harness.ts'
import { startSilentProxy } from './silent-proxy.ts'

const configMaps = { group: '', version: 'v1', plural: 'configmaps' }
const ingresses = { group: 'networking.k8s.io', version: 'v1', plural: 'ingresses' }

let kubernetes: RealKubernetes
let client: KubeClient
beforeAll(async () => {
  kubernetes = await startKubernetes()
  client = createKubeClient({ transport: kubernetes.transport, clock: systemClock, version: 'test' })
})
afterAll(() => kubernetes.close())

function configMap(name: string, data: Record<string, string> = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }
}

describe('the client on a real API server', () => {
  it('creates, reads, patches, replaces and deletes', async () => {
    const place = { resource: configMaps, namespace: 'default', name: 'life' }
    const created = await client.create({
      resource: configMaps,
      namespace: 'default',
      object: configMap('life', { a: '1' }),
    })
    expect(await client.get(place)).toEqual(created)
    const patched = await client.patch({ ...place, patch: { data: { b: '2' } } })
    expect(patched['data']).toEqual({ a: '1', b: '2' })

    await expect(client.update({ ...place, object: created })).rejects.toMatchObject({ kind: 'conflict' })
    await expect(client.delete({ ...place, uid: 'another' })).rejects.toMatchObject({ kind: 'conflict' })
    await client.delete({ ...place, ...(created.metadata.uid !== undefined && { uid: created.metadata.uid }) })
    await expect(client.get(place)).rejects.toMatchObject({ kind: 'notFound', reason: 'NotFound' })
  })

  it('tells an object that is there already from a conflict, and an invalid one from both', async () => {
    const object = configMap('twice')
    await client.create({ resource: configMaps, namespace: 'default', object })
    await expect(client.create({ resource: configMaps, namespace: 'default', object })).rejects.toMatchObject({
      kind: 'alreadyExists',
    })
    const invalid = { ...object, metadata: { name: 'No_Such_Name' } }
    await expect(client.create({ resource: configMaps, namespace: 'default', object: invalid })).rejects.toMatchObject({
      kind: 'invalid',
    })
  })

  it('applies under its field manager, and a foreign owner is a conflict unless forced', async () => {
    const place = { resource: configMaps, namespace: 'default', name: 'owned' }
    await client.apply({ ...place, object: configMap('owned', { a: '1' }), fieldManager: 'first' })
    const other = { ...place, object: configMap('owned', { a: '2' }), fieldManager: 'second' }
    await expect(client.apply(other)).rejects.toMatchObject({ kind: 'conflict' })
    const forced = await client.apply({ ...other, force: true })
    expect(forced['data']).toEqual({ a: '2' })

    const stale = { ...configMap('owned', { a: '3' }), metadata: { name: 'owned', resourceVersion: '1' } }
    await expect(client.apply({ ...other, object: stale })).rejects.toMatchObject({ kind: 'conflict' })
  })

  it('lists over all pages', async () => {
    for (let index = 0; index < 5; index++) {
      await client.create({ resource: configMaps, namespace: 'kube-public', object: configMap(`page-${index}`) })
    }
    const list = await client.list({ resource: configMaps, namespace: 'kube-public', limit: 2 })
    const names = list.items.map((item) => item.metadata.name).filter((name) => name?.startsWith('page-'))
    expect(names).toEqual(['page-0', 'page-1', 'page-2', 'page-3', 'page-4'])
    expect(list.items[0]).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' })
  })

  it('says forbidden to a user without rights, and unauthorized to nobody we know', async () => {
    const stranger = await connect({
      clock: systemClock,
      kubeconfig: await kubernetes.addUser('stranger'),
      environment: {},
    })
    const asStranger = createKubeClient({ transport: stranger, clock: systemClock, version: 'test' })
    await expect(asStranger.list({ resource: ingresses })).rejects.toMatchObject({
      kind: 'forbidden',
      reason: 'Forbidden',
    })
    await stranger.close()
  })
})

describe('a pod', () => {
  it('is let in with its service account, and with a new token when the old one is refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'certwright-pod-'))
    const { hostname, port } = new URL(kubernetes.server)
    await writeFile(join(folder, 'ca.crt'), kubernetes.caPem)
    await writeFile(join(folder, 'namespace'), 'default')
    await writeFile(join(folder, 'token'), 'not a token any more')
    const pod = await connect({
      clock: systemClock,
      environment: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
      serviceAccountDirectory: folder,
    })
    const asPod = createKubeClient({ transport: pod, clock: systemClock, version: 'test' })
    const reviews = { group: 'authentication.k8s.io', version: 'v1', plural: 'selfsubjectreviews' }
    const whoAmI = () =>
      asPod.create({
        resource: reviews,
        object: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      })
    await expect(whoAmI()).rejects.toMatchObject({ kind: 'unauthorized' })

    await writeFile(join(folder, 'token'), await serviceAccountToken('robot'))
    const review = await whoAmI()
    expect(review['status']).toMatchObject({ userInfo: { username: 'system:serviceaccount:default:robot' } })
    expect(pod.namespace).toBe('default')
    await pod.close()
    await rm(folder, { recursive: true })
  })
})

async function serviceAccountToken(name: string): Promise<string> {
  const place = { resource: { group: '', version: 'v1', plural: 'serviceaccounts' }, namespace: 'default' }
  await client.create({ ...place, object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } } })
  const answer = await kubernetes.transport.request({
    method: 'POST',
    path: `/api/v1/namespaces/default/serviceaccounts/${name}/token`,
    body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }),
    signal: AbortSignal.timeout(10_000),
  })
  return (JSON.parse(await readText(answer)) as { status: { token: string } }).status.token
}

describe('the transport on a real API server', () => {
  it('holds many watches and calls at once on few connections, and leaves them when told', async () => {
    const watches = Array.from({ length: 30 }, () => {
      const stop = new AbortController()
      const events: string[] = []
      const request = {
        method: 'GET',
        path: '/api/v1/namespaces/default/configmaps',
        query: { watch: 'true' },
        signal: stop.signal,
      } as const
      const done = kubernetes.transport.request(request).then(async ({ body }) => {
        for await (const chunk of body) events.push(Buffer.from(chunk).toString())
      })
      return { stop, events, done }
    })
    await client.create({ resource: configMaps, namespace: 'default', object: configMap('seen-by-all') })
    await expect.poll(() => watches.every(({ events }) => events.join('').includes('seen-by-all'))).toBe(true)
    const connections = process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap')
    expect(connections.length).toBeLessThan(10)
    for (const { stop } of watches) stop.abort(new Error('left'))
    const ends = await Promise.allSettled(watches.map(({ done }) => done))
    expect(new Set(ends.map((end) => (end.status === 'rejected' ? String(end.reason) : 'ended')))).toEqual(
      new Set(['Error: left']),
    )
  })

  it('leaves a connection that fell silent: calls and watches go on over a new one within seconds', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'certwright-silent-'))
    const proxy = await startSilentProxy(kubernetes.server)
    const kubeconfig = join(folder, 'kubeconfig')
    const original = await readFile(kubernetes.kubeconfig, 'utf8')
    await writeFile(kubeconfig, original.replaceAll(kubernetes.server, proxy.url))
    const transport = await connect({ clock: systemClock, kubeconfig, environment: {} })
    const throughProxy = createKubeClient({ transport, clock: systemClock, version: 'test', timeoutMs: 500 })
    const seen = new Set<string>()
    const reflector = createReflector({
      transport,
      clock: systemClock,
      random: systemRandom,
      resource: { ...configMaps, namespace: 'default' },
      project: ({ metadata }) => metadata.name ?? '',
      onChange: ({ value }) => seen.add(value),
      onState: () => {},
    })
    await expect.poll(() => reflector.state().synced).toBe(true)
    const before = proxy.connections
    proxy.silence()
    await client.create({ resource: configMaps, namespace: 'default', object: configMap('while-silent') })
    const read = () => throughProxy.get({ resource: configMaps, namespace: 'default', name: 'while-silent' })
    await expect(read()).rejects.toMatchObject({ kind: 'unreachable' })
    await expect.poll(async () => (await read()).metadata.name, { timeout: 20_000 }).toBe('while-silent')
    await expect.poll(() => seen.has('while-silent'), { timeout: 20_000 }).toBe(true)
    expect(proxy.connections).toBeGreaterThan(before)
    reflector.stop()
    await reflector.done
    await transport.close()
    await proxy.close()
    await rm(folder, { recursive: true })
  })
})
