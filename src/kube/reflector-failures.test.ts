import { describe, expect, it } from 'vitest'
import { MINUTE, ingress, bookmark, failed, isStreamedList, streamed, setUp } from './testing/reflection.ts'
import { WatchFeed } from './testing/scripted-transport.ts'

describe('a server that fails', () => {
  it('is asked again at growing intervals, and at once again after progress', async () => {
    const times: number[] = []
    let up = false
    const feeds: WatchFeed[] = []
    const { clock, said, states } = setUp((request) => {
      times.push(clock.monotonic())
      if (!up) return Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
      if (isStreamedList(request)) {
        const list = streamed(5, ingress('a', 1))
        feeds.push(list.stream)
        return list
      }
      return { stream: new WatchFeed() }
    })
    await clock.advance(3 * MINUTE)
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    for (const [index, expected] of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].entries()) {
      expect(gaps[index]).toBeGreaterThanOrEqual(expected * 0.8)
      expect(gaps[index]).toBeLessThanOrEqual(expected * 1.2)
    }
    expect(gaps.slice(0, 3), 'many replicas do not come together').not.toEqual([1000, 2000, 4000])
    expect(states).toMatchObject([{ synced: false, at: Number.NEGATIVE_INFINITY, error: { kind: 'unreachable' } }])

    up = true
    await clock.advance(MINUTE)
    expect(said).toEqual(['added a@1'])
    expect(states.slice(1)).toMatchObject([{ synced: true, error: undefined }])

    const before = clock.monotonic()
    feeds[0]?.event('BOOKMARK', bookmark(6)).end(new Error('ECONNRESET'))
    await clock.advance(1500)
    expect((times.at(-1) ?? 0) - before).toBeGreaterThanOrEqual(800)
    expect(states.slice(2)).toMatchObject([{ synced: true, error: { kind: 'unreachable' } }, { error: undefined }])
  })

  it.each([
    [404, 'notFound'],
    [403, 'forbidden'],
    [401, 'unauthorized'],
  ])('with %i is a state, said once, and got over', async (code, kind) => {
    let installed = false
    const { clock, states, said, transport } = setUp(() => (installed ? streamed(5, ingress('a', 1)) : failed(code)))
    await clock.advance(5 * MINUTE)
    expect(transport.requests.length).toBeGreaterThan(5)
    expect(states).toMatchObject([{ synced: false, error: { kind } }])
    installed = true
    await clock.advance(MINUTE)
    expect(said).toEqual(['added a@1'])
    expect(states.slice(1)).toMatchObject([{ synced: true, error: undefined }])
  })

  it('keeps what was known while it is away, and its age tells', async () => {
    const list = streamed(5, ingress('a', 1))
    const { clock, reflector, store, said } = setUp((_request, index) => (index === 0 ? list : failed(503)))
    await clock.advance(1)
    const seen = clock.now()
    list.stream.event('BOOKMARK', bookmark(6)).end()
    await clock.advance(10 * MINUTE)
    expect(store.size).toBe(1)
    expect(said).toEqual(['added a@1'])
    expect(reflector.state()).toMatchObject({ synced: true, at: seen, error: { kind: 'transient' } })
  })

  it('is not asked again before the time that it names', async () => {
    const { clock, transport } = setUp(() => ({
      ...(failed(429) as { status: number; body: object }),
      headers: { 'retry-after': '45' },
    }))
    await clock.advance(44_000)
    expect(transport.requests).toHaveLength(1)
    await clock.advance(2000)
    expect(transport.requests).toHaveLength(2)
  })

  it('does not hold us when it never answers', async () => {
    const { clock, transport } = setUp((_request, index) => (index === 0 ? 'silence' : { stream: new WatchFeed() }))
    await clock.advance(35_000)
    expect(transport.requests.length).toBeGreaterThan(1)
  })

  it('does not hold us when a page never comes', async () => {
    const { clock, states } = setUp((request) => (isStreamedList(request) ? failed(422) : 'silence'))
    await clock.advance(29_999)
    expect(states).toEqual([])
    await clock.advance(2)
    expect(states).toMatchObject([{ synced: false, error: { kind: 'unreachable' } }])
  })

  it('with a line that is no event is asked again from where we were', async () => {
    const list = streamed(5, ingress('a', 1))
    const { clock, transport } = setUp((request) => (isStreamedList(request) ? list : { stream: new WatchFeed() }))
    await clock.advance(1)
    list.stream.text('{"type": <html>\n')
    await clock.advance(2000)
    expect(transport.requests.at(-1)?.query).toMatchObject({ resourceVersion: '5' })
  })
})

