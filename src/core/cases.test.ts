import { describe, expect, it } from 'vitest'
import type { PublishAction } from './action.ts'
import { mergeListeners, mergeRequested } from './observe.ts'
import { plan } from './plan.ts'
import type { PlanInput } from './situation.ts'
import {
  claim,
  detail,
  entry,
  foreign,
  kept,
  keyOf,
  loadBalancerArnOf,
  looksAt,
  NOW,
  ours,
  REFUSED,
  report,
  situation,
  ZONE,
} from './testing/situations.ts'
import type { ClaimOptions, Held, SituationOptions } from './testing/situations.ts'
import { DAY, HOUR, MINUTE, SECOND } from './time.ts'

/** How the first version of the rules lost a handshake: each case a story. I1 and I2 are two Ingresses of one load balancer. */

const a = 'a.example.com'
const b = 'b.example.com'
const A = ours([a])
const B = ours([b])
const AB = ours([a, b])
const PENDING: Partial<Held['certificate']> = {
  status: 'PENDING_VALIDATION',
  notAfter: undefined,
  createdAt: NOW - MINUTE,
}

const LISTENERS = `look:listeners:${loadBalancerArnOf('group/web')}`
const FAILURE = { kind: 'denied', code: 'AccessDenied', message: 'no', since: NOW, at: NOW } as const

const i1 = (options: ClaimOptions) => claim({ name: 'i1', ...options })
const i2 = (options: ClaimOptions) => claim({ name: 'i2', ...options })

function publications(input: PlanInput): readonly PublishAction[] {
  return plan(input).actions.filter((action) => action.kind === 'publish')
}

/** What would be written on which object. */
function writes(input: PlanInput): Record<string, readonly string[]> {
  return Object.fromEntries(publications(input).map((action) => [action.ingress.ref.name, action.arns]))
}

function deletes(input: PlanInput): readonly string[] {
  return plan(input).actions.flatMap((action) => (action.kind === 'deleteCertificate' ? [action.arn] : []))
}

/** Everything listed was settled on the load balancer long ago. */
function settled(options: SituationOptions & { certificates: readonly Held[] }): PlanInput {
  return situation({ attached: { 'group/web': { 443: options.certificates } }, ...options })
}

it('1: an ARN stays while it covers a host that moved to another object of the load balancer', () => {
  const before = settled({
    certificates: [A, AB],
    claims: [i1({ hosts: [a, b], names: [a], lists: [A] }), i2({ hosts: [a], lists: [AB, A] })],
  })
  expect(writes(before)).toEqual({ i1: [A.arn, AB.arn] })
  const withoutTheMove = settled({
    certificates: [A, AB],
    claims: [i1({ hosts: [a], lists: [A] }), i2({ hosts: [a], lists: [AB, A] })],
  })
  expect(writes(withoutTheMove)).toEqual({ i2: [A.arn] })
})

it('2: of two objects that each could drop because the other lists it, one drops at a time', () => {
  const input = settled({
    certificates: [A, AB, B],
    claims: [i1({ hosts: [a], lists: [A, AB] }), i2({ hosts: [a, b], lists: [AB, A, B] })],
  })
  const dropping = publications(input).filter((action) => action.dropped.length > 0)
  expect(dropping).toHaveLength(1)
  expect(dropping[0]?.dropped).toHaveLength(1)
})

it('3: each write carries the version it was planned from', () => {
  const made = claim({ hosts: [a], overrides: { resourceVersion: '41' } })
  const [action] = publications(situation({ certificates: [A], claims: [made] }))
  expect(action?.ingress.resourceVersion).toBe('41')
})

it('4: after a change of any object of the group, looks that are older prove nothing', () => {
  const options = {
    certificates: [A, AB],
    claims: [i1({ hosts: [a], lists: [A, AB] }), i2({ hosts: [a], lists: [A] })],
  }
  expect(writes(settled(options))).toEqual({ i1: [A.arn] })
  const changed = { observation: { groupChangedAt: new Map([['group/web', NOW - 5 * MINUTE]]) } }
  expect(writes(settled({ ...options, ...changed }))).toEqual({})
})

describe('5: an ARN leaves after two looks', () => {
  const claims = [i1({ hosts: [a], lists: [A, AB] })]
  const seenFor = (time: number, now = NOW) =>
    writes(
      situation({
        certificates: [A, AB],
        claims,
        now,
        attached: { 'group/web': looksAt({ 443: [A, AB] }, NOW, NOW - time) },
      }),
    )

  it('that are at least --settle apart', () => {
    expect(seenFor(MINUTE - 1)).toEqual({})
    expect(seenFor(MINUTE)).toEqual({ i1: [A.arn] })
  })

  it('which the passing of time does not replace', () => {
    expect(seenFor(0, NOW + HOUR)).toEqual({})
  })
})

