import { describe, expect, it } from 'vitest'
import { conditionsOf } from './conditions.ts'
import type { State } from './verdict.ts'

/** The table of docs/states.md: which conditions are True. */
const TRUE: Record<State, string> = {
  Refused: '',
  Deferred: '',
  Held: '',
  Requesting: '',
  Validating: 'Requested',
  Issuing: 'Requested',
  Failed: 'Requested',
  Attaching: 'Requested Validated Issued RenewalHealthy',
  Replacing: 'Attached RenewalHealthy',
  Ready: 'Requested Validated Issued Attached RenewalHealthy Ready',
  RenewalAtRisk: 'Requested Validated Issued Attached Ready',
  Retiring: 'Requested Validated Issued',
}

describe('the conditions', () => {
  it.each(Object.entries(TRUE))('of %s that hold are: %s', (state, expected) => {
    const conditions = conditionsOf({ state: state as State, reason: 'Reason', message: 'The message.' })
    const holding = conditions.filter((condition) => condition.status === 'True').map((condition) => condition.type)
    expect(holding.join(' ')).toBe(expected)
  })

  it('are always all six, with the reason and the message of the verdict', () => {
    for (const state of Object.keys(TRUE)) {
      const conditions = conditionsOf({ state: state as State, reason: 'Reason', message: 'The message.' })
      expect(conditions.map((condition) => condition.type)).toEqual([
        'Requested',
        'Validated',
        'Issued',
        'Attached',
        'RenewalHealthy',
        'Ready',
      ])
      expect(conditions.every(({ reason, message }) => reason === 'Reason' && message === 'The message.')).toBe(true)
    }
  })
})
