import { expect, test } from 'vitest'
import {
  causesOf,
  configMap,
  configMaps,
  ingress,
  ingresses,
  type KubernetesClient,
  lease,
  leases,
  service,
  services,
} from './kubernetes-client.ts'

/** The life of an object: created, read, updated, deleted. */
export function objectContract(kube: () => KubernetesClient): void {
  test('a created object has a uid, a resource version and a time of creation', async () => {
    const namespace = await kube().namespace()
    const { status, body } = await kube().create(configMaps(namespace), configMap('a', { data: { x: '1' } }))
    expect(status).toBe(201)
    expect(body).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'a', namespace },
      data: { x: '1' },
    })
    expect(body.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(body.metadata.resourceVersion).toMatch(/^[1-9]\d*$/)
    expect(body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const read = await kube().get(`${configMaps(namespace)}/a`)
    expect(read.body).toEqual(body)
  })

  test('an Ingress starts with generation 1, a ConfigMap has none', async () => {
    const namespace = await kube().namespace()
    expect((await kube().created(ingresses(namespace), ingress('a'))).metadata.generation).toBe(1)
    expect((await kube().created(configMaps(namespace), configMap('a'))).metadata.generation).toBeUndefined()
  })

  test('a name that is taken is refused with 409 AlreadyExists', async () => {
    const namespace = await kube().namespace()
    await kube().created(ingresses(namespace), ingress('a'))
    const { status, body } = await kube().create(ingresses(namespace), ingress('a'))
    expect(status).toBe(409)
    expect(body).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'AlreadyExists',
      message: 'ingresses.networking.k8s.io "a" already exists',
      details: { name: 'a', group: 'networking.k8s.io', kind: 'ingresses' },
      code: 409,
    })
  })

  test('generateName gives a name of its own', async () => {
    const namespace = await kube().namespace()
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-' } }
    const [left, right] = [
      await kube().created(configMaps(namespace), object),
      await kube().created(configMaps(namespace), object),
    ]
    expect(left.metadata.name).toMatch(/^made-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    expect(right.metadata.name).not.toBe(left.metadata.name)
  })

  test('nothing can be created in a namespace that does not exist', async () => {
    const { status, body } = await kube().create(configMaps('no-such-namespace'), configMap('a'))
    expect(status).toBe(404)
    expect(body).toMatchObject({ reason: 'NotFound', message: 'namespaces "no-such-namespace" not found' })
  })

  test('an absent object is 404 NotFound', async () => {
    const namespace = await kube().namespace()
    const { status, body } = await kube().get(`${ingresses(namespace)}/none`)
    expect(status).toBe(404)
    expect(body).toMatchObject({
      kind: 'Status',
      status: 'Failure',
      reason: 'NotFound',
      message: 'ingresses.networking.k8s.io "none" not found',
      details: { name: 'none', group: 'networking.k8s.io', kind: 'ingresses' },
    })
  })

  test('an update with an old resource version is refused with 409 Conflict', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    const first = await kube().created(configMaps(namespace), configMap('a', { data: { x: '1' } }))
    expect((await kube().update(path, { ...first, data: { x: '2' } })).status).toBe(200)
    const { status, body } = await kube().update(path, { ...first, data: { x: '3' } })
    expect(status).toBe(409)
    expect(body).toMatchObject({
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
      details: { name: 'a', kind: 'configmaps' },
    })
    expect((await kube().get(path)).body['data']).toEqual({ x: '2' })
  })

  test('an update without a resource version replaces a ConfigMap or an Ingress', async () => {
    const namespace = await kube().namespace()
    await kube().created(configMaps(namespace), configMap('a', { data: { x: '1' } }))
    await kube().created(ingresses(namespace), ingress('a'))
    const replaced = await kube().update(`${configMaps(namespace)}/a`, configMap('a', { data: { y: '2' } }))
    expect([replaced.status, replaced.body['data']]).toEqual([200, { y: '2' }])
    expect((await kube().update(`${ingresses(namespace)}/a`, ingress('a', { hosts: ['b.example.com'] }))).status).toBe(
      200,
    )
  })

  test('an update of a Lease needs the resource version', async () => {
    const namespace = await kube().namespace()
    const { metadata } = await kube().created(leases(namespace), lease('a'))
    const { status, body } = await kube().update(`${leases(namespace)}/a`, lease('a'))
    expect([status, body['reason']]).toEqual([422, 'Invalid'])
    const { resourceVersion } = metadata
    expect((await kube().update(`${leases(namespace)}/a`, lease('a', { resourceVersion }))).status).toBe(200)
  })

  test('an update of an absent object creates a Lease, and is 404 for a ConfigMap', async () => {
    const namespace = await kube().namespace()
    expect((await kube().update(`${leases(namespace)}/new`, lease('new'))).status).toBe(201)
    expect((await kube().update(`${configMaps(namespace)}/new`, configMap('new'))).status).toBe(404)
  })

  test('a write that changes nothing keeps the resource version', async () => {
    const namespace = await kube().namespace()
    const object = await kube().created(ingresses(namespace), ingress('a'))
    const { status, body } = await kube().update(`${ingresses(namespace)}/a`, object, { fieldManager: 'creator' })
    expect(status).toBe(200)
    expect(body.metadata.resourceVersion).toBe(object.metadata.resourceVersion)
  })

  test('the generation counts changes of the specification alone', async () => {
    const namespace = await kube().namespace()
    const path = `${ingresses(namespace)}/a`
    await kube().created(ingresses(namespace), ingress('a'))
    const generationAfter = async (patch: object, subresource = '') =>
      (await kube().patch('merge', path + subresource, patch)).body.metadata.generation
    expect(await generationAfter({ metadata: { annotations: { x: 'y' } } })).toBe(1)
    expect(await generationAfter({ spec: { ingressClassName: 'other' } })).toBe(2)
    expect(await generationAfter({ status: { loadBalancer: { ingress: [{ hostname: 'lb' }] } } }, '/status')).toBe(2)
  })

  test('the status is written through its subresource only', async () => {
    const namespace = await kube().namespace()
    const path = `${ingresses(namespace)}/a`
    await kube().created(ingresses(namespace), {
      ...ingress('a'),
      status: { loadBalancer: { ingress: [{ hostname: 'x' }] } },
    })
    const status = { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } }
    const onMain = await kube().patch('merge', path, { status })
    expect(onMain.body['status']).toEqual({ loadBalancer: {} })
    const onStatus = await kube().patch('merge', `${path}/status`, { status, spec: { ingressClassName: 'other' } })
    expect(onStatus.body).toMatchObject({ status, spec: { ingressClassName: 'alb' } })
    expect((await kube().get(`${path}/status`)).body).toEqual(onStatus.body)
    const later = await kube().patch('merge', path, { spec: { ingressClassName: 'third' } })
    expect(later.body).toMatchObject({ status, spec: { ingressClassName: 'third' } })
  })

  test('what the server gives an object cannot be changed by an update', async () => {
    const namespace = await kube().namespace()
    const object = await kube().created(configMaps(namespace), configMap('a'))
    const creationTimestamp = '2001-01-01T00:00:00Z'
    const changed = { ...object, metadata: { ...object.metadata, creationTimestamp, generation: 7 }, data: { x: '1' } }
    const { status, body } = await kube().update(`${configMaps(namespace)}/a`, changed)
    expect(status).toBe(200)
    expect(body.metadata.creationTimestamp).toBe(object.metadata.creationTimestamp)
    expect(body.metadata.uid).toBe(object.metadata.uid)
  })

  test('a uid of another object is refused with 409', async () => {
    const namespace = await kube().namespace()
    await kube().created(configMaps(namespace), configMap('a'))
    const uid = '00000000-0000-4000-8000-000000000000'
    const { status, body } = await kube().update(`${configMaps(namespace)}/a`, configMap('a', { metadata: { uid } }))
    expect([status, body['reason']]).toEqual([409, 'Conflict'])
  })

  test('deleting an object answers with its uid, and it is gone', async () => {
    const namespace = await kube().namespace()
    const { metadata } = await kube().created(ingresses(namespace), ingress('a'))
    const { status, body } = await kube().delete(`${ingresses(namespace)}/a`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'a', group: 'networking.k8s.io', kind: 'ingresses', uid: metadata.uid },
    })
    expect((await kube().get(`${ingresses(namespace)}/a`)).status).toBe(404)
    expect((await kube().delete(`${ingresses(namespace)}/a`)).status).toBe(404)
  })

  test('deleting a Service answers with the Service', async () => {
    const namespace = await kube().namespace()
    await kube().created(services(namespace), service('a', [{ port: 80 }]))
    const { status, body } = await kube().delete(`${services(namespace)}/a`)
    expect([status, body.kind, body.metadata.name]).toEqual([200, 'Service', 'a'])
    expect((await kube().get(`${services(namespace)}/a`)).status).toBe(404)
  })

  test('nothing can be created in a namespace that is being deleted', async () => {
    const namespace = await kube().namespace()
    // Holds it, whether or not somebody empties namespaces here.
    const held = configMap('a', { metadata: { finalizers: ['example.com/hold'] } })
    await kube().created(configMaps(namespace), held)
    const deleted = await kube().delete(`/api/v1/namespaces/${namespace}`)
    expect(deleted.body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } })
    const { status, body } = await kube().create(configMaps(namespace), configMap('b'))
    expect([status, body['reason'], causesOf(body)]).toEqual([
      403,
      'Forbidden',
      ['metadata.namespace: NamespaceTerminating'],
    ])
    await kube().patch('merge', `${configMaps(namespace)}/a`, { metadata: { finalizers: null } })
  })

  test('a deletion whose preconditions do not hold is refused with 409', async () => {
    const namespace = await kube().namespace()
    const { metadata } = await kube().created(configMaps(namespace), configMap('a'))
    const path = `${configMaps(namespace)}/a`
    const byUid = await kube().delete(path, { preconditions: { uid: 'another' } })
    expect([byUid.status, byUid.body['reason']]).toEqual([409, 'Conflict'])
    const byVersion = await kube().delete(path, { preconditions: { resourceVersion: '1' } })
    expect([byVersion.status, byVersion.body['reason']]).toEqual([409, 'Conflict'])
    const { uid, resourceVersion } = metadata
    expect((await kube().delete(path, { preconditions: { uid, resourceVersion } })).status).toBe(200)
  })

  test('a finalizer holds a deleted object until it is taken away', async () => {
    const namespace = await kube().namespace()
    const path = `${ingresses(namespace)}/a`
    await kube().created(ingresses(namespace), ingress('a', { metadata: { finalizers: ['example.com/hold'] } }))
    const deleted = await kube().delete(path)
    expect([deleted.status, deleted.body.kind]).toEqual([200, 'Ingress'])
    const { metadata } = (await kube().get(path)).body
    expect(metadata.deletionTimestamp).toMatch(/Z$/)
    expect(metadata).toMatchObject({ deletionGracePeriodSeconds: 0, generation: 2 })
    const again = await kube().delete(path)
    expect(again.body.metadata.deletionTimestamp).toBe(metadata.deletionTimestamp)
    expect((await kube().patch('merge', path, { metadata: { finalizers: null } })).status).toBe(200)
    expect((await kube().get(path)).status).toBe(404)
  })

  test('no finalizer can be added once an object is being deleted', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    await kube().created(configMaps(namespace), configMap('a', { metadata: { finalizers: ['example.com/hold'] } }))
    await kube().delete(path)
    const finalizers = ['example.com/hold', 'example.com/more']
    const { status, body } = await kube().patch('merge', path, { metadata: { finalizers } })
    expect([status, body['reason']]).toEqual([422, 'Invalid'])
    await kube().patch('merge', path, { metadata: { finalizers: null } })
  })

  test('the deletion of a collection takes what the selector names', async () => {
    const namespace = await kube().namespace()
    await kube().created(configMaps(namespace), configMap('a', { metadata: { labels: { go: 'yes' } } }))
    await kube().created(configMaps(namespace), configMap('b'))
    expect((await kube().delete(configMaps(namespace), undefined, { labelSelector: 'go=yes' })).status).toBe(200)
    const { body } = await kube().get(configMaps(namespace))
    expect((body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name)).toEqual(['b'])
  })

  test('a dry run answers as if, and changes nothing', async () => {
    const namespace = await kube().namespace()
    const dry = { dryRun: 'All' }
    const created = await kube().create(configMaps(namespace), configMap('a'), dry)
    expect([created.status, created.body.metadata.name]).toEqual([201, 'a'])
    expect((await kube().get(`${configMaps(namespace)}/a`)).status).toBe(404)
    const { metadata } = await kube().created(configMaps(namespace), configMap('a'))
    const patched = await kube().patch('merge', `${configMaps(namespace)}/a`, { data: { x: '1' } }, dry)
    expect(patched.body['data']).toEqual({ x: '1' })
    expect((await kube().delete(`${configMaps(namespace)}/a`, undefined, dry)).status).toBe(200)
    const { body } = await kube().get(`${configMaps(namespace)}/a`)
    expect([body.metadata.resourceVersion, body['data']]).toEqual([metadata.resourceVersion, undefined])
  })

  test('updates are recorded in managedFields: who changed which fields', async () => {
    const namespace = await kube().namespace()
    await kube().create(configMaps(namespace), configMap('a', { data: { x: '1', y: '1' } }), { fieldManager: 'one' })
    const path = `${configMaps(namespace)}/a`
    const { body } = await kube().patch('merge', path, { data: { y: '2' } }, { fieldManager: 'two' })
    expect(body.metadata.managedFields).toMatchObject([
      {
        manager: 'one',
        operation: 'Update',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { '.': {}, 'f:x': {} } },
      },
      {
        manager: 'two',
        operation: 'Update',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:y': {} } },
      },
    ])
  })

  test('without a field manager the writer is called after its user agent', async () => {
    const namespace = await kube().namespace()
    const { body } = await kube().send({
      method: 'POST',
      path: configMaps(namespace),
      headers: { 'user-agent': 'some-tool/1.2 (linux)' },
      body: configMap('a', { data: { x: '1' } }),
    })
    expect(body.metadata.managedFields).toMatchObject([{ manager: 'some-tool', operation: 'Update' }])
  })
}
