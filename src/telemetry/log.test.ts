import { expect, it } from 'vitest'
import { VirtualClock } from '../sim/clock.ts'
import { createLog, type LogLevel } from './log.ts'

function recorded(format: 'json' | 'text', level: LogLevel = 'info') {
  const lines: string[] = []
  const clock = new VirtualClock(Date.UTC(2026, 10, 24, 9))
  const log = createLog({ clock, level, format, destination: { write: (line) => void lines.push(line) } })
  return { log, lines, clock }
}

it('writes one JSON object a message, with the time of the clock that it was given', async () => {
  const { log, lines, clock } = recorded('json')
  await clock.advance(1_500)
  log.with({ certificate: 'shop' }).warn('the record is missing', { zone: 'Z1' })
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'warn',
    time: '2026-11-24T09:00:01.500Z',
    certificate: 'shop',
    zone: 'Z1',
    message: 'the record is missing',
  })
})

it('writes one readable line a message', () => {
  const { log, lines } = recorded('text')
  log.info('requested', { names: ['a.example.com'], why: 'it was wished', error: new Error('no way') })
  expect(lines).toEqual(['09:00:00.000 INFO  requested · names=["a.example.com"] why="it was wished" error="no way"\n'])
})

it('leaves the separator out of a line that has no fields', () => {
  const { log, lines } = recorded('text')
  log.error('gone')
  expect(lines).toEqual(['09:00:00.000 ERROR gone\n'])
})

it('keeps the message and the stack of an error in JSON', () => {
  const { log, lines } = recorded('json')
  log.error('failed', { error: new TypeError('no way') })
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: { type: 'TypeError', message: 'no way' } })
})

it.each([
  ['debug', 4],
  ['info', 3],
  ['warn', 2],
  ['error', 1],
] as const)('at level %s says what is at least that grave', (level, count) => {
  const { log, lines } = recorded('json', level)
  for (const grave of ['debug', 'info', 'warn', 'error'] as const) log[grave]('something')
  expect(lines).toHaveLength(count)
})
