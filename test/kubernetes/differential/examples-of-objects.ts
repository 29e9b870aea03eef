import { ALB, DEFINITION, type Example, HTTPS, WIDGETS, x, y } from './example.ts'

/** About who owns what. */
export const ownership: readonly Example[] = [
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
    title: 'nulls that an apply brings, or leaves',
    operations: [
      { verb: 'create', on: x('CertificateClaim'), body: { spec: { object: { kind: 'Ingress', name: 'x' } } } },
      { verb: 'apply', on: x('CertificateClaim'), body: { spec: null, status: {} }, as: 'beta' },
      { verb: 'apply', on: x('CertificateClaim'), body: { status: { names: null } }, as: 'beta', status: true },
      { verb: 'apply', on: x('CertificateClaim'), body: { status: null }, as: 'beta', status: true },
      { verb: 'create', on: y('ACMCertificate'), body: { spec: { key: 'k2' } } },
      { verb: 'apply', on: y('ACMCertificate'), body: { spec: { key: 'k1' } }, as: 'alpha', force: true },
      { verb: 'apply', on: y('ACMCertificate'), body: {}, as: 'alpha' },
    ],
  },
  {
    title: 'a finalizer that is there twice is whoever’s made it so',
    operations: [
      { verb: 'create', on: x('IngressClass'), body: { spec: ALB } },
      { verb: 'apply', on: x('IngressClass'), body: { metadata: { finalizers: ['a.b/c'] } }, as: 'beta' },
      { verb: 'json', on: x('IngressClass'), patch: [{ op: 'add', path: '/metadata/finalizers/0', value: 'a.b/c' }] },
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

/** About how objects come and go. */
export const lives: readonly Example[] = [
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
  {
    title: 'a deletion that names the version of what something held',
    operations: [
      { verb: 'create', on: x('IngressClass'), body: { spec: ALB } },
      { verb: 'delete', on: x('IngressClass'), propagation: 'Foreground' },
      { verb: 'delete', on: x('IngressClass'), propagation: 'Background', version: 'fresh' },
    ],
  },
]
