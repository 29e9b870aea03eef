import { describe, expect, it } from 'vitest'
import type { Claim } from './claim.ts'
import type { FailureKind } from './observation.ts'
import { plan } from './plan.ts'
import type { PlanInput } from './situation.ts'
import {
  claim,
  detail,
  foreign,
  loadBalancerArnOf,
  looksAt,
  NOW,
  ours,
  REFUSED,
  report,
  situation,
} from './testing/situations.ts'
import type { ClaimOptions, SituationOptions } from './testing/situations.ts'
import { MINUTE, SECOND } from './time.ts'

const a = 'a.example.com'
const b = 'b.example.com'
const A = ours([a])
const B = ours([b])
const AB = ours([a, b])
const NONE = { kind: 'none' } as const
const DECLINED: ClaimOptions['request'] = {
  kind: 'declined',
  verdict: { state: 'Deferred', reason: 'ForeignClass', message: '' },
}

function writes(input: PlanInput): Record<string, readonly string[]> {
  const actions = plan(input).actions.filter((action) => action.kind === 'publish')
  return Object.fromEntries(actions.map((action) => [action.ingress.ref.name, action.arns]))
}

const shop = (options: ClaimOptions = {}) => claim({ hosts: [a], ...options })
const serving = (options: SituationOptions & { certificates: NonNullable<SituationOptions['certificates']> }) =>
  situation({ attached: { 'group/web': { 443: options.certificates } }, ...options })

