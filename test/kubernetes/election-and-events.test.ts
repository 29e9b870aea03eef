import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts'
import { createEventRecorder } from '../../src/kube/events.ts'
import { electLeader } from '../../src/kube/lease.ts'
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
