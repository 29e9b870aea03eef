import { describe, expect, it } from 'vitest'
import { play } from '../../src/sim/model/run.ts'
import { STORIES } from '../../src/sim/model/stories.ts'

describe('every law holds when', () => {
  for (const { name, row, run } of STORIES) {
    it(`${name} (${row})`, () => {
      const story: string[] = []
      const { breach } = play(run, {}, story)
      expect(breach, story.join('\n')).toBeUndefined()
    })
  }
})
