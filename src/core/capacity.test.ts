import { describe, expect, it } from 'vitest'
import { plan } from './plan.ts'
import type { SituationOptions } from './testing/situations.ts'
import { claim, entry, foreign, NOW, ours, situation } from './testing/situations.ts'
import { MINUTE } from './time.ts'

const [a, b, c] = ['a.example.com', 'b.example.com', 'c.example.com'] as const
const old = claim({ name: 'old', hosts: [a], overrides: { createdAt: NOW - 3 } })
const middle = claim({ name: 'middle', hosts: [b], overrides: { createdAt: NOW - 2 } })
const young = claim({ name: 'young', hosts: [c], overrides: { createdAt: NOW - 1 } })
const strangers = [foreign(['f0.example.com']), foreign(['f1.example.com'])]

/** A load balancer of three places, two of which strangers have. */
function outcome(options: SituationOptions) {
  const { claims = [young, middle, old], certificates = [], ...rest } = options
  const input = situation({
    certificates: [...strangers, ...certificates],
    attached: { 'group/web': { 443: strangers } },
    entries: [a, b, c].map((name) => entry([name])),
    settings: { certificatesPerLoadBalancer: 3 },
    claims,
    ...rest,
  })
  const made = plan(input)
  return {
    requested: made.actions.flatMap((action) => (action.kind === 'requestCertificate' ? [action.wish.names[0]] : [])),
    written: Object.fromEntries(
      made.actions.flatMap((action) => (action.kind === 'publish' ? [[action.ingress.ref.name, action.arns]] : [])),
    ),
    full: claims
      .filter(({ ingress }) => made.claims.get(ingress.ref.uid)?.verdict.reason === 'LoadBalancerFull')
      .map(({ ingress }) => ingress.ref.name),
    message: (of: typeof old) => made.claims.get(of.ingress.ref.uid)?.verdict.message,
    wakeAt: made.wakeAt,
  }
}

const pending = (names: readonly string[], age: number) =>
  ours(names, { status: 'PENDING_VALIDATION', createdAt: NOW - age })

describe('one free place', () => {
  it('is the oldest claim’s; the others are told before anything is requested', () => {
    const made = outcome({})
    expect(made).toMatchObject({ requested: [a], full: ['young', 'middle'] })
    expect(made.message(young)).toBe(
      `The load balancer of group/web has 2 certificates, with 1 more on the way for Ingresses before it, and holds 3, so there is no place for one for ${c} of Ingress default/young: move Ingresses to another group, or raise the quota in AWS and --certificates-per-load-balancer.`,
    )
  })

  it('goes by the UID where two are of the same second', () => {
    const twin = claim({ name: 'a-twin', hosts: [b], overrides: { createdAt: NOW - 3 } })
    expect(outcome({ claims: [old, twin] })).toMatchObject({ requested: [b], full: ['old'] })
  })

  it('stays free for a certificate on its way, though a younger one is issued first', () => {
    const made = outcome({ certificates: [pending([a], MINUTE), ours([c])] })
    expect(made).toMatchObject({ requested: [], written: {}, full: ['young', 'middle'] })
    expect(made.wakeAt).toBeLessThanOrEqual(NOW + 9 * MINUTE)
  })

  it('goes to the next when that takes ten minutes: one bad name never keeps good ones out', () => {
    const C = ours([c])
    expect(outcome({ certificates: [pending([a], 10 * MINUTE), C] }).requested).toEqual([b])
    const failed = ours([a], { status: 'VALIDATION_TIMED_OUT' })
    expect(outcome({ certificates: [failed, C], claims: [old, young] })).toMatchObject({ written: { young: [C.arn] } })
  })

  it('is not kept free for an object that is paused', () => {
    const paused = claim({ name: 'old', hosts: [a], paused: true, overrides: { createdAt: NOW - 3 } })
    expect(outcome({ claims: [paused, young] }).requested).toEqual([c])
  })

  it('is shared by equal wishes, and not needed for what the load balancer holds', () => {
    const twin = claim({ name: 'twin', hosts: [a] })
    const A = ours([a])
    expect(outcome({ claims: [old, twin] })).toMatchObject({ requested: [a], full: [] })
    const attached = { 'group/web': { 443: [...strangers, A] } }
    expect(outcome({ claims: [twin], certificates: [A], attached }).written).toMatchObject({ twin: [A.arn] })
  })

  it('is there where a certificate is dead: it leaves before its successor comes', () => {
    const dead = ours([a], { notAfter: NOW - 1, createdAt: NOW - 400 * 24 * 60 * MINUTE })
    const A = ours([a], { attempt: 2 })
    const claims = [claim({ name: 'old', hosts: [a], lists: [dead] })]
    const attached = { 'group/web': { 443: [...strangers, dead] } }
    expect(outcome({ certificates: [dead, A], claims, attached }).written).toEqual({ old: [A.arn] })
  })
})

