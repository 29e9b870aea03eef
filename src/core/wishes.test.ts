import { describe, expect, it } from 'vitest'
import type { CertificateDetail } from './certificate.ts'
import { assess } from './situation.ts'
import { claim, detail, keyOf, NOW, ours, situation, ZONE } from './testing/situations.ts'
import type { Held, SituationOptions } from './testing/situations.ts'
import { MINUTE } from './time.ts'
import { deriveWishes } from './wishes.ts'

const a = 'a.example.com'
const b = 'b.example.com'
const c = 'c.example.com'

const wishes = (options: SituationOptions) => deriveWishes(assess(situation(options)))
const wishedNames = (options: SituationOptions) =>
  [...wishes(options).byKey.values()].map((wish) => wish.names).sort((x, y) => (x.join() < y.join() ? -1 : 1))

describe('wishes', () => {
  it('that are equal merge, across namespaces, the oldest claim first', () => {
    const claims = [
      claim({ name: 'young', namespace: 'x', hosts: [b, a], overrides: { createdAt: NOW - 1 } }),
      claim({ name: 'old', namespace: 'y', hosts: [a, b], overrides: { createdAt: NOW - 2 } }),
    ]
    const { byKey } = wishes({ claims })
    expect([...byKey.keys()]).toEqual([keyOf([a, b])])
    expect(byKey.get(keyOf([a, b]))?.claims.map((of) => of.ingress.ref.name)).toEqual(['old', 'young'])
  })

  it('have the first name of at most 64 octets as their DomainName', () => {
    const long = `${'a'.repeat(53)}.example.com`
    expect(long).toHaveLength(65)
    const made = claim({ hosts: [long, b] })
    expect([...wishes({ claims: [made] }).byKey.values()][0]?.domainName).toBe(b)
    const only = claim({ hosts: [long] })
    expect(wishes({ claims: [only] }).resolutions.get(only.ingress.ref.uid)?.verdict).toMatchObject({
      state: 'Refused',
      reason: 'InvalidName',
      message: `All names of Ingress default/shop (${long}) are longer than 64 octets and ACM needs one that is not; add a shorter one with certwright.dev/names.`,
    })
    const fits = `${'a'.repeat(52)}.example.com`
    expect([...wishes({ claims: [claim({ hosts: [fits] })] }).byKey.values()][0]?.domainName).toBe(fits)
  })

  it('become several certificates, each with its own names, as many as the load balancer holds', () => {
    const hosts = Array.from({ length: 25 }, (_, index) => `n${index}.example.com`)
    const made = claim({ hosts })
    const { byKey, resolutions } = wishes({ claims: [made] })
    expect([...byKey.values()].flatMap(({ names }) => names).sort()).toEqual(made.hosts)
    expect(resolutions.get(made.ingress.ref.uid)?.keys).toEqual([...byKey.keys()])
    expect(byKey.size).toBeGreaterThan(2)
    const twin = claim({ name: 'twin', namespace: 'other', hosts })
    expect(wishes({ claims: [made, twin] }).byKey.size).toBe(byKey.size)
    const settings = { certificatesPerLoadBalancer: byKey.size - 1 }
    const refused = wishes({ claims: [made], settings })
    expect(refused.byKey.size).toBe(0)
    expect(refused.resolutions.get(made.ingress.ref.uid)?.verdict).toMatchObject({
      state: 'Refused',
      reason: 'TooManyNames',
      message: `Ingress default/shop has 25 names, which need ${byKey.size} certificates of up to 10 (--max-names-per-certificate), and a load balancer holds ${byKey.size - 1} (--certificates-per-load-balancer); use a wildcard, split the Ingress, or raise the quotas in AWS and the settings.`,
    })
  })

  it('leave out a name without a zone from its own certificate only', () => {
    const hosts = Array.from({ length: 11 }, (_, index) => `n${index}.example.com`)
    const whole = wishes({ claims: [claim({ hosts: [...hosts, 'x.example.org'] })] })
    const zoned = wishes({
      claims: [claim({ hosts: [...hosts, 'x.example.org'] })],
      zones: [ZONE, { id: 'Z2', name: 'example.org', private: false }],
    })
    expect([...whole.byKey.values()].flatMap(({ names }) => names).sort()).toEqual(hosts.toSorted())
    expect([...zoned.byKey.keys()].filter((key) => !whole.byKey.has(key))).toHaveLength(1)
  })

  it('stay together where a certificate of all of them is issued already', () => {
    const hosts = Array.from({ length: 11 }, (_, index) => `n${index}.example.com`)
    const made = wishes({ claims: [claim({ hosts })], certificates: [ours(hosts)] })
    expect([...made.byKey.keys()]).toEqual([keyOf(hosts)])
  })

  it('leave out a name without a public zone, which says so and what to do', () => {
    const made = claim({ hosts: [a, 'b.example.org'] })
    const { byKey, resolutions } = wishes({ claims: [made] })
    expect([...byKey.keys()]).toEqual([keyOf([a])])
    expect(resolutions.get(made.ingress.ref.uid)?.leftOut).toEqual([
      {
        name: 'b.example.org',
        state: 'Held',
        reason: 'NoHostedZone',
        message:
          'No public hosted zone of this account answers for b.example.org of Ingress default/shop; create one in Route 53, or leave the name out with certwright.dev/exclude-names.',
      },
    ])
  })

  it('are none before the zones are known', () => {
    const made = claim({ hosts: [a] })
    const { byKey, resolutions } = wishes({ claims: [made], observation: { zones: undefined } })
    expect(byKey.size).toBe(0)
    expect(resolutions.get(made.ingress.ref.uid)?.verdict?.reason).toBe('LookingUpZones')
  })
})

