import { expect, test } from 'vitest'
import {
  type Body,
  configMap,
  configMaps,
  ingress,
  ingresses,
  type KubernetesClient,
  type Reply,
  uniqueName,
} from './kubernetes-client.ts'

const names = ({ body }: Reply): string[] => (body['items'] as Body[]).map(({ metadata }) => metadata.name)

async function fill(kube: KubernetesClient, count: number, label = 'x'): Promise<string> {
  const namespace = await kube.namespace()
  for (let index = 0; index < count; index++)
    await kube.created(configMaps(namespace), configMap(`c${index}`, { metadata: { labels: { label } } }))
  return namespace
}

/** Lists: pages, selectors, versions, forms. */
export function listContract(kube: () => KubernetesClient): void {
  test('a list names its kind and its resource version, its items do not repeat theirs', async () => {
    const namespace = await fill(kube(), 2)
    const reply = await kube().get(configMaps(namespace))
    expect(reply.body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
    expect(reply.body.metadata.resourceVersion).toMatch(/^[1-9]\d*$/)
    expect(names(reply)).toEqual(['c0', 'c1'])
    for (const item of reply.body['items'] as Body[])
      expect([item.kind, item.apiVersion]).toEqual([undefined, undefined])
  })

  test('a list has no null in the place of no items', async () => {
    const namespace = await kube().namespace()
    expect((await kube().get(ingresses(namespace))).body['items']).toEqual([])
  })

  test('pages follow each other by their continue token, and say how many remain', async () => {
    const namespace = await fill(kube(), 5)
    const first = await kube().get(configMaps(namespace), { limit: '2' })
    expect(names(first)).toEqual(['c0', 'c1'])
    expect(first.body.metadata.remainingItemCount).toBe(3)
    const second = await kube().get(configMaps(namespace), { limit: '2', continue: first.body.metadata.continue ?? '' })
    expect(names(second)).toEqual(['c2', 'c3'])
    const third = await kube().get(configMaps(namespace), { limit: '2', continue: second.body.metadata.continue ?? '' })
    expect(names(third)).toEqual(['c4'])
    expect(third.body.metadata.continue ?? '').toBe('')
    expect(third.body.metadata.remainingItemCount).toBeUndefined()
  })

  test('all pages of a list show one moment', async () => {
    const namespace = await fill(kube(), 4)
    const first = await kube().get(configMaps(namespace), { limit: '2' })
    await kube().delete(`${configMaps(namespace)}/c2`)
    await kube().created(configMaps(namespace), configMap('c9'))
    const rest = await kube().get(configMaps(namespace), { continue: first.body.metadata.continue ?? '' })
    expect(names(rest)).toEqual(['c2', 'c3'])
    expect(rest.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion)
  })

  test('a malformed continue token is refused with 400', async () => {
    const namespace = await kube().namespace()
    const { status, body } = await kube().get(configMaps(namespace), { limit: '1', continue: 'nonsense' })
    expect([status, body['reason']]).toEqual([400, 'BadRequest'])
  })

  test('label selectors know equality, sets and presence', async () => {
    const namespace = await kube().namespace()
    const add = (name: string, labels: Record<string, string>) =>
      kube().created(configMaps(namespace), configMap(name, { metadata: { labels } }))
    await add('a', { tier: 'front', env: 'test' })
    await add('b', { tier: 'back' })
    await add('c', {})
    const cases: [selector: string, found: string[]][] = [
      ['tier=front', ['a']],
      ['tier==front', ['a']],
      ['tier!=front', ['b', 'c']],
      ['tier in (front,back)', ['a', 'b']],
      ['tier notin (front)', ['b', 'c']],
      ['tier', ['a', 'b']],
      ['!tier', ['c']],
      ['tier,env=test', ['a']],
    ]
    for (const [labelSelector, found] of cases)
      expect(names(await kube().get(configMaps(namespace), { labelSelector })), labelSelector).toEqual(found)
    expect((await kube().get(configMaps(namespace), { labelSelector: 'a b c' })).status).toBe(400)
  })

  test('field selectors know name and namespace, and refuse other fields', async () => {
    const namespace = await fill(kube(), 2)
    const one = await kube().get(configMaps(namespace), { fieldSelector: 'metadata.name=c1' })
    expect(names(one)).toEqual(['c1'])
    expect(names(await kube().get(configMaps(namespace), { fieldSelector: 'metadata.name!=c1' }))).toEqual(['c0'])
    const everywhere = await kube().get('/api/v1/configmaps', { fieldSelector: `metadata.namespace=${namespace}` })
    expect(names(everywhere)).toEqual(['c0', 'c1'])
    const refused = await kube().get(configMaps(namespace), { fieldSelector: 'data.x=1' })
    expect([refused.status, refused.body['reason']]).toEqual([400, 'BadRequest'])
  })

  test('a list over all namespaces is ordered by namespace and name', async () => {
    const label = uniqueName()
    const namespaces = [await fill(kube(), 2, label), await fill(kube(), 1, label)]
    const { body } = await kube().get('/api/v1/configmaps', { labelSelector: `label=${label}` })
    const found = (body['items'] as Body[]).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    expect(found).toEqual([`${namespaces[0]}/c0`, `${namespaces[0]}/c1`, `${namespaces[1]}/c0`].sort())
  })

  test('a list of an exact resource version shows the past', async () => {
    const namespace = await fill(kube(), 1)
    const { resourceVersion } = (await kube().get(configMaps(namespace))).body.metadata
    await kube().created(configMaps(namespace), configMap('later'))
    await kube().patch('merge', `${configMaps(namespace)}/c0`, { data: { x: '1' } })
    const past = await kube().get(configMaps(namespace), { resourceVersion, resourceVersionMatch: 'Exact' })
    expect(names(past)).toEqual(['c0'])
    expect((past.body['items'] as Body[])[0]?.['data']).toBeUndefined()
    expect(past.body.metadata.resourceVersion).toBe(resourceVersion)
  })

  test('resourceVersionMatch needs a resourceVersion', async () => {
    const namespace = await kube().namespace()
    const { status, body } = await kube().get(configMaps(namespace), { resourceVersionMatch: 'Exact' })
    expect([status, body['reason']]).toEqual([422, 'Invalid'])
  })

  test('a table has the columns of the kind and a row for each object', async () => {
    const namespace = await kube().namespace()
    await kube().created(ingresses(namespace), ingress('a', { hosts: ['a.example.com', 'b.example.com'] }))
    const { body, headers } = await kube().get(
      ingresses(namespace),
      {},
      'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    )
    expect(headers['content-type']).toContain('application/json')
    expect(body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' })
    const columns = body['columnDefinitions'] as { name: string; type: string; priority: number }[]
    expect(columns.map(({ name }) => name)).toEqual(['Name', 'Class', 'Hosts', 'Address', 'Ports', 'Age'])
    const rows = body['rows'] as { cells: unknown[]; object: Body }[]
    expect(rows[0]?.cells.slice(0, 5)).toEqual(['a', 'alb', 'a.example.com,b.example.com', '', '80'])
    expect(rows[0]?.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a', namespace } })
    const whole = await kube().get(
      ingresses(namespace),
      { includeObject: 'Object' },
      'application/json;as=Table;v=v1;g=meta.k8s.io',
    )
    expect((whole.body['rows'] as { object: Body }[])[0]?.object).toMatchObject({
      kind: 'Ingress',
      spec: { ingressClassName: 'alb' },
    })
  })

  test('the metadata of objects can be had alone', async () => {
    const namespace = await fill(kube(), 1)
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
    const list = await kube().get(configMaps(namespace), {}, accept)
    expect(list.body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' })
    expect(names(list)).toEqual(['c0'])
    const one = await kube().get(`${configMaps(namespace)}/c0`, {}, accept.replace('List', ''))
    expect(one.body).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'c0' } })
    expect(one.body).not.toHaveProperty('data')
  })

  test('a form that is not served is refused with 406', async () => {
    const { status } = await kube().get('/api/v1/namespaces', {}, 'text/html')
    expect(status).toBe(406)
  })
}
