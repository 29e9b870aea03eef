import { boolean, instant, integer, list, object, type Schema, string } from './schema.ts'
import { requestBudget } from './request-budget-schema.ts'

/** The kinds of Certwright, as CustomResourceDefinitions with structural schemas. */

export const GROUP = 'certwright.dev'
export const VERSION = 'v1alpha1'

export interface PrinterColumn {
  readonly name: string
  readonly type: 'string' | 'date' | 'boolean' | 'integer'
  readonly jsonPath: string
  readonly description?: string
  readonly format?: 'date-time'
  /** 0 always; more only with `-o wide`. */
  readonly priority?: number
}

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1'
  readonly kind: 'CustomResourceDefinition'
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly group: string
    readonly scope: 'Cluster' | 'Namespaced'
    readonly names: {
      readonly kind: string
      readonly listKind: string
      readonly plural: string
      readonly singular: string
      readonly shortNames: readonly string[]
    }
    readonly versions: readonly {
      readonly name: string
      readonly served: boolean
      readonly storage: boolean
      readonly subresources: { readonly status: Record<string, never> }
      readonly additionalPrinterColumns: readonly PrinterColumn[]
      readonly schema: { readonly openAPIV3Schema: Schema }
    }[]
  }
}

const STATES = [
  'Refused',
  'Deferred',
  'Held',
  'Requesting',
  'Validating',
  'Issuing',
  'Attaching',
  'Ready',
  'Replacing',
  'Failed',
  'RenewalAtRisk',
  'Retiring',
] as const

const state: Schema = { ...string('Where it stands.'), enum: STATES }
const name: Schema = { type: 'string', minLength: 1, maxLength: 253 }
const names = list('The DNS names, normalised and sorted.', name)
const domains = string('The names as the column shows them: the first, and how many more there are.')
const issuer = string('"Amazon" for a public certificate, or the ARN of the private CA that signs it.')
const keyAlgorithm = string('The key algorithm, as AWS Certificate Manager names it.')
const reason = string('Why it stands there, in one CamelCase word.')
const message = string('Why it stands there, in one sentence.')
const since = instant('When it came to stand there.')
const arn = string('The ARN of the certificate in AWS Certificate Manager.')
const expiresAt = instant('When the certificate expires.')
const inUse = boolean('Whether AWS Certificate Manager sees the certificate in use.')
const observedGeneration = integer('The metadata.generation that this status speaks of.')

/** As metav1.Condition: https://github.com/kubernetes/apimachinery/blob/v0.36.3/pkg/apis/meta/v1/types.go */
const conditions = list(
  'Requested, Validated, Issued, Attached and RenewalHealthy, rolled up in Ready.',
  object(
    'One aspect of where it stands.',
    {
      type: { ...string('The aspect.'), maxLength: 316 },
      status: { ...string('Whether it holds.'), enum: ['True', 'False', 'Unknown'] },
      observedGeneration: integer('The metadata.generation that this condition speaks of.'),
      lastTransitionTime: instant('When the status last changed.'),
      reason: { ...string('Why, in one CamelCase word.'), minLength: 1, maxLength: 1_024 },
      message: { ...string('Why, in one sentence.'), maxLength: 32_768 },
    },
    ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
  ),
  'type',
)

const ledgerCertificate = object(
  'One certificate that was requested for this key.',
  {
    arn,
    attempt: integer('The attempt that requested it.'),
    requestedAt: instant('When it was requested.'),
    records: list(
      'The validation records of its names, as AWS Certificate Manager gave them.',
      object('One name and the CNAME that proves it.', {
        name,
        recordName: string('The name of the CNAME.'),
        recordValue: string('The value of the CNAME.'),
      }),
    ),
    tags: list('The keys of the tags that were put on it for its claims.', { type: 'string' }),
    unwantedSince: instant('Since when nobody wants it; the grace period counts from here.'),
    unwantedBecause: string('Why nobody wants it any more.'),
    braked: boolean('Whether the brake holds up its retirement.'),
    releasedAt: instant('When the release of the brake was first seen; the grace period then counts from here.'),
  },
  ['arn'],
)

