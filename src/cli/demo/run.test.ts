import { expect, test } from 'vitest'
import { VirtualClock } from '../../sim/clock.ts'
import { seededRandom } from '../../sim/random.ts'
import type { Break } from './breaks.ts'
import { DemoFailed } from './failure.ts'
import { runDemo } from './run.ts'

/** The whole story on the virtual clock; gives what it printed, how it ended, and how many milliseconds it would have taken. */
async function play(broken?: Break) {
  const clock = new VirtualClock()
  const begun = clock.now()
  const lines: string[] = []
  const end: { reached: boolean; failure?: unknown } = { reached: false }
  const playing = runDemo({
    settings: { exit: true, break: broken, stateDirectory: '' },
    stay: false,
    signal: new AbortController().signal,
    say: (line) => lines.push(line),
    simulated: { clock, random: seededRandom(1) },
  })
  const settled = playing
    .catch((error: unknown) => {
      end.failure = error
    })
    .finally(() => {
      end.reached = true
    })
  while (!end.reached) await clock.advance(100)
  await settled
  return { lines, failure: end.failure, took: clock.now() - begun }
}

test('the story ends well, within 90 s, without one failed handshake', async () => {
  const { lines, failure, took } = await play()
  expect(failure).toBeUndefined()
  expect(lines.at(-1)).toMatch(/^demo: 8 steps, \d{3,} handshakes, 0 failed$/)
  expect(took).toBeLessThan(90_000)
  expect(lines.filter((line) => line.length > 100)).toEqual([])
})

test('with old certificates dropped before their successors are published, it names the handshakes that failed', async () => {
  const { lines, failure } = await play('drop-old-first')
  expect(failure).toBeInstanceOf(DemoFailed)
  expect((failure as DemoFailed).message).toMatch(
    /^\d+ TLS handshakes failed: with shop\.example\.com at \d\d:\d\d .* in step 2/,
  )
  expect(lines.at(-1)).toMatch(/[1-9]\d* failed$/)
})
