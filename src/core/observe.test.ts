import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CertificateStatus } from './certificate.ts'
import type { Observation } from './observation.ts'
import { emptyObservation } from './observation.ts'
import {
  markGroupChanged,
  mergeCertificates,
  mergeDeleted,
  mergeDetail,
  mergeListeners,
  mergeNotFound,
  mergeRequested,
  mergeTagSweep,
  mergeTags,
} from './observe.ts'
import { detail, foreign, NOW, ours, situation } from './testing/situations.ts'
import type { Held } from './testing/situations.ts'
import { HOUR, MINUTE, SECOND } from './time.ts'

const a = 'a.example.com'
const A = ours([a])
const PENDING = ours([a], { status: 'PENDING_VALIDATION', notAfter: undefined, createdAt: NOW - MINUTE })

const knowing = (...certificates: Held[]): Observation => situation({ certificates }).observation

function list(observation: Observation, held: readonly Held[], options: { at?: number; since?: number } = {}) {
  const { at = NOW, since } = options
  return mergeCertificates(observation, {
    certificates: held.map((entry) => entry.certificate),
    complete: true,
    since,
    at,
  })
}

const statusIn = (observation: Observation, arn = A.arn) => observation.certificates?.value.get(arn)?.status

describe('a status', () => {
  const STATUSES: readonly CertificateStatus[] = [
    'PENDING_VALIDATION',
    'ISSUED',
    'INACTIVE',
    'EXPIRED',
    'VALIDATION_TIMED_OUT',
    'REVOKED',
    'FAILED',
  ]
  const stage = (status: CertificateStatus) => (status === 'PENDING_VALIDATION' ? 0 : status === 'ISSUED' ? 1 : 2)

  it('never goes back, whichever look says so in whatever order', () => {
    const seen = fc.array(fc.tuple(fc.constantFrom('list', 'describe'), fc.constantFrom(...STATUSES)), { minLength: 1 })
    fc.assert(
      fc.property(seen, (looks) => {
        let observation: Observation = emptyObservation
        let furthest = 0
        for (const [how, status] of looks) {
          const held = ours([a], { status })
          observation = how === 'list' ? list(observation, [held]) : mergeDetail(observation, detail(held), NOW)
          furthest = Math.max(furthest, stage(status))
          expect(stage(statusIn(observation, held.arn) as CertificateStatus)).toBe(furthest)
        }
      }),
    )
  })

  it('that goes from pending to issued was seen by this process; one that was never seen pending was not', () => {
    expect(list(knowing(PENDING), [A]).sawIssued).toEqual(new Set([A.arn]))
    expect(mergeDetail(knowing(PENDING), detail(A), NOW).sawIssued).toEqual(new Set([A.arn]))
    expect(list(emptyObservation, [A]).sawIssued).toEqual(new Set())
    expect(list(knowing(A), [PENDING]).sawIssued).toEqual(new Set())
  })
})

describe('a list', () => {
  it('that lacks one of ours proves nothing: it is asked for by name', () => {
    const after = list(knowing(A), [])
    expect(statusIn(after)).toBe('ISSUED')
    expect(after.missing).toEqual(new Set([A.arn]))
    expect(list(after, [A]).missing).toEqual(new Set())
  })

  it('that lacks what was created a moment ago lags: nothing is asked', () => {
    const young = ours([a], { createdAt: NOW - 10 * MINUTE })
    const after = list(knowing(young), [])
    expect(after.missing).toEqual(new Set())
    expect(statusIn(after, young.arn)).toBe('ISSUED')
  })

  it('that lacks one whose tags were never read lets it go', () => {
    const unknown = foreign([a], { tags: undefined })
    expect(statusIn(list(knowing(unknown), []), unknown.arn)).toBeUndefined()
  })

  it('that goes back only some way, or is not whole, says nothing of what it lacks', () => {
    const partial = { certificates: [], complete: false, since: undefined, at: NOW }
    const unknown = foreign([a], { tags: undefined })
    for (const after of [
      list(knowing(A, unknown), [], { since: NOW - MINUTE }),
      mergeCertificates(knowing(A, unknown), partial),
    ]) {
      expect(after.missing).toEqual(new Set())
      expect(statusIn(after)).toBe('ISSUED')
      expect(statusIn(after, unknown.arn)).toBe('ISSUED')
      expect(after.certificatesSweptAt).toBe(NOW - SECOND)
    }
    expect(mergeCertificates(emptyObservation, partial).certificates?.complete).toBe(false)
  })

  it('that shows not all names does not make a certificate lose those that were known', () => {
    const short = ours([a], { names: ['x.example.com'], namesComplete: false, arn: A.arn })
    expect(list(knowing(A), [short]).certificates?.value.get(A.arn)).toMatchObject({ names: [a], namesComplete: true })
  })
})

