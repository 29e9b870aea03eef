import { expect, it } from 'vitest'
import { lastPartOf } from './term.ts'
import { NOW, ours } from './testing/situations.ts'
import { DAY } from './time.ts'

it.each([
  [395, 60, 30, 15],
  [198, 60, 30, 15],
  [90, 30, 15, 7.5],
  [48, 16, 8, 4],
  [6, 2, 1, 0.5],
])('a life of %d days is watched %d, at risk %d and replaced %d days before its end', (life, watch, alert, replace) => {
  const { certificate } = ours(['a.example.com'], { notBefore: NOW, notAfter: NOW + life * DAY })
  const end = NOW + life * DAY
  expect(lastPartOf(certificate)).toEqual({
    watchFrom: end - watch * DAY,
    alertFrom: end - alert * DAY,
    replaceFrom: end - replace * DAY,
  })
})

it('a renewed certificate whose beginning is not known is taken to live long', () => {
  const { certificate } = ours(['a.example.com'], { createdAt: NOW - 900 * DAY, notAfter: NOW + 48 * DAY })
  expect(lastPartOf(certificate)?.watchFrom).toBe(NOW - 12 * DAY)
})

it('what was never issued has no last part', () => {
  expect(lastPartOf(ours(['a.example.com'], { notAfter: undefined }).certificate)).toBeUndefined()
})
