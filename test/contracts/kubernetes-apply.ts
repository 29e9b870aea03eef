import { expect, test } from 'vitest'
import {
  type Body,
  causesOf,
  configMap,
  configMaps,
  ingress,
  ingresses,
  type KubernetesClient,
  service,
  services,
} from './kubernetes-client.ts'

const annotated = (name: string, annotations: Record<string, string>) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, annotations },
})

/** `manager operation`, with the subresource where there is one, and the fields. */
function ownersOf({ metadata }: Body): [string, unknown][] {
  return (metadata.managedFields ?? []).map(({ manager, operation, subresource, fieldsV1 }) => [
    [manager, operation, subresource].filter(Boolean).join(' '),
    fieldsV1,
  ])
}

/** Server-side apply: ownership of fields. */
export function applyContract(kube: () => KubernetesClient): void {
  test('apply creates an object, and then updates it', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    const created = await kube().apply(path, configMap('a', { data: { x: '1' } }), 'me')
    expect(created.status).toBe(201)
    expect(ownersOf(created.body)).toEqual([['me Apply', { 'f:data': { 'f:x': {} } }]])
    const updated = await kube().apply(path, configMap('a', { data: { x: '2' } }), 'me')
    expect([updated.status, updated.body['data']]).toEqual([200, { x: '2' }])
  })

  test('applying the same again changes nothing', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    const first = await kube().apply(path, configMap('a', { data: { x: '1' } }), 'me')
    const second = await kube().apply(path, configMap('a', { data: { x: '1' } }), 'me')
    expect(second.body).toEqual(first.body)
  })

  test('apply may be written in YAML', async () => {
    const namespace = await kube().namespace()
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: "1"\n'
    const { status, body } = await kube().apply(`${configMaps(namespace)}/a`, text, 'me')
    expect([status, body['data']]).toEqual([201, { x: '1' }])
  })

  test('apply needs a field manager', async () => {
    const namespace = await kube().namespace()
    const { status, body } = await kube().send({
      method: 'PATCH',
      path: `${configMaps(namespace)}/a`,
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: configMap('a'),
    })
    expect(status).toBe(422)
    expect(causesOf(body)).toEqual(['fieldManager: FieldValueRequired'])
  })

  test('a field that another manager owns with another value is a conflict, naming manager and field', async () => {
    const namespace = await kube().namespace()
    const path = `${ingresses(namespace)}/a`
    const object = ingress('a', { metadata: { annotations: { 'example.com/arn': 'theirs' } } })
    await kube().create(ingresses(namespace), object, { fieldManager: 'them' })
    const { status, body } = await kube().apply(path, annotated('a', { 'example.com/arn': 'mine' }), 'me')
    expect(status).toBe(409)
    expect(body).toMatchObject({
      reason: 'Conflict',
      message:
        'Apply failed with 1 conflict: conflict with "them" using networking.k8s.io/v1: .metadata.annotations.example.com/arn',
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "them" using networking.k8s.io/v1',
            field: '.metadata.annotations.example.com/arn',
          },
        ],
      },
    })
    expect((await kube().get(path)).body.metadata.annotations).toEqual({ 'example.com/arn': 'theirs' })
  })

  test('several conflicts are counted, by manager', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    await kube().apply(path, configMap('a', { data: { x: '1', y: '1' } }), 'one')
    await kube().apply(path, configMap('a', { data: { z: '1' } }), 'two')
    const { body } = await kube().apply(path, configMap('a', { data: { x: '2', y: '2', z: '2' } }), 'me')
    expect([...causesOf(body)].sort()).toEqual([
      '.data.x: FieldManagerConflict',
      '.data.y: FieldManagerConflict',
      '.data.z: FieldManagerConflict',
    ])
    expect(body['message']).toBe(
      'Apply failed with 3 conflicts: conflicts with "one":\n- .data.x\n- .data.y\nconflicts with "two":\n- .data.z',
    )
  })

  test('force takes the field, and the other manager loses it', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    await kube().apply(path, configMap('a', { data: { x: '1', y: '1' } }), 'them')
    const { status, body } = await kube().apply(path, configMap('a', { data: { x: '2' } }), 'me', { force: 'true' })
    expect([status, body['data']]).toEqual([200, { x: '2', y: '1' }])
    expect(Object.fromEntries(ownersOf(body))).toEqual({
      'me Apply': { 'f:data': { 'f:x': {} } },
      'them Apply': { 'f:data': { 'f:y': {} } },
    })
  })

  test('the same value by two managers is shared, and stays until both let go', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    await kube().apply(path, configMap('a', { data: { x: '1' } }), 'one')
    expect((await kube().apply(path, configMap('a', { data: { x: '1' } }), 'two')).status).toBe(200)
    const stays = await kube().apply(path, configMap('a'), 'one')
    expect(stays.body['data']).toEqual({ x: '1' })
    const goes = await kube().apply(path, configMap('a'), 'two')
    expect(goes.body['data']).toBeUndefined()
  })

  test('what a manager no longer applies is removed, and nothing of others', async () => {
    const namespace = await kube().namespace()
    const path = `${ingresses(namespace)}/a`
    await kube().created(ingresses(namespace), ingress('a', { metadata: { annotations: { 'example.com/user': 'u' } } }))
    await kube().apply(path, annotated('a', { 'example.com/arn': 'arn', 'example.com/more': 'm' }), 'me')
    const fewer = await kube().apply(path, annotated('a', { 'example.com/arn': 'arn' }), 'me')
    expect(fewer.body.metadata.annotations).toEqual({ 'example.com/user': 'u', 'example.com/arn': 'arn' })
    const none = await kube().apply(
      path,
      { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'a' } },
      'me',
    )
    expect(none.body.metadata.annotations).toEqual({ 'example.com/user': 'u' })
    expect(none.body).toMatchObject({ spec: { ingressClassName: 'alb' } })
    expect(ownersOf(none.body).map(([owner]) => owner)).toEqual(['creator Update'])
  })

  test('an update takes ownership from whoever applied the field', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    await kube().apply(path, configMap('a', { data: { x: '1', y: '1' } }), 'me')
    const { body } = await kube().patch('merge', path, { data: { x: '2' } }, { fieldManager: 'user' })
    expect(ownersOf(body)).toEqual([
      ['me Apply', { 'f:data': { 'f:y': {} } }],
      ['user Update', { 'f:data': { 'f:x': {} } }],
    ])
    const again = await kube().apply(path, configMap('a', { data: { x: '1', y: '1' } }), 'me')
    expect(causesOf(again.body)).toEqual(['.data.x: FieldManagerConflict'])
  })

  test('removing a field removes it from whoever owned it', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    await kube().apply(path, configMap('a', { data: { x: '1', y: '1' } }), 'me')
    const { body } = await kube().patch('merge', path, { data: { x: null } }, { fieldManager: 'user' })
    expect(ownersOf(body)).toEqual([['me Apply', { 'f:data': { 'f:y': {} } }]])
    expect((await kube().apply(path, configMap('a', { data: { x: '1', y: '1' } }), 'me')).status).toBe(200)
  })

  test('the status is applied through its subresource, with an owner of its own', async () => {
    const namespace = await kube().namespace()
    const path = `${ingresses(namespace)}/a`
    await kube().apply(path, ingress('a'), 'me')
    const loadBalancer = { ingress: [{ hostname: 'lb.example.com' }] }
    const status = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'a' },
      status: { loadBalancer },
    }
    const { status: code, body } = await kube().apply(`${path}/status`, status, 'me')
    expect([code, body['status']]).toEqual([200, { loadBalancer }])
    expect(
      ownersOf(body)
        .map(([owner]) => owner)
        .sort(),
    ).toEqual(['me Apply', 'me Apply status'])
    const main = await kube().apply(path, ingress('a'), 'me')
    expect(main.body['status']).toEqual({ loadBalancer })
  })

  test('the status of an absent object cannot be applied', async () => {
    const namespace = await kube().namespace()
    expect((await kube().apply(`${ingresses(namespace)}/none/status`, annotated('none', {}), 'me')).status).toBe(404)
  })

  test('ports of a Service are owned one by one', async () => {
    const namespace = await kube().namespace()
    const path = `${services(namespace)}/a`
    await kube().apply(path, service('a', [{ name: 'http', port: 80 }]), 'one')
    const { body } = await kube().apply(path, service('a', [{ name: 'https', port: 443 }]), 'two')
    const spec = body['spec'] as { ports: { port: number; protocol: string }[] }
    expect(spec.ports.map(({ port, protocol }) => `${port}/${protocol}`).sort()).toEqual(['443/TCP', '80/TCP'])
    const item = 'k:{"port":443,"protocol":"TCP"}'
    expect(new Map(ownersOf(body)).get('two Apply')).toEqual({
      'f:spec': { 'f:ports': { [item]: { '.': {}, 'f:name': {}, 'f:port': {} } } },
    })
    const dropped = await kube().apply(path, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } }, 'one')
    expect((dropped.body['spec'] as typeof spec).ports.map(({ port }) => port)).toEqual([443])
  })

  test('finalizers are a set of which each owns its own', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    const finalizing = (name: string) => configMap('a', { metadata: { finalizers: [name] } })
    await kube().apply(path, finalizing('example.com/a'), 'one')
    const { body } = await kube().apply(path, finalizing('example.com/b'), 'two')
    expect(body.metadata.finalizers).toEqual(expect.arrayContaining(['example.com/a', 'example.com/b']))
    const dropped = await kube().apply(path, configMap('a'), 'one')
    expect(dropped.body.metadata.finalizers).toEqual(['example.com/b'])
    await kube().apply(path, configMap('a'), 'two')
  })

  test('a resource version in what is applied is a precondition', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    const first = await kube().apply(path, configMap('a', { data: { x: '1' } }), 'me')
    const { resourceVersion } = first.body.metadata
    const metadata = { resourceVersion }
    expect((await kube().apply(path, configMap('a', { metadata, data: { x: '2' } }), 'me')).status).toBe(200)
    const stale = await kube().apply(path, configMap('a', { metadata, data: { x: '3' } }), 'me')
    expect([stale.status, stale.body['reason']]).toEqual([409, 'Conflict'])
  })

  test('a uid in what is applied keeps an absent object from being created', async () => {
    const namespace = await kube().namespace()
    const metadata = { uid: '00000000-0000-4000-8000-000000000000' }
    const { status, body } = await kube().apply(`${configMaps(namespace)}/a`, configMap('a', { metadata }), 'me')
    expect([status, body['reason']]).toEqual([409, 'Conflict'])
    expect((await kube().get(`${configMaps(namespace)}/a`)).status).toBe(404)
  })

  test('managedFields cannot be applied', async () => {
    const namespace = await kube().namespace()
    const metadata = { managedFields: [{ manager: 'x' }] }
    const { status } = await kube().apply(`${configMaps(namespace)}/a`, configMap('a', { metadata }), 'me')
    expect(status).toBe(400)
  })

  test('a body of another name is refused with 400', async () => {
    const namespace = await kube().namespace()
    expect((await kube().apply(`${configMaps(namespace)}/a`, configMap('b'), 'me')).status).toBe(400)
  })

  test('a dry run of an apply tells of conflicts, and changes nothing', async () => {
    const namespace = await kube().namespace()
    const path = `${configMaps(namespace)}/a`
    const first = await kube().apply(path, configMap('a', { data: { x: '1' } }), 'them')
    const dry = { dryRun: 'All' }
    expect((await kube().apply(path, configMap('a', { data: { x: '2' } }), 'me', dry)).status).toBe(409)
    const forced = await kube().apply(path, configMap('a', { data: { x: '2' } }), 'me', { ...dry, force: 'true' })
    expect([forced.status, forced.body['data']]).toEqual([200, { x: '2' }])
    expect((await kube().get(path)).body).toEqual(first.body)
  })
}
