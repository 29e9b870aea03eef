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
} from './kubernetes-client.ts'

/** What is refused, and how. */
export function validationContract(kube: () => KubernetesClient): void {
  test('an object without a name is refused with 422', async () => {
    const namespace = await kube().namespace()
    const { status, body } = await kube().create(configMaps(namespace), { apiVersion: 'v1', kind: 'ConfigMap' })
    expect(status).toBe(422)
    expect(causesOf(body)).toContain('metadata.name: FieldValueRequired')
  })

  test('a malformed name is refused with 422, naming field and value', async () => {
    const namespace = await kube().namespace()
    const { status, body } = await kube().create(ingresses(namespace), ingress('Not_A_Name'))
    expect(status).toBe(422)
    expect(body).toMatchObject({
      reason: 'Invalid',
      details: { name: 'Not_A_Name', group: 'networking.k8s.io', kind: 'Ingress' },
    })
    expect(body['message']).toMatch(
      /^Ingress\.networking\.k8s\.io "Not_A_Name" is invalid: metadata\.name: Invalid value: "Not_A_Name"/,
    )
    expect(causesOf(body)).toEqual(['metadata.name: FieldValueInvalid'])
  })

  test('malformed labels, annotations and finalizers are refused with 422', async () => {
    const namespace = await kube().namespace()
    const causes = async (metadata: object) =>
      causesOf((await kube().create(configMaps(namespace), configMap('a', { metadata }))).body)
    expect(await causes({ labels: { 'a b': 'x' } })).toEqual(['metadata.labels: FieldValueInvalid'])
    expect(await causes({ labels: { a: 'x y' } })).toEqual(['metadata.labels: FieldValueInvalid'])
    expect(await causes({ annotations: { 'a b': 'x' } })).toEqual(['metadata.annotations: FieldValueInvalid'])
  })

  test('annotations of more than 256 KiB are refused with 422', async () => {
    const namespace = await kube().namespace()
    const annotations = { big: 'x'.repeat(262_144) }
    const { status, body } = await kube().create(configMaps(namespace), configMap('a', { metadata: { annotations } }))
    expect(status).toBe(422)
    expect(causesOf(body)).toEqual(['metadata.annotations: FieldValueTooLong'])
  })

  test('a body for another namespace, name or kind is refused with 400', async () => {
    const namespace = await kube().namespace()
    const elsewhere = await kube().create(configMaps(namespace), configMap('a', { metadata: { namespace: 'default' } }))
    expect([elsewhere.status, elsewhere.body['reason']]).toEqual([400, 'BadRequest'])
    await kube().created(configMaps(namespace), configMap('a'))
    expect((await kube().update(`${configMaps(namespace)}/a`, configMap('b'))).status).toBe(400)
    expect((await kube().create(configMaps(namespace), ingress('a'))).status).toBe(400)
  })

  test('a resource version on an object to be created is refused', async () => {
    const namespace = await kube().namespace()
    const object = configMap('a', { metadata: { resourceVersion: '1' } })
    const { status, body } = await kube().create(configMaps(namespace), object)
    expect([status, body['message']]).toEqual([500, 'resourceVersion should not be set on objects to be created'])
  })

  test('a body that is no JSON is refused with 400', async () => {
    const namespace = await kube().namespace()
    const { status, body } = await kube().create(configMaps(namespace), '{"kind":')
    expect([status, body['reason']]).toEqual([400, 'BadRequest'])
  })

  test('a value of the wrong type is refused with 400', async () => {
    const namespace = await kube().namespace()
    const { status, body } = await kube().create(configMaps(namespace), { ...configMap('a'), data: { x: 1 } })
    expect([status, body['reason']]).toEqual([400, 'BadRequest'])
    const spec = { leaseDurationSeconds: 'long' }
    expect((await kube().create(leases(namespace), { ...lease('a'), spec })).status).toBe(400)
  })

  test('an unknown media type is refused with 415', async () => {
    const namespace = await kube().namespace()
    const headers = { 'content-type': 'text/plain' }
    const request = { path: configMaps(namespace), headers, body: configMap('a') }
    expect((await kube().send({ ...request, method: 'POST' })).status).toBe(415)
    await kube().created(configMaps(namespace), configMap('a'))
    const patch = { ...request, path: `${configMaps(namespace)}/a` }
    const { status, body } = await kube().send({ ...patch, method: 'PATCH' })
    expect([status, body['reason']]).toEqual([415, 'UnsupportedMediaType'])
  })

  test('an unknown field is dropped with a warning, or refused where validation is strict', async () => {
    const namespace = await kube().namespace()
    const object = { ...ingress('a'), spec: { ...ingress('a').spec, surprise: true } }
    const strict = await kube().create(ingresses(namespace), object, { fieldValidation: 'Strict' })
    expect([strict.status, strict.body['reason']]).toEqual([400, 'BadRequest'])
    expect(strict.body['message']).toContain('unknown field "spec.surprise"')
    const warned = await kube().create(ingresses(namespace), object)
    expect(warned.status).toBe(201)
    expect(warned.headers['warning']).toContain('unknown field \\"spec.surprise\\"')
    expect(warned.body['spec']).not.toHaveProperty('surprise')
    const ignored = await kube().update(`${ingresses(namespace)}/a`, object, { fieldValidation: 'Ignore' })
    expect([ignored.status, ignored.headers['warning']]).toEqual([200, undefined])
  })

  test('an Ingress needs a rule or a default backend', async () => {
    const namespace = await kube().namespace()
    const { status, body } = await kube().create(ingresses(namespace), {
      ...ingress('a'),
      spec: { ingressClassName: 'alb' },
    })
    expect(status).toBe(422)
    expect(causesOf(body)).toEqual(['spec: FieldValueInvalid'])
  })

  test('a host of an Ingress must be a DNS name, its first label perhaps a star', async () => {
    const namespace = await kube().namespace()
    const refused = async (host: string) => {
      const { status, body } = await kube().create(ingresses(namespace), ingress('a', { hosts: [host] }))
      expect(status).toBe(422)
      return causesOf(body)
    }
    for (const host of ['Shop.example.com', '10.0.0.1', 'a..b', 'shop_.example.com', '*.*.example.com'])
      expect(await refused(host), host).toEqual(['spec.rules[0].host: FieldValueInvalid'])
    expect((await kube().create(ingresses(namespace), ingress('a', { hosts: ['*.example.com'] }))).status).toBe(201)
  })

  test('a path of an Ingress needs a type, and starts with a slash', async () => {
    const namespace = await kube().namespace()
    const backend = { service: { name: 'web', port: { number: 80 } } }
    const causes = async (path: object) => {
      const spec = { rules: [{ host: 'a.example.com', http: { paths: [path] } }] }
      return causesOf((await kube().create(ingresses(namespace), { ...ingress('a'), spec })).body)
    }
    expect(await causes({ path: '/', backend })).toEqual(['spec.rules[0].http.paths[0].pathType: FieldValueRequired'])
    expect(await causes({ path: 'x', pathType: 'Prefix', backend })).toEqual([
      'spec.rules[0].http.paths[0].path: FieldValueInvalid',
    ])
    expect(await causes({ path: '/', pathType: 'Regex', backend })).toEqual([
      'spec.rules[0].http.paths[0].pathType: FieldValueNotSupported',
    ])
  })

  test('the text of a Secret is kept in base64', async () => {
    const namespace = await kube().namespace()
    const path = `/api/v1/namespaces/${namespace}/secrets`
    const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, stringData: { password: 'open' } }
    const body = await kube().created(path, object)
    expect(body).toMatchObject({ type: 'Opaque', data: { password: 'b3Blbg==' } })
    expect(body['stringData']).toBeUndefined()
    const changed = await kube().patch('merge', `${path}/a`, { type: 'other' })
    expect(changed.status).toBe(422)
  })

  test('an event written as events.k8s.io/v1 can be read as v1', async () => {
    const namespace = await kube().namespace()
    const event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'a.1' },
      eventTime: '2026-11-24T09:00:00.000000Z',
      reportingController: 'example.com/controller',
      reportingInstance: 'one',
      action: 'Act',
      reason: 'Because',
      regarding: { kind: 'Ingress', apiVersion: 'networking.k8s.io/v1', namespace, name: 'a', uid: 'u' },
      note: 'It happened.',
      type: 'Normal',
    }
    await kube().created(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`, event)
    const { body } = await kube().get(`/api/v1/namespaces/${namespace}/events`, {
      fieldSelector: 'involvedObject.uid=u',
    })
    expect(body['items']).toMatchObject([
      {
        message: 'It happened.',
        reason: 'Because',
        reportingComponent: 'example.com/controller',
        involvedObject: { kind: 'Ingress', name: 'a' },
        eventTime: '2026-11-24T09:00:00.000000Z',
        firstTimestamp: null,
      },
    ])
    const without = { ...event, metadata: { name: 'b' }, action: '' }
    expect((await kube().create(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`, without)).status).toBe(422)
  })

  test('a path that names no served resource is 404', async () => {
    expect((await kube().get('/apis/example.com/v1/things')).status).toBe(404)
    expect((await kube().get('/api/v1/namespaces/default/things')).status).toBe(404)
  })

  test('what needs a namespace cannot be created without one', async () => {
    const { status, body } = await kube().create('/api/v1/configmaps', configMap('a'))
    expect([status, body['reason']]).toEqual([405, 'MethodNotAllowed'])
  })
}