describe('publishing', () => {
  it('writes the object’s own issued certificate', () => {
    expect(writes(situation({ certificates: [A], claims: [shop()] }))).toEqual({ shop: [A.arn] })
  })

  it('writes nothing that is not issued', () => {
    for (const status of ['PENDING_VALIDATION', 'FAILED', 'EXPIRED', 'VALIDATION_TIMED_OUT'] as const)
      expect(writes(situation({ certificates: [ours([a], { status })], claims: [shop()] }))).toEqual({})
    expect(writes(situation({ certificates: [ours([a], { notAfter: NOW })], claims: [shop()] }))).toEqual({})
  })

  it('writes nothing that is not ours, though it covers the host', () => {
    expect(writes(situation({ certificates: [foreign([a])], claims: [shop()] }))).toEqual({})
  })

  it('adds behind what is there: the first ARN, the default of the listener, stays', () => {
    const claims = [shop({ hosts: [a, b], lists: [A] })]
    expect(writes(situation({ certificates: [A, AB], claims }))).toEqual({ shop: [A.arn, AB.arn] })
  })

  it('never adds and drops in one write', () => {
    const claims = [shop({ lists: [B] })]
    const input = serving({ certificates: [A, B], claims })
    expect(writes(input)).toEqual({ shop: [B.arn, A.arn] })
  })

  it('takes the smallest set of what there is, until its own is issued', () => {
    const pending = ours([a, b, 'c.example.com'], { status: 'PENDING_VALIDATION' })
    const old = ours(['old.example.com'])
    const claims = [shop({ hosts: [a, b, 'c.example.com'], lists: [old] })]
    expect(writes(situation({ certificates: [A, B, AB, pending, old], claims }))).toEqual({ shop: [old.arn, AB.arn] })
  })

  it('borrows and lends nothing before the account was read: what the object lists may be all that it needs', () => {
    const lists = { claims: [shop({ lists: [A] })], certificates: [AB] }
    const empty = {
      claims: [shop({ name: 'two' }), claim({ hosts: [b], lists: [B] })],
      certificates: [B, AB],
    }
    const unread = { observation: { tagsSweptAt: undefined } }
    expect(writes(serving({ ...lists, ...unread }))).toEqual({})
    expect(writes(serving({ ...empty, ...unread }))).toEqual({})
    expect(writes(serving(lists))).toEqual({ shop: [A.arn, AB.arn] })
    expect(writes(serving(empty)).two).toContain(AB.arn)
  })

  it('asks again for what it did not see being issued, and not for what it saw', () => {
    const input = situation({ certificates: [A], claims: [shop()] })
    const confirm = (of: PlanInput) =>
      plan(of).actions.flatMap((action) => (action.kind === 'publish' ? [action.confirm] : []))
    expect(confirm(input)).toEqual([[A.arn]])
    expect(confirm({ ...input, observation: { ...input.observation, sawIssued: new Set([A.arn]) } })).toEqual([[]])
  })

  it('waits for a look at the listeners that fails for a while: what it did not show is not absent', () => {
    const F = foreign([b])
    const listeners = `look:listeners:${loadBalancerArnOf('group/web')}`
    const failing = (kind: FailureKind) =>
      situation({
        certificates: [A, F],
        claims: [shop({ hosts: [a, b], names: [a] })],
        attached: { 'group/web': { 443: [F] } },
        observation: {
          groupChangedAt: new Map([['group/web', NOW]]),
          failures: new Map([[listeners, { kind, code: 'Failed', message: 'no', since: NOW, at: NOW }]]),
        },
      })
    expect(writes(failing('throttled'))).toEqual({})
    expect(plan(failing('throttled')).looks.map(({ look }) => look.kind)).toContain('listeners')
    expect(writes(failing('unsupported'))).toEqual({ shop: [A.arn, F.arn] })
  })

  it('that may not see the listeners leaves nothing out of what discovery may serve, where there is no room for all', () => {
    const others = [foreign([b]), foreign(['*.example.com'])]
    const blind = (certificatesPerLoadBalancer: number) =>
      situation({
        certificates: [A, ...others],
        claims: [shop({ hosts: [a, b], names: [a] })],
        attached: { 'group/web': { 443: [] } },
        settings: { certificatesPerLoadBalancer },
        observation: {
          groupChangedAt: new Map([['group/web', NOW]]),
          failures: new Map([
            [
              `look:listeners:${loadBalancerArnOf('group/web')}`,
              { kind: 'denied', code: 'AccessDenied', message: 'no', since: NOW, at: NOW },
            ],
          ]),
        },
      })
    expect(writes(blind(3))).toEqual({ shop: [A.arn, ...others.map(({ arn }) => arn).sort()] })
    expect(writes(blind(2))).toEqual({})
  })

  it('rests a write that drops on what each object of the group looks like, and one that adds on none', () => {
    const of = (input: PlanInput) =>
      plan(input).actions.flatMap((action) => (action.kind === 'publish' ? [[...action.members.keys()]] : []))
    const claims = [shop({ lists: [A, AB] }), claim({ name: 'z', hosts: ['z.example.com'], request: NONE })]
    expect(of(serving({ certificates: [A, AB], claims }))).toEqual([['uid-default-shop', 'uid-default-z']])
    expect(of(situation({ certificates: [A], claims: [shop()] }))).toEqual([[]])
  })

  it.each<[string, ClaimOptions]>([
    ['is being deleted', { overrides: { deleting: true } }],
    ['is paused', { paused: true }],
    ['is paused and refused', { paused: true, request: REFUSED }],
    ['is paused and asks for nothing', { paused: true, request: NONE }],
    ['is paused and somebody else’s by now', { paused: true, loadBalanced: false }],
    ['has a foreign annotation', { lists: [foreign([b])], ours: false }],
    ['is left to others', { request: DECLINED }],
    ['has no port with TLS', { ports: [] }],
  ])('does not touch an object that %s', (_, options) => {
    expect(writes(situation({ certificates: [A], claims: [shop(options)] }))).toEqual({})
    expect(writes(situation({ certificates: [A, AB], claims: [shop({ lists: [AB], ...options })] }))).toEqual({})
  })

  it('does not touch what is out of scope, asked or not', () => {
    const outside = (options: ClaimOptions) => ({ ...shop({ lists: [A], ...options }), inScope: false })
    const F = foreign([a])
    for (const options of [{}, { request: NONE }])
      expect(writes(serving({ certificates: [A, F], claims: [outside(options)] }))).toEqual({})
    const made = outside({ request: NONE })
    expect(plan(serving({ certificates: [A, F], claims: [made] })).claims.size).toBe(0)
  })
})

