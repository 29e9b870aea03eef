import { expect, test } from 'vitest'
import {
  type Body,
  configMap,
  configMaps,
  ingress,
  ingresses,
  type KubernetesClient,
  type Reply,
  service,
  services,
} from './kubernetes-client.ts'

const portsOf = ({ body }: Reply) =>
  (body['spec'] as { ports: { port: number; name?: string }[] }).ports.map(({ port, name }) => `${port} ${name}`)

/** The three kinds of patch. */
export function patchContract(kube: () => KubernetesClient): void {
  test('a merge patch sets what it names, and removes what it names null', async () => {
    const namespace = await kube().namespace()
    await kube().created(configMaps(namespace), configMap('a', { data: { x: '1', y: '1' } }))
    const { status, body } = await kube().patch('merge', `${configMaps(namespace)}/a`, {
      metadata: { annotations: { note: 'n' } },
      data: { x: null, z: '2' },
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ metadata: { annotations: { note: 'n' } }, data: { y: '1', z: '2' } })
    expect(body['data']).not.toHaveProperty('x')
  })

  test('a merge patch with an old resource version is refused with 409, without one it never conflicts', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    const { metadata } = await kube().created(configMaps(namespace), configMap('a'))
    await kube().patch('merge', path, { data: { x: '1' } })
    const { resourceVersion } = metadata
    const stale = await kube().patch('merge', path, { metadata: { resourceVersion }, data: { x: '2' } })
    expect([stale.status, stale.body['reason']]).toEqual([409, 'Conflict'])
    expect((await kube().patch('merge', path, { data: { x: '3' } })).status).toBe(200)
  })

  test('a patch of an absent object is 404', async () => {
    const namespace = await kube().namespace()
    expect((await kube().patch('merge', `${configMaps(namespace)}/none`, { data: {} })).status).toBe(404)
  })

  test('a patch cannot rename', async () => {
    const namespace = await kube().namespace()
    await kube().created(configMaps(namespace), configMap('a'))
    expect((await kube().patch('merge', `${configMaps(namespace)}/a`, { metadata: { name: 'b' } })).status).toBe(400)
  })

  test('an empty patch keeps the resource version', async () => {
    const namespace = await kube().namespace()
    const { metadata } = await kube().created(configMaps(namespace), configMap('a'))
    const { body } = await kube().patch('merge', `${configMaps(namespace)}/a`, {})
    expect(body.metadata.resourceVersion).toBe(metadata.resourceVersion)
  })

  test('a JSON patch adds, replaces, removes, moves and copies in order', async () => {
    const namespace = await kube().namespace()
    await kube().created(configMaps(namespace), configMap('a', { data: { x: '1', y: '2', z: '3' } }))
    const { status, body } = await kube().patch('json', `${configMaps(namespace)}/a`, [
      { op: 'test', path: '/data/x', value: '1' },
      { op: 'replace', path: '/data/x', value: '9' },
      { op: 'remove', path: '/data/y' },
      { op: 'move', from: '/data/z', path: '/data/moved' },
      { op: 'copy', from: '/data/x', path: '/data/copied' },
      { op: 'add', path: '/metadata/annotations', value: { 'example.com/a': 'b' } },
      { op: 'replace', path: '/metadata/annotations/example.com~1a', value: 'c' },
    ])
    expect(status).toBe(200)
    expect(body['data']).toEqual({ x: '9', moved: '3', copied: '9' })
    expect(body.metadata.annotations).toEqual({ 'example.com/a': 'c' })
  })

  test('a JSON patch that does not fit is refused with 422, and nothing of it is done', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    await kube().created(configMaps(namespace), configMap('a', { data: { x: '1' } }))
    const failing = [
      [{ op: 'test', path: '/data/x', value: '2' }],
      [{ op: 'remove', path: '/data/none' }],
      [{ op: 'add', path: '/metadata/annotations/none', value: 'x' }],
      [{ op: 'replace', path: '/data/none/deeper', value: 'x' }],
    ]
    for (const operations of failing) {
      const { status, body } = await kube().patch('json', path, [
        { op: 'replace', path: '/data/x', value: '7' },
        ...operations,
      ])
      expect([status, body['reason']]).toEqual([422, 'Invalid'])
    }
    expect((await kube().get(path)).body['data']).toEqual({ x: '1' })
  })

  test('a JSON patch that is none is refused with 400', async () => {
    const namespace = await kube().namespace()
    await kube().created(configMaps(namespace), configMap('a'))
    expect((await kube().patch('json', `${configMaps(namespace)}/a`, { not: 'a list' })).status).toBe(400)
  })

  test('a strategic merge patch merges the ports of a Service by their number', async () => {
    const namespace = await kube().namespace()
    const path = `${services(namespace)}/a`
    await kube().created(services(namespace), service('a', [{ name: 'http', port: 80 }]))
    const merged = await kube().patch('strategic', path, { spec: { ports: [{ name: 'https', port: 443 }] } })
    expect(portsOf(merged)).toEqual(['443 https', '80 http'])
    const renamed = await kube().patch('strategic', path, { spec: { ports: [{ name: 'web', port: 80 }] } })
    expect(portsOf(renamed)).toEqual(['443 https', '80 web'])
    const removed = await kube().patch('strategic', path, { spec: { ports: [{ port: 80, $patch: 'delete' }] } })
    expect(portsOf(removed)).toEqual(['443 https'])
    const replaced = await kube().patch('strategic', path, {
      spec: { ports: [{ name: 'x', port: 1 }, { $patch: 'replace' }] },
    })
    expect(portsOf(replaced)).toEqual(['1 x'])
  })

  test('a merge patch replaces a list as a whole', async () => {
    const namespace = await kube().namespace()
    await kube().created(services(namespace), service('a', [{ name: 'http', port: 80 }]))
    const patched = await kube().patch('merge', `${services(namespace)}/a`, {
      spec: { ports: [{ name: 'https', port: 443 }] },
    })
    expect(portsOf(patched)).toEqual(['443 https'])
  })

  test('a strategic merge patch replaces the rules of an Ingress, whose order counts', async () => {
    const namespace = await kube().namespace()
    await kube().created(ingresses(namespace), ingress('a', { hosts: ['a.example.com', 'b.example.com'] }))
    const { rules } = ingress('a', { hosts: ['c.example.com'] }).spec
    const { body } = await kube().patch('strategic', `${ingresses(namespace)}/a`, { spec: { rules } })
    expect((body['spec'] as { rules: { host: string }[] }).rules.map(({ host }) => host)).toEqual(['c.example.com'])
  })

  test('a strategic merge patch adds to finalizers, and takes from them by directive', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    await kube().created(configMaps(namespace), configMap('a', { metadata: { finalizers: ['example.com/a'] } }))
    const finalizersAfter = async (metadata: object): Promise<Body['metadata']['finalizers']> =>
      (await kube().patch('strategic', path, { metadata })).body.metadata.finalizers
    expect(await finalizersAfter({ finalizers: ['example.com/b'] })).toEqual(['example.com/b', 'example.com/a'])
    expect(await finalizersAfter({ '$deleteFromPrimitiveList/finalizers': ['example.com/a'] })).toEqual([
      'example.com/b',
    ])
    expect(await finalizersAfter({ finalizers: null })).toBeUndefined()
  })

  test('$setElementOrder says where the items of a list stand', async () => {
    const namespace = await kube().namespace()
    const path = `${services(namespace)}/a`
    const ports = [1, 2, 3, 4].map((port) => ({ name: `p${port}`, port }))
    await kube().created(services(namespace), service('a', ports))
    const order = (...numbers: number[]) => ({ '$setElementOrder/ports': numbers.map((port) => ({ port })) })
    const moved = await kube().patch('strategic', path, { spec: order(3, 1) })
    expect(portsOf(moved)).toEqual(['2 p2', '3 p3', '1 p1', '4 p4'])
    const added = await kube().patch('strategic', path, {
      spec: { ...order(4, 5, 3), ports: [{ name: 'p5', port: 5 }] },
    })
    expect(portsOf(added)).toEqual(['2 p2', '1 p1', '4 p4', '5 p5', '3 p3'])
  })

  test('a JSON patch may replace what is not there', async () => {
    const namespace = await kube().namespace()
    await kube().created(configMaps(namespace), configMap('a', { data: { x: '1' } }))
    const operations = [{ op: 'replace', path: '/data/y', value: '2' }]
    const { status, body } = await kube().patch('json', `${configMaps(namespace)}/a`, operations)
    expect([status, body['data']]).toEqual([200, { x: '1', y: '2' }])
  })

  test('force is for apply alone', async () => {
    const namespace = await kube().namespace()
    await kube().created(configMaps(namespace), configMap('a'))
    const { status, body } = await kube().patch('merge', `${configMaps(namespace)}/a`, {}, { force: 'true' })
    expect([status, body['reason']]).toEqual([422, 'Invalid'])
  })
}
