import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Action } from './action.ts'
import { plan } from './plan.ts'
import type { RequestRecord } from './request-record.ts'
import { count, dayOf, endOfCount, requestsOfNamespace, requestsOfYear } from './request-record.ts'
import type { BudgetSettings } from './settings.ts'
import { TAG } from './settings.ts'
import type { PlanInput } from './situation.ts'
import type { SituationOptions } from './testing/situations.ts'
import { claim, entry, foreign, keyOf, NOW, ours, settings, situation } from './testing/situations.ts'
import { perform } from './testing/life.ts'
import { DAY, HOUR, MINUTE } from './time.ts'

const BUDGET: BudgetSettings = {
  yearlyRequestsQuota: 5_000,
  certificatesQuota: 2_500,
  requestBudget: { kind: 'share', share: 0.8 },
  namespaceShare: 0.5,
}

const EMPTY: RequestRecord = { days: [], namespaces: [], open: [] }

function used(requests: number, at = NOW - DAY): RequestRecord {
  return { ...EMPTY, days: [{ day: dayOf(at), requests }] }
}

function budgeted(
  options: SituationOptions & {
    readonly record?: RequestRecord | undefined
    readonly budget?: Partial<BudgetSettings>
  },
): PlanInput {
  const { budget, record, ...others } = options
  const made = situation({ ...others, settings: { budget: { ...BUDGET, ...budget }, ...others.settings } })
  return { ...made, ledger: { ...made.ledger, requests: { record, stored: record !== undefined } } }
}

function shop(name: string, namespace = 'default') {
  return claim({ name, namespace, hosts: [`${name}.example.com`], group: `group/${name}` })
}

function kinds(actions: readonly Action[]): readonly string[] {
  return actions.map(({ kind }) => kind).filter((kind) => kind === 'requestCertificate' || kind === 'countRequests')
}

function verdictOf(input: PlanInput, name = 'shop', namespace = 'default') {
  return plan(input).claims.get(`uid-${namespace}-${name}`)?.verdict
}

/** Performs what the plan says until nothing more of it is about requests; with the number of those made. */
function settle(begun: PlanInput): { readonly input: PlanInput; readonly requests: number } {
  let input = begun
  let requests = 0
  for (;;) {
    const actions = plan(input).actions.filter(({ kind }) =>
      ['countRequests', 'requestCertificate', 'remember'].includes(kind),
    )
    if (actions.length === 0) return { input, requests }
    for (const action of actions) {
      if (action.kind === 'requestCertificate') requests += 1
      input = perform(input, action)
    }
  }
}

describe('a request', () => {
  it('is counted first and made when that is stored, with its number in a tag', () => {
    const first = budgeted({ claims: [shop('shop')], record: used(7) })
    const counting = plan(first).actions
    expect(kinds(counting)).toEqual(['countRequests'])
    const stored = counting.reduce(perform, first)
    const [request] = plan(stored).actions.filter((action) => action.kind === 'requestCertificate')
    expect(request?.ordinal).toBe(8)
    expect(requestsOfYear(stored.ledger.requests?.record ?? EMPTY, NOW)).toBe(8)
  })

  it('is counted once, however often it is sent', () => {
    const { input } = settle(budgeted({ claims: [shop('shop')], record: used(7) }))
    const { certificates } = input.observation
    const lost = {
      ...input,
      observation: { ...input.observation, certificates: certificates && { ...certificates, value: new Map() } },
    }
    expect(kinds(plan(lost).actions)).not.toContain('countRequests')
  })

  it('is held while the record cannot be read, or not be written', () => {
    const { ledger, ...known } = budgeted({ claims: [shop('shop')], record: used(7) })
    const unread = { ...known, ledger: { ...ledger, requests: undefined } }
    expect(kinds(plan(unread).actions)).toEqual([])
    const failure = { kind: 'denied' as const, code: 'Forbidden', message: 'no', since: NOW, at: NOW }
    for (const [key, of] of [
      ['watch:requestbudgets', unread],
      ['requests', { ...known, ledger }],
    ] as const) {
      const failing = { ...of, observation: { ...of.observation, failures: new Map([[key, failure]]) } }
      expect(verdictOf(failing)).toMatchObject({ state: 'Held', reason: 'LedgerUnavailable' })
    }
  })

  it('to a private CA costs nothing', () => {
    const { request, ...others } = shop('shop')
    if (request.kind !== 'wanted') throw new Error('it asks for nothing')
    const issuer = {
      kind: 'private' as const,
      authority: 'arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/1',
    }
    const input = budgeted({ claims: [{ ...others, request: { ...request, issuer } }], record: used(4_000) })
    expect(verdictOf(input)?.reason).not.toBe('RequestBudgetSpent')
  })
})

