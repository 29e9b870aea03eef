import { describe, expect, test } from 'vitest'
import { groupOf, groupsOf } from './groups.ts'
import { BuildFailure, buildModel } from './model.ts'
import type { Ingress, IngressClass, IngressClassParams, Snapshot } from './objects.ts'

const albClass: IngressClass = {
  metadata: { name: 'alb', uid: 'class', resourceVersion: '1' },
  spec: { controller: 'ingress.k8s.aws/alb' },
}

function ingress(options: {
  name: string
  annotations?: Record<string, string>
  hosts?: string[]
  className?: string | undefined
  legacyClass?: string
  finalizers?: string[]
  deleting?: boolean
}): Ingress {
  const prefixed = Object.entries(options.annotations ?? {}).map(([key, value]) => [
    `alb.ingress.kubernetes.io/${key}`,
    value,
  ])
  const legacy = options.legacyClass === undefined ? [] : [['kubernetes.io/ingress.class', options.legacyClass]]
  const className = 'className' in options ? options.className : 'alb'
  return {
    metadata: {
      name: options.name,
      namespace: 'shop',
      uid: options.name,
      resourceVersion: '1',
      annotations: Object.fromEntries([...prefixed, ...legacy]) as Record<string, string>,
      finalizers: options.finalizers ?? [],
      ...(options.deleting ? { deletionTimestamp: '2026-11-24T09:00:00Z' } : {}),
    },
    spec: {
      ...(className === undefined ? {} : { ingressClassName: className }),
      rules: (options.hosts ?? []).map((host) => ({ host })),
    },
  }
}

function snapshot(...ingresses: Ingress[]): Snapshot {
  return { ingresses, classes: [albClass], params: [] }
}

async function modelOf(key: string, world: Snapshot, found: Record<string, string[]> = {}) {
  return await buildModel(groupOf(world, key), async (hosts) => {
    const arns = hosts.flatMap((host) => {
      const matching = found[host]
      if (!matching) throw new BuildFailure(`no certificate found for host: ${host}`)
      return matching
    })
    return [...new Set(arns)].sort()
  })
}

describe('groups', () => {
  test('an Ingress without a group is a group of its own', () => {
    const group = groupOf(snapshot(ingress({ name: 'a' })), 'shop/a')
    expect(group.members).toHaveLength(1)
    expect(group.finalizer).toBe('ingress.k8s.aws/resources')
  })

  test('members are ordered by group.order, then by namespace and name', () => {
    const world = snapshot(
      ingress({ name: 'c', annotations: { 'group.name': 'g', 'group.order': '-1' } }),
      ingress({ name: 'b', annotations: { 'group.name': 'g' } }),
      ingress({ name: 'a', annotations: { 'group.name': 'g' } }),
    )
    expect(groupOf(world, 'g').members.map(({ ingress }) => ingress.metadata.name)).toEqual(['c', 'a', 'b'])
    expect(groupOf(world, 'g').finalizer).toBe('group.ingress.k8s.aws/g')
  })

  test('the group of the class wins over the annotation', () => {
    const params: IngressClassParams = {
      metadata: { name: 'p', uid: 'p', resourceVersion: '1' },
      spec: { group: { name: 'of-the-class' } },
    }
    const withParams: IngressClass = {
      ...albClass,
      spec: { controller: 'ingress.k8s.aws/alb', parameters: { kind: 'IngressClassParams', name: 'p' } },
    }
    const object = ingress({ name: 'a', annotations: { 'group.name': 'mine' } })
    expect(groupsOf({ ingresses: [object], classes: [withParams], params: [params] }, object)).toEqual(['of-the-class'])
  })

  test('an Ingress that is being deleted, or moved to another group, leaves the one whose finalizer it carries', () => {
    const finalizers = ['group.ingress.k8s.aws/g']
    const deleted = ingress({ name: 'a', annotations: { 'group.name': 'g' }, finalizers, deleting: true })
    const moved = ingress({ name: 'b', annotations: { 'group.name': 'h' }, finalizers })
    const group = groupOf(snapshot(deleted, moved), 'g')
    expect(group.members).toEqual([])
    expect(group.leaving.map((object) => object.metadata.name)).toEqual(['a', 'b'])
    expect(groupsOf(snapshot(moved), moved)).toEqual(['h', 'g'])
  })

  test('an Ingress of another controller is nobody’s; the legacy annotation is enough', () => {
    const foreign = ingress({ name: 'a', className: 'nginx' })
    const legacy = ingress({ name: 'b', className: undefined, legacyClass: 'alb' })
    const otherLegacy = ingress({ name: 'c', legacyClass: 'nginx' })
    const world = snapshot(foreign, legacy, otherLegacy)
    expect(groupsOf(world, foreign)).toEqual([])
    expect(groupsOf(world, legacy)).toEqual(['shop/b'])
    expect(groupsOf(world, otherLegacy)).toEqual([])
  })
})

