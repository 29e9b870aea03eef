import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../sim/clock.ts'
import { seededRandom } from '../sim/random.ts'
import { createKubeClient } from './client.ts'
import { createEventRecorder, type Notice } from './events.ts'
import { type Answer, ScriptedTransport } from './testing/scripted-transport.ts'
import type { KubeRequest } from './transport.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const issued: Notice = {
  regarding: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'web', name: 'shop', uid: 'u1' },
  type: 'Normal',
  reason: 'Issued',
  action: 'Attaching',
  note: 'The certificate was issued.',
}
const ok: Answer = { status: 201, body: {} }
const failed = (code: number, reason = ''): Answer => ({ status: code, body: { kind: 'Status', code, reason } })

function setUp(answer: (request: KubeRequest, index: number) => Answer | 'silence' = () => ok, version = '1.2.3') {
  let index = 0
  const transport = new ScriptedTransport((request) => answer(request, index++))
  const clock = new VirtualClock()
  const kube = createKubeClient({ transport, clock, version: 'test' })
  const recorder = createEventRecorder({ kube, clock, random: seededRandom(1), version })
  const sent = () =>
    transport.requests.map(({ method, body }) => ({
      method,
      ...(JSON.parse(body ?? '{}') as { metadata?: { name?: string }; note?: string }),
    }))
  return { transport, clock, recorder, sent }
}