describe('the year', () => {
  it('ends at 80% of the quota, and says when the next request is possible', () => {
    expect(verdictOf(budgeted({ claims: [shop('shop')], record: used(3_999) }))?.state).toBe('Requesting')
    const held = budgeted({ claims: [shop('shop')], record: used(4_000) })
    expect(kinds(plan(held).actions)).toEqual([])
    expect(verdictOf(held)).toMatchObject({
      state: 'Held',
      reason: 'RequestBudgetSpent',
      message: expect.stringContaining('the next is possible at 2027-11-24T00:00:00Z') as string,
    })
    const later = { ...held, now: endOfCount(dayOf(NOW - DAY)) }
    expect(plan(later).actions.length).toBeGreaterThan(0)
  })

  it('counts what others have in the account, and the number that is this cluster’s alone', () => {
    const others = Array.from({ length: 10 }, (_, index) => foreign([`other-${index}.example.org`]))
    const claims = [shop('shop')]
    expect(verdictOf(budgeted({ claims, certificates: others, record: used(3_990) }))?.reason).toBe(
      'RequestBudgetSpent',
    )
    expect(verdictOf(budgeted({ claims, certificates: others, record: used(3_989) }))?.state).toBe('Requesting')
    const budget = { requestBudget: { kind: 'count' as const, count: 20 } }
    expect(verdictOf(budgeted({ claims, certificates: others, record: used(19), budget }))?.state).toBe('Requesting')
    expect(verdictOf(budgeted({ claims, record: used(20), budget }))?.message).toContain('--request-budget')
  })

  it('is never less than the account shows, when the record and the ledger are lost', () => {
    const certificates = Array.from({ length: 40 }, (_, index) => ours([`old-${index}.example.com`]))
    const budget = { yearlyRequestsQuota: 50 }
    expect(verdictOf(budgeted({ claims: [shop('shop')], certificates, record: undefined, budget }))?.reason).toBe(
      'RequestBudgetSpent',
    )
  })

  it('is as long as one certificate remains whose tag tells what came before it', () => {
    const names = ['last.example.com']
    const { cluster, owner } = settings()
    const tags = { [TAG.cluster]: cluster, [TAG.owner]: owner, [TAG.key]: keyOf(names), [TAG.requests]: '4000' }
    const input = budgeted({ claims: [shop('shop')], certificates: [ours(names, { tags })], record: undefined })
    expect(verdictOf(input)?.reason).toBe('RequestBudgetSpent')
  })

  it('is written again by whoever still knows it, when somebody deletes the object', () => {
    const { ledger, ...known } = budgeted({ record: used(4_000) })
    const deleted = { ...known, ledger: { ...ledger, requests: { record: used(4_000), stored: false } } }
    expect(plan(deleted).actions).toMatchObject([{ kind: 'countRequests', record: used(4_000) }])
  })
})

it('requests nothing more at 90% of the certificates that the account may have', () => {
  const certificates = Array.from({ length: 9 }, (_, index) => foreign([`other-${index}.example.org`]))
  const budget = { certificatesQuota: 10 }
  const claims = [shop('shop')]
  expect(verdictOf(budgeted({ claims, certificates, record: EMPTY, budget }))).toMatchObject({
    state: 'Held',
    reason: 'QuotaReached',
  })
  const private_ = certificates.map((held) => ({
    ...held,
    certificate: { ...held.certificate, type: 'PRIVATE' as const },
  }))
  expect(verdictOf(budgeted({ claims, certificates: private_, record: EMPTY, budget }))?.state).toBe('Requesting')
})

