import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClaimEntry } from '../core/ledger.ts'
import { isSame } from '../core/remember.ts'
import { ingress, NOW } from '../core/testing/situations.ts'
import type { State } from '../core/verdict.ts'
import { acmCertificateName } from './acm-certificate.ts'
import {
  certificateClaimName,
  fromCertificateClaim,
  toCertificateClaim,
  toCertificateClaimStatus,
} from './certificate-claim.ts'
import type { KubeObject } from './resource.ts'

const STATES: readonly State[] = ['Refused', 'Deferred', 'Held', 'Attaching', 'Ready', 'Replacing']

const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 })
const name = fc.stringMatching(/^[a-z0-9]{1,8}\.example$/)
const arn = fc.stringMatching(/^arn:[a-z0-9:/-]{1,20}$/)
const verdict = { state: fc.constantFrom(...STATES), reason: fc.string(), message: fc.string() }

const claimEntry: fc.Arbitrary<ClaimEntry> = fc.record({
  uid: fc.constant('uid-web-shop'),
  published: fc.array(arn),
  waitsFor: fc.array(fc.string()),
  verdict: fc.record({ ...verdict, since: instant }),
  names: fc.array(fc.record({ name, ...verdict })),
  certificates: fc.array(fc.record({ key: fc.stringMatching(/^[0-9a-f]{32}$/), domain: name, arn: maybe(arn) })),
  wished: fc.array(name),
  inUse: fc.boolean(),
  expiresAt: maybe(instant),
})

const SHOP = ingress({ namespace: 'web' })

function stored(entry: ClaimEntry): KubeObject {
  const object = toCertificateClaim(SHOP, entry)
  const status = toCertificateClaimStatus({ ingress: SHOP, entry, before: undefined, generation: 1, now: NOW })
  return JSON.parse(JSON.stringify({ ...object, ...status, spec: object['spec'] })) as KubeObject
}

describe('what is shown of a claim', () => {
  it('is read back as it was written, so that a restart at rest writes nothing', () => {
    fc.assert(
      fc.property(claimEntry, (entry) => {
        const read = fromCertificateClaim(stored(entry))?.entry
        expect(isSame(read, entry)).toBe(true)
        expect(read).toEqual(entry)
      }),
    )
  })

  it('is none without the UID of its object', () => {
    expect(fromCertificateClaim({ apiVersion: 'v1', kind: 'CertificateClaim', metadata: {} })).toBeUndefined()
  })

  it('says nothing of an object that was created again under the name of the one that its status is about', () => {
    const [sample] = fc.sample(claimEntry, 1) as [ClaimEntry]
    const object = stored({ ...sample, published: ['arn:aws:acm:1'] })
    const spec = { object: { kind: 'Ingress', name: 'shop', uid: 'another' }, names: [] }
    expect(fromCertificateClaim({ ...object, spec })?.entry).toMatchObject({ uid: 'another', published: [] })
  })

  it('stands on an object of its own, in the namespace and in the ownership of the Ingress', () => {
    const [entry] = fc.sample(claimEntry, 1) as [ClaimEntry]
    expect(certificateClaimName(SHOP)).toBe('ingress-shop')
    expect(toCertificateClaim(SHOP, entry).metadata).toEqual({
      name: 'ingress-shop',
      namespace: 'web',
      ownerReferences: [{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'shop', uid: 'uid-web-shop' }],
    })
  })

  it('names the ACMCertificate of its key', () => {
    const [sample] = fc.sample(claimEntry, 1) as [ClaimEntry]
    const entry = {
      ...sample,
      certificates: ['shop.example', '*.shop.example'].map((domain) => ({
        key: 'f'.repeat(32),
        domain,
        arn: undefined,
      })),
    }
    expect(stored(entry)).toMatchObject({
      status: {
        certificates: entry.certificates.map(({ key, domain }) => ({
          name: acmCertificateName({ key, names: [domain] }),
        })),
      },
    })
  })
})
