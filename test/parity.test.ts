import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { CHECKS, parityPage } from './parity.ts'

const ROOT = new URL('..', import.meta.url)

it('docs/parity.md says what the tables say', async () => {
  await expect(parityPage()).toMatchFileSnapshot('../docs/parity.md')
})

it('there are 45 checks, each with a test of ours or the reason why there is none', () => {
  expect(CHECKS).toHaveLength(45)
  expect(CHECKS.filter(({ shownBy, except }) => (shownBy === undefined) === (except === undefined))).toEqual([])
})

it.each(CHECKS.flatMap(({ shownBy }) => (shownBy === undefined ? [] : [shownBy])))('%s', (shownBy) => {
  const [, file = '', title = ''] = /^(\S+\.test\.ts): (.*)$/s.exec(shownBy) ?? []
  const text = readFileSync(new URL(file, ROOT), 'utf8')
  expect(["'", '"', '`'].some((quote) => text.includes(`${quote}${title}${quote}`))).toBe(true)
})
