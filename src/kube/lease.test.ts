import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../clock.ts'
import { VirtualClock } from '../sim/clock.ts'
import { seededRandom } from '../sim/random.ts'
import { electLeader, type LeaderElection } from './lease.ts'
import { LeaseServer } from './testing/lease-server.ts'
import type { KubeRequest, KubeResponse, Transport } from './transport.ts'

/** The way of one replica to the server: delays, and a cut that may come before or after the request takes effect. */
class Wire implements Transport {
  cut = false
  delay: () => number = () => 0
  readonly #server: LeaseServer
  readonly #clock: Clock

  constructor(options: { server: LeaseServer; clock: Clock }) {
    this.#server = options.server
    this.#clock = options.clock
  }

  async request(request: KubeRequest): Promise<KubeResponse> {
    await this.#travel(request.signal)
    const { status, body } = this.#server.handle(request)
    await this.#travel(request.signal)
    return { status, headers: {}, body: once(JSON.stringify(body)) }
  }

  async #travel(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.cut) throw new Error('ECONNRESET')
    const delay = this.delay()
    if (delay > 0) await this.#clock.sleepUntil(this.#clock.now() + delay, signal)
    if (this.cut) throw new Error('ECONNRESET')
  }
}

async function* once(text: string) {
  yield new TextEncoder().encode(text)
}

/** The same time, told by another machine whose wall clock is wrong. */
function skewed(clock: VirtualClock, skew: number): Clock {
  return {
    now: () => clock.now() + skew,
    monotonic: () => clock.monotonic() + 12_345,
    sleepUntil: (instant, signal) => clock.sleepUntil(instant - skew, signal),
  }
}

function setUp() {
  const clock = new VirtualClock()
  const server = new LeaseServer()
  const changes: string[] = []
  function replica(name: string, options: { skew?: number; seed?: number } = {}) {
    const own = skewed(clock, options.skew ?? 0)
    const wire = new Wire({ server, clock: own })
    const errors: (string | undefined)[] = []
    const election = electLeader({
      transport: wire,
      clock: own,
      random: seededRandom(options.seed ?? name.length),
      version: 'test',
      namespace: 'certwright',
      name: 'certwright',
      identity: name,
      onChange: (leading) => changes.push(`${name} ${leading ? 'leads' : 'stands by'}`),
      onError: (error) => errors.push(error?.kind),
    })
    return { election, wire, errors }
  }
  return { clock, server, changes, replica }
}

describe('a replica alone', () => {
  it('creates the Lease, leads, and renews it every 5 s with times in microseconds', async () => {
    const { clock, server, changes, replica } = setUp()
    const a = replica('a')
    await clock.advance(1)
    expect(changes).toEqual(['a leads'])
    expect(a.election.identity).toMatch(/^a_[0-9a-f]{8}$/)
    expect(server.stored?.spec).toEqual({
      holderIdentity: a.election.identity,
      leaseDurationSeconds: 30,
      acquireTime: '2026-11-24T09:00:00.000000Z',
      renewTime: '2026-11-24T09:00:00.000000Z',
      leaseTransitions: 0,
    })
    await clock.advance(10_000)
    expect(server.stored?.spec).toMatchObject({
      acquireTime: '2026-11-24T09:00:00.000000Z',
      renewTime: '2026-11-24T09:00:10.000000Z',
    })
  })

  it('counts what it holds from when it sent the renewal, not from when that was answered', async () => {
    const { clock, replica } = setUp()
    const a = replica('a')
    a.wire.delay = () => 2000
    // Sent at 0, answered at 8 s: a look and a write, two ways each.
    await clock.advance(8000)
    expect([a.election.holdsFor(21_999), a.election.holdsFor(22_000)]).toEqual([true, false])
  })

  it('stops to lead when it cannot renew, 30 s after its last success, and leads again when it can', async () => {
    const { clock, changes, replica } = setUp()
    const a = replica('a')
    await clock.advance(5001)
    a.wire.cut = true
    await clock.advance(21_998)
    expect([a.election.leading(), a.election.holdsFor(8000)]).toEqual([true, true])
    await clock.advance(1)
    expect([a.election.leading(), a.election.holdsFor(8000)]).toEqual([true, false])
    await clock.advance(8000)
    expect([a.election.leading(), changes]).toEqual([false, ['a leads', 'a stands by']])
    expect(a.errors).toEqual(['ambiguous', 'unreachable'])
    a.wire.cut = false
    await clock.advance(5000)
    expect(changes.at(-1)).toBe('a leads')
    expect(a.errors.at(-1)).toBeUndefined()
  })

  it('goes on when its Lease was edited by others or deleted', async () => {
    const { clock, server, changes, replica } = setUp()
    replica('a')
    await clock.advance(1)
    if (server.stored) server.stored.metadata.resourceVersion = 'edited'
    await clock.advance(6000)
    server.stored = undefined
    await clock.advance(60_000)
    expect(changes).toEqual(['a leads'])
    expect(server.stored).toBeDefined()
  })

  it('stands by at once when it sees that somebody else has the Lease', async () => {
    const { clock, server, changes, replica } = setUp()
    replica('a')
    await clock.advance(1)
    if (server.stored) {
      server.stored.metadata.resourceVersion = 'taken'
      server.stored.spec.holderIdentity = 'usurper'
    }
    await clock.advance(5000)
    expect(changes).toEqual(['a leads', 'a stands by'])
  })
})

