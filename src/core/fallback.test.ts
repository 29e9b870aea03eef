import { describe, expect, it } from 'vitest'
import { plan } from './plan.ts'
import type { ClaimOptions, SituationOptions } from './testing/situations.ts'
import { claim, foreign, NOW, ours, report, situation } from './testing/situations.ts'

const [a, b] = ['a.example.com', 'b.example.com'] as const
const F = foreign(['fallback.example.net'])
const shop = (options: ClaimOptions = {}) => claim({ hosts: [a], listens: true, balanced: false, ...options })

function outcome(options: SituationOptions & { readonly fallback?: string } = {}) {
  const { claims = [shop()], certificates = [F], fallback = F.arn, ...rest } = options
  const settings = { fallbackCertificate: fallback, ...rest.settings }
  const made = plan(situation({ claims, certificates, ...rest, settings }))
  const writes = made.actions.flatMap((action) => (action.kind === 'publish' ? [action] : []))
  return {
    written: Object.fromEntries(writes.map((action) => [action.ingress.ref.name, action.arns])),
    confirmed: writes.flatMap(({ confirm }) => confirm),
    said: claims.map(({ ingress }) => made.claims.get(ingress.ref.uid)?.verdict.message ?? ''),
    waitsFor: made.claims.get(claims[0]?.ingress.ref.uid ?? '')?.waitsFor,
  }
}

describe('the fallback certificate', () => {
  it('is published, once ACM has said again that it is issued, where a group has nothing to lend', () => {
    expect(outcome()).toMatchObject({ written: { shop: [F.arn] }, confirmed: [F.arn] })
  })

  it('is not where the group has one of its own, where discovery serves the object, or where nothing waits', () => {
    const A = ours([a])
    const other = shop({ name: 'other', hosts: [b] })
    const served = shop({ lists: [A] })
    expect(outcome({ claims: [served, other], certificates: [F, A] }).written).toEqual({ other: [A.arn] })
    expect(outcome({ certificates: [F, foreign([a])], claims: [shop()] }).written).toEqual({})
    expect(outcome({ claims: [shop({ listens: false })] }).written).toEqual({})
  })

  it('leaves once the object lists its own, and is never taken for somebody’s choice', () => {
    const A = ours([a])
    const both = shop({ lists: [F, A] })
    expect(outcome({ claims: [both], certificates: [F, A] }).written).toEqual({ shop: [A.arn] })
    const restored = shop({ lists: [F], ours: false })
    const reports = [report(restored, { published: [F.arn] })]
    expect(outcome({ claims: [restored], certificates: [F, A], reports }).written).toEqual({ shop: [F.arn, A.arn] })
  })

  it('is not published where it is of no use, and the claim says why', () => {
    const elsewhere = 'arn:aws:acm:us-east-1:111122223333:certificate/f'
    expect(outcome({ fallback: elsewhere }).said[0]).toContain(
      `for want of a certificate on Ingress default/shop, and the certificate ${elsewhere} of --fallback-certificate-arn is in us-east-1 and the load balancers are in eu-west-1.`,
    )
    const expired = foreign(['fallback.example.net'], { notAfter: NOW - 1 })
    expect(outcome({ certificates: [expired], fallback: expired.arn })).toMatchObject({ written: {} })
    expect(outcome({ certificates: [] }).said[0]).toContain('is not in this account')
  })
})

describe('a group that waits', () => {
  it('names the objects, also those that ask for nothing, and an object whose class or annotation gives it one is none', () => {
    const stranger = shop({ name: 'stranger', hosts: ['s.example.net'], request: { kind: 'none' } })
    const chosen = shop({ name: 'chosen', hosts: [b], lists: [foreign([b])], ours: false, request: { kind: 'none' } })
    const going = shop({ name: 'going', hosts: ['g.example.net'], overrides: { deleting: true } })
    const made = outcome({ claims: [shop(), stranger, chosen, going], certificates: [] })
    expect(made.waitsFor).toEqual(['default/shop', 'default/stranger'])
    expect(made.said[0]).toContain('for want of a certificate on Ingress default/shop, default/stranger')
  })

  it('says nothing more once each has one', () => {
    const A = ours([a])
    expect(outcome({ claims: [shop({ lists: [A] })], certificates: [A, F] }).waitsFor).toEqual([])
  })
})
