import { expect, it } from 'vitest'
import type { KubeRequest } from '../../kube/transport.ts'
import { VirtualClock } from '../clock.ts'
import { seededRandom } from '../random.ts'
import { ConnectionReset, RandomFaults } from './faults.ts'
import type { KubernetesSettings } from './server.ts'
import { SimulatedKubernetes } from './server.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

interface Event {
  readonly type: string
  readonly object: {
    readonly metadata: { readonly name: string; readonly annotations?: object }
    readonly code?: number
  }
}

function start(settings: Partial<KubernetesSettings> = {}) {
  const clock = new VirtualClock()
  const kube = new SimulatedKubernetes({ clock, random: seededRandom(7), settings })
  const send = async (request: Partial<KubeRequest> & { path: string }) => {
    const signal = new AbortController().signal
    const answer = await kube.transport.request({ method: 'GET', signal, ...request })
    const chunks: Uint8Array[] = []
    for await (const chunk of answer.body) chunks.push(chunk)
    return { ...answer, body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown> }
  }
  /** Reads a watch by itself, and keeps what it saw. */
  const watch = async (query: Record<string, string> = {}, path = CONFIG_MAPS) => {
    const controller = new AbortController()
    const { signal } = controller
    const seen: Event[] = []
    const answer = await kube.transport.request({ method: 'GET', path, query: { watch: 'true', ...query }, signal })
    const read = async (): Promise<'ended' | Error> => {
      try {
        for await (const chunk of answer.body) seen.push(JSON.parse(Buffer.from(chunk).toString()) as Event)
        return 'ended'
      } catch (error) {
        return error as Error
      }
    }
    const ended = read()
    const types = () => seen.map(({ type, object }) => `${type} ${object.metadata?.name ?? ''}`.trim())
    return { seen, types, ended, abort: () => controller.abort(new Error('enough')) }
  }
  return { clock, kube, send, watch }
}

const configMap = (name: string, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...metadata },
})
const reference = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name })

it('sleeps nowhere while nobody watches', async () => {
  const { clock, kube, watch } = start()
  kube.admin.create(configMap('a'))
  await clock.advance(1000)
  expect(clock.sleeping).toBe(0)
  const { abort, ended } = await watch({ allowWatchBookmarks: 'true' })
  await clock.advance(1000)
  expect([clock.sleeping, kube.openWatches]).toEqual([1, 1])
  abort()
  await ended
  await clock.advance(0)
  expect([clock.sleeping, kube.openWatches]).toEqual([0, 0])
})

it('sends bookmarks once a minute to a watch that wants them, and to no other', async () => {
  const { clock, watch } = start()
  const [with_, without] = [await watch({ allowWatchBookmarks: 'true' }), await watch()]
  await clock.advance(150_000)
  expect(with_.types()).toEqual(['BOOKMARK', 'BOOKMARK'])
  expect(without.types()).toEqual([])
})

it('shows in a watched table the age at the time of the event', async () => {
  const { clock, kube } = start()
  const { signal } = new AbortController()
  const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
  const query = { watch: 'true' }
  const { body } = await kube.transport.request({ method: 'GET', path: CONFIG_MAPS, query, headers, signal })
  const chunks = body[Symbol.asyncIterator]()
  const age = async () => {
    const chunk = (await chunks.next()) as IteratorYieldResult<Uint8Array>
    const event = JSON.parse(Buffer.from(chunk.value).toString()) as { object: { rows: { cells: unknown[] }[] } }
    return event.object.rows[0]?.cells.at(-1)
  }
  await clock.advance(60_000)
  kube.admin.create(configMap('a'))
  expect(await age()).toBe('0s')
  await clock.advance(30_000)
  kube.admin.edit(reference('a'), (current) => ({ ...current, data: { x: '1' } }))
  expect(await age()).toBe('30s')
  await chunks.return?.()
})

it('ends a watch when its time is up', async () => {
  const { clock, watch } = start()
  const { ended, types } = await watch({ timeoutSeconds: '10' })
  await clock.advance(10_000)
  await expect(ended).resolves.toBe('ended')
  expect(types()).toEqual([])
})

it('ends a watch without a timeout after 30 to 60 minutes', async () => {
  const { clock, kube, watch } = start()
  const { ended } = await watch()
  await clock.advance(1_799_000)
  expect(kube.openWatches).toBe(1)
  await clock.advance(1_801_000)
  await expect(ended).resolves.toBe('ended')
})

it('gives an ERROR event with code 410 to a watch from before the compaction', async () => {
  const { kube, watch } = start()
  kube.admin.create(configMap('a'))
  kube.compact()
  const { seen, ended } = await watch({ resourceVersion: '1' })
  await ended
  expect(seen).toMatchObject([{ type: 'ERROR', object: { kind: 'Status', reason: 'Expired', code: 410 } }])
})

