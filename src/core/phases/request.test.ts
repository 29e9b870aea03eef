import { describe, expect, it } from 'vitest'
import type { Certificate } from '../certificate.ts'
import type { ClaimEntry, LedgerEntry } from '../ledger.ts'
import type { FailureKind } from '../observation.ts'
import { plan } from '../plan.ts'
import { TAG } from '../settings.ts'
import { claim, detail, entry, foreign, keyOf, NOW, ours, settings, situation } from '../testing/situations.ts'
import type { ClaimOptions, SituationOptions } from '../testing/situations.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../time.ts'
import { claimsFingerprint } from './request.ts'

const a = 'a.example.com'
const shop = (options: ClaimOptions = {}) => claim({ hosts: [a], ...options })

interface Outcome {
  /** Attempts that are sent to ACM. */
  readonly requests: readonly number[]
  /** Attempts that are written to the ledger. */
  readonly begun: readonly number[]
  readonly verdict: ClaimEntry['verdict'] | undefined
  readonly looks: readonly string[]
  readonly wakeAt: number
  readonly entry: LedgerEntry | undefined
}

function outcome(options: SituationOptions): Outcome {
  const claims = options.claims ?? [shop()]
  const made = plan(situation({ ...options, claims }))
  return {
    requests: made.actions.flatMap((action) => (action.kind === 'requestCertificate' ? [action.attempt] : [])),
    begun: made.actions.flatMap((action) => (action.kind === 'remember' ? [action.entry.attempt] : [])),
    verdict: made.claims.get(claims[0]?.ingress.ref.uid ?? '')?.verdict,
    looks: made.looks.flatMap(({ look, dueAt }) => ('arn' in look && dueAt <= NOW ? [`${look.kind} ${look.arn}`] : [])),
    wakeAt: made.wakeAt,
    entry: made.certificates.get(keyOf([a])),
  }
}

const gone = (arn: string, proven = true) => ({ gone: new Map([[arn, { since: NOW - MINUTE, at: NOW, proven }]]) })

describe('an attempt', () => {
  it('is stored before it is used', () => {
    const first = outcome({})
    expect(first).toMatchObject({ requests: [], begun: [1], verdict: { state: 'Requesting' } })
    expect(first.entry).toMatchObject({ attempt: 1, attemptAt: NOW, attemptArn: undefined })
    expect(outcome({ entries: [first.entry as LedgerEntry] })).toMatchObject({ requests: [1], begun: [] })
  })

  it('is replayed, not followed by another, when whoever began it crashed', () => {
    const stored = entry([a], { attempt: 3, attemptAt: NOW - 2 * DAY })
    expect(outcome({ entries: [stored] }).requests).toEqual([3])
  })

  it('is waited for where ACM answered and does not show the certificate yet', () => {
    const entries = [entry([a], { attempt: 1, attemptArn: 'arn:1' })]
    const waiting = outcome({ entries })
    expect(waiting).toMatchObject({ requests: [], looks: ['describe arn:1'] })
    expect(waiting.verdict?.reason).toBe('WaitingForAcm')
    expect(outcome({ entries, observation: gone('arn:1', false) }).requests).toEqual([])
  })

  it('is followed by the next when its certificate is proven gone', () => {
    const entries = [entry([a], { attempt: 1, attemptArn: 'arn:1' })]
    expect(outcome({ entries, observation: gone('arn:1') })).toMatchObject({ requests: [], begun: [2] })
  })

  it('is followed by the next when ACM answers it with a certificate that is gone: the ledger was lost, the token was not', () => {
    const held = ours([a], { attempt: 1 })
    const tags = new Map([[held.arn, { value: held.tags ?? {}, at: NOW, complete: true }]])
    const made = outcome({ entries: [entry([a])], observation: { ...gone(held.arn), tags } })
    expect(made).toMatchObject({ requests: [], begun: [2] })
    expect(
      outcome({ entries: [entry([a], { attempt: 2 })], observation: { ...gone(held.arn), tags } }).requests,
    ).toEqual([2])
  })

  it('is followed by the next when its certificate carries our tags no more, once they would be seen by all', () => {
    const stranger = foreign([a])
    const tags = new Map([[stranger.arn, { value: {}, at: NOW, complete: true }]])
    const of = (attemptAt: number) =>
      outcome({
        certificates: [stranger],
        entries: [entry([a], { attemptAt, attemptArn: stranger.arn })],
        observation: { tags },
      })
    expect(of(NOW - 10 * SECOND)).toMatchObject({ requests: [], verdict: { reason: 'ReadingTags' } })
    expect(of(NOW - 3 * MINUTE)).toMatchObject({ requests: [], begun: [2] })
  })

  it('that is wished, pending or issued, is not begun again', () => {
    for (const status of ['PENDING_VALIDATION', 'ISSUED'] as const) {
      const held = ours([a], { status })
      expect(outcome({ certificates: [held] })).toMatchObject({ requests: [], entry: { attempt: 1 } })
    }
  })

  it('is known from the tags where the ledger was lost', () => {
    const held = ours([a], { attempt: 4 })
    expect(outcome({ certificates: [held] }).entry).toMatchObject({ attempt: 4, attemptArn: held.arn })
  })
})

