import { expect, test } from 'vitest'
import { isDomainName, isWithin, normalise, orderKey, plain } from './names.ts'

test.each([
  ['Example.COM', 'example.com.'],
  ['example.com.', 'example.com.'],
  ['*.example.com', '\\052.example.com.'],
  ['\\052.example.com', '\\052.example.com.'],
  ['a b@c.example.com', 'a\\040b\\100c.example.com.'],
  ['_x.example.com', '_x.example.com.'],
])('%s is stored as %s', (given, stored) => {
  expect(normalise(given)).toBe(stored)
  expect(normalise(stored)).toBe(stored)
})

test('a stored name as resolvers speak of it', () => {
  expect(plain('\\052.example.com.')).toBe('*.example.com')
})

test('a name is within its zone and the zones above, label by label', () => {
  expect(isWithin('a.example.com.', 'example.com.')).toBe(true)
  expect(isWithin('example.com.', 'example.com.')).toBe(true)
  expect(isWithin('badexample.com.', 'example.com.')).toBe(false)
})

test('names are ordered by their labels from the right, a parent before its children', () => {
  const names = ['b.com.', 'a.net.', 'a.b.com.', 'com.', 'b-a.com.', 'z.b.com.']
  const ordered = names.sort((a, b) => (orderKey(a) < orderKey(b) ? -1 : 1))
  expect(ordered).toEqual(['com.', 'b.com.', 'a.b.com.', 'z.b.com.', 'b-a.com.', 'a.net.'])
})

test.each(['', 'a..b', `${'a'.repeat(64)}.com`, `${'a.'.repeat(130)}com`])('%j is not a domain name', (name) => {
  expect(isDomainName(name)).toBe(false)
})