describe('an interim certificate', () => {
  const pendingSince = (age: number) =>
    ours([a, b, c], { status: 'PENDING_VALIDATION', notAfter: undefined, createdAt: NOW - age })
  const proving = (held: Held, proven: readonly string[]): CertificateDetail =>
    detail(held, {
      validations: held.certificate.names.map((name) => ({
        name,
        status: proven.includes(name) ? ('SUCCESS' as const) : ('PENDING_VALIDATION' as const),
      })),
    })
  const claims = [claim({ hosts: [a, b, c] })]
  const late = pendingSince(10 * MINUTE)

  it('is wished for the names that validated, once the others are ten minutes late', () => {
    const early = pendingSince(10 * MINUTE - 1)
    expect(wishedNames({ claims, certificates: [early], details: [proving(early, [a])] })).toEqual([[a, b, c]])
    expect(wishedNames({ claims, certificates: [late], details: [proving(late, [a])] })).toEqual([[a], [a, b, c]])
  })

  it('is wished for none where none validated, and for none where all did', () => {
    for (const proven of [[], [a, b, c]])
      expect(wishedNames({ claims, certificates: [late], details: [proving(late, proven)] })).toEqual([[a, b, c]])
  })

  it('is wished at once after a failure', () => {
    const failed = ours([a, b, c], { status: 'FAILED', createdAt: NOW - MINUTE })
    expect(wishedNames({ claims, certificates: [failed], details: [proving(failed, [a, b])] })).toEqual([
      [a, b],
      [a, b, c],
    ])
  })

  it('is wished at once for the names that ACM has nothing against, where it says which one made it fail', () => {
    const failed = ours([a, b, c], { status: 'FAILED', createdAt: NOW - MINUTE })
    const statuses = { [a]: 'PENDING_VALIDATION', [b]: 'FAILED', [c]: 'SUCCESS' } as const
    const validations = Object.entries(statuses).map(([name, status]) => ({ name, status }))
    expect(wishedNames({ claims, certificates: [failed], details: [detail(failed, { validations })] })).toEqual([
      [a, b, c],
      [a, c],
    ])
  })

  it('leaves out what another of ours serves', () => {
    const other = ours(['*.example.com'])
    expect(wishedNames({ claims, certificates: [late, other], details: [proving(late, [a])] })).toEqual([[a, b, c]])
  })

  it('that was begun stays wished when one more name validates, and the new name has its own', () => {
    const begun = ours([a], { status: 'PENDING_VALIDATION', createdAt: NOW - MINUTE })
    const options = { claims, certificates: [late, begun], details: [proving(late, [a, b])] }
    expect(wishedNames(options)).toEqual([[a], [a, b, c], [b]])
  })

  it('that is issued stays wished until all of it is', () => {
    const issued = ours([a])
    const details = [proving(late, [a])]
    expect(wishedNames({ claims, certificates: [late, issued], details })).toEqual([[a], [a, b, c]])
    const whole = ours([a, b, c])
    expect(wishedNames({ claims, certificates: [whole, issued] })).toEqual([[a, b, c]])
  })

  it('that somebody else wishes as his own keeps its claims in their order, each once', () => {
    const young = claim({ name: 'young', hosts: [a], overrides: { createdAt: NOW - 1 } })
    const { byKey } = wishes({
      claims: [young, ...claims],
      certificates: [late, ours([a])],
      details: [proving(late, [a])],
    })
    const wish = byKey.get(keyOf([a]))
    expect(wish?.claims.map((of) => of.ingress.ref.name)).toEqual(['shop', 'young'])
    expect(wish?.interim).toBe(false)
  })
})

it('a name that has not validated is not on the only certificate of names that did, for as long as the zone is the same', () => {
  const bad = claim({ hosts: [a, 'bad.example.org'] })
  const zones = [ZONE]
  expect(wishedNames({ claims: [bad], zones })).toEqual([[a]])
})
