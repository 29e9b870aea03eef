import { expect, it } from 'vitest'
import { VirtualClock } from '../clock.ts'
import { History } from './history.ts'

it('gives what was so at a moment, and all that came after', async () => {
  const clock = new VirtualClock()
  const history = new History<string>(clock)
  const begun = clock.monotonic()
  await clock.advance(1_000)
  history.set('a', 'first')
  await clock.advance(1_000)
  history.set('a', 'second')
  expect(history.from('a', begun)).toEqual([undefined, 'first', 'second'])
  expect(history.from('a', begun + 1_500)).toEqual(['first', 'second'])
  expect(history.from('a', clock.monotonic())).toEqual(['second'])
  expect(history.from('b', begun)).toEqual([undefined])
})
