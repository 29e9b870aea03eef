import { expect, it } from 'vitest'
import { VirtualClock } from '../sim/clock.ts'
import { extendableDeadline } from './extendable-deadline.ts'

function setUp(milliseconds: number) {
  const clock = new VirtualClock()
  const parent = new AbortController()
  return { clock, parent, limit: extendableDeadline({ clock, milliseconds, parent: parent.signal }) }
}

it('fires when its time has come', async () => {
  const { clock, limit } = setUp(1000)
  await clock.advance(999)
  expect(limit.signal.aborted).toBe(false)
  await clock.advance(1)
  expect(limit.signal.reason).toMatchObject({ name: 'DeadlineExceeded' })
})

it('fires later when it was extended, and never earlier', async () => {
  const { clock, limit } = setUp(1000)
  await clock.advance(900)
  limit.extend(1000)
  limit.extend(10)
  await clock.advance(999)
  expect(limit.signal.aborted).toBe(false)
  await clock.advance(1)
  expect(limit.signal.aborted).toBe(true)
})

it('never fires once extended without end, but still follows its parent', async () => {
  const { clock, limit, parent } = setUp(1000)
  limit.extend(Number.POSITIVE_INFINITY)
  await clock.advance(1e9)
  expect([limit.signal.aborted, clock.sleeping]).toEqual([false, 0])
  const reason = new Error('stopped')
  parent.abort(reason)
  expect(limit.signal.reason).toBe(reason)
})

it('measures on the monotonic clock: a wall clock that jumps ahead does not fire it', async () => {
  const { clock, limit } = setUp(60_000)
  await clock.advance(1)
  clock.jump(3_600_000)
  await clock.advance(1)
  expect(limit.signal.aborted).toBe(false)
})

it('leaves no timer behind', async () => {
  const { clock, limit } = setUp(1000)
  limit.done()
  await clock.advance(0)
  expect(clock.sleeping).toBe(0)
})

it('fires also when the clocks are fractions of a millisecond apart', async () => {
  const { clock, limit } = setUp(1000.0001)
  await clock.advance(0.3)
  await clock.advance(1001)
  expect(limit.signal.aborted).toBe(true)
})
