import { describe, expect, it } from 'vitest'
import type { Candidate } from './adoption.ts'
import { adopt, problemOfRegion, takeOver } from './adoption.ts'
import type { CertificateDetail, Tags } from './certificate.ts'
import { ownershipOf } from './inventory.ts'
import { TAG } from './settings.ts'
import { wishKey } from './wish.ts'

const NOW = Date.UTC(2026, 0, 1)
const HERE = { cluster: 'production', owner: 'aaaaaaaaaaaa' }
const EARLIER = 'bbbbbbbbbbbb'
const CA = 'arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/a'
const NAMES = ['a.example.com', 'b.example.com']

function candidate(detail: Partial<CertificateDetail> = {}, tags: Tags = {}): Candidate {
  return {
    detail: {
      arn: 'arn:aws:acm:eu-central-1:111122223333:certificate/1',
      status: 'ISSUED',
      type: 'AMAZON_ISSUED',
      names: NAMES,
      namesComplete: true,
      keyAlgorithm: 'RSA_2048',
      inUse: false,
      createdAt: NOW - 1,
      notAfter: NOW + 1,
      renewalEligible: true,
      validations: [],
      inUseBy: [],
      ...detail,
    },
    tags,
  }
}

function tagged(found: Candidate): Tags {
  const adoption = adopt(found, HERE, NOW)
  if (adoption.kind !== 'tag') throw new Error(adoption.sentence)
  const kept = Object.entries(found.tags).filter(([key]) => !adoption.remove.includes(key))
  return { ...Object.fromEntries(kept), ...adoption.set }
}

function left(tags: Tags = {}): Candidate {
  const key = wishKey({
    names: NAMES,
    issuer: { kind: 'amazon' },
    keyAlgorithm: 'RSA_2048',
    region: 'eu-central-1',
  })
  return candidate({}, { [TAG.cluster]: HERE.cluster, [TAG.owner]: EARLIER, [TAG.key]: key, ...tags })
}

describe('a certificate that was made elsewhere', () => {
  it.each<[string, Candidate]>([
    ['of Amazon', candidate()],
    ['of a private CA', candidate({ type: 'PRIVATE', authority: CA })],
    ['with another key', candidate({ keyAlgorithm: 'EC_prime256v1' })],
    [
      'with tags of an earlier life',
      candidate({}, { [TAG.claim]: 'default/shop', [TAG.authority]: CA, [TAG.key]: 'x' }),
    ],
  ])('%s is proven to be ours once it is tagged, keeps other tags, and need not be tagged again', (_, found) => {
    const tags = tagged({ ...found, tags: { ...found.tags, team: 'shop' } })
    expect(ownershipOf(found.detail, tags, HERE).kind).toBe('ours')
    expect(tags).toMatchObject({ team: 'shop', [TAG.adopted]: 'true', [TAG.attempt]: '1' })
    expect(tags).not.toHaveProperty(TAG.claim)
    expect(tags[TAG.authority]).toBe(found.detail.authority)
    expect(adopt({ ...found, tags }, HERE, NOW).kind).toBe('done')
  })

  it('that is half tagged is tagged to the end', () => {
    const tags = tagged(candidate())
    for (const key of Object.keys(tags)) {
      const { [key]: _, ...rest } = tags
      if (key === TAG.adopted) expect(adopt(candidate({}, rest), HERE, NOW).kind).toBe('done')
      else expect(tagged(candidate({}, rest))).toEqual(tags)
    }
    expect(tagged(candidate({}, { ...tags, [TAG.claim]: 'default/shop' }))).toEqual(tags)
  })

  it.each<[Candidate, string]>([
    [candidate({ type: 'IMPORTED' }), 'never renews'],
    [candidate({ status: 'PENDING_VALIDATION' }), 'not issued (PENDING_VALIDATION)'],
    [candidate({ notAfter: NOW }), 'not issued (EXPIRED)'],
    [candidate({ namesComplete: false }), 'all its names'],
    [candidate({ type: 'PRIVATE' }), 'which private CA'],
    [candidate({}, { 'elbv2.k8s.aws/cluster': 'production' }), 'By its tag elbv2.k8s.aws/cluster'],
    [candidate({}, { [TAG.cluster]: 'other' }), 'the cluster "other"'],
    [candidate({}, { [TAG.owner]: EARLIER }), `--owner ${EARLIER}`],
    [left(), `--owner ${EARLIER}`],
    [candidate({}, Object.fromEntries(Array.from({ length: 46 }, (_, n) => [`t${n}`, '']))), 'would have 51'],
  ])('is refused with the cure: %#', (found, words) => {
    expect(adopt(found, HERE, NOW)).toEqual({ kind: 'refused', sentence: expect.stringContaining(words) as string })
  })

  it('may be validated by e-mail, and that is said', () => {
    const validations = [{ name: 'a.example.com', status: 'SUCCESS', byEmail: true }] as const
    expect(adopt(candidate({ validations }), HERE, NOW).sentence).toContain('by e-mail')
  })

  it('is of no use in another region', () => {
    const { arn } = candidate().detail
    expect(problemOfRegion(arn, 'eu-central-1')).toBeUndefined()
    expect(problemOfRegion(arn, 'us-east-1')).toContain('in the region eu-central-1')
  })
})

describe('what an earlier cluster left', () => {
  it('gets another owner, nothing else, and only once', () => {
    const adoption = takeOver(left(), HERE, EARLIER)
    expect(adoption).toMatchObject({ kind: 'tag', set: { [TAG.owner]: HERE.owner }, remove: [] })
    expect(takeOver(left({ [TAG.owner]: HERE.owner }), HERE, EARLIER).kind).toBe('done')
  })

  it.each<[string, Candidate]>([
    ['without tags', candidate()],
    ['with the tags of a third', left({ [TAG.owner]: 'cccccccccccc' })],
    ['of another cluster name', left({ [TAG.cluster]: 'staging' })],
    ['with a key that is not its own', left({ [TAG.key]: '0123' })],
    ['whose CA is not the one that its tag names', { ...left(), detail: { ...left().detail, authority: CA } }],
  ])('is not touched %s', (_, found) => {
    expect(takeOver(found, HERE, EARLIER).kind).toBe('refused')
  })
})
