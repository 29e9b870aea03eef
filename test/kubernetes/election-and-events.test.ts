import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts'
import { connect } from '../../src/kube/connect.ts'
import { createEventRecorder } from '../../src/kube/events.ts'
import { electLeader } from '../../src/kube/lease.ts'
import type { Transport } from '../../src/kube/transport.ts'
import { systemRandom } from '../../src/random.ts'
import { type RealKubernetes, startKubernetes } from './harness.ts'

let kubernetes: RealKubernetes
let client: KubeClient
beforeAll(async () => {
  kubernetes = await startKubernetes()
  client = createKubeClient({ transport: kubernetes.transport, clock: systemClock, version: 'test' })
})
afterAll(() => kubernetes.close())

const leases = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' }
const events = { group: 'events.k8s.io', version: 'v1', plural: 'events' }

function candidate(options: { name: string; lease: string; transport?: Transport; said?: string[] }) {
  return electLeader({
    transport: options.transport ?? kubernetes.transport,
    clock: systemClock,
    random: systemRandom,
    version: 'test',
    namespace: 'default',
    name: options.lease,
    identity: options.name,
    durationMs: 2000,
    renewMs: 200,
    onChange: (leading) => options.said?.push(leading ? 'leads' : 'stands by'),
    onError: (error) => options.said?.push(error?.kind ?? 'well again'),
  })
}

it('when the leader is cut off, the other leads after the Lease has run out and not before', async () => {
  const cut = new AbortController()
  const transport: Transport = {
    request: (request) => {
      cut.signal.throwIfAborted()
      return kubernetes.transport.request(request)
    },
  }
  const a = candidate({ name: 'a', lease: 'crash', transport })
  await expect.poll(() => a.leading()).toBe(true)
  const b = candidate({ name: 'b', lease: 'crash' })
  await expect.poll(() => b.holder()).toBe(a.identity)
  cut.abort(new Error('the network is gone'))
  let both = 0
  await expect
    .poll(
      () => {
        if (a.leading() && b.leading()) both++
        return b.leading()
      },
      { interval: 1, timeout: 10_000 },
    )
    .toBe(true)
  expect([both, a.leading()]).toEqual([0, false])
  await Promise.all([a.stop(), b.stop()])
})

it('a Lease that somebody deletes is there again soon, with the same leader', async () => {
  const said: string[] = []
  const a = candidate({ name: 'a', lease: 'deleted', said })
  await expect.poll(() => a.leading()).toBe(true)
  const place = { resource: leases, namespace: 'default', name: 'deleted' }
  const { metadata } = await client.get(place)
  await client.delete(place)
  const uid = async () =>
    client.get(place).then(
      (lease) => lease.metadata.uid,
      () => undefined,
    )
  await expect.poll(uid).toBeDefined()
  expect(await uid()).not.toBe(metadata.uid)
  expect(said).toEqual(['leads'])
  await a.stop()
})

it('one who may not have Leases stands by, says so once, and leads when the permission comes', async () => {
  const kubeconfig = await kubernetes.addUser('candidate')
  const transport = await connect({ clock: systemClock, kubeconfig, environment: {} })
  const said: string[] = []
  const a = candidate({ name: 'a', lease: 'permitted', transport, said })
  await expect.poll(() => said).toEqual(['forbidden'])
  const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' }
  const object = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'candidate' },
    roleRef: { apiGroup: rbac.group, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: rbac.group, kind: 'User', name: 'candidate' }],
  }
  await client.create({ resource: { ...rbac, plural: 'clusterrolebindings' }, object })
  await expect.poll(() => a.leading(), { timeout: 10_000 }).toBe(true)
  expect(said).toEqual(['forbidden', 'well again', 'leads'])
  await a.stop()
  await transport.close()
})

it('a leader renews, leaves, and the other takes over: a real server accepts every Lease that we write', async () => {
  const changes: string[] = []
  const errors: unknown[] = []
  const replica = (name: string) =>
    electLeader({
      transport: kubernetes.transport,
      clock: systemClock,
      random: systemRandom,
      version: 'test',
      namespace: 'default',
      name: 'certwright',
      identity: name,
      durationMs: 2000,
      renewMs: 100,
      onChange: (leading) => changes.push(`${name} ${leading ? 'leads' : 'stands by'}`),
      onError: (error) => errors.push(error),
    })
  const place = { resource: leases, namespace: 'default', name: 'certwright' }
  const a = replica('a')
  await expect.poll(() => a.leading()).toBe(true)
  const first = await client.get(place)
  await expect
    .poll(async () => (await client.get(place)).metadata.resourceVersion)
    .not.toBe(first.metadata.resourceVersion)
  const b = replica('b')
  await expect.poll(() => b.holder()).toBe(a.identity)
  expect(b.leading()).toBe(false)
  await a.stop()
  await expect.poll(() => b.leading(), { timeout: 3000 }).toBe(true)
  expect((await client.get(place))['spec']).toMatchObject({ holderIdentity: b.identity, leaseTransitions: 1 })
  await b.stop()
  expect((await client.get(place))['spec']).toMatchObject({ holderIdentity: '' })
  expect([changes, errors]).toEqual([['a leads', 'a stands by', 'b leads', 'b stands by'], []])
})

it('a real server takes our Events, and their series', async () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop' } }
  const { metadata } = await client.create({
    resource: { group: '', version: 'v1', plural: 'configmaps' },
    namespace: 'default',
    object,
  })
  const recorder = createEventRecorder({ kube: client, clock: systemClock, random: systemRandom, version: 'test' })
  const notice = {
    regarding: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'shop', uid: metadata.uid ?? '' },
    type: 'Normal',
    reason: 'Issued',
    action: 'Attaching',
    note: 'The certificate was issued.',
  } as const
  recorder.record(notice)
  const list = () => client.list({ resource: events, namespace: 'default', fieldSelector: 'reason=Issued' })
  await expect.poll(async () => (await list()).items.length).toBe(1)
  recorder.record(notice)
  // Stopping writes the series that is under way.
  await recorder.stop()
  const { items } = await list()
  expect(items).toMatchObject([{ note: notice.note, regarding: notice.regarding, series: { count: 2 } }])
  expect(recorder.lost).toBe(0)
})