describe('a certificate that ACM does not find', () => {
  it('is gone when that was the answer for two minutes, not before', () => {
    const first = mergeNotFound(knowing(A), A.arn, NOW)
    const soon = mergeNotFound(first, A.arn, NOW + 2 * MINUTE - 1)
    expect(soon.gone.get(A.arn)?.proven).toBe(false)
    expect(statusIn(soon)).toBe('ISSUED')
    const late = mergeNotFound(soon, A.arn, NOW + 2 * MINUTE)
    expect(late.gone.get(A.arn)?.proven).toBe(true)
    expect(statusIn(late)).toBeUndefined()
  })

  it('was not gone where it is found in between: the two minutes begin again', () => {
    const found = mergeDetail(mergeNotFound(knowing(A), A.arn, NOW), detail(A), NOW + MINUTE)
    expect(found.gone.size).toBe(0)
    expect(mergeNotFound(found, A.arn, NOW + 2 * MINUTE).gone.get(A.arn)?.proven).toBe(false)
  })

  it('is gone at once where we deleted it', () => {
    expect(mergeDeleted(knowing(A), A.arn, NOW).gone.get(A.arn)?.proven).toBe(true)
  })

  it('that we deleted stays gone for decisions when a list that lags shows it again', () => {
    const again = list(mergeDeleted(knowing(A), A.arn, NOW), [A])
    expect(again.gone.get(A.arn)?.proven).toBe(true)
  })
})

describe('the time since which nothing uses it', () => {
  it('is that of the first of an unbroken run of answers', () => {
    const once = mergeDetail(knowing(A), detail(A), NOW)
    const twice = mergeDetail(once, detail(A), NOW + MINUTE)
    expect(twice.unusedSince.get(A.arn)).toBe(NOW)
  })

  it.each([{ inUse: true }, { inUseBy: ['arn:lb'] }])('ends with an answer of %j', (used) => {
    const once = mergeDetail(knowing(A), detail(A), NOW)
    const between = mergeDetail(once, detail(A, used), NOW + MINUTE)
    expect(between.unusedSince.has(A.arn)).toBe(false)
    expect(mergeDetail(between, detail(A), NOW + HOUR).unusedSince.get(A.arn)).toBe(NOW + HOUR)
  })
})

it('a description that still lacks nearly everything takes away nothing that is known', () => {
  const before = mergeDetail(knowing(A), detail(A), NOW)
  const bare = detail(A, { names: [], namesComplete: false, validations: [], createdAt: 0 })
  const after = mergeDetail(before, bare, NOW + SECOND)
  expect(after.details.get(A.arn)?.value).toMatchObject({ names: [a], namesComplete: true, createdAt: NOW - 24 * HOUR })
  expect(after.details.get(A.arn)?.value.validations).toEqual(detail(A).validations)
})