describe('6: the first write ends discovery, so that it', () => {
  const F = foreign([b])

  it('carries over what discovery attached for hosts that ours do not cover', () => {
    const input = settled({ certificates: [A, F], claims: [i1({ hosts: [a, b], names: [a] })] })
    expect(writes(input)).toEqual({ i1: [A.arn, F.arn] })
  })

  it('carries over what serves the very host until ours is seen there', () => {
    const old = foreign([a])
    const input = situation({
      certificates: [A, old],
      claims: [i1({ hosts: [a] })],
      attached: { 'group/web': { 443: [old] } },
    })
    expect(writes(input)).toEqual({ i1: [A.arn, old.arn] })
  })

  it('carries over what discovery would attach where no look at it succeeds', () => {
    const input = situation({
      certificates: [A, F],
      claims: [i1({ hosts: [a, b], names: [a] })],
      attached: { 'group/web': { 443: [] } },
      observation: { groupChangedAt: new Map([['group/web', NOW]]), failures: new Map([[LISTENERS, FAILURE]]) },
    })
    expect(writes(input)).toEqual({ i1: [A.arn, F.arn] })
  })

  it('lets the carried one go by the rule of every other', () => {
    const old = foreign([a])
    const claims = [i1({ hosts: [a], lists: [A, old] })]
    expect(writes(settled({ certificates: [A, old], claims }))).toEqual({ i1: [A.arn] })
    const unseen = { 'group/web': { 443: [old] } }
    expect(writes(settled({ certificates: [A, old], claims, attached: unseen }))).toEqual({})
  })
})

it('7: somebody empties the annotation of an object that was published: what discovery attached is carried over again', () => {
  const F = foreign([b])
  const made = i1({ hosts: [a, b], names: [a] })
  const input = settled({ certificates: [A, F], claims: [made], reports: [report(made, { published: [A.arn] })] })
  expect(writes(input)).toEqual({ i1: [A.arn, F.arn] })
})

it('8: an object that was created again is planned on looks newer than it', () => {
  const F = foreign([b])
  const made = i1({ hosts: [a, b], names: [a], overrides: { createdAt: NOW } })
  const input = situation({
    certificates: [A, F],
    claims: [made],
    // The look still shows ours on it, from the object before.
    attached: { 'group/web': looksAt({ 443: [A] }, NOW - SECOND) },
    observation: { groupChangedAt: new Map([['group/web', NOW]]) },
  })
  expect(writes(input)).toEqual({})
  const look = { kind: 'listeners', loadBalancer: loadBalancerArnOf('group/web') }
  expect(plan(input).looks).toContainEqual({ look, dueAt: NOW })
  const looked = looksAt({ 443: [F] }, NOW + SECOND)
  const after = { ...input.observation, listeners: new Map([[look.loadBalancer, looked]]) }
  expect(writes({ ...input, observation: after, now: NOW + SECOND })).toEqual({ i1: [A.arn, F.arn] })
})

it('9: a certificate that covers a host while the wished one is pending is published and kept, though its key is no longer wished', () => {
  const pending = ours([a, b], PENDING)
  const input = situation({ certificates: [A, pending], claims: [i1({ hosts: [a, b] })] })
  expect(writes(input)).toEqual({ i1: [A.arn] })
  expect(plan(input).kept.get(A.arn)).toBeDefined()
  // Also while it may not be written.
  const paused = situation({ certificates: [A, pending], claims: [i1({ hosts: [a, b], lists: [B], paused: true })] })
  expect(writes(paused)).toEqual({})
  expect(plan(paused).kept.get(A.arn)).toBeDefined()
})

it('10: an interim certificate is kept after a restart, when no look at a listener was done yet', () => {
  const pending = ours([a, b], { ...PENDING, createdAt: NOW - HOUR })
  const input = situation({
    certificates: [A, pending],
    claims: [i1({ hosts: [a, b], lists: [A] })],
    observation: { listeners: new Map(), loadBalancers: undefined, details: new Map() },
  })
  expect(plan(input).kept.has(A.arn)).toBe(true)
  expect(deletes(input)).toEqual([])
})

it('11: a certificate that a listener carries is not deleted, whatever ACM says of its use', () => {
  const old = ours([b])
  const options = {
    certificates: [A, old],
    claims: [i1({ hosts: [a], lists: [A] })],
    entries: [entry([b], { certificates: [kept(old, { since: NOW - 2 * DAY })] })],
    details: [detail(old)],
    observation: { unusedSince: new Map([[old.arn, NOW - HOUR]]) },
  }
  expect(deletes(situation({ ...options, attached: { 'group/web': { 443: [A] } } }))).toEqual([old.arn])
  const input = situation({ ...options, attached: { 'group/web': { 443: [A, old] } } })
  expect(deletes(input)).toEqual([])
  expect(plan(input).certificates.get(keyOf([b]))?.shown.verdict.reason).toBe('StillInUse')
})

