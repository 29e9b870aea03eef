import { describe, expect, it } from 'vitest'
import { explore } from '../../src/sim/model/explore.ts'
import { play } from '../../src/sim/model/run.ts'
import { EXPLORATIONS } from '../../src/sim/model/scopes.ts'

describe('no schedule breaks a law when', () => {
  for (const [name, exploration] of Object.entries(EXPLORATIONS)) {
    it(name, () => {
      const { breach, run, states } = explore({ ...exploration, depth: 40, most: 1_500 })
      const story: string[] = []
      if (run) play(run, {}, story)
      expect(breach, story.join('\n')).toBeUndefined()
      expect(states).toBeGreaterThan(1_000)
    })
  }
})

it('finds the schedule in which an edit overtakes a write without a precondition', () => {
  const exploration = EXPLORATIONS['an edit overtakes a write']
  if (!exploration) throw new Error('the scope is gone')
  const { breach, run } = explore(
    { ...exploration, depth: 40, most: 20_000 },
    { omit: { resourceVersion: true, freshGroup: true } },
  )
  expect(breach?.law).toBe('S1')
  expect(run && play(run, { omit: { resourceVersion: true, freshGroup: true } }).breach?.law).toBe('S1')
})
