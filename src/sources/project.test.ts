import { describe, expect, it } from 'vitest'
import { projectIngress, projectIngressClass, projectIngressClassParameters } from './project.ts'

const applied = (manager: string, operation: string, subresource?: string) => ({
  manager,
  operation,
  ...(subresource === undefined ? {} : { subresource }),
  fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:alb.ingress.kubernetes.io/certificate-arn': {} } } },
})

describe('an Ingress', () => {
  it('is projected to what decisions rest on', () => {
    const projected = projectIngress({
      metadata: {
        name: 'shop',
        namespace: 'web',
        uid: 'u1',
        resourceVersion: '7',
        generation: 3,
        creationTimestamp: '2026-11-24T09:00:00Z',
        deletionTimestamp: '2026-11-24T10:00:00Z',
        annotations: {
          'certwright.dev/certificate': 'true',
          'alb.ingress.kubernetes.io/scheme': 'internal',
          'kubernetes.io/ingress.class': 'alb',
          'kubectl.kubernetes.io/last-applied-configuration': '{…}',
        },
        managedFields: [applied('certwright', 'Apply')],
      },
      spec: {
        ingressClassName: 'alb',
        rules: [{ host: 'a.example.com' }, {}, { host: '' }],
        tls: [{ hosts: ['b.example.com'] }, {}],
      },
      status: { loadBalancer: { ingress: [{ hostname: 'Web-1.ELB.amazonaws.com' }, { ip: '10.0.0.1' }] } },
    })
    expect(projected).toEqual({
      ref: { kind: 'Ingress', namespace: 'web', name: 'shop', uid: 'u1' },
      resourceVersion: '7',
      generation: 3,
      createdAt: 1_795_510_800_000,
      deleting: true,
      annotations: {
        'certwright.dev/certificate': 'true',
        'alb.ingress.kubernetes.io/scheme': 'internal',
        'kubernetes.io/ingress.class': 'alb',
      },
      ingressClassName: 'alb',
      hosts: ['a.example.com', 'b.example.com'],
      annotationIsOurs: true,
      hostnames: ['web-1.elb.amazonaws.com'],
    })
  })

  it('of which nothing is known is projected all the same', () => {
    expect(projectIngress({})).toMatchObject({ hosts: [], annotations: {}, annotationIsOurs: false, deleting: false })
  })

  it.each([
    ['another manager applied it', applied('kubectl', 'Apply')],
    ['a manager of our name updated it', applied('certwright', 'Update')],
    ['it was the status', applied('certwright', 'Apply', 'status')],
    ['we applied something else', { manager: 'certwright', operation: 'Apply', fieldsV1: { 'f:metadata': {} } }],
    ['the fields are not said', { manager: 'certwright', operation: 'Apply' }],
  ])('has an annotation that is not ours where %s', (_, entry) => {
    expect(projectIngress({ metadata: { managedFields: [entry] } }).annotationIsOurs).toBe(false)
  })
})

it('an IngressClass has parameters only where they are IngressClassParams', () => {
  const of = (kind: string) =>
    projectIngressClass({
      metadata: { name: 'alb', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      spec: { controller: 'ingress.k8s.aws/alb', parameters: { apiGroup: 'elbv2.k8s.aws', kind, name: 'shared' } },
    })
  expect(of('IngressClassParams')).toEqual({
    name: 'alb',
    controller: 'ingress.k8s.aws/alb',
    parameters: { apiGroup: 'elbv2.k8s.aws', name: 'shared' },
    isDefault: true,
  })
  expect(of('ConfigMap').parameters).toBeUndefined()
})

it('IngressClassParams name certificates in the words of either controller', () => {
  const raw = (spec: object) => ({ metadata: { name: 'shared' }, spec })
  expect(
    projectIngressClassParameters('elbv2.k8s.aws')(raw({ certificateArn: ['arn:1'], group: { name: 'web' } })),
  ).toEqual({ apiGroup: 'elbv2.k8s.aws', name: 'shared', certificateArns: ['arn:1'], group: 'web', tags: {} })
  expect(
    projectIngressClassParameters('eks.amazonaws.com')(raw({ certificateARNs: ['arn:2'] })).certificateArns,
  ).toEqual(['arn:2'])
  expect(projectIngressClassParameters('elbv2.k8s.aws')({}).certificateArns).toEqual([])
  const tags = [{ key: 'team', value: 'shop' }, { key: 'empty' }]
  expect(projectIngressClassParameters('elbv2.k8s.aws')(raw({ tags })).tags).toEqual({ team: 'shop', empty: '' })
})