describe('the answer to a request', () => {
  it('is known before any list shows it', () => {
    const after = mergeRequested(knowing(), PENDING.certificate, PENDING.tags ?? {}, NOW)
    expect(statusIn(after, PENDING.arn)).toBe('PENDING_VALIDATION')
    expect(after.tags.get(PENDING.arn)?.value).toEqual(PENDING.tags)
  })

  it('to a replayed one does not take back what is known further', () => {
    expect(statusIn(mergeRequested(knowing(A), PENDING.certificate, {}, NOW))).toBe('ISSUED')
  })

  it('before the first list is no list', () => {
    const after = mergeRequested(emptyObservation, PENDING.certificate, {}, NOW)
    expect(after.certificates?.complete).toBe(false)
  })
})

it('a sweep of tags takes no tags away from what it lacks', () => {
  const after = mergeTagSweep(knowing(A), new Map([['arn:other', { x: 'y' }]]), NOW)
  expect(after.tags.get(A.arn)?.value).toEqual(A.tags)
  expect(after.tags.get('arn:other')?.value).toEqual({ x: 'y' })
  expect(after.tagsSweptAt).toBe(NOW)
  expect(mergeTags(knowing(A), new Map(), NOW + 1).tagsSweptAt).toBe(NOW - SECOND)
})

describe('what listeners carry', () => {
  const look = (arns: readonly string[], at: number, changedAt = NOW - HOUR) => ({
    loadBalancer: 'lb',
    listeners: [
      { arn: 'l1', port: 443, protocol: 'HTTPS', certificates: arns },
      { arn: 'l2', port: 80, protocol: 'HTTP', certificates: [] },
    ],
    at,
    changedAt,
  })
  const since = (observation: Observation, arn = A.arn) => observation.listeners.get('lb')?.steady.get(443)?.get(arn)

  it('is steady since the first of an unbroken run of looks', () => {
    const once = mergeListeners(knowing(A), look([A.arn], NOW))
    expect(since(mergeListeners(once, look([A.arn], NOW + MINUTE)))).toBe(NOW)
  })

  it('is steady anew after a look that lacked it', () => {
    const once = mergeListeners(knowing(A), look([A.arn], NOW))
    const without = mergeListeners(once, look([], NOW + 1))
    expect(since(without)).toBeUndefined()
    expect(since(mergeListeners(without, look([A.arn], NOW + MINUTE)))).toBe(NOW + MINUTE)
  })

  it('is steady anew after a change of the group, also one at the very instant of the look', () => {
    const once = mergeListeners(knowing(A), look([A.arn], NOW))
    expect(since(mergeListeners(once, look([A.arn], NOW + MINUTE, NOW)))).toBe(NOW + MINUTE)
    expect(since(mergeListeners(once, look([A.arn], NOW + MINUTE, NOW - 1)))).toBe(NOW)
  })

  it('counts as issued, once and for all, though ACM lags', () => {
    const seen = mergeListeners(knowing(PENDING), look([PENDING.arn], NOW))
    expect(statusIn(seen, PENDING.arn)).toBe('ISSUED')
    const unseen = mergeListeners(list(seen, [PENDING]), look([], NOW + 1))
    expect(statusIn(unseen, PENDING.arn)).toBe('ISSUED')
  })

  it('does not bring back what has failed', () => {
    const failed = ours([a], { status: 'FAILED' })
    expect(statusIn(mergeListeners(knowing(failed), look([failed.arn], NOW)), failed.arn)).toBe('FAILED')
  })

  it('has no effect on another load balancer', () => {
    const other = mergeListeners(knowing(A), { ...look([A.arn], NOW), loadBalancer: 'other' })
    expect(since(mergeListeners(other, look([], NOW)))).toBeUndefined()
    expect(mergeListeners(other, look([], NOW)).listeners.get('other')?.steady.get(443)?.get(A.arn)).toBe(NOW)
  })
})

it('a change of a group is noted with its time, and of no other', () => {
  const after = markGroupChanged(markGroupChanged(emptyObservation, 'x', NOW), 'y', NOW + 1)
  expect([...after.groupChangedAt]).toEqual([
    ['x', NOW],
    ['y', NOW + 1],
  ])
})
