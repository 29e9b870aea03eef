import { describe, expect, it } from 'vitest'
import type { CertificateDetail, RenewalSummary } from './certificate.ts'
import { issuedOf } from './inventory.ts'
import { plan } from './plan.ts'
import { recordKey } from './records.ts'
import { renewalLooks, renewalsOf } from './renewal.ts'
import { assess } from './situation.ts'
import type { Held, SituationOptions } from './testing/situations.ts'
import {
  claim,
  detail,
  entry,
  kept,
  keyOf,
  looksAt,
  NOW,
  ours,
  recordOf,
  report,
  situation,
  ZONE,
} from './testing/situations.ts'
import { DAY, HOUR, MINUTE, SECOND } from './time.ts'

const a = 'a.example.com'
const b = 'b.example.com'

/** Issued for 198 days, so many of them left, and in use. */
function aged(names: readonly string[], daysLeft: number, options: Parameters<typeof ours>[1] = {}): Held {
  const notAfter = NOW + daysLeft * DAY
  return ours(names, {
    notBefore: notAfter - 198 * DAY,
    notAfter,
    inUse: true,
    createdAt: notAfter - 198 * DAY,
    ...options,
  })
}

function renewal(summary: Partial<RenewalSummary>): Partial<CertificateDetail> {
  return { renewal: { status: 'PENDING_VALIDATION', updatedAt: NOW - DAY, unproven: [], ...summary } }
}

/** One Ingress that is served with this certificate, of which all is known, whatever else is said. */
function world(held: Held, options: SituationOptions & { readonly said?: Partial<CertificateDetail> } = {}) {
  const { names } = held.certificate
  const of = claim({ hosts: names, lists: [held] })
  const records = new Map(
    names.map((name) => [
      recordKey(ZONE.id, recordOf(name).name),
      { value: { kind: 'cname' as const, value: recordOf(name).value, plain: true }, at: NOW - SECOND, complete: true },
    ]),
  )
  return situation({
    claims: [of],
    certificates: [held],
    details: [detail(held, { inUse: true, inUseBy: ['lb'], ...options.said })],
    attached: { 'group/web': looksAt({ 443: [held] }) },
    entries: [entry(names, { certificates: [kept(held)] })],
    reports: [report(of, { certificates: [{ key: keyOf(names), domain: names[0] as string, arn: held.arn }] })],
    ...options,
    observation: { records, ...options.observation },
  })
}

function verdictOf(input: ReturnType<typeof situation>) {
  return [...plan(input).claims.values()][0]?.verdict
}

const awaited = (held: Held, since: number) => ({ renewalAwaitedSince: new Map([[held.arn, since]]) })

describe('a certificate whose renewal is due', () => {
  it.each([
    [61, 'Ready', 'Served'],
    [44, 'Ready', 'Served'],
    [30, 'RenewalAtRisk', 'RenewalFailed'],
  ])('and of which ACM says nothing is, %d days before its end, %s', (days, state, reason) => {
    expect(verdictOf(world(aged([a], days)))).toMatchObject({ state, reason })
  })

  it('that ACM refuses is at risk at once, for the reason that ACM gives, with its cure', () => {
    const verdict = verdictOf(world(aged([a], 44), { said: renewal({ reason: 'CAA_ERROR' }) }))
    expect(verdict).toMatchObject({ state: 'RenewalAtRisk', reason: 'RenewalFailed' })
    expect(verdict?.message).toContain('amazon.com')
  })

  it('is not said to be at risk for what ACM said of an earlier renewal', () => {
    const old = { ...renewal({ reason: 'CAA_ERROR' }), notAfter: NOW }
    expect(verdictOf(world(aged([a], 44), { said: old }))?.state).toBe('Ready')
  })

  it.each([
    [5 * HOUR, 'Ready'],
    [6 * HOUR, 'RenewalAtRisk'],
  ])('for a record that ACM has not found for %d ms is %s', (age, state) => {
    const held = aged([a], 44)
    const given = { said: renewal({ unproven: [a] }), observation: awaited(held, NOW - age) }
    expect(verdictOf(world(held, given))).toMatchObject({ state })
  })

  it.each([
    ['another value', { kind: 'cname' as const, value: 'other.example.org', plain: true }, 'other.example.org'],
    ['another type', { kind: 'other' as const, types: ['TXT'] }, 'TXT'],
  ])('is at risk 60 days ahead where its record has %s', (_, value, found) => {
    const records = new Map([[recordKey(ZONE.id, recordOf(a).name), { value, at: NOW, complete: true }]])
    const verdict = verdictOf(world(aged([a], 59), { observation: { records } }))
    expect(verdict).toMatchObject({ state: 'RenewalAtRisk', reason: 'ValidationRecordMissing' })
    expect(verdict?.message).toContain(found)
  })

  it('is at risk where no zone answers any more, and not where that is not known', () => {
    expect(verdictOf(world(aged([a], 59), { zones: [] }))?.reason).toBe('ValidationRecordMissing')
    const unknown = { zones: undefined }
    expect(
      renewalsOf(assess(world(aged([a], 59), { observation: unknown }))).get(aged([a], 59).arn)?.risk,
    ).toBeUndefined()
  })

  it('whose record is missing is put back, and at risk only where that is denied or goes on', () => {
    const absent = new Map([
      [recordKey(ZONE.id, recordOf(a).name), { value: { kind: 'absent' as const }, at: NOW, complete: true }],
    ])
    const { name, value } = recordOf(a)
    const input = world(aged([a], 59), { observation: { records: absent } })
    expect(plan(input).actions).toContainEqual({ kind: 'createRecord', zone: ZONE.id, name, value })
    expect(verdictOf(input)?.state).toBe('Ready')
    const failing = (kind: 'denied' | 'transient', since: number) => ({
      records: absent,
      failures: new Map([[`record:${ZONE.id}/${name}`, { kind, code: 'X', message: 'no', since, at: NOW }]]),
    })
    const stateOf = (kind: 'denied' | 'transient', since: number) =>
      verdictOf(world(aged([a], 59), { observation: failing(kind, since) }))?.state
    expect(stateOf('denied', NOW)).toBe('RenewalAtRisk')
    expect(stateOf('transient', NOW)).toBe('Ready')
    expect(stateOf('transient', NOW - HOUR)).toBe('RenewalAtRisk')
  })
})

