import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Condition } from '../core/conditions.ts'
import { NOW } from '../core/testing/situations.ts'
import { parseInstant } from '../core/time.ts'
import { instant, summary, withTransitions } from './condition.ts'

const ready = (status: Condition['status']): Condition => ({ type: 'Ready', status, reason: 'Served', message: '' })

describe('a condition', () => {
  const before = [{ ...ready('True'), lastTransitionTime: '2026-11-01T00:00:00Z' }]

  it('keeps its time while its status stays, whatever the reason', () => {
    const [kept] = withTransitions({
      conditions: [{ ...ready('True'), reason: 'Kept' }],
      before,
      generation: 3,
      now: NOW,
    })
    expect(kept).toEqual({
      ...ready('True'),
      reason: 'Kept',
      observedGeneration: 3,
      lastTransitionTime: '2026-11-01T00:00:00Z',
    })
  })

  it('has a new time when its status changes, and when it is new', () => {
    const times = (conditions: Condition[], old: typeof before) =>
      withTransitions({ conditions, before: old, generation: 1, now: NOW }).map((entry) => entry.lastTransitionTime)
    expect(times([ready('False')], before)).toEqual(['2026-11-24T09:00:00Z'])
    expect(times([ready('True')], [])).toEqual(['2026-11-24T09:00:00Z'])
    expect(times([{ ...ready('True'), type: 'Issued' }], before)).toEqual(['2026-11-24T09:00:00Z'])
  })
})

it('an instant is read back as it was written, to the millisecond', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 4e12 }), (at) => parseInstant(instant(at)) === at))
  expect(instant(NOW)).toBe('2026-11-24T09:00:00Z')
  expect(instant(NOW + 7)).toBe('2026-11-24T09:00:00.007Z')
  expect(instant(undefined)).toBeUndefined()
})

it('a column shows the first value and how many more', () => {
  expect([[], ['a'], ['a', 'b', 'c']].map(summary)).toEqual(['', 'a', 'a, +2'])
})
