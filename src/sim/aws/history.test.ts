import { expect, test } from 'vitest'
import { History } from './history.ts'

test('a reader sees what held at its instant', () => {
  const history = new History<string>()
  history.set(10, 'a')
  history.set(20, 'b')
  expect([9, 10, 19, 20, 99].map((instant) => history.at(instant))).toEqual([undefined, 'a', 'a', 'b', 'b'])
  expect(history.latest).toBe('b')
})

test('a later change never shows before an earlier one', () => {
  const history = new History<string>()
  history.set(20, 'first')
  history.set(10, 'second')
  expect(history.at(15)).toBeUndefined()
  expect(history.at(20)).toBe('second')
})

test('the past is forgotten after two hours, but for what still held then', () => {
  const hour = 3_600_000
  const history = new History<number>()
  for (let index = 0; index <= 10; index++) history.set(index * hour, index)
  expect(history.at(8 * hour)).toBe(8)
  expect(history.at(7 * hour)).toBeUndefined()
})
