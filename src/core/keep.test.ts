import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Claim } from './claim.ts'
import { plan } from './plan.ts'
import { claim, detail, foreign, NOW, ours, REFUSED, report, situation, ZONE } from './testing/situations.ts'
import type { ClaimOptions, SituationOptions } from './testing/situations.ts'
import { DAY, MINUTE } from './time.ts'

const a = 'a.example.com'
const b = 'b.example.com'
const A = ours([a])
const AB = ours([a, b])

function reason(options: SituationOptions, arn = A.arn) {
  return plan(situation({ certificates: [A], ...options })).kept.get(arn)
}

describe('a certificate is kept', () => {
  it('because its key is wished', () => {
    expect(reason({ claims: [claim({ hosts: [a] })] })).toBe('Wished')
    expect(reason({ claims: [claim({ hosts: [a], paused: true })] })).toBe('Wished')
  })

  it('because an object lists it, whatever that object wants, in whatever state it is', () => {
    const lists = (options: ClaimOptions) => claim({ hosts: ['x.example.com'], lists: [A], ...options })
    for (const options of [
      {},
      { request: { kind: 'none' } as const },
      { request: REFUSED },
      { overrides: { deleting: true } },
      { ours: false },
      { loadBalanced: false, request: { kind: 'none' } as const },
    ])
      expect(reason({ claims: [lists(options)] })).toBe('Listed')
  })

  it('because the publish set of a claim has it', () => {
    const wild = ours(['*.example.com'])
    const options = { certificates: [wild], claims: [claim({ hosts: [a], lists: [ours([b])] })] }
    expect(reason(options, wild.arn)).toBe('Published')
  })

  it('because the load balancer’s controller may serve it by discovery', () => {
    const bare = (options: ClaimOptions) => claim({ hosts: [a], request: { kind: 'none' }, ...options })
    expect(reason({ claims: [bare({})] })).toBe('Discoverable')
    // Nothing but what is issued can be found.
    for (const of of [{ status: 'PENDING_VALIDATION' as const }, { status: 'FAILED' as const }, { notAfter: NOW }])
      expect(reason({ certificates: [ours([a], of)], claims: [bare({})] }, ours([a], of).arn)).toBeUndefined()
    expect(reason({ claims: [bare({ hosts: [b] })] })).toBeUndefined()
    expect(reason({ claims: [bare({ loadBalanced: false })] })).toBeUndefined()
    const wild = ours(['*.example.com'])
    expect(reason({ certificates: [wild], claims: [bare({})] }, wild.arn)).toBe('Discoverable')
    expect(reason({ certificates: [wild], claims: [bare({ hosts: ['x.y.example.com'] })] }, wild.arn)).toBeUndefined()
  })

  it('because its object is refused, being deleted, or out of scope', () => {
    const other = ours(['x.example.com'])
    const held = (made: Claim) => reason({ claims: [made], certificates: [A, other] })
    const lists = [other]
    expect(held(claim({ hosts: [a], lists, overrides: { deleting: true } }))).toBe('HeldClaim')
    expect(held({ ...claim({ hosts: [a], lists, request: OUT_OF_SCOPE }), inScope: false })).toBe('HeldClaim')
    expect(held(claim({ hosts: [a], lists, request: REFUSED, ports: [] }))).toBe('HeldClaim')
    expect(held(claim({ hosts: [a], lists, request: REFUSED }))).toBe('Published')
    expect(held(claim({ hosts: [a], lists, request: { kind: 'unknown' } }))).toBe('HeldClaim')
  })

  it('because its zone went, or is not known any more', () => {
    const lists = [ours(['x.example.com'])]
    const options = { claims: [claim({ hosts: [a, b], lists })], certificates: [AB, ...lists] }
    expect(reason({ ...options, zones: [{ ...ZONE, name: 'example.org' }] }, AB.arn)).toBe('Wished')
    const single = { claims: [claim({ hosts: [a, 'c.example.org'], lists })], certificates: [A, ...lists] }
    for (const zones of [{ zones: [{ ...ZONE, name: 'example.org' }] }, { observation: { zones: undefined } }])
      expect(reason({ ...single, ...zones })).toBeDefined()
  })

  it('because what is wanted, or what was remembered, is not known', () => {
    const known = situation({ certificates: [A] })
    for (const source of ['ingresses', 'ingressClasses', 'ingressClassParameters'] as const) {
      expect(reason({ observation: { [source]: undefined } })).toBe('NotKnown')
      const partial = { value: new Map(), at: NOW, complete: false }
      expect(reason({ observation: { [source]: partial } })).toBe('NotKnown')
    }
    expect(reason({ observation: { namespaces: undefined } })).toBe('NotKnown')
    // Those that may not be read hold up nobody but whom they decide for.
    expect(reason({ observation: { namespaces: { value: new Map(), at: NOW, complete: false } } })).toBeUndefined()
    expect(plan({ ...known, ledger: { certificates: undefined, claims: new Map() } }).kept.get(A.arn)).toBe('NotKnown')
    expect(plan(known).kept.get(A.arn)).toBeUndefined()
  })

  it('because it was made for a namespace that --watch-namespace does not show', () => {
    const tagged = (value: string | undefined) => {
      const tags = { ...A.tags, ...(value === undefined ? {} : { 'certwright.dev/claim': value }) }
      const held = ours([a], { tags })
      return reason({ certificates: [held], settings: { watchNamespace: 'web' } })
    }
    expect(tagged('other/shop')).toBe('OutOfScope')
    expect(tagged(undefined)).toBe('OutOfScope')
    expect(tagged('webby/shop')).toBe('OutOfScope')
    expect(tagged('web/shop')).toBeUndefined()
  })
})