describe('12: an ARN whose certificate is gone', () => {
  const A2 = ours([a], { attempt: 2 })
  const gone = { gone: new Map([[A.arn, { since: NOW - HOUR, at: NOW, proven: true }]]) }

  it('leaves at once, without a look that the failing group could never give', () => {
    const input = situation({
      certificates: [A2],
      claims: [i1({ hosts: [a], lists: [A, A2] })],
      observation: gone,
      attached: { 'group/web': { 443: [A] } },
    })
    expect(writes(input)).toEqual({ i1: [A2.arn] })
  })

  it('is replaced, never removed, where it is the last', () => {
    const claims = [i1({ hosts: [a], lists: [A] })]
    expect(writes(situation({ certificates: [], claims, observation: gone }))).toEqual({})
    expect(writes(situation({ certificates: [A2], claims, observation: gone }))).toEqual({ i1: [A2.arn] })
  })

  it.each(['FAILED', 'EXPIRED', 'REVOKED'] as const)('or that is %s leaves so', (status) => {
    const dead = ours([a], { status })
    const input = situation({ certificates: [dead, A2], claims: [i1({ hosts: [a], lists: [dead, A2] })] })
    expect(writes(input)).toEqual({ i1: [A2.arn] })
  })

  it('stays while that is not proven', () => {
    const unproven = new Map([[A.arn, { since: NOW - MINUTE, at: NOW, proven: false }]])
    const input = situation({
      certificates: [A2],
      claims: [i1({ hosts: [a], lists: [A, A2] })],
      observation: { gone: unproven },
    })
    expect(writes(input)).toEqual({})
  })

  it('is withdrawn from an object that opted out, though nothing else covers its host', () => {
    const claims = [i1({ hosts: [a], lists: [A], request: { kind: 'none' } })]
    expect(writes(situation({ certificates: [], claims, observation: gone }))).toEqual({ i1: [] })
  })
})

describe('13: an annotation that lost its managedFields', () => {
  const made = i1({ hosts: [a, b], lists: [A], ours: false })
  const options = { certificates: [A, AB], claims: [made] }

  it('is ours when the ledger published every ARN in it, and is then written with force', () => {
    const [action] = publications(situation({ ...options, reports: [report(made, { published: [A.arn] })] }))
    expect(action).toMatchObject({ arns: [A.arn, AB.arn], force: true })
  })

  it('is somebody else’s when the ledger does not know an ARN in it', () => {
    expect(writes(situation({ ...options, reports: [report(made, { published: [AB.arn] })] }))).toEqual({})
    expect(writes(situation(options))).toEqual({})
  })

  it('is written without force wherever managedFields tell', () => {
    const [action] = publications(situation({ ...options, claims: [i1({ hosts: [a, b], lists: [A] })] }))
    expect(action).toMatchObject({ arns: [A.arn, AB.arn], force: false })
  })
})

it('14: an object that opted out lets go of what another claim wishes, though both list it', () => {
  const claims = [i1({ hosts: [a], lists: [A, AB], request: { kind: 'none' } }), i2({ hosts: [a, b], lists: [AB] })]
  expect(writes(settled({ certificates: [A, AB], claims }))).toEqual({ i1: [] })
})