const acmCertificate = object(
  'A certificate in AWS Certificate Manager: what is wished, what exists, and what must be remembered. Written by Certwright only.',
  {
    spec: object(
      'What the certificate is to be; its key is a pure function of this.',
      {
        key: { ...string('The key of the wish.'), minLength: 1 },
        names,
        domains,
        issuer,
        keyAlgorithm,
        region: string('The AWS region of the certificate.'),
      },
      ['key'],
    ),
    status: object('Where the certificate stands.', {
      state,
      reason,
      message,
      since,
      arn,
      inUse,
      expiresAt,
      claims: list('The objects that want it, as "namespace/name".', { type: 'string' }),
      claimsSummary: string('The claims as the column shows them: the first, and how many more there are.'),
      attempt: integer('How often it was requested; grows only when its certificate was seen terminal or gone.'),
      attemptAt: instant('When the last attempt was decided.'),
      attemptArn: string('The ARN of the certificate of the last attempt.'),
      failure: object('The last certificate that was seen to have failed.', {
        arn: string('Its ARN.'),
        at: instant('When that was seen.'),
        fingerprint: string('The claims at that time.'),
      }),
      idleSince: instant('Since when no certificate of this key exists and none is wished.'),
      certificates: list(
        'The certificates that were requested for this key, the newest last.',
        ledgerCertificate,
        'arn',
      ),
      conditions,
      observedGeneration,
    }),
  },
)

const certificateClaim = object('One object wants these names served with a certificate. Written by Certwright.', {
  spec: object(
    'What the object asks for.',
    {
      object: object(
        'The object that claims.',
        {
          kind: string('Its kind.'),
          name: string('Its name, in the namespace of the claim.'),
          uid: string('Its UID.'),
        },
        ['kind', 'name'],
      ),
      names,
      domains,
      issuer,
      keyAlgorithm,
    },
    ['object'],
  ),
  status: object('Where the claim stands.', {
    objectUid: string('The UID of the object that this is about: one that is created again begins anew.'),
    state,
    reason,
    message,
    since,
    certificates: list(
      'The certificates that answer the claim: several where its names are too many for one.',
      object(
        'One certificate.',
        {
          name: string('The name of its ACMCertificate.'),
          key: string('The key of its wish.'),
          domain: string('The first of its names.'),
          arn: string('Its ARN, once it is requested.'),
        },
        ['key'],
      ),
      'key',
    ),
    certificate: string('The name of the first of these ACMCertificates.'),
    key: string('The key of the first of these wishes.'),
    arn: string('What the column shows: the ARN of the first certificate, and how many more there are.'),
    expiresAt,
    inUse,
    published: list('The ARNs that Certwright last wrote on the object.', { type: 'string' }),
    waitsFor: list(
      'Objects, as "namespace/name", without whose certificate the load balancer’s controller builds nothing for the group; the first few.',
      { type: 'string' },
    ),
    names: list(
      'Where each name stands that is not on the certificate.',
      object('One name.', { name, state, reason, message }, ['name']),
      'name',
    ),
    conditions,
    observedGeneration,
  }),
})

const label: Schema = { type: 'string', maxLength: 317 }

