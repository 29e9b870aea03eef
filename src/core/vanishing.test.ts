import { expect, it } from 'vitest'
import { emptyObservation, type RecordState } from './observation.ts'
import { mergeRecords } from './observe.ts'
import { NOW } from './testing/situations.ts'
import { HOUR, MINUTE } from './time.ts'

const THERE: RecordState = { kind: 'cname', value: 'v', plain: true }
const ABSENT: RecordState = { kind: 'absent' }

function after(...looks: readonly (readonly [state: RecordState, at: number])[]) {
  return looks
    .reduce(
      (observation, [state, at]) => mergeRecords(observation, 'Z1', new Map([['_x', state]]), NOW + at),
      emptyObservation,
    )
    .recordLosses.get('Z1/_x')
}

it('what was there and is gone is counted, each time', () => {
  expect(after([THERE, 0])).toBeUndefined()
  expect(after([ABSENT, 0], [ABSENT, HOUR])).toBeUndefined()
  expect(after([THERE, 0], [ABSENT, HOUR])).toEqual({ count: 1, at: NOW + HOUR })
  expect(after([THERE, 0], [ABSENT, HOUR], [ABSENT, HOUR + MINUTE])?.count).toBe(1)
  expect(after([THERE, 0], [ABSENT, HOUR], [THERE, HOUR], [ABSENT, 2 * HOUR])?.count).toBe(2)
})

it('what was written less than a minute before may not show yet', () => {
  expect(after([THERE, 0], [ABSENT, MINUTE - 1])).toBeUndefined()
})