describe('a load balancer with two ports', () => {
  const both = { ports: [443, 8443] }

  it('lets an ARN go only when its successor was seen on both for a minute', () => {
    const claims = [shop({ ...both, lists: [AB, A] })]
    const looks = (late: number) => {
      const made = looksAt({ 443: [AB, A], 8443: [AB, A] }, NOW - SECOND)
      const steady = new Map(made.steady).set(8443, new Map([[A.arn, NOW - SECOND - late]]))
      return { 'group/web': { ...made, steady } }
    }
    const certificates = [A, AB]
    expect(writes(situation({ certificates, claims, attached: looks(MINUTE - 1) }))).toEqual({})
    expect(writes(situation({ certificates, claims, attached: looks(MINUTE) }))).toEqual({ shop: [A.arn] })
    const one = { 'group/web': { 443: [AB, A], 8443: [AB] } }
    expect(writes(situation({ certificates, claims, attached: one }))).toEqual({})
  })

  it('is not served before both serve', () => {
    const made = shop({ ...both, lists: [A] })
    const verdict = (attached: SituationOptions['attached']) =>
      plan(situation({ certificates: [A], claims: [made], ...(attached ? { attached } : {}) })).claims.get(
        made.ingress.ref.uid,
      )?.verdict.reason
    expect(verdict({ 'group/web': { 443: [A], 8443: [] } })).toBe('WaitingForLoadBalancer')
    expect(verdict({ 'group/web': { 443: [A], 8443: [A] } })).toBe('Served')
  })
})

describe('opting out', () => {
  const made = shop({ lists: [A], request: NONE })
  const verdictOf = (input: PlanInput) => plan(input).claims.get(made.ingress.ref.uid)?.verdict

  it('withdraws when somebody else’s certificate covers the host', () => {
    expect(writes(serving({ certificates: [A, foreign([a])], claims: [made] }))).toEqual({ shop: [] })
  })

  it('withdraws as well where the class names the certificates, and what asks to stand by is not touched there', () => {
    const served = (of: Claim) => ({ ...of, servedBy: 'shared' })
    const write = (of: Claim) => writes(serving({ certificates: [A, foreign([a])], claims: [served(of)] }))
    expect(write(made)).toEqual({ shop: [] })
    const { request } = shop({})
    expect(write(shop({ request: { ...request, standby: true } as Claim['request'] }))).toEqual({})
  })

  it('leaves the ARN where nothing else covers the host, and says so', () => {
    const input = serving({ certificates: [A], claims: [made] })
    expect(writes(input)).toEqual({})
    expect(verdictOf(input)).toMatchObject({
      state: 'Deferred',
      reason: 'OptedOut',
      message: `Ingress default/shop asks for no certificate any more, and ${A.arn} stays because nothing else covers its hosts; delete the annotation alb.ingress.kubernetes.io/certificate-arn by hand to drop it at once.`,
    })
  })

  it('leaves the ARN where a live name of another object would lose by it', () => {
    const Fb = foreign([b])
    const neighbour = claim({ name: 'n', hosts: [b], lists: [Fb], ours: false })
    const bare = claim({ name: 'n', hosts: [b], lists: [B] })
    const out = shop({ lists: [AB], request: NONE })
    const F = foreign([a])
    expect(writes(serving({ certificates: [AB, F, B], claims: [out, bare] }))).toEqual({ shop: [] })
    const unseen = { 'group/web': { 443: [AB] } }
    expect(writes(serving({ certificates: [AB, F, B], claims: [out, bare], attached: unseen }))).toEqual({})
    expect(writes(serving({ certificates: [AB, F, Fb], claims: [out, neighbour] }))).toEqual({ shop: [] })
    expect(writes(serving({ certificates: [AB, F], claims: [out, neighbour] }))).toEqual({})
  })

  it('is decided only when all tags were read: before that ours look like another’s', () => {
    const unread = { tags: new Map(), tagsSweptAt: undefined }
    expect(writes(serving({ certificates: [A], claims: [made], observation: unread }))).toEqual({})
  })

  it('of what carries nothing of ours is none of our business', () => {
    const input = serving({
      certificates: [foreign([a])],
      claims: [shop({ request: NONE, lists: ['arn:x'], ours: false })],
    })
    expect(writes(input)).toEqual({})
    expect(plan(input).claims.size).toBe(0)
  })

  it('by a change of class withdraws at once', () => {
    expect(
      writes(serving({ certificates: [A], claims: [shop({ lists: [A], loadBalanced: false, request: DECLINED })] })),
    ).toEqual({
      shop: [],
    })
  })
})

