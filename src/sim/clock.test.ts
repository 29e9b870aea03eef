import { expect, test } from 'vitest'
import { VirtualClock } from './clock.ts'

test('sleepers wake in the order of their instants, ties in the order in which they went to sleep', async () => {
  const clock = new VirtualClock(1_000)
  const woken: string[] = []
  const sleep = (name: string, instant: number) =>
    clock.sleepUntil(instant).then(() => woken.push(`${name} ${clock.now()}`))
  void sleep('late', 1_020)
  void sleep('first', 1_010)
  void sleep('second', 1_010)
  await clock.advance(50)
  expect(woken).toEqual(['first 1010', 'second 1010', 'late 1020'])
  expect(clock.now()).toBe(1_050)
})

test('a jump of the wall clock neither wakes nor delays a sleeper', async () => {
  const clock = new VirtualClock(1_000)
  let wokenAt = 0
  void clock.sleepUntil(1_100).then(() => {
    wokenAt = clock.monotonic()
  })
  clock.jump(-3_600_000)
  await clock.advance(99)
  clock.jump(7_200_000)
  expect(wokenAt).toBe(0)
  await clock.advance(1)
  expect(wokenAt).toBe(100)
})

test('an aborted sleeper rejects with the reason and leaves nothing behind', async () => {
  const clock = new VirtualClock()
  const abort = new AbortController()
  const sleep = clock.sleepUntil(clock.now() + 1_000, abort.signal)
  abort.abort(new Error('enough'))
  await expect(sleep).rejects.toThrow('enough')
  expect(clock.sleeping).toBe(0)
})

test('waiting for a condition gives the time that it took, and throws when it does not come', async () => {
  const clock = new VirtualClock()
  let ready = false
  void clock.sleepUntil(clock.now() + 300).then(() => {
    ready = true
  })
  expect(await clock.advanceUntil(() => ready, 1_000)).toBe(300)
  await expect(clock.advanceUntil(() => false, 1_000)).rejects.toThrow('did not hold within 1000 ms')
})