const OUT_OF_SCOPE: Claim['request'] = {
  kind: 'declined',
  verdict: { state: 'Deferred', reason: 'OutOfScope', message: '' },
}

describe('of a key that is wished', () => {
  const claims = [claim({ hosts: [a], lists: [ours(['x.example.com'])] })]

  it('the older issued one is kept, and its double is not', () => {
    const older = ours([a], { createdAt: NOW - 2 * DAY })
    const newer = ours([a], { attempt: 2, createdAt: NOW - DAY })
    const kept = plan(situation({ certificates: [newer, older], claims })).kept
    expect([...kept.keys()]).toEqual([older.arn])
  })

  it('one that expired is not kept for a refused object that it covers, once its successor is there', () => {
    const refused = claim({ name: 'refused', hosts: [a], ports: [], request: REFUSED, overrides: { createdAt: NOW } })
    const expired = ours([a], { notAfter: NOW - 1, createdAt: NOW - 200 * DAY })
    const successor = ours([a], { attempt: 2, createdAt: NOW - DAY })
    const options = { claims: [...claims, refused] }
    expect([...plan(situation({ ...options, certificates: [expired, successor] })).kept.keys()]).toEqual([
      successor.arn,
    ])
    expect(plan(situation({ ...options, certificates: [expired] })).kept.get(expired.arn)).toBe('Wished')
  })

  it('the newest failed one is kept until its successor is there: attempts and backoff are told by it', () => {
    const first = ours([a], { status: 'FAILED', createdAt: NOW - 2 * DAY })
    const second = ours([a], { status: 'FAILED', attempt: 2, createdAt: NOW - DAY })
    expect([...plan(situation({ certificates: [first, second], claims })).kept.keys()]).toEqual([second.arn])
    const third = ours([a], { attempt: 3, createdAt: NOW - MINUTE })
    const kept = plan(situation({ certificates: [first, second, third], claims })).kept
    expect(kept.get(third.arn)).toBe('Wished')
    expect(kept.has(first.arn)).toBe(false)
  })
})

it('nobody else’s certificate is ever kept or let go: it is not ours to decide', () => {
  const F = foreign([a])
  expect(plan(situation({ certificates: [F], claims: [claim({ hosts: [a] })] })).kept.has(F.arn)).toBe(false)
})

it('what covers a live host that nothing else covers is kept, whatever the objects look like', () => {
  const hosts = fc.subarray([a, b], { minLength: 1 })
  const object = fc.record({
    hosts,
    request: fc.constantFrom<ClaimOptions>({}, { request: REFUSED }, { paused: true }, { request: { kind: 'none' } }),
    listed: fc.subarray([A, AB]),
    deleting: fc.boolean(),
    zone: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(object, { maxLength: 3 }), fc.constantFrom([A], [AB], [A, AB]), (objects, certificates) => {
      const claims = objects.map((of, index) =>
        claim({
          name: `i${index}`,
          hosts: of.hosts,
          lists: of.listed,
          ...of.request,
          ...(of.deleting ? { overrides: { deleting: true } } : {}),
        }),
      )
      const zones = objects.every((of) => of.zone) ? [ZONE] : []
      const input = situation({ claims, certificates, zones, details: certificates.map((of) => detail(of)) })
      const { kept } = plan(input)
      for (const of of claims) {
        if (of.request.kind === 'none') continue
        for (const host of of.hosts) {
          const covering = certificates.filter((held) => held.certificate.names.includes(host))
          if (covering.length > 0)
            expect(
              covering.some((held) => kept.has(held.arn)),
              host,
            ).toBe(true)
        }
      }
    }),
    { numRuns: 500 },
  )
})

it('a claim that was taken over by somebody keeps nothing but what is listed', () => {
  const F = foreign([a])
  const made = claim({ hosts: [a], lists: [F], ours: false })
  expect(reason({ certificates: [A, F], claims: [made], reports: [report(made)] })).toBeUndefined()
})