const requirement: Schema = {
  ...object(
    'One requirement.',
    {
      key: { ...label, description: 'The key of the label.', minLength: 1 },
      operator: { ...string('How it is compared.'), enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'] },
      values: { ...list('With what it is compared.', { type: 'string', maxLength: 63 }), maxItems: 64 },
    },
    ['key', 'operator'],
  ),
  'x-kubernetes-validations': [
    {
      rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
      message: 'In and NotIn need values; Exists and DoesNotExist take none',
    },
  ],
}

const certificatePolicy = object(
  'Which names the namespaces that it selects may have certificates for (--policy-mode). Some policy must select a namespace, and all that do must allow a name.',
  {
    spec: object(
      'What is allowed.',
      {
        namespaceSelector: object('Which namespaces it speaks of, by their labels; {} is all.', {
          matchLabels: {
            type: 'object',
            description: 'Labels that must be there.',
            maxProperties: 64,
            additionalProperties: label,
          },
          matchExpressions: { ...list('What must be true of the labels.', requirement), maxItems: 64 },
        }),
        domains: {
          ...list('Domains; each allows itself and every name under it.', {
            type: 'string',
            minLength: 1,
            maxLength: 253,
            pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$',
          }),
          minItems: 1,
          maxItems: 100,
        },
        wildcards: boolean('Whether names that begin with *. are allowed; not where it is left out.'),
        maxCertificates: integer('How many certificates each of the namespaces may have.'),
        maxRequestsPerDay: integer('How many certificates each of the namespaces may request in a day (UTC).'),
      },
      ['namespaceSelector', 'domains'],
    ),
    status: object('Whether it can be honoured.', { conditions, observedGeneration }),
  },
  ['spec'],
)

const ready: PrinterColumn = {
  name: 'Ready',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].status',
}
const usual: readonly PrinterColumn[] = [
  ready,
  { name: 'State', type: 'string', jsonPath: '.status.state' },
  { name: 'Domains', type: 'string', jsonPath: '.spec.domains' },
  // A string and not a date: a date column shows the time gone by, and expiry lies ahead.
  { name: 'Expires', type: 'string', jsonPath: '.status.expiresAt' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
]
const wide: readonly PrinterColumn[] = [
  { name: 'ARN', type: 'string', jsonPath: '.status.arn', priority: 1 },
  { name: 'In-Use', type: 'boolean', jsonPath: '.status.inUse', priority: 1 },
  { name: 'Reason', type: 'string', jsonPath: '.status.reason', priority: 1 },
]

function definition(options: {
  kind: string
  singular: string
  plural?: string
  shortName: string
  scope: 'Cluster' | 'Namespaced'
  columns: readonly PrinterColumn[]
  schema: Schema
}): CustomResourceDefinition {
  const { kind, singular, shortName, scope, columns, schema } = options
  const plural = options.plural ?? `${singular}s`
  const type = {
    apiVersion: string('The version of the schema of this object.'),
    kind: string('The kind of this object.'),
    metadata: { type: 'object' },
  } satisfies Record<string, Schema>
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope,
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames: [shortName] },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: { ...schema, properties: { ...type, ...schema.properties } } },
        },
      ],
    },
  }
}

/** One per wish key, cluster-scoped: the ledger. */
export const acmCertificateDefinition = definition({
  kind: 'ACMCertificate',
  singular: 'acmcertificate',
  shortName: 'acmcert',
  scope: 'Cluster',
  columns: [...usual, ...wide, { name: 'Claims', type: 'string', jsonPath: '.status.claimsSummary', priority: 1 }],
  schema: acmCertificate,
})

/** One per opted-in object, in its namespace. */
export const certificateClaimDefinition = definition({
  kind: 'CertificateClaim',
  singular: 'certificateclaim',
  shortName: 'certclaim',
  scope: 'Namespaced',
  columns: [...usual, ...wide],
  schema: certificateClaim,
})

/** One per region, cluster-scoped: what was requested, whatever became of it. */
export const requestBudgetDefinition = definition({
  kind: 'RequestBudget',
  singular: 'requestbudget',
  shortName: 'reqbudget',
  scope: 'Cluster',
  columns: [
    { name: 'Used', type: 'integer', jsonPath: '.status.used' },
    { name: 'Budget', type: 'integer', jsonPath: '.status.budget' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  schema: requestBudget,
})

/** Cluster-scoped, written by administrators: what a namespace may have. */
export const certificatePolicyDefinition = definition({
  kind: 'CertificatePolicy',
  singular: 'certificatepolicy',
  plural: 'certificatepolicies',
  shortName: 'certpolicy',
  scope: 'Cluster',
  columns: [
    { name: 'Valid', type: 'string', jsonPath: '.status.conditions[?(@.type=="Valid")].status' },
    { name: 'Domains', type: 'string', jsonPath: '.spec.domains' },
    { name: 'Wildcards', type: 'boolean', jsonPath: '.spec.wildcards' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  schema: certificatePolicy,
})

/** What `certwright crds` prints and the sandbox installs. */
export const CUSTOM_RESOURCE_DEFINITIONS: readonly CustomResourceDefinition[] = [
  acmCertificateDefinition,
  certificateClaimDefinition,
  requestBudgetDefinition,
  certificatePolicyDefinition,
]