describe('nothing is requested', () => {
  it('before the account was read whole', () => {
    const whole = situation({}).observation
    for (const observation of [
      { certificates: undefined },
      { certificates: { value: new Map(), at: NOW, complete: false } },
      { tagsSweptAt: undefined },
    ]) {
      const entries = [entry([a])]
      expect(outcome({ observation, entries }).requests).toEqual([])
    }
    expect(whole.tagsSweptAt).toBeDefined()
  })

  it('before the sources have synced', () => {
    const entries = [entry([a])]
    for (const observation of [
      { ingresses: undefined },
      { ingressClasses: undefined },
      { ingressClassParameters: undefined },
    ]) {
      const made = plan(situation({ claims: [shop()], entries, observation }))
      expect(made.actions).toEqual([])
    }
  })

  it('with the ledger unreadable', () => {
    const made = outcome({ ledger: { certificates: undefined } })
    expect(made).toMatchObject({ requests: [], begun: [], verdict: { state: 'Held', reason: 'LedgerUnavailable' } })
    expect(made.verdict?.message).toBe(
      `The ACMCertificate objects cannot be read or written, so nothing new is requested for ${a}; install the CRDs with "certwright crds | kubectl apply -f -" and allow the controller to use them.`,
    )
  })

  it('with the ledger unwritable, which is tried again', () => {
    const failures = new Map([[`ledger:${keyOf([a])}`, failure('denied')]])
    expect(outcome({ observation: { failures } })).toMatchObject({
      requests: [],
      begun: [1],
      verdict: { state: 'Held', reason: 'LedgerUnavailable' },
    })
  })

  it('where a cluster of our name and another identity holds it', () => {
    const tags = { ...ours([a]).tags, [TAG.owner]: 'ffffffffffff' }
    const theirs = ours([a], { tags })
    const made = outcome({ certificates: [theirs], entries: [entry([a])] })
    expect(made).toMatchObject({ requests: [], verdict: { state: 'Held', reason: 'ClusterIdentityConflict' } })
    expect(made.verdict?.message).toBe(
      `The certificate ${theirs.arn} for ${a} carries the name of this cluster, "blue", but the owner ffffffffffff where this cluster is ${settings().owner}; give each cluster a --cluster-name of its own, or, if that one is no more, take over what it left with certwright adopt --owner ffffffffffff.`,
    )
  })

  it('on a load balancer that is full', () => {
    const full = Array.from({ length: 25 }, (_, index) => foreign([`f${index}.example.com`]))
    const options = { certificates: full, entries: [entry([a])] }
    const made = outcome({ ...options, attached: { 'group/web': { 443: full } } })
    expect(made).toMatchObject({ requests: [], verdict: { state: 'Held', reason: 'LoadBalancerFull' } })
    expect(made.verdict?.message).toBe(
      `The load balancer of group/web has 25 certificates and holds 25, so there is no place for one for ${a} of Ingress default/shop: move Ingresses to another group, or raise the quota in AWS and --certificates-per-load-balancer.`,
    )
    expect(outcome({ ...options, attached: { 'group/web': { 443: full.slice(1) } } }).requests).toEqual([1])
  })

  it('while every object that wishes it is paused; one that is not suffices', () => {
    const entries = [entry([a])]
    const paused = shop({ paused: true })
    expect(outcome({ claims: [paused], entries })).toMatchObject({ requests: [], verdict: { reason: 'Paused' } })
    expect(outcome({ claims: [paused, shop({ name: 'other' })], entries }).requests).toEqual([1])
  })

  it('for a name without a zone, and the rest is requested', () => {
    const claims = [shop({ hosts: [a, 'b.example.org'] })]
    expect(outcome({ claims, entries: [entry([a])] }).requests).toEqual([1])
  })

  it('for an object that is being deleted, opted out, or somebody else’s', () => {
    const entries = [entry([a])]
    const F = foreign([a])
    for (const made of [
      shop({ overrides: { deleting: true } }),
      shop({ request: { kind: 'none' } }),
      shop({ lists: [F], ours: false }),
    ])
      expect(outcome({ claims: [made], entries, certificates: [F] }).requests).toEqual([])
  })
})

