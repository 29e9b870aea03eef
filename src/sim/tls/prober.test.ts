import { expect, test } from 'vitest'
import { VirtualClock } from '../clock.ts'
import type { Target } from './handshake.ts'
import { Prober } from './prober.ts'

const shop: Target = { host: 'shop.example.com', dnsName: 'k8s-shop.elb.amazonaws.com', port: 443 }

function world(broken?: string) {
  const clock = new VirtualClock()
  const state = { expected: [shop] as Target[], broken }
  const prober = new Prober({
    clock,
    expected: () => state.expected,
    handshake: async () => {
      if (state.broken !== undefined) throw new Error(state.broken)
    },
  })
  prober.start()
  return { clock, state, prober }
}

test('a host that was never served is not missed', async () => {
  const { clock, prober } = world('no certificate')
  await clock.advance(1_000)
  expect([prober.handshakes, prober.failures.length, prober.isServed(shop.host)]).toEqual([0, 0, false])
})

test('from its first success on, each failure counts, with time, host and reason', async () => {
  const { clock, state, prober } = world()
  await clock.advance(1_000)
  expect([prober.handshakes, prober.isServed(shop.host)]).toEqual([6, true])
  state.broken = 'the certificate shown is for another host'
  await clock.advance(200)
  state.broken = undefined
  await clock.advance(200)
  expect(prober.handshakes).toBe(8)
  expect(prober.failures).toEqual([
    { at: clock.now() - 200, target: shop, reason: 'the certificate shown is for another host' },
  ])
})

test('a host that nobody expects any more is forgotten, and begins anew when it comes back', async () => {
  const { clock, state, prober } = world()
  await clock.advance(200)
  state.expected = []
  state.broken = 'connection refused'
  await clock.advance(1_000)
  state.expected = [shop]
  await clock.advance(1_000)
  expect(prober.failures).toEqual([])
  expect(prober.isServed(shop.host)).toBe(false)
})

test('a try that ends after its host was given up proves nothing', async () => {
  const clock = new VirtualClock()
  let expected = [shop]
  let slow = false
  const prober = new Prober({
    clock,
    expected: () => expected,
    handshake: async () => {
      if (!slow) return
      await clock.sleepUntil(clock.now() + 300)
      throw new Error('connection refused')
    },
  })
  prober.start()
  await clock.advance(100)
  slow = true
  await clock.advance(200)
  expected = []
  await clock.advance(1_000)
  expect(prober.failures).toEqual([])
})
