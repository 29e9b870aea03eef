import { expect, test } from 'vitest'
import {
  type Body,
  configMap,
  configMaps,
  ingress,
  ingresses,
  type KubernetesClient,
  type WatchReader,
} from './kubernetes-client.ts'

const WATCH_LIST = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' }

/** `TYPE name`, for as many events. */
async function seen(watch: WatchReader, count: number): Promise<string[]> {
  const events = await watch.take(count)
  return events.map(({ type, object }) => `${type} ${object.metadata.name}`)
}

/** Watches: order, history, selectors, initial events. */
export function watchContract(kube: () => KubernetesClient): void {
  const versionOf = async (path: string) => (await kube().get(path)).body.metadata.resourceVersion

  test('a watch from a list on tells additions, changes and deletions in order', async () => {
    const namespace = await kube().namespace()
    const path = configMaps(namespace)
    const watch = await kube().watch(path, { resourceVersion: await versionOf(path) })
    const created = await kube().created(path, configMap('a'))
    const patched = await kube().patch('merge', `${path}/a`, { data: { x: '1' } })
    await kube().delete(`${path}/a`)
    const [added, modified, deleted] = await watch.take(3)
    expect(added).toEqual({ type: 'ADDED', object: created })
    expect(modified).toEqual({ type: 'MODIFIED', object: patched.body })
    expect(deleted).toMatchObject({ type: 'DELETED', object: { kind: 'ConfigMap', data: { x: '1' } } })
    expect(Number(deleted?.object.metadata.resourceVersion)).toBeGreaterThan(
      Number(patched.body.metadata.resourceVersion),
    )
    await watch.close()
  })

  test('a watch replays what happened since its resource version', async () => {
    const namespace = await kube().namespace()
    const path = configMaps(namespace)
    const resourceVersion = await versionOf(path)
    await kube().created(path, configMap('a'))
    await kube().created(path, configMap('b'))
    await kube().delete(`${path}/a`)
    const watch = await kube().watch(path, { resourceVersion })
    expect(await seen(watch, 3)).toEqual(['ADDED a', 'ADDED b', 'DELETED a'])
    await watch.close()
  })

  test('a watch without a resource version starts with what is there', async () => {
    const namespace = await kube().namespace()
    const path = configMaps(namespace)
    await kube().created(path, configMap('a'))
    await kube().created(path, configMap('b'))
    const watch = await kube().watch(path)
    expect((await seen(watch, 2)).sort()).toEqual(['ADDED a', 'ADDED b'])
    await kube().delete(`${path}/a`)
    expect(await seen(watch, 1)).toEqual(['DELETED a'])
    await watch.close()
  })

  test('a watch of one namespace tells nothing of another', async () => {
    const [here, there] = [await kube().namespace(), await kube().namespace()]
    const watch = await kube().watch(configMaps(here), { resourceVersion: await versionOf(configMaps(here)) })
    await kube().created(configMaps(there), configMap('other'))
    await kube().created(configMaps(here), configMap('own'))
    expect(await seen(watch, 1)).toEqual(['ADDED own'])
    await watch.close()
  })

  test('an object that comes to match the selector is added, one that ceases to is deleted', async () => {
    const namespace = await kube().namespace()
    const path = configMaps(namespace)
    const query = { labelSelector: 'on=yes', resourceVersion: await versionOf(path) }
    const watch = await kube().watch(path, query)
    await kube().created(path, configMap('a'))
    await kube().patch('merge', `${path}/a`, { metadata: { labels: { on: 'yes' } } })
    await kube().patch('merge', `${path}/a`, { data: { x: '1' } })
    const last = await kube().patch('merge', `${path}/a`, { metadata: { labels: { on: 'no' } } })
    await kube().delete(`${path}/a`)
    await kube().created(path, configMap('b', { metadata: { labels: { on: 'yes' } } }))
    const [added, modified, deleted, next] = await watch.take(4)
    expect([added?.type, modified?.type, deleted?.type]).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
    expect(deleted?.object.metadata.labels).toEqual({ on: 'yes' })
    expect(deleted?.object.metadata.resourceVersion).toBe(last.body.metadata.resourceVersion)
    expect([next?.type, next?.object.metadata.name]).toEqual(['ADDED', 'b'])
    await watch.close()
  })

  test('a watch can be of one object by its name', async () => {
    const namespace = await kube().namespace()
    const path = ingresses(namespace)
    const query = { fieldSelector: 'metadata.name=b', resourceVersion: await versionOf(path) }
    const watch = await kube().watch(path, query)
    await kube().created(path, ingress('a'))
    await kube().created(path, ingress('b'))
    await kube().delete(`${path}/b`)
    expect(await seen(watch, 2)).toEqual(['ADDED b', 'DELETED b'])
    await watch.close()
  })

  test('a streamed list ends with a bookmark that says so', async () => {
    const namespace = await kube().namespace()
    const path = ingresses(namespace)
    await kube().created(path, ingress('a'))
    await kube().created(path, ingress('b'))
    const watch = await kube().watch(path, WATCH_LIST)
    expect((await seen(watch, 2)).sort()).toEqual(['ADDED a', 'ADDED b'])
    const mark = await watch.next()
    expect(mark).toMatchObject({
      type: 'BOOKMARK',
      object: {
        kind: 'Ingress',
        apiVersion: 'networking.k8s.io/v1',
        metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
      },
    })
    expect(Number(mark.object.metadata.resourceVersion)).toBeGreaterThan(0)
    await kube().created(path, ingress('c'))
    expect(await seen(watch, 1)).toEqual(['ADDED c'])
    await watch.close()
  })

  test('the bookmark of an empty streamed list is a place to watch from', async () => {
    const namespace = await kube().namespace()
    const path = configMaps(namespace)
    const first = await kube().watch(path, WATCH_LIST)
    const mark = await first.next()
    expect(mark.type).toBe('BOOKMARK')
    await first.close()
    await kube().created(path, configMap('a'))
    const second = await kube().watch(path, { resourceVersion: mark.object.metadata.resourceVersion })
    expect(await seen(second, 1)).toEqual(['ADDED a'])
    await second.close()
  })

  test('sendInitialEvents and resourceVersionMatch go together', async () => {
    const namespace = await kube().namespace()
    const query = { watch: 'true', allowWatchBookmarks: 'true' }
    const alone = await kube().get(configMaps(namespace), { ...query, sendInitialEvents: 'true' })
    expect([alone.status, alone.body['reason']]).toEqual([422, 'Invalid'])
    const other = await kube().get(configMaps(namespace), {
      ...query,
      resourceVersion: '0',
      resourceVersionMatch: 'NotOlderThan',
    })
    expect([other.status, other.body['reason']]).toEqual([422, 'Invalid'])
  })

  test('a malformed resource version is refused', async () => {
    const namespace = await kube().namespace()
    const { status, body } = await kube().get(configMaps(namespace), { watch: 'true', resourceVersion: 'soon' })
    // The watch cache answers 500 for what the list answers 400.
    expect([status, body['status']]).toEqual([500, 'Failure'])
    expect((await kube().get(configMaps(namespace), { resourceVersion: 'soon' })).status).toBe(400)
  })

  test('an aborted watch throws the reason of its signal', async () => {
    const namespace = await kube().namespace()
    const watch = await kube().watch(configMaps(namespace), { resourceVersion: await versionOf(configMaps(namespace)) })
    const next = watch.next()
    const reason = new Error('enough')
    watch.abort(reason)
    await expect(next).rejects.toBe(reason)
  })

  test('a watched table brings its columns with the first event only', async () => {
    const namespace = await kube().namespace()
    const path = ingresses(namespace)
    await kube().created(path, ingress('a'))
    const watch = await kube().watch(path, {}, 'application/json;as=Table;v=v1;g=meta.k8s.io')
    const first = await watch.next()
    expect(first).toMatchObject({
      type: 'ADDED',
      object: { kind: 'Table', rows: [{ cells: ['a', 'alb', 'shop.example.com', '', '80', expect.any(String)] }] },
    })
    expect(first.object['columnDefinitions']).toHaveLength(6)
    await kube().created(path, ingress('b'))
    const second = await watch.next()
    expect(second.object['columnDefinitions']).toBeNull()
    expect((second.object['rows'] as { object: Body }[])[0]?.object.metadata.name).toBe('b')
    await watch.close()
  })

  test('a finalizer makes a deletion two events', async () => {
    const namespace = await kube().namespace()
    const path = configMaps(namespace)
    await kube().created(path, configMap('a', { metadata: { finalizers: ['example.com/hold'] } }))
    const watch = await kube().watch(path, { resourceVersion: await versionOf(path) })
    await kube().delete(`${path}/a`)
    await kube().patch('merge', `${path}/a`, { metadata: { finalizers: [] } })
    const [marked, gone] = await watch.take(2)
    expect(marked?.type).toBe('MODIFIED')
    expect(marked?.object.metadata.deletionTimestamp).toBeDefined()
    expect(gone?.type).toBe('DELETED')
    await watch.close()
  })
}