describe('a load balancer that is full', () => {
  const many = Array.from({ length: 24 }, (_, index) => foreign([`f${index}.example.com`]))
  const old = claim({ name: 'old', hosts: [a], overrides: { createdAt: NOW - 2 } })
  const young = claim({ name: 'young', hosts: [b], overrides: { createdAt: NOW - 1 } })

  it('takes the oldest claim in, and tells the other', () => {
    const input = situation({
      certificates: [A, B, ...many],
      claims: [young, old],
      attached: { 'group/web': { 443: many } },
    })
    expect(writes(input)).toEqual({ old: [A.arn] })
    expect(plan(input).claims.get(young.ingress.ref.uid)?.verdict).toMatchObject({
      state: 'Held',
      reason: 'LoadBalancerFull',
    })
  })

  it('is full for what it does not hold yet, not for what it holds', () => {
    const attached = { 'group/web': { 443: [A, ...many] } }
    expect(writes(situation({ certificates: [A, B, ...many], claims: [young, old], attached }))).toEqual({
      old: [A.arn],
    })
  })

  it('is nothing to another load balancer', () => {
    const elsewhere = claim({ name: 'e', hosts: [b], group: 'group/other' })
    const input = situation({
      certificates: [A, B, ...many],
      claims: [old, elsewhere],
      attached: { 'group/web': { 443: many } },
    })
    expect(writes(input)).toEqual({ old: [A.arn], e: [B.arn] })
  })
})

describe('a claim whose certificate is on the object', () => {
  const made = shop({ lists: [A] })
  const waiting = (since: number) =>
    report(made, { verdict: { state: 'Attaching', reason: 'WaitingForLoadBalancer', message: '', since } })
  const options = { certificates: [A], claims: [made], details: [detail(A)] }

  it('is ready when the load balancer serves it', () => {
    expect(plan(serving(options)).claims.get(made.ingress.ref.uid)?.verdict).toMatchObject({
      state: 'Ready',
      reason: 'Served',
      message: `The load balancer of Ingress default/shop serves ${a} with this certificate.`,
    })
  })

  it('points at the events of the load balancer’s controller when that takes fifteen minutes', () => {
    const message = (since: number) =>
      plan(situation({ ...options, reports: [waiting(since)] })).claims.get(made.ingress.ref.uid)?.verdict.message
    expect(message(NOW - 15 * MINUTE + 1)).not.toContain('kubectl')
    expect(message(NOW - 15 * MINUTE)).toContain('"kubectl describe ingress -n default shop"')
    expect(plan(situation({ ...options, reports: [waiting(NOW - 5 * MINUTE)] })).wakeAt).toBe(NOW + 10 * MINUTE)
  })

  it('is looked at every two seconds at first', () => {
    const input = situation({
      ...options,
      observation: { groupChangedAt: new Map([['group/web', NOW - 10 * SECOND]]) },
    })
    expect(plan(input).looks).toContainEqual({
      look: { kind: 'listeners', loadBalancer: loadBalancerArnOf('group/web') },
      dueAt: NOW + SECOND,
    })
  })
})
