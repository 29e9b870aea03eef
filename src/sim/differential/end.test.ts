import { describe, expect, it } from 'vitest'
import { differences } from './end.ts'

describe('two ends', () => {
  it('are alike whatever the order of their lines', () => {
    expect(differences(['a', 'b'], ['b', 'a'])).toEqual([])
  })

  it('differ by what one of them has more often', () => {
    expect(differences(['a', 'a', 'b'], ['a', 'b', 'b'])).toEqual(['- a', '+ b'])
  })
})