describe('an object', () => {
  const changes = (count: number, at: number) =>
    Array.from({ length: count }, (_, index) =>
      entry([`was-${index}.example.com`], { attemptAt: at, claims: ['default/shop'] }),
    )

  it('that changes its names gets three certificates, and then one in six hours', () => {
    const of = (count: number, ago: number) =>
      verdictOf(budgeted({ claims: [shop('shop')], entries: changes(count, NOW - ago), record: EMPTY }))
    expect(of(2, MINUTE)?.state).toBe('Requesting')
    expect(of(3, MINUTE)).toMatchObject({ state: 'Held', reason: 'RequestBudgetSpent' })
    expect(of(3, 6 * HOUR - MINUTE)?.state).toBe('Held')
    expect(of(3, 6 * HOUR)?.state).toBe('Requesting')
  })

  it('is asked about by the tags of its certificates, where the ledger was lost', () => {
    const flapped = (name: string) => {
      const { tags, ...held } = ours([name], { createdAt: NOW - MINUTE })
      return { ...held, tags: { ...tags, [TAG.claim]: 'default/shop' } }
    }
    const certificates = ['a', 'b', 'c'].map((name) => flapped(`${name}.example.com`))
    expect(verdictOf(budgeted({ claims: [shop('shop')], certificates, record: EMPTY }))?.reason).toBe(
      'RequestBudgetSpent',
    )
  })

  it('that changes a name every minute costs at most ten requests on the first day, and four a day after', () => {
    let input = budgeted({ claims: [shop('shop')], record: EMPTY })
    const perDay: number[] = []
    for (let minute = 0; minute < 3 * 24 * 60; minute += 10) {
      const at = NOW + minute * MINUTE
      const flapping = claim({ hosts: ['shop.example.com', `h${minute}.example.com`], group: 'group/shop' })
      const { input: next, requests } = settle({ ...input, claims: [flapping], now: at })
      perDay[Math.floor(minute / 1_440)] = (perDay[Math.floor(minute / 1_440)] ?? 0) + requests
      input = next
    }
    expect(perDay[0]).toBeLessThanOrEqual(7)
    expect(perDay[1]).toBeLessThanOrEqual(4)
    expect(perDay[2]).toBeLessThanOrEqual(4)
  })
})

describe('a namespace', () => {
  it('has its share of the year, and others go on', () => {
    const record = count(EMPTY, Array<string>(10).fill('greedy'), NOW - DAY)
    const budget = { yearlyRequestsQuota: 25 }
    const claims = [shop('shop', 'greedy'), shop('web', 'modest')]
    const input = budgeted({ claims, record, budget })
    expect(verdictOf(input, 'shop', 'greedy')).toMatchObject({
      reason: 'RequestBudgetSpent',
      message: expect.stringContaining('Namespace greedy') as string,
    })
    expect(verdictOf(input, 'web', 'modest')?.state).toBe('Requesting')
  })

  it('with a thousand wishes lets another’s first one pass', () => {
    const claims = [
      ...Array.from({ length: 1_000 }, (_, index) => shop(`many-${index}`, 'greedy')),
      claim({ name: 'web', namespace: 'modest', hosts: ['web.example.com'], overrides: { createdAt: NOW } }),
    ]
    const input = budgeted({ claims, record: EMPTY })
    const [counting] = plan(input).actions.filter((action) => action.kind === 'countRequests')
    expect(counting?.record.namespaces).toContainEqual({ namespace: 'modest', period: dayOf(NOW), requests: 1 })
    expect(counting?.record.open.length).toBeLessThanOrEqual(12)
  })
})

describe('counting', () => {
  it('loses no request of the last 365 days, whatever comes in between', () => {
    const gap = fc.integer({ min: 0, max: 40 })
    const batch = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 })
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, batch), { maxLength: 60 }), (steps) => {
        let now = NOW
        let record = EMPTY
        const made: { readonly at: number; readonly namespace: string }[] = []
        for (const [days, namespaces] of steps) {
          now += days * DAY
          record = count(record, namespaces, now)
          for (const namespace of namespaces) made.push({ at: now, namespace })
          const recent = made.filter(({ at }) => at > now - 365 * DAY)
          expect(requestsOfYear(record, now)).toBeGreaterThanOrEqual(recent.length)
          expect(requestsOfYear(record, now)).toBeLessThanOrEqual(made.filter(({ at }) => at > now - 366 * DAY).length)
          for (const namespace of ['a', 'b', 'c'])
            expect(requestsOfNamespace(record, namespace, dayOf(now - 364 * DAY))).toBeGreaterThanOrEqual(
              recent.filter((request) => request.namespace === namespace && request.at > now - 364 * DAY).length,
            )
        }
      }),
    )
  })

  it('stays small: 4,000 requests of 400 namespaces in a year fit in 64 KiB', () => {
    let record = EMPTY
    for (let day = 0; day < 400; day++) {
      const namespaces = Array.from(
        { length: 10 },
        (_, index) => `team-${String((day * 10 + index) % 400).padStart(55, 'x')}`,
      )
      record = count(record, namespaces, NOW + day * DAY)
    }
    expect(JSON.stringify(record).length).toBeLessThan(64 * 1_024)
  })
})
