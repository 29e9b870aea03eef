import { expect, test } from 'vitest'
import type { KubernetesClient } from './kubernetes-client.ts'

/** What a server says of itself. */
export function discoveryContract(kube: () => KubernetesClient): void {
  test('the server tells its version', async () => {
    const { status, body } = await kube().get('/version')
    expect(status).toBe(200)
    expect(body).toMatchObject({ major: '1', minor: '36', gitVersion: expect.stringMatching(/^v1\.36\./) as string })
  })

  test('the server says that it is well', async () => {
    for (const path of ['/healthz', '/readyz', '/livez']) expect((await kube().get(path)).text, path).toBe('ok')
  })

  test('the core group has one version', async () => {
    expect((await kube().get('/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
  })

  test('groups are listed with their preferred versions', async () => {
    const { body } = await kube().get('/apis')
    expect(body.kind).toBe('APIGroupList')
    const groups = body['groups'] as { name: string; preferredVersion: object }[]
    for (const name of ['apiextensions.k8s.io', 'coordination.k8s.io', 'events.k8s.io', 'networking.k8s.io'])
      expect(groups.find((group) => group.name === name)).toMatchObject({
        preferredVersion: { groupVersion: `${name}/v1`, version: 'v1' },
      })
    const one = await kube().get('/apis/networking.k8s.io')
    expect(one.body).toMatchObject({ kind: 'APIGroup', name: 'networking.k8s.io' })
  })

  test('resources are listed with their scope, verbs and short names', async () => {
    const { body } = await kube().get('/apis/networking.k8s.io/v1')
    expect(body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'networking.k8s.io/v1' })
    const resources = body['resources'] as { name: string; verbs: string[] }[]
    const find = (name: string) => resources.find((resource) => resource.name === name)
    expect(find('ingresses')).toMatchObject({
      singularName: 'ingress',
      namespaced: true,
      kind: 'Ingress',
      shortNames: ['ing'],
    })
    expect(find('ingresses')?.verbs.toSorted()).toEqual([
      'create',
      'delete',
      'deletecollection',
      'get',
      'list',
      'patch',
      'update',
      'watch',
    ])
    expect(find('ingressclasses')).toMatchObject({ namespaced: false })
    expect(find('ingresses/status')?.verbs.toSorted()).toEqual(['get', 'patch', 'update'])
    const core = (await kube().get('/api/v1')).body['resources'] as { name: string }[]
    const names = core.map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining(['configmaps', 'events', 'namespaces', 'secrets', 'serviceaccounts', 'services']),
    )
  })

  test('all of discovery can be had in one answer', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const { body, headers } = await kube().get('/apis', {}, accept)
    expect(headers['content-type']).toBe(accept)
    expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' })
    const items = body['items'] as {
      metadata: { name: string }
      versions: { version: string; resources: object[] }[]
    }[]
    const networking = items.find(({ metadata }) => metadata.name === 'networking.k8s.io')
    const v1 = networking?.versions.find(({ version }) => version === 'v1')
    expect(v1?.resources).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          resource: 'ingresses',
          responseKind: expect.objectContaining({ kind: 'Ingress' }) as object,
          scope: 'Namespaced',
          singularResource: 'ingress',
          shortNames: ['ing'],
        }),
      ]),
    )
  })

  test('the schemas say how lists of built-in kinds are merged', async () => {
    const index = await kube().get('/openapi/v3')
    const paths = index.body['paths'] as Record<string, { serverRelativeURL: string }>
    const url = new URL(paths['api/v1']?.serverRelativeURL ?? '', 'http://server')
    const { body } = await kube().get(url.pathname, Object.fromEntries(url.searchParams))
    expect(body['openapi']).toMatch(/^3\./)
    expect(body['paths']).toHaveProperty(['/api/v1/namespaces/{namespace}/configmaps/{name}', 'patch', 'parameters'])
    expect(JSON.stringify(body['components'])).toContain('"x-kubernetes-patch-merge-key":"port"')
  })

  test('whoever may do all is told so', async () => {
    const { status, body } = await kube().create('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'list', group: 'networking.k8s.io', resource: 'ingresses' } },
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({ kind: 'SelfSubjectAccessReview', status: { allowed: true } })
  })

  test('default and kube-system are there from the start', async () => {
    for (const name of ['default', 'kube-system'])
      expect((await kube().get(`/api/v1/namespaces/${name}`)).body).toMatchObject({
        metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
        status: { phase: 'Active' },
      })
  })
}