describe('15: an opted-in object without any certificate', () => {
  const held = { zones: [{ ...ZONE, name: 'example.org' }] }
  const neighbour = i2({ hosts: [a], lists: [A] })

  it('is lent one of its group, so that the load balancer is built', () => {
    const input = situation({ ...held, certificates: [A], claims: [i1({ hosts: [b] }), neighbour] })
    expect(writes(input)).toEqual({ i1: [A.arn] })
  })

  it('is lent one also where it is refused', () => {
    const input = situation({ ...held, certificates: [A], claims: [i1({ hosts: [b], request: REFUSED }), neighbour] })
    expect(writes(input)).toEqual({ i1: [A.arn] })
  })

  it('is lent none where discovery finds one for all its hosts', () => {
    const claims = [i1({ hosts: [b] }), neighbour]
    expect(writes(situation({ ...held, certificates: [A, foreign([b])], claims }))).toEqual({})
  })

  it('is lent none of another group, none that is not ours, and none that is not issued', () => {
    const elsewhere = i2({ hosts: [a], lists: [A], group: 'group/other' })
    expect(writes(situation({ ...held, certificates: [A], claims: [i1({ hosts: [b] }), elsewhere] }))).toEqual({})
    const F = foreign([a])
    const theirs = i2({ hosts: [a], lists: [F], ours: false })
    expect(writes(situation({ ...held, certificates: [F], claims: [i1({ hosts: [b] }), theirs] }))).toEqual({})
    const pending = ours([a], PENDING)
    const waits = i2({ hosts: [a], lists: [pending] })
    expect(writes(situation({ ...held, certificates: [pending], claims: [i1({ hosts: [b] }), waits] }))).toEqual({})
  })

  it('waits until a pending certificate of its own host was asked for a moment ago', () => {
    const pending = ours([b], PENDING)
    const claims = [i1({ hosts: [b] }), neighbour]
    const input = situation({ certificates: [A, pending], claims, details: [] })
    expect(writes(input)).toEqual({})
    const due = plan(input).looks.find(({ look }) => look.kind === 'describe' && look.arn === pending.arn)
    expect(due?.dueAt).toBeLessThanOrEqual(NOW)
    expect(writes(situation({ certificates: [A, pending], claims, details: [detail(pending)] }))).toEqual({
      i1: [A.arn],
    })
  })

  it('is not lent anything where nobody asks', () => {
    const claims = [i1({ hosts: [b], request: { kind: 'none' } }), neighbour]
    expect(writes(situation({ ...held, certificates: [A], claims }))).toEqual({})
  })
})

it('17: what a listener carries counts as issued, once for all looks, so that nothing is published and taken back', () => {
  const pending = ours([a, b], PENDING)
  const before = situation({ certificates: [A, pending], claims: [i1({ hosts: [a, b] })] })
  expect(writes(before)).toEqual({ i1: [A.arn] })
  const look = (certificates: readonly string[], at: number) => ({
    loadBalancer: loadBalancerArnOf('group/web'),
    listeners: [{ arn: 'l', port: 443, protocol: 'HTTPS', certificates }],
    at,
    changedAt: NOW - HOUR,
  })
  const seen = mergeListeners(before.observation, look([pending.arn], NOW))
  expect(writes({ ...before, observation: seen })).toEqual({ i1: [pending.arn] })
  const unseen = mergeListeners(seen, look([], NOW + SECOND))
  expect(writes({ ...before, observation: unseen, now: NOW + SECOND })).toEqual({ i1: [pending.arn, A.arn] })
})

it('18: a user who sets a certificate that was once carried over has taken over', () => {
  const F = foreign([a])
  const made = i1({ hosts: [a], lists: [F], ours: false })
  const input = settled({
    certificates: [A, F],
    claims: [made],
    reports: [report(made, { published: [A.arn, F.arn] })],
  })
  expect(writes(input)).toEqual({})
  expect(plan(input).claims.get(made.ingress.ref.uid)?.verdict).toMatchObject({
    state: 'Deferred',
    reason: 'ExplicitCertificate',
  })
})

it('19: a name without a zone is on the wish only where the certificate of all the names is issued', () => {
  const bad = 'bad.example.org'
  const wished = (certificates: readonly Held[]) => {
    const made = i1({ hosts: [a, bad] })
    const input = situation({ certificates, claims: [made] })
    return plan(input).claims.get(made.ingress.ref.uid)
  }
  expect(wished([ours([bad])])).toMatchObject({ wished: [a], names: [{ name: bad, reason: 'NoHostedZone' }] })
  expect(wished([ours([a, bad])])).toMatchObject({ wished: [a, bad], names: [] })
})

it('20: a key that is wished again while its certificate is being deleted is asked for anew only when that is gone, with another attempt', () => {
  const claims = [i1({ hosts: [a] })]
  const entries = [entry([a], { attempt: 1, attemptArn: A.arn })]
  const requests = (input: PlanInput) =>
    plan(input).actions.flatMap((action) => (action.kind === 'requestCertificate' ? [action.attempt] : []))
  const remembered = (input: PlanInput) => plan(input).certificates.get(keyOf([a]))?.attempt
  // The deletion is sent and not answered: the certificate still counts.
  expect(requests(situation({ certificates: [A], claims, entries }))).toEqual([])
  const gone = { gone: new Map([[A.arn, { since: NOW, at: NOW, proven: true }]]) }
  const after = situation({ claims, entries, observation: gone })
  expect(requests(after)).toEqual([])
  expect(remembered(after)).toBe(2)
  const stored = situation({ claims, entries: [entry([a], { attempt: 2 })], observation: gone })
  expect(requests(stored)).toEqual([2])
  // ACM has answered, and no list shows it yet: it counts.
  const next = ours([a], { ...PENDING, attempt: 2 })
  const requested = mergeRequested(stored.observation, next.certificate, next.tags ?? {}, NOW)
  expect(requests({ ...stored, observation: requested })).toEqual([])
})