describe('no free place', () => {
  const A = ours([a])
  const AB = ours([a, b])
  const full = { 'group/web': { 443: [...strangers, A] } }
  const grown = claim({ name: 'old', hosts: [a, b], lists: [A] })

  it('keeps what serves where a successor would need one more, and says so', () => {
    const made = outcome({ certificates: [A, AB], claims: [grown], attached: full })
    expect(made).toMatchObject({ written: {}, full: ['old'] })
    expect(made.message(grown)).toContain(
      'what serves it now stays, and a successor needs one free place beside it: move Ingresses',
    )
  })

  it('is made by what may leave, the first of the annotation last', () => {
    const wildcard = ours(['*.example.com'])
    const three = claim({ name: 'old', hosts: [a, b], lists: [A, wildcard] })
    const attached = { 'group/web': { 443: [strangers[0] as (typeof strangers)[0], A, wildcard] } }
    const made = outcome({ certificates: [A, wildcard, AB], claims: [three], attached })
    expect(made.written).toEqual({ old: [wildcard.arn] })
  })

  it('does not freeze the group: a new member is lent what the group has, so that discovery adds nothing', () => {
    const served = claim({ name: 'old', hosts: [a], lists: [A] })
    const made = outcome({ certificates: [A, ours([c])], claims: [served, young], attached: full })
    expect(made).toMatchObject({ written: { young: [A.arn] }, full: ['young'] })
  })

  it('leaves nothing out of what discovery may serve while the load balancer may be there and not yet be told of', () => {
    const claims = [
      claim({ name: 'old', hosts: [a], lists: [A], balanced: false }),
      claim({ name: 'young', hosts: [c], balanced: false }),
    ]
    const written = (changedAt: number) =>
      outcome({
        certificates: [A, ours([c])],
        claims,
        settings: { certificatesPerLoadBalancer: 1 },
        observation: { groupChangedAt: new Map([['group/web', changedAt]]) },
      }).written
    expect(written(NOW - MINUTE)).toEqual({})
    expect(written(NOW - 6 * MINUTE)).toEqual({ young: [A.arn] })
  })

  it('is not made before the account was read after a start: what the object lists may be its own', () => {
    const B = ours([b])
    const claims = [claim({ name: 'old', hosts: [a], lists: [A] }), claim({ name: 'middle', hosts: [b], lists: [B] })]
    const options = { certificates: [B], claims, attached: { 'group/web': { 443: [A, B] } } }
    const written = outcome({
      ...options,
      settings: { certificatesPerLoadBalancer: 2 },
      observation: { tagsSweptAt: undefined },
    }).written
    expect(written).toEqual({})
  })

  it('is decided anew for each plan, so that a lost ledger changes nothing', () => {
    const certificates = [A, pending([b], MINUTE)]
    const served = claim({ name: 'old', hosts: [a], lists: [A] })
    const options = {
      certificates,
      claims: [served, middle, young],
      attached: { 'group/web': { 443: [A, strangers[0] as (typeof strangers)[0]] } },
    }
    const after = outcome({ ...options, entries: [] })
    expect(after.full).toEqual(outcome(options).full)
    expect(after.full).toEqual(['young'])
  })
})
