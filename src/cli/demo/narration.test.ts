import { expect, test } from 'vitest'
import { VirtualClock } from '../../sim/clock.ts'
import { CertificateNames } from './certificate-names.ts'
import { LastLines } from './last-lines.ts'
import { Narration } from './narration.ts'
import { shortenedLines } from './shortened.ts'

function narration() {
  const clock = new VirtualClock()
  const lines: string[] = []
  return { clock, lines, narration: new Narration({ clock, say: (line) => lines.push(line) }) }
}

test('each event has its time since the beginning and who did it', async () => {
  const { clock, lines, narration: told } = narration()
  await clock.advance(83_900)
  told.event('ACM', 'issues A')
  expect(lines).toEqual(['01:23  ACM         issues A'])
})

test('no line is longer than 100 columns, and what goes on is indented under its beginning', () => {
  const { lines, narration: told } = narration()
  told.event('Certwright', 'word '.repeat(60).trim())
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
  expect(lines.slice(1).every((line) => /^ {19}word/.test(line))).toBe(true)
  for (const line of shortenedLines()) expect(line.length).toBeLessThanOrEqual(100)
})

test('certificates are named in the order in which they are spoken of', () => {
  const names = new CertificateNames()
  const many = Array.from({ length: 27 }, (_, index) => names.of(`arn:${index}`))
  expect([many[0], many[25], many[26], names.of('arn:1')]).toEqual(['A', 'Z', 'A2', 'B'])
  expect(names.list([])).toBe('nothing')
})

test('only the last lines of a log are kept', () => {
  const log = new LastLines(2)
  for (const line of ['one\n', 'two\n', 'three\n']) log.write(line)
  expect(log.lines).toEqual(['two', 'three'])
})
