import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { closest } from './closest.ts'

const FLAGS = ['retire-after', 'retire-brake', 'region', 'settle']

it.each([
  ['retire-aftr', 'retire-after'],
  ['retireAfter', 'retire-after'],
  ['RETIRE_AFTER', 'retire-after'],
  ['reigon', 'region'],
  ['--setle', 'settle'],
  ['retire-break', 'retire-brake'],
])('takes %s for %s', (word, meant) => expect(closest(word, FLAGS)).toBe(meant))

it.each(['colour', 'x', '', 'kubeconfig'])('takes %j for nothing that it knows', (word) => {
  expect(closest(word, FLAGS)).toBeUndefined()
})

it('finds a word in spite of any one letter left out', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FLAGS), fc.nat(30), (flag, place) => {
      const at = place % flag.length
      expect(closest(flag.slice(0, at) + flag.slice(at + 1), FLAGS)).toBe(flag)
    }),
  )
})