describe('two replicas', () => {
  it('take over within the duration and one interval after the leader died, whatever their wall clocks say', async () => {
    const { clock, server, changes, replica } = setUp()
    const a = replica('a')
    await clock.advance(100)
    replica('b', { skew: -3_600_000 })
    await clock.advance(62_000)
    a.wire.cut = true
    const died = clock.now()
    await clock.advanceUntil(() => changes.includes('b leads'), 35_000)
    expect(clock.now() - died).toBeGreaterThan(25_000)
    expect(changes).toEqual(['a leads', 'a stands by', 'b leads'])
    expect(server.stored?.spec.leaseTransitions).toBe(1)
  })

  it('take over within one interval when the leader leaves in peace', async () => {
    const { clock, changes, replica, server } = setUp()
    const a = replica('a')
    await clock.advance(100)
    const b = replica('b')
    await clock.advance(12_000)
    await a.election.stop()
    expect([a.election.leading(), server.stored?.spec.holderIdentity]).toEqual([false, ''])
    await clock.advance(5000)
    expect(changes).toEqual(['a leads', 'a stands by', 'b leads'])
    expect(b.election.holder()).toBe(b.election.identity)
  })

  it('do not both lead when the Lease is deleted under the leader', async () => {
    const { clock, server, changes, replica } = setUp()
    const a = replica('a')
    await clock.advance(100)
    const b = replica('b')
    await clock.advance(12_000)
    a.wire.cut = true
    server.stored = undefined
    for (let second = 0; second < 45; second++) {
      await clock.advance(1000)
      expect([a, b].filter(({ election }) => election.leading()).length).toBeLessThanOrEqual(1)
    }
    expect([b.election.leading(), changes.length]).toEqual([true, 3])
  })

  it('leave nothing running when they stop', async () => {
    const { clock, replica } = setUp()
    const [a, b] = [replica('a'), replica('b')]
    await clock.advance(7000)
    await Promise.all([a.election.stop(), b.election.stop()])
    await clock.advance(0)
    expect(clock.sleeping).toBe(0)
  })

  it('never both lead, through delays, cuts and departures; and one leads again once all is well', async () => {
    const step = fc.record({
      after: fc.integer({ min: 1, max: 20_000 }),
      replica: fc.integer({ min: 0, max: 1 }),
      what: fc.constantFrom('cut', 'mend', 'slow', 'fast', 'restart'),
      delay: fc.integer({ min: 1, max: 6000 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(step, { minLength: 1, maxLength: 12 }), async (seed, steps) => {
        const { clock, replica } = setUp()
        let born = 0
        const start = () => replica(`replica-${born}`, { seed: seed + born++, skew: born * 7_000_000 })
        const replicas = [start(), start()]
        const gone: LeaderElection[] = []
        const leaders = () => [...replicas.map(({ election }) => election), ...gone].filter((each) => each.leading())
        async function pass(milliseconds: number): Promise<void> {
          for (let left = milliseconds; left > 0; left -= 250) {
            await clock.advance(Math.min(left, 250))
            expect(leaders().length).toBeLessThanOrEqual(1)
          }
        }
        for (const { after, replica: index, what, delay } of steps) {
          await pass(after)
          const subject = replicas[index]
          if (!subject) continue
          if (what === 'cut' || what === 'mend') subject.wire.cut = what === 'cut'
          if (what === 'slow') subject.wire.delay = () => delay
          if (what === 'fast') subject.wire.delay = () => 0
          if (what === 'restart') {
            gone.push(subject.election)
            void subject.election.stop()
            replicas[index] = start()
          }
        }
        for (const { wire } of replicas) {
          wire.cut = false
          wire.delay = () => 0
        }
        await pass(42_000)
        expect(leaders()).toHaveLength(1)
        const stopped = Promise.all(replicas.map(({ election }) => election.stop()))
        await clock.advance(20_000)
        await stopped
      }),
      { numRuns: 60 },
    )
  })
})
