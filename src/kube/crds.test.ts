import { describe, expect, it } from 'vitest'
import { acmCertificateDefinition, CUSTOM_RESOURCE_DEFINITIONS } from './crds.ts'
import type { Schema } from './schema.ts'

/** Every schema in `schema`, with its path. */
function* walk(schema: Schema, path = ''): Generator<readonly [string, Schema]> {
  yield [path, schema]
  for (const [field, inner] of Object.entries(schema.properties ?? {})) yield* walk(inner, `${path}.${field}`)
  if (schema.items) yield* walk(schema.items, `${path}[]`)
}

describe.each(CUSTOM_RESOURCE_DEFINITIONS)('the CRD $metadata.name', ({ metadata, spec }) => {
  const version = spec.versions[0]
  if (!version) throw new Error('no version')
  const schemas = [...walk(version.schema.openAPIV3Schema)]

  it('is named plural.group and serves v1alpha1 with a status of its own', () => {
    expect(metadata.name).toBe(`${spec.names.plural}.certwright.dev`)
    expect(version).toMatchObject({ name: 'v1alpha1', served: true, storage: true, subresources: { status: {} } })
  })

  it.skipIf(/^(requestbudgets|certificatepolicies)/.test(metadata.name))(
    'shows the columns that PRODUCT promises, the wide ones after the usual ones',
    () => {
      const columns = version.additionalPrinterColumns.map((column) => [
        column.name.toUpperCase(),
        column.priority ?? 0,
      ])
      const claims = spec.scope === 'Cluster' ? [['CLAIMS', 1]] : []
      const usual = ['READY', 'STATE', 'DOMAINS', 'EXPIRES', 'AGE'].map((column) => [column, 0])
      expect(columns).toEqual([...usual, ['ARN', 1], ['IN-USE', 1], ['REASON', 1], ...claims])
    },
  )

  it('takes each column from a field that the schema has', () => {
    const paths = new Set(schemas.map(([path]) => path))
    for (const { jsonPath } of version.additionalPrinterColumns) {
      const path = jsonPath.replace(/\[\?.*\]/, '[]')
      if (!path.startsWith('.metadata')) expect(paths).toContain(path)
    }
  })

  it('describes every field', () => {
    const silent = schemas.filter(([path, { description }]) => !description && !/\[\]$|\.metadata$|\.name$/.test(path))
    expect(silent.map(([path]) => path)).toEqual([])
  })

  it('requires only fields that it has, and merges lists by keys that their items require', () => {
    for (const [path, { required, properties, items, ...schema }] of schemas) {
      for (const field of required ?? []) expect(Object.keys(properties ?? {}), path).toContain(field)
      for (const key of schema['x-kubernetes-list-map-keys'] ?? []) expect(items?.required, path).toContain(key)
    }
  })

  it('lets a status be written piece by piece', () => {
    const status = version.schema.openAPIV3Schema.properties?.status
    expect(status?.required).toBeUndefined()
  })
})

it('keeps the ledger in the cluster-scoped kind and the claims in namespaces', () => {
  expect(CUSTOM_RESOURCE_DEFINITIONS.map(({ spec }) => [spec.names.kind, spec.scope, spec.names.shortNames])).toEqual([
    ['ACMCertificate', 'Cluster', ['acmcert']],
    ['CertificateClaim', 'Namespaced', ['certclaim']],
    ['RequestBudget', 'Cluster', ['reqbudget']],
    ['CertificatePolicy', 'Cluster', ['certpolicy']],
  ])
})

it('can remember all that the ledger needs of a certificate', () => {
  const version = acmCertificateDefinition.spec.versions[0]
  const certificates = version?.schema.openAPIV3Schema.properties?.status?.properties?.certificates
  const fields = [
    'arn',
    'attempt',
    'requestedAt',
    'records',
    'tags',
    'unwantedSince',
    'unwantedBecause',
    'braked',
    'releasedAt',
  ]
  expect(Object.keys(certificates?.items?.properties ?? {})).toEqual(fields)
})
