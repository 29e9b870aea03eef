import { expect, test } from 'vitest'
import { VirtualClock } from '../../clock.ts'
import { Queue } from './queue.ts'

test('a key that fails comes again after 1, 2, 4 … seconds, at most 16 min 40 s, and is forgotten after a success', async () => {
  const clock = new VirtualClock()
  const start = clock.now()
  const runs: number[] = []
  let failing = true
  const queue = new Queue({
    clock,
    workers: 1,
    run: async () => {
      runs.push((clock.now() - start) / 1_000)
      if (failing) throw new Error('not yet')
    },
  })
  queue.open()
  queue.add('a')
  await clock.advance(15_000)
  expect(runs).toEqual([0, 1, 3, 7, 15])
  await clock.advance(4_000_000)
  expect(runs.at(-1)! - runs.at(-2)!).toBe(1_000)
  failing = false
  queue.add('a')
  await clock.advance(0)
  expect(clock.sleeping).toBe(0)
  failing = true
  const again = runs.length
  queue.add('a')
  await clock.advance(1_000)
  expect(runs.length - again).toBe(2)
})

test('adding a key lets it run at once, even in its backoff', async () => {
  const clock = new VirtualClock()
  let runs = 0
  const queue = new Queue({
    clock,
    workers: 1,
    run: async () => {
      runs += 1
      throw new Error('not yet')
    },
  })
  queue.open()
  queue.add('a')
  await clock.advance(10_000)
  const before = runs
  queue.add('a')
  await clock.advance(0)
  expect(runs).toBe(before + 1)
})

test('no more than the workers run at once, and never one key twice', async () => {
  const clock = new VirtualClock()
  const running: string[] = []
  let most = 0
  const queue = new Queue({
    clock,
    workers: 2,
    run: async (key) => {
      expect(running).not.toContain(key)
      running.push(key)
      most = Math.max(most, running.length)
      await clock.sleepUntil(clock.now() + 1_000)
      running.splice(running.indexOf(key), 1)
    },
  })
  queue.open()
  for (const key of ['a', 'b', 'c', 'a']) queue.add(key)
  await clock.advance(0)
  queue.add('a')
  await clock.advance(10_000)
  expect(most).toBe(2)
  expect(queue.idle).toBe(true)
})
