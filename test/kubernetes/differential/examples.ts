import { ALB, EVENT, type Example, HTTPS, x, y } from './example.ts'
import { lives, ownership } from './examples-of-objects.ts'

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

const later: readonly Example[] = [
  {
    title: 'an event of the core group as events.k8s.io has it',
    operations: [
      { verb: 'create', on: x('CoreEvent'), body: { involvedObject: { namespace: '{own}' } } },
      { verb: 'get', on: x('Event') },
    ],
  },
  {
    title: 'an unqualified finalizer through the status',
    operations: [
      { verb: 'create', on: x('Ingress'), body: { spec: { rules: [{}] } } },
      { verb: 'merge', on: x('Ingress'), patch: { metadata: { finalizers: ['a.b'] } }, status: true },
    ],
  },
  {
    title: 'a custom resource of another kind, updated, with metadata that does not change',
    operations: [
      { verb: 'create', on: x('ACMCertificate'), body: {} },
      {
        verb: 'update',
        on: x('ACMCertificate'),
        body: { metadata: { deletionTimestamp: '2020-01-01T00:00:00Z' } },
        version: 'fresh',
        base: 'current',
        oddity: 'other kind',
      },
    ],
  },
  {
    title: 'an item of a list by keys that is no object',
    operations: [
      { verb: 'create', on: x('CertificateClaim'), body: {} },
      { verb: 'merge', on: x('CertificateClaim'), patch: { status: { names: ['x'] } }, status: true },
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

/** Played first. */
export const EXAMPLES: readonly Example[] = [...decoding, ...refusals, ...later, ...patches, ...ownership, ...lives]
