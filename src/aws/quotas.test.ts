import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { VirtualClock } from '../sim/clock.ts'
import type { Operation } from './operations.ts'
import { ours, type Priority, Quotas } from './quotas.ts'

/** Notes the instant of each grant. */
function recorder(clock: VirtualClock, quotas: Quotas) {
  const grants: { at: number; label: string }[] = []
  const take = (operation: Operation, label: string, priority: Priority = 'interactive', signal?: AbortSignal) =>
    quotas.acquire({ operation, priority, signal }).then(() => grants.push({ at: clock.monotonic(), label }))
  return { grants, take }
}

test('with the default share, no second sees more calls than AWS documents', () => {
  expect(ours({ rate: 10 }, 0.8)).toEqual({ rate: 8, burst: 2 })
  expect(ours({ rate: 5 }, 0.8)).toEqual({ rate: 4, burst: 1 })
  expect(ours({ rate: 10, burst: 50 }, 0.8)).toEqual({ rate: 8, burst: 40 })
})

test('in any window at most burst + rate × window calls pass, whatever is asked, throttled and answered', async () => {
  const step = fc.record({
    wait: fc.integer({ min: 0, max: 900 }),
    calls: fc.integer({ min: 0, max: 8 }),
    priority: fc.constantFrom<Priority>('interactive', 'background'),
    answer: fc.constantFrom('passed', 'throttled', 'none'),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.constantFrom<Operation>('RequestCertificate', 'DescribeCertificate', 'GetHostedZone'),
      fc.double({ min: 0.05, max: 1, noNaN: true }),
      async (steps, operation, share) => {
        const clock = new VirtualClock()
        const quotas = new Quotas({ clock, share })
        const { grants, take } = recorder(clock, quotas)
        for (const { wait, calls, priority, answer } of steps) {
          for (let call = 0; call < calls; call++) void take(operation, '', priority)
          if (answer === 'throttled') quotas.throttled(operation, clock.monotonic())
          if (answer === 'passed') quotas.passed(operation)
          await clock.advance(wait)
        }
        const documented =
          operation === 'GetHostedZone'
            ? { rate: 10, burst: 50 }
            : { rate: operation === 'RequestCertificate' ? 5 : 10 }
        const { rate, burst } = ours(documented, share)
        const times = grants.map(({ at }) => at)
        for (let from = 0; from < times.length; from++) {
          for (let to = from; to < times.length; to++) {
            const window = ((times[to] as number) - (times[from] as number)) / 1_000
            expect(to - from + 1).toBeLessThanOrEqual(burst + rate * window + 1e-6)
          }
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('everybody who asks is served, first come first served within a priority', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom<Priority>('interactive', 'background'), { minLength: 1, maxLength: 40 }),
      fc.nat({ max: 3 }),
      async (priorities, throttles) => {
        const clock = new VirtualClock()
        const quotas = new Quotas({ clock })
        const { grants, take } = recorder(clock, quotas)
        priorities.forEach((priority, index) => void take('RequestCertificate', `${priority} ${index}`, priority))
        for (let throttle = 0; throttle < throttles; throttle++) {
          await clock.advance(1)
          quotas.throttled('RequestCertificate', clock.monotonic())
        }
        await clock.advanceUntil(() => grants.length === priorities.length, 40 * 8_000)
        for (const priority of ['interactive', 'background']) {
          const order = grants
            .filter(({ label }) => label.startsWith(priority))
            .map(({ label }) => Number(label.split(' ')[1]))
          expect(order).toEqual(order.toSorted((one, other) => one - other))
        }
      },
    ),
    { numRuns: 40 },
  )
})

test('interactive calls go first, and an endless stream of them does not starve the background', async () => {
  const clock = new VirtualClock()
  const { grants, take } = recorder(clock, new Quotas({ clock }))
  for (let index = 0; index < 3; index++) void take('RequestCertificate', 'background', 'background')
  for (let index = 0; index < 60; index++) void take('RequestCertificate', 'interactive')
  await clock.advance(60_000)
  const order = grants.map(({ label }) => label)
  // The first background call found the bucket full and nobody before it.
  expect(order.slice(0, 10)).toEqual(['background', ...Array<string>(9).fill('interactive')])
  expect(order.indexOf('background', 1)).toBe(10)
  expect(order.indexOf('background', 11)).toBe(20)
})

test('a throttle halves the rate once for all calls that were under way, and each call that passes gives a step back', () => {
  const clock = new VirtualClock()
  const quotas = new Quotas({ clock })
  const sentAt = clock.monotonic()
  quotas.throttled('DescribeCertificate', sentAt)
  expect(quotas.rateOf('DescribeCertificate')).toBe(4)
  quotas.throttled('DescribeCertificate', sentAt)
  expect(quotas.rateOf('DescribeCertificate')).toBe(4)
  quotas.passed('DescribeCertificate')
  expect(quotas.rateOf('DescribeCertificate')).toBeCloseTo(4.4)
  for (let call = 0; call < 50; call++) quotas.passed('DescribeCertificate')
  expect(quotas.rateOf('DescribeCertificate')).toBe(8)
})

test('after a throttle even a bucket that was full makes the next call wait', async () => {
  const clock = new VirtualClock()
  const quotas = new Quotas({ clock })
  const { grants, take } = recorder(clock, quotas)
  await take('GetHostedZone', 'throttled')
  quotas.throttled('GetHostedZone', clock.monotonic())
  void take('GetHostedZone', 'next')
  await clock.advance(249)
  expect(grants).toHaveLength(1)
  await clock.advance(1)
  expect(grants).toHaveLength(2)
})

test('the rate never falls to a stand', async () => {
  const clock = new VirtualClock()
  const quotas = new Quotas({ clock })
  for (let throttle = 0; throttle < 50; throttle++) {
    await clock.advance(1)
    quotas.throttled('DescribeCertificate', clock.monotonic())
  }
  expect(quotas.rateOf('DescribeCertificate')).toBe(0.25)
})

test('one who gives up leaves the queue, draws nothing, and holds up nobody', async () => {
  const clock = new VirtualClock()
  const { grants, take } = recorder(clock, new Quotas({ clock }))
  void take('RequestCertificate', 'first')
  const impatient = new AbortController()
  const left = take('RequestCertificate', 'impatient', 'interactive', impatient.signal)
  void take('RequestCertificate', 'last')
  impatient.abort(new Error('no time'))
  await expect(left).rejects.toThrow('no time')
  await clock.advance(250)
  expect(grants.map(({ label }) => label)).toEqual(['first', 'last'])
})

test('nobody sleeps where nobody waits', async () => {
  const clock = new VirtualClock()
  const { grants, take } = recorder(clock, new Quotas({ clock }))
  for (let index = 0; index < 5; index++) void take('RequestCertificate', 'call')
  await clock.advance(5_000)
  expect(grants).toHaveLength(5)
  expect(clock.sleeping).toBe(0)
})