describe('a model', () => {
  test('listens on 80 without a certificate and on 443 with an explicit one, where no ports are given', async () => {
    const plain = await modelOf('shop/a', snapshot(ingress({ name: 'a', hosts: ['a.example.com'] })))
    expect(plain.listeners).toEqual([{ port: 80, protocol: 'HTTP', certificates: [] }])
    const explicit = ingress({ name: 'a', annotations: { 'certificate-arn': ' A, ,B ' } })
    expect((await modelOf('shop/a', snapshot(explicit))).listeners).toEqual([
      { port: 443, protocol: 'HTTPS', certificates: ['A', 'B'] },
    ])
  })

  test('merges certificates over the members in their order, each once', async () => {
    const group = { 'group.name': 'g' }
    const world = snapshot(
      ingress({ name: 'a', annotations: { ...group, 'certificate-arn': 'B,C' } }),
      ingress({ name: 'b', annotations: { ...group, 'certificate-arn': 'A,B' } }),
    )
    expect((await modelOf('g', world)).listeners[0]?.certificates).toEqual(['B', 'C', 'A'])
  })

  test('discovers certificates only where none is named', async () => {
    const ports = { 'listen-ports': '[{"HTTP":80},{"HTTPS":443},{"HTTPS":8443}]', 'group.name': 'g' }
    const world = snapshot(
      ingress({ name: 'a', annotations: ports, hosts: ['a.example.com'] }),
      ingress({ name: 'b', annotations: { ...ports, 'certificate-arn': 'B' }, hosts: ['b.example.com'] }),
    )
    const model = await modelOf('g', world, { 'a.example.com': ['W', 'A'] })
    expect(model.listeners).toEqual([
      { port: 80, protocol: 'HTTP', certificates: [] },
      { port: 443, protocol: 'HTTPS', certificates: ['A', 'W', 'B'] },
      { port: 8443, protocol: 'HTTPS', certificates: ['A', 'W', 'B'] },
    ])
  })

  test('fails as a whole where one member has an HTTPS port and no certificate', async () => {
    const world = snapshot(
      ingress({ name: 'a', annotations: { 'group.name': 'g', 'certificate-arn': 'A' } }),
      ingress({
        name: 'b',
        annotations: { 'group.name': 'g', 'listen-ports': '[{"HTTPS":443}]' },
        hosts: ['b.example.com'],
      }),
    )
    await expect(modelOf('g', world)).rejects.toThrow('no certificate found for host: b.example.com')
  })

  test('is ruled by the certificates of the class, which replace the annotation', async () => {
    const params: IngressClassParams = {
      metadata: { name: 'p', uid: 'p', resourceVersion: '1' },
      spec: { certificateArn: ['P'] },
    }
    const parameters = { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name: 'p' }
    const world: Snapshot = {
      ingresses: [ingress({ name: 'a', annotations: { 'certificate-arn': 'A' } })],
      classes: [{ ...albClass, spec: { controller: 'ingress.k8s.aws/alb', parameters } }],
      params: [params],
    }
    expect((await modelOf('shop/a', world)).listeners[0]?.certificates).toEqual(['P'])
  })

  test.each(['{', '[]', '[{"TCP":1}]', '[{"HTTPS":"443"}]'])('fails on listen-ports %s', async (text) => {
    const world = snapshot(ingress({ name: 'a', annotations: { 'listen-ports': text } }))
    await expect(modelOf('shop/a', world)).rejects.toThrow(BuildFailure)
  })

  test('fails where two members want different protocols on one port', async () => {
    const world = snapshot(
      ingress({ name: 'a', annotations: { 'group.name': 'g', 'listen-ports': '[{"HTTP":443}]' } }),
      ingress({ name: 'b', annotations: { 'group.name': 'g', 'certificate-arn': 'B' } }),
    )
    await expect(modelOf('g', world)).rejects.toThrow('conflicting protocol on port 443')
  })
})