describe('those who listen', () => {
  it('do not disturb each other or the store by throwing', async () => {
    const list = streamed(5, ingress('a', 1), ingress('b', 2))
    const { clock, store, errors } = setUp(() => list, {
      onChange: () => {
        throw new Error('handler')
      },
      onState: () => {
        throw new Error('state handler')
      },
    })
    await clock.advance(1)
    expect([...store.values()]).toEqual(['a@1', 'b@2'])
    expect(errors.map(String)).toEqual(['Error: handler', 'Error: handler', 'Error: state handler'])
  })

  it('do not end it, even when the one who is told of their errors throws as well', async () => {
    const list = streamed(5, ingress('a', 1))
    const { clock, store, transport } = setUp(() => list, {
      onChange: () => {
        throw new Error('handler')
      },
      onHandlerError: () => {
        throw new Error('logger')
      },
    })
    await clock.advance(1)
    list.stream.event('ADDED', ingress('b', 6))
    await clock.advance(MINUTE)
    expect([...store.values()]).toEqual(['a@1', 'b@6'])
    expect(transport.requests).toHaveLength(1)
  })

  it('keep the last projection of an object that cannot be projected any more', async () => {
    const list = streamed(5, ingress('a', 1), ingress('bad', 2))
    const { clock, store, errors } = setUp(() => list, {
      project: ({ metadata }) => {
        if (metadata.name === 'bad' || metadata.resourceVersion === '7') throw new Error('unreadable')
        return `${metadata.name}@${metadata.resourceVersion}`
      },
    })
    await clock.advance(1)
    list.stream.event('MODIFIED', ingress('a', 7))
    await clock.advance(1)
    expect([...store.values()]).toEqual(['a@1'])
    expect(errors.map(String)).toEqual(['Error: unreadable', 'Error: unreadable'])
  })

  it('do not get the projection of a predecessor for an object that cannot be projected', async () => {
    const list = streamed(5, ingress('a', 1))
    let listed = 0
    const { clock, said } = setUp(() => (listed++ === 0 ? list : streamed(9, ingress('a', 8, 'reborn'))), {
      project: ({ metadata }) => {
        if (metadata.uid === 'reborn') throw new Error('unreadable')
        return `${metadata.name}@${metadata.resourceVersion}`
      },
    })
    await clock.advance(1)
    list.stream.event('ERROR', { kind: 'Status', code: 410, reason: 'Expired' })
    await clock.advance(2000)
    expect(said).toEqual(['added a@1', 'deleted a@1'])
  })

  it('hear nothing after stop, not even the rest of a list', async () => {
    const heard: string[] = []
    const list = streamed(5, ingress('a', 1), ingress('b', 2))
    const { clock, reflector, transport, states } = setUp(() => list, {
      onChange: ({ value }) => {
        heard.push(value)
        reflector.stop()
      },
    })
    await clock.advance(1)
    expect([heard, states]).toEqual([['a@1'], []])
    await reflector.done
    await clock.advance(10 * MINUTE)
    expect([transport.requests.length, transport.open, clock.sleeping]).toEqual([1, 0, 0])
  })

  it('hear nothing of a page that comes after stop', async () => {
    const { clock, reflector, said, states, store } = setUp((request) => {
      if (isStreamedList(request)) return failed(422)
      reflector.stop()
      return {
        status: 200,
        body: { kind: 'IngressList', metadata: { resourceVersion: '7' }, items: [ingress('a', 1)] },
      }
    })
    await clock.advance(MINUTE)
    expect([said, states, store.size]).toEqual([[], [], 0])
  })

  it.each(['while it waits to try again', 'while it asks', 'while it watches'])('can stop it %s', async (when) => {
    const stop = new AbortController()
    const { clock, reflector, transport } = setUp(
      () => {
        if (when === 'while it asks') return 'silence'
        return when === 'while it watches' ? streamed(5) : failed(503)
      },
      { signal: stop.signal },
    )
    await clock.advance(100)
    stop.abort()
    await reflector.done
    await clock.advance(10 * MINUTE)
    expect([transport.requests.length, transport.open, clock.sleeping]).toEqual([1, 0, 0])
  })

  it('may ask for one namespace', async () => {
    const { clock, transport } = setUp(() => streamed(5), {
      resource: { group: 'networking.k8s.io', version: 'v1', plural: 'ingresses', namespace: 'web' },
      userAgent: 'certwright/1',
    })
    await clock.advance(1)
    expect(transport.requests[0]).toMatchObject({
      path: '/apis/networking.k8s.io/v1/namespaces/web/ingresses',
      headers: { 'user-agent': 'certwright/1' },
    })
  })
})