describe('a certificate of the same names whose tags were never read', () => {
  const unread = (overrides: Partial<Certificate> = {}) => foreign([a], { tags: undefined, ...overrides })

  it('is asked for its tags before another is requested', () => {
    const made = outcome({ certificates: [unread()], entries: [entry([a])] })
    expect(made).toMatchObject({ requests: [], looks: [`tagsOf ${unread().arn}`], verdict: { reason: 'ReadingTags' } })
  })

  it('is no obstacle once its tags say that it is not ours', () => {
    expect(outcome({ certificates: [foreign([a])], entries: [entry([a])] }).requests).toEqual([1])
  })

  it('is no obstacle where it was imported', () => {
    expect(outcome({ certificates: [unread({ type: 'IMPORTED' })], entries: [entry([a])] }).requests).toEqual([1])
  })
})

describe('after a failure', () => {
  const fails = (failureReason: string, options: { attempt?: number; at?: number; fingerprint?: string } = {}) => {
    const { attempt = 1, at = NOW - 30 * MINUTE } = options
    const failed = ours([a], { status: 'FAILED', attempt })
    const fingerprint = options.fingerprint ?? claimsFingerprint([shop()])
    return {
      certificates: [failed],
      details: [detail(failed, { failureReason })],
      entries: [entry([a], { attempt, attemptArn: failed.arn, failure: { arn: failed.arn, at, fingerprint } })],
    }
  }

  it('whose reason is not known yet, the reason is read first', () => {
    const { certificates, entries } = fails('OTHER')
    const made = outcome({ certificates, entries })
    expect(made).toMatchObject({ requests: [], begun: [1], looks: [`describe ${certificates[0]?.arn}`] })
    expect(made.verdict).toMatchObject({ state: 'Failed', reason: 'ReasonUnknown' })
  })

  it('is said once it is stored, since whoever reads why may edit the object at once', () => {
    const { entries, ...seen } = fails('CAA_ERROR')
    const unstored = entries.map((of) => ({ ...of, failure: undefined }))
    expect(outcome({ ...seen, entries: unstored }).verdict).toMatchObject({ state: 'Failed', reason: 'ReasonUnknown' })
    expect(outcome({ ...seen, entries }).verdict).toMatchObject({ state: 'Failed', reason: 'CaaError' })
    const failure = { kind: 'denied', code: 'Forbidden', message: 'no', since: NOW, at: NOW } as const
    const unstorable = { failures: new Map([[`ledger:${keyOf([a])}`, failure]]) }
    const made = outcome({ ...seen, entries: unstored, observation: unstorable })
    expect(made.verdict).toMatchObject({ state: 'Failed', reason: 'CaaError' })
  })

  it.each([
    [1, HOUR],
    [2, 2 * HOUR],
    [5, 16 * HOUR],
    [6, 32 * HOUR],
    [12, 32 * HOUR],
  ])('that may pass, attempt %i is followed by the next after %i ms', (attempt, delay) => {
    expect(outcome(fails('OTHER', { attempt, at: NOW - delay + 1 })).begun).not.toContain(attempt + 1)
    expect(outcome(fails('OTHER', { attempt, at: NOW - delay })).begun).toContain(attempt + 1)
  })

  it('time alone is what wakes the plan', () => {
    expect(outcome(fails('OTHER', { at: NOW - 30 * MINUTE })).wakeAt).toBe(NOW + 30 * MINUTE)
  })

  it('that needs a change outside, the next follows a change of the object, or 72 hours', () => {
    expect(outcome(fails('CAA_ERROR', { at: NOW - 72 * HOUR + 1 })).begun).not.toContain(2)
    expect(outcome(fails('CAA_ERROR', { at: NOW - 72 * HOUR })).begun).toContain(2)
    expect(outcome(fails('CAA_ERROR', { fingerprint: 'of another spec' })).begun).toContain(2)
  })

  it('that is hopeless, the next follows a change of the object and nothing else', () => {
    const made = outcome(fails('DOMAIN_NOT_ALLOWED', { at: NOW - 300 * DAY }))
    expect(made.begun).not.toContain(2)
    expect(made.verdict).toMatchObject({ state: 'Failed', reason: 'DomainNotAllowedByAcm' })
    expect(made.verdict?.message).toBe(
      `ACM gave up on the certificate for ${a}: a name is on a list of unsafe domains; have it reviewed there, or take the name off the object (nothing more is requested until the object changes).`,
    )
    expect(outcome(fails('DOMAIN_NOT_ALLOWED', { fingerprint: 'of another spec' })).begun).toContain(2)
  })

  it('an object that is edited every minute has ten requests on the first day and four a day after, at most', () => {
    let requests = 1
    let attempt = 1
    let at = NOW
    const perDay: number[] = []
    for (let minute = 1; minute <= 3 * 24 * 60; minute++) {
      const now = NOW + minute * MINUTE
      const failed = ours([a], { status: 'FAILED', attempt })
      const input = situation({
        claims: [shop()],
        now,
        certificates: [failed],
        details: [detail(failed, { failureReason: 'DOMAIN_NOT_ALLOWED' })],
        entries: [entry([a], { attempt, failure: { arn: failed.arn, at, fingerprint: `before minute ${minute}` } })],
      })
      const next = plan(input).certificates.get(keyOf([a]))?.attempt ?? 0
      if (next > attempt) {
        attempt = next
        at = now
        requests++
      }
      if (minute % (24 * 60) === 0) {
        perDay.push(requests)
        requests = 0
      }
    }
    expect(perDay[0]).toBeLessThanOrEqual(10)
    expect(Math.max(...perDay.slice(1))).toBeLessThanOrEqual(4)
    expect(attempt).toBeGreaterThan(10)
  })

  it('the wait is no shorter where the ledger was lost', () => {
    const failed = ours([a], { status: 'FAILED', createdAt: NOW - 30 * MINUTE, attempt: 2 })
    const lost = { certificates: [failed], details: [detail(failed, { failureReason: 'OTHER' })] }
    const made = outcome(lost)
    expect(made.entry).toMatchObject({ attempt: 2, failure: { arn: failed.arn } })
    expect(made.wakeAt).toBe(NOW + HOUR)
    const hopeless = { ...lost, details: [detail(failed, { failureReason: 'DOMAIN_NOT_ALLOWED' })] }
    expect(outcome(hopeless)).toMatchObject({ requests: [], entry: { attempt: 2 } })
  })

  it('the first sight of it is kept', () => {
    const first = outcome(fails('DOMAIN_NOT_ALLOWED', { at: NOW - DAY }))
    expect(first.entry?.failure?.at).toBe(NOW - DAY)
  })

  it('to validate in 72 hours, the next follows after an hour', () => {
    const late = ours([a], { status: 'VALIDATION_TIMED_OUT', createdAt: NOW - 73 * HOUR })
    expect(outcome({ certificates: [late] }).begun).toContain(2)
    const young = ours([a], { status: 'VALIDATION_TIMED_OUT', createdAt: NOW - 73 * HOUR + 1 })
    expect(outcome({ certificates: [young] }).begun).not.toContain(2)
  })

  it('of a certificate that expired, the next follows at once', () => {
    const expired = ours([a], { notAfter: NOW })
    expect(outcome({ certificates: [expired] }).begun).toContain(2)
  })

  it('of a reason of a later day, the next follows as after one that may pass', () => {
    const made = outcome(fails('SOMETHING_NEW'))
    expect(made.verdict).toMatchObject({ state: 'Failed', reason: 'AcmError' })
    expect(made.verdict?.message).toContain("ACM's reason is SOMETHING_NEW")
    expect(outcome(fails('SOMETHING_NEW', { at: NOW - HOUR })).begun).toContain(2)
  })
})

