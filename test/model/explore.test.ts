import { describe, expect, it } from 'vitest'
import { explore, replay } from '../../src/sim/model/explore.ts'
import { EXPLORATIONS } from '../../src/sim/model/scopes.ts'

describe('no schedule breaks a law when', () => {
  for (const [name, exploration] of Object.entries(EXPLORATIONS)) {
    it(name, () => {
      const { breach, schedule, states, complete } = explore({ ...exploration, depth: 40, most: 1_500 })
      const story: string[] = []
      if (schedule) replay(exploration, schedule, { story })
      expect(breach, story.join('\n')).toBeUndefined()
      // A scope that is small enough is played to its end.
      expect(states).toBeGreaterThan(complete ? 400 : 1_000)
    })
  }
})

it('finds the schedule in which an edit overtakes a write without a precondition, and can follow it again', () => {
  const exploration = EXPLORATIONS['an edit overtakes a write']
  if (!exploration) throw new Error('the scope is gone')
  const hands = { omit: { resourceVersion: true, freshGroup: true } }
  const { breach, schedule } = explore({ ...exploration, depth: 40, most: 20_000 }, hands)
  expect(breach?.law).toBe('S1')
  expect(schedule && replay(exploration, schedule, { hands, story: [] })?.law).toBe('S1')
})
