import type { Kind, On, Operation } from './operation.ts'

/** Sequences in which the two servers once differed, shrunk; played first. */
interface Example {
  readonly title: string
  readonly operations: readonly Operation[]
}

const x = (kind: Kind): On => ({ kind, space: 'a', name: 'x' })
const y = (kind: Kind): On => ({ kind, space: 'a', name: 'y' })
const WIDGETS: On = { kind: 'CustomResourceDefinition', space: '*', name: 'widgets' }
const HTTPS = { defaultBackend: { service: { name: 'web', port: { number: 443 } } } }
const ALB = { controller: 'ingress.k8s.aws/alb' }
const EVENT = {
  regarding: { namespace: '{own}' },
  eventTime: '2026-11-24T09:00:00.000000Z',
  reportingController: 'certwright.dev/certwright',
  reportingInstance: 'certwright-0',
  action: 'Attach',
  reason: 'Attached',
  type: 'Normal',
}
const DEFINITION = {
  spec: {
    group: '{group}',
    scope: 'Namespaced',
    versions: [{ name: 'v1', storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    names: { kind: 'Widget', plural: 'widgets' },
  },
}

const decoding: readonly Example[] = [
  {
    title: 'an apply without a kind',
    operations: [{ verb: 'apply', on: x('Lease'), body: {}, as: 'gamma', oddity: 'no kind' }],
  },
  {
    title: 'an update without a name',
    operations: [{ verb: 'update', on: x('Lease'), body: {}, version: 'none', base: 'nothing', oddity: 'no name' }],
  },
  {
    title: 'a custom resource without a kind, and one of another kind',
    operations: [
      { verb: 'update', on: x('CertificateClaim'), body: {}, version: 'fresh', base: 'current', oddity: 'no kind' },
      { verb: 'create', on: x('CertificateClaim'), body: {}, oddity: 'other kind' },
      { verb: 'apply', on: x('CertificateClaim'), body: {}, as: 'alpha', oddity: 'other kind' },
    ],
  },
  {
    title: 'instants that are none, and a fraction of a second',
    operations: [
      { verb: 'apply', on: x('CoreEvent'), body: { lastTimestamp: 'yesterday' }, as: 'beta' },
      { verb: 'apply', on: x('Event'), body: { eventTime: '2026-11-24T09:00:00Z' }, as: 'gamma' },
      { verb: 'create', on: x('Lease'), body: { spec: { acquireTime: '2026-11-24T09:00:00Z' } } },
      { verb: 'apply', on: x('Lease'), body: { spec: { leaseDurationSeconds: 1.5 } }, as: 'gamma' },
    ],
  },
  {
    title: 'null in a list of finalizers and in a map of annotations',
    operations: [
      { verb: 'create', on: x('IngressClass'), body: { spec: ALB, metadata: { annotations: { note: 'first' } } } },
      {
        verb: 'json',
        on: x('IngressClass'),
        patch: [{ op: 'copy', from: '/metadata/finalizers', path: '/metadata/annotations/note' }],
      },
      { verb: 'json', on: x('IngressClass'), patch: [{ op: 'add', path: '/metadata/finalizers', value: [null] }] },
    ],
  },
  {
    title: 'a dry run of an apply that creates keeps the version of the request',
    operations: [{ verb: 'apply', on: x('ACMCertificate'), body: {}, as: 'alpha', version: 'stale', dryRun: true }],
  },
  {
    title: 'a dry run of an update without a version shows the stored one',
    operations: [
      { verb: 'create', on: x('Ingress'), body: { spec: HTTPS } },
      { verb: 'update', on: x('Ingress'), body: { spec: HTTPS }, version: 'none', base: 'nothing', dryRun: true },
    ],
  },
  {
    title: 'what an event lacks is null',
    operations: [
      { verb: 'create', on: x('CoreEvent'), body: { involvedObject: { namespace: '{own}' } }, dryRun: true },
      { verb: 'create', on: x('CoreEvent'), body: { involvedObject: { namespace: '{own}' } }, as: 'alpha' },
      { verb: 'merge', on: x('CoreEvent'), patch: { lastTimestamp: '2026-11-24T09:00:00Z' }, as: 'beta' },
      { verb: 'merge', on: x('CoreEvent'), patch: { lastTimestamp: null }, as: 'gamma' },
    ],
  },
]

const refusals: readonly Example[] = [
  {
    title: 'a way of deletion that there is not, of an absent object',
    operations: [{ verb: 'delete', on: x('Ingress'), propagation: 'Sideways' }],
  },
  {
    title: 'a deletion under a uid or a version that is not the object’s',
    operations: [
      { verb: 'apply', on: x('ACMCertificate'), body: {}, as: 'gamma' },
      { verb: 'delete', on: x('ACMCertificate'), uid: 'wrong' },
      { verb: 'merge', on: x('ACMCertificate'), patch: { metadata: { labels: { app: 'one' } } } },
      { verb: 'delete', on: x('ACMCertificate'), version: 'stale' },
    ],
  },
  {
    title: 'an object that is being deleted is there already',
    operations: [
      { verb: 'create', on: x('ACMCertificate'), body: { metadata: { finalizers: ['example.com/keep'] } } },
      { verb: 'delete', on: x('ACMCertificate') },
      { verb: 'create', on: x('ACMCertificate'), body: {} },
    ],
  },
  {
    title: 'the name of a port',
    operations: [
      {
        verb: 'create',
        on: x('Ingress'),
        body: { spec: { defaultBackend: { service: { name: 'web', port: { name: 'Not valid' } } } } },
      },
    ],
  },
  {
    title: 'the namespace that a cluster-scoped kind has none of',
    operations: [{ verb: 'list', kind: 'ACMCertificate', space: '*', fields: 'metadata.namespace={a}' }],
  },
  {
    title: 'finalizers without a domain',
    operations: [
      { verb: 'create', on: x('IngressClass'), body: { spec: ALB } },
      { verb: 'json', on: x('IngressClass'), patch: [{ op: 'add', path: '/metadata/finalizers', value: ['two'] }] },
      { verb: 'create', on: x('ACMCertificate'), body: {} },
      {
        verb: 'json',
        on: x('ACMCertificate'),
        patch: [{ op: 'add', path: '/metadata/finalizers', value: ['x', 'a.b'] }],
      },
    ],
  },
  {
    title: 'a value of the wrong type that the schema enumerates',
    operations: [
      { verb: 'create', on: x('ACMCertificate'), body: {} },
      { verb: 'merge', on: x('ACMCertificate'), patch: { status: { state: true, since: '' } }, status: true },
    ],
  },
  {
    title: 'an event of events.k8s.io does not change, and has a series of two at least',
    operations: [
      { verb: 'create', on: x('Event'), body: EVENT },
      { verb: 'merge', on: x('Event'), patch: { note: 'second', reportingController: 'x' } },
      { verb: 'merge', on: x('Event'), patch: { series: { count: 1 } } },
      { verb: 'create', on: y('Event'), body: { ...EVENT, reason: '' }, oddity: 'no name' },
    ],
  },
  {
    title: 'metadata of a new core event is looked at last',
    operations: [
      { verb: 'create', on: x('CoreEvent'), body: { metadata: { labels: { '/x': 'y' } } } },
      {
        verb: 'create',
        on: x('CoreEvent'),
        body: { involvedObject: { namespace: '{own}' }, metadata: { labels: { '/x': 'y' } } },
      },
    ],
  },
]

const patches: readonly Example[] = [
  {
    title: 'a JSON patch that does not apply',
    operations: [
      { verb: 'create', on: x('ACMCertificate'), body: {} },
      { verb: 'json', on: x('ACMCertificate'), patch: [{ op: 'remove', path: '/spec/names/-' }] },
      { verb: 'json', on: x('ACMCertificate'), patch: [{ op: 'replace', path: '/metadata/labels/app' }] },
      { verb: 'json', on: x('ACMCertificate'), patch: [{ op: 'test' }] },
    ],
  },
  {
    title: 'directives of a strategic merge patch that there are not',
    operations: [
      { verb: 'create', on: x('Ingress'), body: { spec: { rules: [{}] } } },
      { verb: 'strategic', on: x('Ingress'), patch: { spec: { $patch: 'sideways' } } },
      { verb: 'strategic', on: x('Ingress'), patch: { spec: { $patch: 'merge' } } },
      { verb: 'strategic', on: x('Ingress'), patch: { spec: { rules: [], $retainKeys: ['tls'] } } },
    ],
  },
  {
    title: 'a directive where there is nothing to merge with',
    operations: [
      { verb: 'create', on: x('Ingress'), body: { spec: { rules: [{}] } } },
      { verb: 'strategic', on: x('Ingress'), patch: { metadata: { labels: { $patch: 'replace', app: 'two' } } } },
    ],
  },
  {
    title: 'an order that a list does not fit',
    operations: [
      { verb: 'create', on: x('Ingress'), body: { spec: { rules: [{}] } } },
      {
        verb: 'strategic',
        on: x('Ingress'),
        patch: { metadata: { finalizers: ['a.b/c'], '$setElementOrder/finalizers': ['a.b/d'] } },
      },
      {
        verb: 'strategic',
        on: x('Ingress'),
        patch: { metadata: { finalizers: null, '$setElementOrder/finalizers': ['a.b/d'] } },
        status: true,
      },
    ],
  },
  {
    title: 'ports of a status',
    operations: [
      { verb: 'create', on: x('Ingress'), body: { spec: { rules: [{}] } } },
      {
        verb: 'merge',
        on: x('Ingress'),
        patch: { status: { loadBalancer: { ingress: [{ ports: [{}] }] } } },
        status: true,
      },
    ],
  },
]

const ownership: readonly Example[] = [
  {
    title: 'a port is owned whole',
    operations: [{ verb: 'apply', on: x('Ingress'), body: { spec: HTTPS }, as: 'beta' }],
  },
  {
    title: 'one item twice in what is applied',
    operations: [
      {
        verb: 'apply',
        on: x('Ingress'),
        body: { spec: HTTPS, metadata: { finalizers: ['example.com/keep', 'example.com/keep'] } },
        as: 'beta',
      },
      { verb: 'create', on: x('ACMCertificate'), body: { metadata: { finalizers: ['a.b/c', 'a.b/c'] } } },
    ],
  },
  {
    title: 'conflicts in the order of the server',
    operations: [
      { verb: 'apply', on: x('Ingress'), body: { spec: { ...HTTPS, tls: [] } }, as: 'beta' },
      {
        verb: 'apply',
        on: x('Ingress'),
        body: { spec: { defaultBackend: { service: { port: {} } }, tls: [] } },
        as: 'gamma',
      },
      { verb: 'apply', on: x('Ingress'), body: { metadata: { labels: { app: 'one' } } }, as: 'beta', status: true },
      {
        verb: 'apply',
        on: x('Ingress'),
        body: { spec: { tls: [{}] }, metadata: { labels: { app: 'two' } } },
        as: 'gamma',
      },
    ],
  },
  {
    title: 'what cannot be told apart by its schema loses its owners, for good',
    operations: [
      {
        verb: 'create',
        on: x('CertificateClaim'),
        body: { spec: { object: { kind: 'Ingress', name: 'x' } }, status: 1.5 },
      },
      { verb: 'merge', on: x('CertificateClaim'), patch: { metadata: { labels: { app: 'one' } } }, as: 'alpha' },
      { verb: 'apply', on: x('CertificateClaim'), body: {}, as: 'beta' },
    ],
  },
  {
    title: 'whose an object was before the first apply, also of its status',
    operations: [
      { verb: 'create', on: x('ACMCertificate'), body: {} },
      { verb: 'merge', on: x('ACMCertificate'), patch: { metadata: { annotations: { note: 'third' } } } },
      { verb: 'apply', on: x('ACMCertificate'), body: {}, as: 'beta' },
      { verb: 'create', on: y('ACMCertificate'), body: {} },
      { verb: 'merge', on: y('ACMCertificate'), patch: { status: { attempt: 2 } }, status: true },
      { verb: 'apply', on: y('ACMCertificate'), body: { status: { attempt: 1 } }, as: 'alpha', status: true },
    ],
  },
  {
    title: 'a map that loses all its members stays its owner’s',
    operations: [
      { verb: 'apply', on: x('ACMCertificate'), body: { spec: { key: 'k1' } }, as: 'alpha' },
      { verb: 'merge', on: x('ACMCertificate'), patch: { spec: null }, as: 'beta', dryRun: true },
      { verb: 'apply', on: x('ACMCertificate'), body: {}, as: 'alpha' },
    ],
  },
  {
    title: 'an apply that changes nothing but ownership leaves no time',
    operations: [
      { verb: 'apply', on: x('IngressClass'), body: { spec: ALB }, as: 'alpha' },
      { verb: 'apply', on: x('IngressClass'), body: { spec: ALB }, as: 'beta' },
    ],
  },
  {
    title: 'what a status request says of the specification takes nobody’s fields',
    operations: [
      { verb: 'apply', on: x('ACMCertificate'), body: { spec: { key: 'k1', issuer: 'first' } }, as: 'alpha' },
      {
        verb: 'merge',
        on: x('ACMCertificate'),
        patch: { spec: { issuer: null }, status: { state: 'Ready' } },
        status: true,
        as: 'beta',
      },
    ],
  },
]

const lives: readonly Example[] = [
  {
    title: 'a definition that is deleted is answered, marked',
    operations: [
      { verb: 'create', on: WIDGETS, body: DEFINITION },
      { verb: 'merge', on: WIDGETS, patch: { spec: { scope: 'Cluster' } } },
      { verb: 'delete', on: WIDGETS },
    ],
  },
  {
    title: 'a generation is kept where the server counts none, and times of deletion where an apply creates',
    operations: [
      {
        verb: 'create',
        on: x('Lease'),
        body: { metadata: { generation: 9, deletionTimestamp: '2020-01-01T00:00:00Z' } },
      },
      {
        verb: 'apply',
        on: x('CertificateClaim'),
        body: { metadata: { generation: 9, deletionTimestamp: '2020-01-01T00:00:00Z', deletionGracePeriodSeconds: 5 } },
        as: 'gamma',
      },
    ],
  },
  {
    title: 'dry runs of deletions',
    operations: [
      { verb: 'create', on: x('CertificateClaim'), body: { metadata: { finalizers: ['example.com/keep'] } } },
      { verb: 'delete', on: x('CertificateClaim'), propagation: 'Orphan', dryRun: true },
      { verb: 'delete', on: x('CertificateClaim'), propagation: 'Foreground' },
      { verb: 'merge', on: x('CertificateClaim'), patch: { metadata: { finalizers: ['foregroundDeletion'] } } },
      { verb: 'delete', on: x('CertificateClaim'), propagation: 'Background', dryRun: true },
    ],
  },
  {
    title: 'the write that frees an object answers with what it wrote',
    operations: [
      { verb: 'create', on: x('ACMCertificate'), body: { metadata: { finalizers: ['example.com/keep'] } } },
      { verb: 'delete', on: x('ACMCertificate') },
      { verb: 'merge', on: x('ACMCertificate'), patch: { metadata: { finalizers: null, labels: { app: 'one' } } } },
    ],
  },
  {
    title: 'a page of one name is the last',
    operations: [
      { verb: 'create', on: x('Ingress'), body: { spec: { rules: [{}] } } },
      { verb: 'create', on: y('Ingress'), body: { spec: { rules: [{}] } } },
      { verb: 'list', kind: 'Ingress', space: 'a', limit: 1, fields: 'metadata.name=x' },
    ],
  },
]

export const EXAMPLES: readonly Example[] = [...decoding, ...refusals, ...patches, ...ownership, ...lives]