describe('a notice', () => {
  it('becomes an Event in the namespace of its object', async () => {
    const { clock, recorder, transport, sent } = setUp()
    recorder.record(issued)
    await clock.advance(1)
    expect(transport.requests[0]?.path).toBe('/apis/events.k8s.io/v1/namespaces/web/events')
    expect(sent()).toEqual([
      {
        method: 'POST',
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: expect.stringMatching(/^shop\.[0-9a-f]{16}$/) as string, namespace: 'web' },
        eventTime: '2026-11-24T09:00:00.000000Z',
        reportingController: 'certwright.dev/controller',
        reportingInstance: expect.stringMatching(/^certwright-1\.2\.3-[0-9a-f]{8}$/) as string,
        ...issued,
      },
    ])
  })

  it('of a cluster-scoped object goes to the namespace default', async () => {
    const { clock, recorder, transport } = setUp()
    recorder.record({ ...issued, regarding: { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' } })
    await clock.advance(1)
    expect(transport.requests[0]?.path).toContain('/namespaces/default/')
  })

  it.each(['', 'x'])('longer than the API server takes is cut, between characters (after "%s")', async (start) => {
    const { clock, recorder, sent } = setUp()
    recorder.record({ ...issued, note: `${start}${'é'.repeat(600)}` })
    await clock.advance(1)
    const note = sent()[0]?.note ?? ''
    expect(new TextEncoder().encode(note).length).toBeLessThanOrEqual(1024)
    expect(note).toBe(`${start}${'é'.repeat(510)}…`)
  })

  it('keeps to the lengths that names may have, whatever the object and the version are called', async () => {
    const { clock, recorder, sent } = setUp(() => ok, 'v'.repeat(200))
    recorder.record({ ...issued, regarding: { ...issued.regarding, name: 'a'.repeat(253) } })
    await clock.advance(1)
    expect(nameIn(sent()[0])).toMatch(/^a{230}\.[0-9a-f]{16}$/)
    expect(sent()[0]).toMatchObject({ reportingInstance: expect.stringMatching(/^.{128}$/) as string })
  })
})

describe('the same notice again', () => {
  it('is a series: one Event with a count, written at most once a minute', async () => {
    const { clock, recorder, transport, sent } = setUp()
    for (let second = 0; second < 90; second++) {
      recorder.record(issued)
      await clock.advance(1000)
    }
    expect(sent().map(({ method }) => method)).toEqual(['POST', 'PATCH'])
    await clock.advance(MINUTE)
    expect(sent().at(-1)).toEqual({
      method: 'PATCH',
      series: { count: 90, lastObservedTime: '2026-11-24T09:01:29.000000Z' },
    })
    expect(transport.requests.length).toBe(3)
    expect(transport.requests[1]?.path).toBe(`/apis/events.k8s.io/v1/namespaces/web/events/${nameIn(sent()[0])}`)
  })

  it('after six minutes of silence is a new Event', async () => {
    const { clock, recorder, sent } = setUp()
    recorder.record(issued)
    await clock.advance(6 * MINUTE)
    recorder.record(issued)
    await clock.advance(1)
    expect(sent().map(({ method }) => method)).toEqual(['POST', 'POST'])
  })

  it('with another reason, sentence or object is another Event', async () => {
    const { clock, recorder, sent } = setUp()
    recorder.record(issued)
    recorder.record({ ...issued, note: 'Another sentence.' })
    recorder.record({ ...issued, reason: 'Other' })
    recorder.record({ ...issued, regarding: { ...issued.regarding, uid: 'reborn' } })
    await clock.advance(1)
    expect(sent().map(({ method }) => method)).toEqual(['POST', 'POST', 'POST', 'POST'])
  })

  it('is written anew when the API server has forgotten its Event', async () => {
    const { clock, recorder, sent } = setUp((request) => (request.method === 'PATCH' ? failed(404) : ok))
    recorder.record(issued)
    await clock.advance(1)
    recorder.record(issued)
    await clock.advance(MINUTE)
    expect(sent().map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST'])
    expect(sent()[2]).toMatchObject({ series: { count: 2 } })
  })
})

describe('a wall clock that jumps', () => {
  it.each([-HOUR, HOUR])('by %i ms delays nothing, and a series stays one', async (jump) => {
    const { clock, recorder, sent } = setUp((_request, index) => (index === 0 ? failed(503, 'ServiceUnavailable') : ok))
    recorder.record(issued)
    await clock.advance(10)
    clock.jump(jump)
    // The first try failed; the second is due a second later.
    await clock.advance(1000)
    expect(sent()).toHaveLength(2)
    recorder.record(issued)
    await clock.advance(MINUTE)
    expect(sent().map(({ method }) => method)).toEqual(['POST', 'POST', 'PATCH'])
  })
})

describe('an API server that does not take it', () => {
  it('is tried again, under the same name, so that no Event is doubled', async () => {
    const { clock, recorder, sent } = setUp((_request, index) => {
      if (index === 0) return new Error('ECONNRESET')
      return failed(409, 'AlreadyExists')
    })
    recorder.record(issued)
    await clock.advance(5 * MINUTE)
    expect(sent()).toHaveLength(2)
    expect(nameIn(sent()[1])).toBe(nameIn(sent()[0]))
    expect(recorder.lost).toBe(0)
  })

  it.each([404, 403, 422])('for good (%i) loses the notice, and is not asked again', async (code) => {
    const { clock, recorder, transport } = setUp(() => failed(code))
    recorder.record(issued)
    await clock.advance(10 * MINUTE)
    expect([transport.requests.length, recorder.lost]).toEqual([1, 1])
  })

  it('is not asked again before the time that it names', async () => {
    const { clock, recorder, transport } = setUp(() => ({
      status: 429,
      body: { kind: 'Status', code: 429, details: { retryAfterSeconds: 45 } },
    }))
    recorder.record(issued)
    await clock.advance(44_000)
    expect(transport.requests).toHaveLength(1)
    await clock.advance(2000)
    expect(transport.requests).toHaveLength(2)
  })

  it('for long loses the notice after five tries', async () => {
    const { clock, recorder, transport } = setUp(() => failed(503, 'ServiceUnavailable'))
    recorder.record(issued)
    await clock.advance(10 * MINUTE)
    expect([transport.requests.length, recorder.lost]).toEqual([5, 1])
  })

  it('and never answers holds up nobody, and memory stays bounded', async () => {
    const { clock, recorder, transport } = setUp(() => 'silence')
    for (let index = 0; index < 5000; index++) recorder.record({ ...issued, note: `Sentence ${index}.` })
    await clock.advance(1000)
    expect(transport.requests).toHaveLength(1)
    expect(recorder.lost).toBe(4000)
  })
})

describe('stop', () => {
  it('writes what is still to be written', async () => {
    const { clock, recorder, sent } = setUp()
    recorder.record(issued)
    recorder.record({ ...issued, note: 'Another sentence.' })
    const stopped = recorder.stop()
    await clock.advance(1)
    await stopped
    expect(sent()).toHaveLength(2)
    recorder.record({ ...issued, note: 'Too late.' })
    await clock.advance(1)
    expect([sent().length, clock.sleeping]).toEqual([2, 0])
  })

  it('takes two seconds at most, and leaves nothing running: what was not written is lost, and counted', async () => {
    const { clock, recorder, transport } = setUp(() => 'silence')
    for (const note of ['One.', 'Two.', 'Three.']) recorder.record({ ...issued, note })
    await clock.advance(1)
    let stopped = false
    const ending = recorder.stop().then(() => (stopped = true))
    await clock.advance(1999)
    expect(stopped).toBe(false)
    await clock.advance(1)
    expect([stopped, recorder.lost, clock.sleeping]).toEqual([true, 3, 0])
    await ending
    await clock.advance(MINUTE)
    expect(transport.requests).toHaveLength(1)
  })
})

function nameIn(event: { metadata?: { name?: string } } | undefined): string {
  return event?.metadata?.name ?? ''
}