function failure(kind: FailureKind) {
  return { kind, code: 'Code', message: 'the message', since: NOW, at: NOW } as const
}

it.each([
  ['denied', 'Held', 'AccessDenied'],
  ['credentials', 'Held', 'CredentialsUnavailable'],
  ['quota', 'Held', 'QuotaReached'],
  ['invalid', 'Failed', 'RequestRejected'],
  ['throttled', 'Requesting', 'Retrying'],
  ['ambiguous', 'Requesting', 'Retrying'],
] as const)('a request that was %s is tried again and shows as %s, %s', (kind, state, reason) => {
  const failures = new Map([[`key:${keyOf([a])}`, failure(kind)]])
  const made = outcome({ entries: [entry([a])], observation: { failures } })
  expect(made).toMatchObject({ requests: [1], verdict: { state, reason } })
})

describe('the fingerprint of the claims', () => {
  const of = (...claims: Parameters<typeof claimsFingerprint>[0]) => claimsFingerprint(claims)

  it('changes with the spec and with annotations of the user, not with our own', () => {
    expect(of(shop({ overrides: { generation: 2 } }))).not.toBe(of(shop()))
    expect(of(shop({ annotations: { x: 'y' } }))).not.toBe(of(shop()))
    expect(of(shop({ lists: ['arn:1'] }))).toBe(of(shop()))
    expect(of(shop({ annotations: { 'certwright.dev/nudge': '1' } }))).toBe(of(shop()))
    expect(of(shop({ overrides: { resourceVersion: '9' } }))).toBe(of(shop()))
  })

  it('is blind to the order of claims and annotations', () => {
    const other = shop({ name: 'other' })
    expect(of(shop(), other)).toBe(of(other, shop()))
    expect(of(shop({ annotations: { a: '1', b: '2' } }))).toBe(of(shop({ annotations: { b: '2', a: '1' } })))
  })
})