describe('what ACM says of renewals', () => {
  function many(count: number, at: (index: number) => number) {
    const held = Array.from({ length: count }, (_, index) => aged([`n${index}.example.com`], 44))
    const details = new Map(
      held.map((of, index) => [of.arn, { value: detail(of), at: at(index), complete: true }] as const),
    )
    const claims = held.map((of, index) => claim({ name: `n${index}`, hosts: of.certificate.names, lists: [of] }))
    return situation({ claims, certificates: held, observation: { details } })
  }

  it('is asked for in turn, one in five minutes however many are due, and each once a day', () => {
    const [look, ...others] = renewalLooks(assess(many(500, (index) => NOW - index * MINUTE)))
    expect(others).toEqual([])
    expect(look).toMatchObject({ look: { kind: 'describe', arn: aged(['n499.example.com'], 44).arn } })
    expect(look?.dueAt).toBe(NOW - 499 * MINUTE + DAY)
    expect(renewalLooks(assess(many(3, () => NOW - 2 * DAY)))[0]?.dueAt).toBe(NOW - DAY)
    expect(renewalLooks(assess(many(3, (index) => (index === 0 ? NOW : NOW - 2 * DAY))))[0]?.dueAt).toBe(
      NOW + 5 * MINUTE,
    )
  })

  it('is not asked for before it is due', () => {
    expect(renewalLooks(assess(world(aged([a], 61))))).toEqual([])
  })
})

describe('a name that cannot be validated any more', () => {
  const bad = { said: renewal({ unproven: [b] }) }
  const requested = (days: number) => plan(world(aged([a, b], days), bad)).certificates.get(keyOf([a]))?.names

  it('has its neighbours wish a certificate of their own 30 days before the end, not earlier', () => {
    expect(requested(31)).toBeUndefined()
    expect(requested(30)).toEqual([a])
  })

  it('has that certificate published beside the old one, where both stay', () => {
    const whole = aged([a, b], 29)
    const part = ours([a], { inUse: true, createdAt: NOW - HOUR })
    const write = (lists: readonly Held[]) => {
      const of = claim({ hosts: [a, b], lists })
      const input = world(whole, {
        ...bad,
        claims: [of],
        certificates: [whole, part],
        attached: { 'group/web': looksAt({ 443: lists }) },
      })
      const made = plan(input)
      expect(made.kept.has(part.arn)).toBe(true)
      return made.actions.flatMap((action) => (action.kind === 'publish' ? [action.arns] : []))
    }
    expect(write([whole])).toEqual([[whole.arn, part.arn]])
    expect(write([whole, part])).toEqual([])
  })
})

describe('a certificate that nothing but ACM’s silence keeps from being renewed', () => {
  it('is replaced by another of the same names 15 days before its end', () => {
    const begun = (days: number) => plan(world(aged([a], days))).certificates.get(keyOf([a]))?.attempt
    expect(begun(16)).toBe(1)
    expect(begun(15)).toBe(2)
    const old = aged([a], 14)
    const stored = entry([a], { attempt: 2, attemptArn: undefined, certificates: [kept(old)] })
    const asked = plan(world(old, { entries: [stored] })).actions.filter(({ kind }) => kind === 'requestCertificate')
    expect(asked).toMatchObject([{ attempt: 2 }])
  })

  it.each([
    ['a record is missing', renewal({ unproven: [a] })],
    ['a CAA record forbids it', renewal({ reason: 'CAA_ERROR' })],
  ])('is not where %s: another would fail as well', (_, said) => {
    expect(plan(world(aged([a], 10), { said })).certificates.get(keyOf([a]))?.attempt).toBe(1)
  })

  it('keeps its successor while that is pending, and gives way once it is issued', () => {
    const old = aged([a], 14)
    const pending = ours([a], {
      attempt: 2,
      status: 'PENDING_VALIDATION',
      notAfter: undefined,
      createdAt: NOW - MINUTE,
    })
    const waiting = plan(world(old, { certificates: [old, pending] }))
    expect([...waiting.kept.keys()]).toEqual([old.arn, pending.arn])
    const young = ours([a], { attempt: 2, createdAt: NOW - HOUR, inUse: true })
    const input = world(old, { certificates: [old, young] })
    expect(issuedOf(assess(input).inventory, keyOf([a]), NOW)?.certificate.arn).toBe(young.arn)
    expect(plan(input).actions.flatMap((action) => (action.kind === 'publish' ? [action.arns] : []))).toEqual([
      [old.arn, young.arn],
    ])
  })
})
