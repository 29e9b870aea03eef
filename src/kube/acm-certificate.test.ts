import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LedgerEntry } from '../core/ledger.ts'
import { isSame } from '../core/remember.ts'
import { entry, NOW } from '../core/testing/situations.ts'
import type { State } from '../core/verdict.ts'
import { acmCertificateName, fromAcmCertificate, toAcmCertificate, toAcmCertificateStatus } from './acm-certificate.ts'
import type { KubeObject } from './resource.ts'

const STATES: readonly State[] = ['Requesting', 'Validating', 'Issuing', 'Ready', 'Failed', 'Held', 'Retiring']

const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 })
const hex = fc.stringMatching(/^[0-9a-f]{32}$/)
const name = fc.stringMatching(/^(\*\.)?[a-z0-9]{1,8}\.example$/)
const arn = fc.stringMatching(/^arn:[a-z0-9:/-]{1,20}$/)

const unwanted = fc.record({
  since: instant,
  because: fc.constantFrom('replaced' as const, 'namesGone' as const),
  braked: fc.boolean(),
  releasedAt: maybe(instant),
})
const certificate = fc.record({
  arn,
  attempt: fc.integer({ min: 1, max: 40 }),
  records: fc.array(fc.record({ of: name, name: fc.constant('_a.example'), value: fc.constant('_b.aws') })),
  tags: fc.array(name),
  unwanted: maybe(unwanted),
})
const ledgerEntry: fc.Arbitrary<LedgerEntry> = fc.record({
  key: hex,
  names: fc.array(name, { minLength: 1 }),
  issuer: fc.constantFrom({ kind: 'amazon' as const }, { kind: 'private' as const, authority: 'arn:ca' }),
  keyAlgorithm: fc.constantFrom('RSA_2048' as const, 'EC_prime256v1' as const, 'EC_secp384r1' as const),
  region: fc.constantFrom('eu-west-1', 'us-gov-west-1'),
  claims: fc.array(fc.stringMatching(/^[a-z]{1,5}\/[a-z]{1,5}$/)),
  attempt: fc.nat(),
  attemptAt: maybe(instant),
  attemptArn: maybe(arn),
  failure: maybe(fc.record({ arn, at: instant, fingerprint: fc.stringMatching(/^[0-9a-f]{16}$/) })),
  certificates: fc.array(certificate, { maxLength: 3 }),
  idleSince: maybe(instant),
  shown: fc.record({
    verdict: fc.record({
      state: fc.constantFrom(...STATES),
      reason: fc.string(),
      message: fc.string(),
      since: instant,
    }),
    arn: maybe(arn),
    inUse: fc.boolean(),
    expiresAt: maybe(instant),
  }),
  retireApproved: fc.boolean(),
})

/** What the API server has after both applies, through JSON as on the wire. */
function stored(of: LedgerEntry): KubeObject {
  const object = toAcmCertificate(of)
  const annotations = of.retireApproved ? { 'certwright.dev/retire-approved': 'true' } : {}
  return JSON.parse(
    JSON.stringify({
      ...object,
      metadata: { ...object.metadata, uid: 'u1', resourceVersion: '5', generation: 2, annotations },
      status: (toAcmCertificateStatus(of, undefined, 2, NOW) as KubeObject & { status: object }).status,
    }),
  ) as KubeObject
}

describe('the ledger on an ACMCertificate', () => {
  it('is read back as it was written, so that a restart at rest writes nothing', () => {
    fc.assert(
      fc.property(ledgerEntry, (of) => {
        const read = fromAcmCertificate(stored(of))?.entry
        expect(isSame(read, of)).toBe(true)
        expect(read).toEqual(of)
      }),
    )
  })

  it('keeps the time of each condition over a rewrite that does not change it', () => {
    const first = fromAcmCertificate(stored(entry(['a.example.com'])))
    const again = toAcmCertificateStatus(entry(['a.example.com']), first, 2, NOW + 1_000) as KubeObject & {
      status: { conditions: readonly { lastTransitionTime: string }[] }
    }
    expect(again.status.conditions.map((condition) => condition.lastTransitionTime)).toEqual(
      again.status.conditions.map(() => '2026-11-24T09:00:00Z'),
    )
  })

  it('is none without a key, and is read as far as it makes sense where somebody wrote nonsense', () => {
    const raw = (spec: object, status: object = {}) =>
      ({ apiVersion: 'v1', kind: 'ACMCertificate', metadata: {}, spec, status }) as KubeObject
    expect(fromAcmCertificate(raw({}))).toBeUndefined()
    const read = fromAcmCertificate(
      raw(
        { key: 'k' },
        {
          idleSince: 'yesterday',
          failure: { arn: 'arn:1' },
          certificates: [{}, { arn: 'arn:2', records: [{ name: 'a' }], unwantedSince: 'never' }],
        },
      ),
    )?.entry
    expect(read).toMatchObject({ key: 'k', names: [], attempt: 0, failure: undefined, idleSince: undefined })
    expect(read?.certificates).toEqual([{ arn: 'arn:2', attempt: 1, records: [], tags: [], unwanted: undefined }])
  })

  it('is approved for retirement by the annotation "true" alone', () => {
    const object = stored(entry(['a.example.com']))
    const withValue = (value: string): KubeObject => ({
      ...object,
      metadata: { ...object.metadata, annotations: { 'certwright.dev/retire-approved': value } },
    })
    expect(fromAcmCertificate(withValue('true'))?.entry.retireApproved).toBe(true)
    expect(fromAcmCertificate(withValue('false'))?.entry.retireApproved).toBe(false)
  })
})

describe('the name of an ACMCertificate', () => {
  it('is a DNS subdomain that Kubernetes accepts, whatever the names', () => {
    const long = fc.array(fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.boolean(), long, hex, (wild, labels, key) => {
        const of = acmCertificateName({ key, names: [`${wild ? '*.' : ''}${labels.join('.')}`] })
        expect(of).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
        expect(of.length).toBeLessThanOrEqual(253)
      }),
    )
  })

  it('tells the first name and enough of the key that two never meet', () => {
    const of = (key: string, names: readonly string[]) => acmCertificateName({ key, names })
    expect(of('4f1c9a02be77', ['*.example.com', 'example.com'])).toBe('wildcard-example-com-4f1c9a02be')
    expect(of('0'.repeat(32), ['a.example'])).not.toBe(of('1'.repeat(32), ['a.example']))
  })
})