it('forgets old writes by itself once there are too many', async () => {
  const { kube, watch } = start({ historyLimit: 10 })
  for (let index = 0; index < 30; index++) kube.admin.create(configMap(`c${index}`))
  const { seen, ended } = await watch({ resourceVersion: '5' })
  await ended
  expect(seen).toMatchObject([{ type: 'ERROR', object: { code: 410 } }])
})

it('refuses the next page of a list with 410 after a compaction, and gives a token to go on without consistency', async () => {
  const { kube, send } = start()
  for (const name of ['a', 'b', 'c']) kube.admin.create(configMap(name))
  const first = await send({ path: CONFIG_MAPS, query: { limit: '1' } })
  const token = (first.body['metadata'] as { continue: string }).continue
  kube.admin.create(configMap('b2'))
  kube.compact()
  const refused = await send({ path: CONFIG_MAPS, query: { limit: '5', continue: token } })
  expect([refused.status, refused.body['reason']]).toEqual([410, 'Expired'])
  const other = (refused.body['metadata'] as { continue: string }).continue
  const rest = await send({ path: CONFIG_MAPS, query: { continue: other } })
  expect((rest.body['items'] as Event['object'][]).map(({ metadata }) => metadata.name)).toEqual(['b', 'b2', 'c'])
})

it('deletes what has lost its owner, and what that owned', async () => {
  const { clock, kube } = start()
  const owner = kube.admin.create(configMap('owner'))
  const owned = (name: string, by: typeof owner) =>
    configMap(name, {
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: by.metadata.name, uid: by.metadata.uid }],
    })
  const child = kube.admin.create(owned('child', owner))
  kube.admin.create(owned('grandchild', child))
  await clock.advance(0)
  kube.admin.delete(reference('owner'))
  await clock.advance(0)
  expect(kube.admin.list({ apiVersion: 'v1', kind: 'ConfigMap' })).toEqual([])
})

it('keeps what has another owner left, and lets go of the one that is gone', async () => {
  const { clock, kube } = start()
  const owners = ['one', 'two'].map((name) => kube.admin.create(configMap(name)).metadata)
  const ownerReferences = owners.map(({ name, uid }) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid }))
  kube.admin.create(configMap('child', { ownerReferences }))
  await clock.advance(0)
  kube.admin.delete(reference('one'))
  await clock.advance(0)
  expect(kube.admin.get(reference('child'))?.metadata.ownerReferences).toMatchObject([{ name: 'two' }])
})

it('deletes what names an owner that never was', async () => {
  const { clock, kube } = start()
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: 'none' }]
  kube.admin.create(configMap('child', { ownerReferences }))
  await clock.advance(0)
  expect(kube.admin.get(reference('child'))).toBeUndefined()
})

it('deletes dependents before an owner that is deleted in the foreground, and leaves orphans where asked', async () => {
  const { clock, kube, send, watch } = start()
  for (const policy of ['Foreground', 'Orphan']) {
    const { name, uid } = kube.admin.create(configMap(policy.toLowerCase())).metadata
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid, blockOwnerDeletion: true }]
    kube.admin.create(configMap(`${name}-child`, { ownerReferences }))
    await clock.advance(0)
    const { body } = await send({ path: CONFIG_MAPS })
    const { resourceVersion } = body['metadata'] as { resourceVersion: string }
    const watched = await watch({ resourceVersion })
    const path = `${CONFIG_MAPS}/${name}`
    await send({ method: 'DELETE', path, body: JSON.stringify({ propagationPolicy: policy }) })
    await clock.advance(0)
    const child = `${name}-child`
    expect(watched.types()).toEqual(
      policy === 'Foreground'
        ? [`MODIFIED ${name}`, `DELETED ${child}`, `DELETED ${name}`]
        : [`MODIFIED ${name}`, `MODIFIED ${child}`, `DELETED ${name}`],
    )
    watched.abort()
  }
  expect(kube.admin.get(reference('orphan-child'))?.metadata.ownerReferences).toBeUndefined()
})

it('empties a namespace that is deleted, and waits for what finalizers hold', async () => {
  const { clock, kube } = start()
  const namespace = { apiVersion: 'v1', kind: 'Namespace', name: 'shop' }
  kube.admin.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
  kube.admin.create(configMap('a', { namespace: 'shop' }))
  kube.admin.create(configMap('held', { namespace: 'shop', finalizers: ['example.com/hold'] }))
  kube.admin.delete(namespace)
  await clock.advance(0)
  const left = () => kube.admin.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop' })
  expect(left().map(({ metadata }) => metadata.name)).toEqual(['held'])
  expect(kube.admin.get(namespace)?.['status']).toEqual({ phase: 'Terminating' })
  kube.admin.edit({ ...reference('held'), namespace: 'shop' }, (current) => ({
    ...current,
    metadata: { ...current.metadata, finalizers: [] },
  }))
  await clock.advance(0)
  expect(kube.admin.get(namespace)).toBeUndefined()
})

