import { describe, expect, it } from 'vitest'
import { desiredCertificate, match, TAGS } from './synthesis.ts'
import type { TaggedCertificate } from './tagged-certificates.ts'

const HOSTS = ['shop.example.com', 'www.example.com']
const SHOP = desiredCertificate('default/shop', HOSTS)

function owned(changed: Partial<TaggedCertificate> = {}): TaggedCertificate {
  return { arn: 'arn:1', names: HOSTS, status: 'ISSUED', createdAt: 0, tags: { [TAGS.resource]: SHOP.id }, ...changed }
}

describe('the reference names a certificate', () => {
  it('by its first host and its Ingress, whatever the other hosts', () => {
    expect(SHOP.id).toMatch(/^amazon_issued\/shop\.example\.com-[0-9a-f]{8}$/)
    expect(desiredCertificate('default/shop', ['shop.example.com']).id).toBe(SHOP.id)
    expect(desiredCertificate('default/other', HOSTS).id).not.toBe(SHOP.id)
  })

  it('without an asterisk', () => {
    expect(desiredCertificate('default/app', ['*.example.com', 'shop.example.com']).id).toContain(
      'wildcard.example.com',
    )
  })
})

describe('the reference matches', () => {
  it('what it has with what it wants, blind to the order of names', () => {
    const found = owned({ names: [...HOSTS].reverse() })
    expect(match([SHOP], [found])).toEqual({ matched: [{ certificate: SHOP, found }], missing: [], orphans: [] })
  })

  it('whatever the status', () => {
    expect(match([SHOP], [owned({ status: 'FAILED' })]).matched).toHaveLength(1)
  })

  it('nothing with other names: one is missing, and one is an orphan', () => {
    const found = owned({ names: ['shop.example.com'] })
    expect(match([SHOP], [found])).toEqual({ matched: [], missing: [SHOP], orphans: [found] })
  })

  it('one that is right, and finds another missing for each that is wrong: the defect B4', () => {
    const wrong = owned({ arn: 'arn:2', names: ['shop.example.com'] })
    const { matched, missing } = match([SHOP], [owned(), wrong])
    expect(matched).toHaveLength(1)
    expect(missing).toEqual([SHOP])
  })

  it('two that are both right: the defect B5', () => {
    expect(match([SHOP], [owned(), owned({ arn: 'arn:2' })]).matched).toHaveLength(2)
  })

  it('nothing at all where one has no resource in its tags: the defect B15', () => {
    expect(() => match([SHOP], [owned({ tags: {} })])).toThrow('has no tag ingress.k8s.aws/resource')
  })
})
