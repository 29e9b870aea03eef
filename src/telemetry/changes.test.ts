import { expect, it } from 'vitest'
import { createChanges } from './changes.ts'

it('takes the first state of a key for a change, and the same state again for none', () => {
  const changes = createChanges()
  expect([changes.note('acm', 'denied'), changes.note('acm', 'denied'), changes.note('acm', 'denied')]).toEqual([
    true,
    false,
    false,
  ])
})

it('sees one state give way to another, and the end of it', () => {
  const changes = createChanges()
  changes.note('acm', 'denied')
  expect([changes.note('acm', 'throttled'), changes.note('acm', undefined), changes.note('acm', undefined)]).toEqual([
    true,
    true,
    false,
  ])
})

it('says nothing where nothing was ever wrong', () => {
  expect(createChanges().note('acm', undefined)).toBe(false)
})

it('keeps keys apart, and forgets those that no longer exist', () => {
  const changes = createChanges()
  changes.note('a', 'Held')
  changes.note('b', 'Held')
  changes.keep(new Set(['b']))
  expect([changes.note('a', 'Held'), changes.note('b', 'Held')]).toEqual([true, false])
})
