import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../sim/clock.ts'
import { createKubeClient } from './client.ts'
import type { Resource } from './resource.ts'
import { type Answer, ScriptedTransport } from './testing/scripted-transport.ts'
import type { KubeRequest } from './transport.ts'

const ingresses: Resource = { group: 'networking.k8s.io', version: 'v1', plural: 'ingresses' }
const namespaces: Resource = { group: '', version: 'v1', plural: 'namespaces' }
const shop = { resource: ingresses, namespace: 'web', name: 'shop' }

function setUp(answer: (request: KubeRequest) => Answer | 'silence') {
  const transport = new ScriptedTransport(answer)
  const clock = new VirtualClock()
  return { transport, clock, client: createKubeClient({ transport, clock, version: '1.2.3' }) }
}

const ok = (body: unknown = {}): Answer => ({ status: 200, body })
const failed = (code: number, reason: string): Answer => ({ status: code, body: { kind: 'Status', code, reason } })

describe('the calls say what they mean', () => {
  async function requestOf(call: (client: ReturnType<typeof setUp>['client']) => Promise<unknown>) {
    const { transport, client } = setUp(() => ok())
    await call(client)
    const [request] = transport.requests
    if (!request) throw new Error('no request was made')
    return { ...request, body: request.body === undefined ? undefined : (JSON.parse(request.body) as unknown) }
  }

  it('get names the object in its namespace, and who asks', async () => {
    expect(await requestOf((client) => client.get(shop))).toMatchObject({
      method: 'GET',
      path: '/apis/networking.k8s.io/v1/namespaces/web/ingresses/shop',
      headers: { 'user-agent': 'certwright/1.2.3' },
      body: undefined,
    })
  })

  it('the core group and cluster-scoped objects have their own paths, with names encoded', async () => {
    const request = await requestOf((client) => client.get({ resource: namespaces, name: 'a/b' }))
    expect(request.path).toBe('/api/v1/namespaces/a%2Fb')
  })

  it('create posts to the collection, update puts on the object', async () => {
    const object = { metadata: { name: 'shop' } }
    const created = await requestOf((client) => client.create({ resource: ingresses, namespace: 'web', object }))
    expect(created).toMatchObject({
      method: 'POST',
      path: '/apis/networking.k8s.io/v1/namespaces/web/ingresses',
      body: object,
    })
    const updated = await requestOf((client) => client.update({ ...shop, object }))
    expect(updated).toMatchObject({ method: 'PUT', body: object })
  })

  it('patch is a merge patch, of the status where that is asked for', async () => {
    const patch = { status: { state: 'Ready' } }
    const request = await requestOf((client) => client.patch({ ...shop, subresource: 'status', patch }))
    expect(request).toMatchObject({
      method: 'PATCH',
      path: '/apis/networking.k8s.io/v1/namespaces/web/ingresses/shop/status',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: patch,
    })
  })

  it('apply is server-side, under its field manager, without force unless it is asked for', async () => {
    const object = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'shop', resourceVersion: '7' },
    }
    const request = await requestOf((client) => client.apply({ ...shop, object, fieldManager: 'certwright' }))
    expect(request).toMatchObject({
      method: 'PATCH',
      query: { fieldManager: 'certwright', force: 'false' },
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: object,
    })
    const forced = await requestOf((client) =>
      client.apply({ ...shop, object, fieldManager: 'certwright', force: true }),
    )
    expect(forced.query).toMatchObject({ force: 'true' })
  })

  it('delete carries its preconditions', async () => {
    const request = await requestOf((client) => client.delete({ ...shop, uid: 'u1', resourceVersion: '7' }))
    expect(request).toMatchObject({
      method: 'DELETE',
      body: { kind: 'DeleteOptions', preconditions: { uid: 'u1', resourceVersion: '7' } },
    })
    const plain = await requestOf((client) => client.delete(shop))
    expect(plain.body).not.toHaveProperty('preconditions')
  })
})

describe('list', () => {
  const page = (names: string[], token?: string): Answer =>
    ok({
      kind: 'IngressList',
      metadata: { resourceVersion: '40', continue: token },
      items: names.map((name) => ({ metadata: { name } })),
    })

  it('follows all pages and fills in kind and apiVersion', async () => {
    const { client, transport } = setUp((request) => (request.query?.['continue'] ? page(['b']) : page(['a'], 'next')))
    const list = await client.list({ resource: ingresses, labelSelector: 'x=y' })
    expect(list.resourceVersion).toBe('40')
    expect(list.items).toEqual(
      ['a', 'b'].map((name) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name } })),
    )
    expect(transport.requests.map((request) => request.query)).toEqual([
      { limit: '500', labelSelector: 'x=y' },
      { limit: '500', labelSelector: 'x=y', continue: 'next' },
    ])
  })

  it('begins anew, once, when its pages expire on the way', async () => {
    let asked = 0
    const { client } = setUp(() => {
      asked++
      if (asked === 1) return page(['old'], 'next')
      if (asked === 2) return failed(410, 'Expired')
      return page(['new'])
    })
    const list = await client.list({ resource: ingresses })
    expect(list.items.map((item) => item.metadata.name)).toEqual(['new'])

    const hopeless = setUp(() => failed(410, 'Expired'))
    await expect(hopeless.client.list({ resource: ingresses })).rejects.toMatchObject({ kind: 'expired' })
  })

  it('gives nothing when a later page fails', async () => {
    const { client } = setUp((request) =>
      request.query?.['continue'] ? failed(500, 'InternalError') : page(['a'], 'next'),
    )
    await expect(client.list({ resource: ingresses })).rejects.toMatchObject({ kind: 'transient' })
  })

  it('takes an answer that is no list for a failure, not for an empty list', async () => {
    const { client } = setUp(() => ok({ message: 'hello from a proxy' }))
    await expect(client.list({ resource: ingresses })).rejects.toMatchObject({ name: 'KubeError', kind: 'transient' })
  })
})

describe('a call that does not succeed', () => {
  it('throws what the server said, classified', async () => {
    const { client } = setUp(() => failed(404, 'NotFound'))
    await expect(client.get(shop)).rejects.toMatchObject({ name: 'KubeError', kind: 'notFound', code: 404 })
  })

  it('ends at its deadline on the clock: a read is unreachable, a write ambiguous', async () => {
    const { client, clock } = setUp(() => 'silence')
    const errors: unknown[] = []
    client.get(shop).catch((error: unknown) => errors.push(error))
    client.update({ ...shop, object: {}, timeoutMs: 8000 }).catch((error: unknown) => errors.push(error))
    await clock.advance(7999)
    expect(errors).toEqual([])
    await clock.advance(2001)
    expect(errors).toMatchObject([{ kind: 'ambiguous' }, { kind: 'unreachable' }])
    expect(clock.sleeping).toBe(0)
  })

  it('throws the caller’s own reason when the caller gave up', async () => {
    const { client, clock } = setUp(() => 'silence')
    const stop = new AbortController()
    const call = client.get({ ...shop, signal: stop.signal })
    const reason = new Error('shutting down')
    stop.abort(reason)
    await expect(call).rejects.toBe(reason)
    await expect(client.get({ ...shop, signal: stop.signal })).rejects.toBe(reason)
    expect(clock.sleeping).toBe(0)
  })

  it('leaves no timer behind when it succeeds', async () => {
    const { client, clock } = setUp(() => ok())
    await client.get(shop)
    expect(clock.sleeping).toBe(0)
  })
})