it('tells every write that took effect, by whom, and none that changed nothing', () => {
  const { kube } = start()
  const told: string[] = []
  const stop = kube.events.subscribe(({ verb, manager, collection, name, before, after }) =>
    told.push(`${verb} ${collection}/${name} by ${manager}: ${before !== undefined} ${after !== undefined}`),
  )
  kube.admin.apply({ ...configMap('a'), data: { x: '1' } }, { fieldManager: 'me' })
  kube.admin.apply({ ...configMap('a'), data: { x: '1' } }, { fieldManager: 'me' })
  kube.admin.delete(reference('a'))
  stop()
  kube.admin.create(configMap('b'))
  expect(told).toEqual(['apply configmaps/a by me: false true', 'delete configmaps/a by admin: true false'])
})

it('lets a test break requests, with effect and without', async () => {
  const { kube, send } = start()
  const create = () => send({ method: 'POST', path: CONFIG_MAPS, body: JSON.stringify(configMap('a')) })
  const exists = () => kube.admin.get(reference('a')) !== undefined
  kube.faults = { before: () => ({ kind: 'status', code: 429, retryAfterSeconds: 3 }) }
  const throttled = await create()
  expect([throttled.status, throttled.headers['retry-after'], exists()]).toEqual([429, '3', false])
  kube.faults = { before: () => ({ kind: 'reset' }) }
  await expect(create()).rejects.toThrow(ConnectionReset)
  expect(exists()).toBe(false)
  kube.faults = { after: ({ verb }) => (verb === 'create' ? { kind: 'reset' } : undefined) }
  await expect(create()).rejects.toThrow(ConnectionReset)
  expect(exists()).toBe(true)
  kube.faults = {}
  expect((await create()).status).toBe(409)
})

it('lets a test delay requests, and hold them until the caller gives up', async () => {
  const { clock, kube, send } = start()
  kube.faults = { before: () => ({ kind: 'delay', milliseconds: 5000 }) }
  let answered = false
  const reply = send({ path: CONFIG_MAPS }).then((answer) => {
    answered = true
    return answer.status
  })
  await clock.advance(4999)
  expect(answered).toBe(false)
  await clock.advance(1)
  await expect(reply).resolves.toBe(200)
  kube.faults = { before: () => ({ kind: 'hang' }) }
  const controller = new AbortController()
  const hanging = send({ path: CONFIG_MAPS, signal: controller.signal })
  controller.abort(new Error('given up'))
  await expect(hanging).rejects.toThrow('given up')
})

it('lets a test drop, double, delay and end the events of watches', async () => {
  const { clock, kube, watch } = start()
  const [plain, expiring] = [await watch(), await watch()]
  await clock.advance(0)
  kube.faults = {
    event: (_, { object }) => {
      switch ((object as Event['object']).metadata.name) {
        case 'dropped':
          return { kind: 'drop' }
        case 'doubled':
          return { kind: 'double' }
        case 'delayed':
          return { kind: 'delay', milliseconds: 1000 }
        default:
          return undefined
      }
    },
  }
  for (const name of ['dropped', 'doubled', 'delayed']) kube.admin.create(configMap(name))
  await clock.advance(999)
  expect(plain.types()).toEqual(['ADDED doubled', 'ADDED doubled'])
  await clock.advance(1)
  expect(plain.types()).toEqual(['ADDED doubled', 'ADDED doubled', 'ADDED delayed'])
  kube.faults = { event: () => ({ kind: 'expire' }) }
  kube.admin.create(configMap('more'))
  await expect(expiring.ended).resolves.toBe('ended')
  expect(expiring.seen.at(-1)).toMatchObject({ type: 'ERROR', object: { code: 410 } })
})

it('lets a test end and break the watches that are open', async () => {
  const { kube, watch } = start()
  const first = await watch()
  kube.closeWatches('configmaps')
  await expect(first.ended).resolves.toBe('ended')
  const second = await watch()
  kube.resetWatches('secrets')
  expect(kube.openWatches).toBe(1)
  kube.resetWatches()
  await expect(second.ended).resolves.toBeInstanceOf(ConnectionReset)
})

it('breaks requests by chance until it is healed', async () => {
  const { kube, send } = start()
  const faults = new RandomFaults({ random: seededRandom(1), rates: { serverError: 1 } })
  kube.faults = faults
  expect((await send({ path: CONFIG_MAPS })).status).toBe(500)
  faults.heal()
  expect((await send({ path: CONFIG_MAPS })).status).toBe(200)
})

it('ends the watches of a kind whose definition is deleted', async () => {
  const { clock, kube, watch } = start()
  const name = 'widgets.example.com'
  const schema = { openAPIV3Schema: { type: 'object' } }
  kube.admin.create({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  })
  kube.admin.create({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' } })
  const watched = await watch({}, '/apis/example.com/v1/widgets')
  await clock.advance(0)
  kube.admin.delete({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name })
  await expect(watched.ended).resolves.toBe('ended')
  expect(kube.openWatches).toBe(0)
})
