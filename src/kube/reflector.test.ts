import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../sim/clock.ts'
import { seededRandom } from '../sim/random.ts'
import { createReflector, type ReflectorOptions, type ReflectorState } from './reflector.ts'
import type { KubeObject } from './resource.ts'
import { type Answer, ScriptedTransport, WatchFeed } from './testing/scripted-transport.ts'
import type { KubeRequest } from './transport.ts'

const PATH = '/apis/networking.k8s.io/v1/ingresses'
const MINUTE = 60_000

function ingress(name: string, version: number, uid = `uid-${name}`) {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: 'web', name, uid, resourceVersion: String(version) },
  }
}

function bookmark(version: number, annotations?: Record<string, string>) {
  return { kind: 'Ingress', metadata: { resourceVersion: String(version), annotations } }
}

const endOfList = (version: number) => bookmark(version, { 'k8s.io/initial-events-end': 'true' })
const failed = (code: number, reason = ''): Answer => ({ status: code, body: { kind: 'Status', code, reason } })
const isList = (request: KubeRequest) => request.query?.['watch'] !== 'true'
const isStreamedList = (request: KubeRequest) => request.query?.['sendInitialEvents'] === 'true'

/** A streamed list of these objects at a version, which stays open as a watch. */
function streamed(version: number, ...objects: object[]): { stream: WatchFeed } {
  const feed = new WatchFeed()
  for (const object of objects) feed.event('ADDED', object)
  return { stream: feed.event('BOOKMARK', endOfList(version)) }
}

/** One page, without kinds on the items, as API servers send it. */
function page(version: number, objects: { metadata: object }[], token?: string): Answer {
  const items = objects.map(({ metadata }) => ({ metadata }))
  return {
    status: 200,
    body: { kind: 'IngressList', metadata: { resourceVersion: String(version), continue: token }, items },
  }
}

function setUp(
  answer: (request: KubeRequest, index: number) => Answer | 'silence',
  options: Partial<ReflectorOptions<string>> = {},
) {
  let index = 0
  const transport = new ScriptedTransport((request) => answer(request, index++))
  const clock = new VirtualClock()
  const said: string[] = []
  const states: ReflectorState[] = []
  const errors: unknown[] = []
  const reflector = createReflector<string>({
    transport,
    clock,
    random: seededRandom(1),
    resource: { group: 'networking.k8s.io', version: 'v1', plural: 'ingresses' },
    project: ({ apiVersion, kind, metadata }: KubeObject) =>
      `${apiVersion}/${kind} ${metadata.name ?? ''}@${metadata.resourceVersion ?? ''}`.replace(
        'networking.k8s.io/v1/Ingress ',
        '',
      ),
    onChange: ({ kind, value, previous }) =>
      said.push(previous === undefined ? `${kind} ${value}` : `${kind} ${previous} → ${value}`),
    onState: (state) => states.push(state),
    onHandlerError: (error) => errors.push(error),
    ...options,
  })
  return { transport, clock, reflector, said, states, errors, store: reflector.store }
}

describe('the first list', () => {
  it('is streamed where the server can, and taken in whole at its end bookmark', async () => {
    const feed = new WatchFeed()
    const { clock, transport, said, states, store } = setUp(() => ({ stream: feed }))
    feed.event('ADDED', ingress('a', 3)).event('ADDED', ingress('b', 4)).event('BOOKMARK', bookmark(4))
    await clock.advance(5000)
    expect([store.synced, store.size, said, states]).toEqual([false, 0, [], []])

    feed.event('BOOKMARK', endOfList(9))
    await clock.advance(1)
    expect(said).toEqual(['added a@3', 'added b@4'])
    expect(states).toMatchObject([{ synced: true, error: undefined }])
    expect(transport.requests.map(({ path, query }) => ({ path, ...query }))).toEqual([
      {
        path: PATH,
        watch: 'true',
        allowWatchBookmarks: 'true',
        sendInitialEvents: 'true',
        resourceVersionMatch: 'NotOlderThan',
        timeoutSeconds: expect.stringMatching(/^[345]\d\d$/) as string,
      },
    ])

    feed.event('MODIFIED', ingress('a', 10)).event('DELETED', ingress('b', 11))
    await clock.advance(1)
    expect(said.slice(2)).toEqual(['changed a@3 → a@10', 'deleted b@4'])
  })

  it.each([400, 422])('comes in pages, with kinds filled in, when the server answers %i to streaming', async (code) => {
    const { clock, transport, said, store } = setUp((request) => {
      if (isStreamedList(request)) return failed(code, 'Invalid')
      if (!isList(request)) return { stream: new WatchFeed() }
      return request.query?.['continue'] ? page(7, [ingress('b', 2)]) : page(7, [ingress('a', 1)], 'more')
    })
    await clock.advance(1)
    expect(said).toEqual(['added a@1', 'added b@2'])
    expect(store.synced).toBe(true)
    expect(transport.requests.slice(1).map(({ query }) => query)).toMatchObject([
      { limit: '500' },
      { limit: '500', continue: 'more' },
      { watch: 'true', resourceVersion: '7', allowWatchBookmarks: 'true' },
    ])
  })

  it('comes in pages when no end bookmark has come after 10 s, whatever else has', async () => {
    const feed = new WatchFeed().event('ADDED', ingress('a', 1))
    const { clock, transport, said } = setUp((request) => {
      if (isStreamedList(request)) return { stream: feed }
      return isList(request) ? page(7, [ingress('a', 1)]) : { stream: new WatchFeed() }
    })
    await clock.advance(9000)
    feed.event('ADDED', ingress('b', 2))
    expect([transport.requests.length, said]).toEqual([1, []])
    await clock.advance(1000)
    expect(said).toEqual(['added a@1'])
    expect(transport.open).toBe(1)
  })

  it('comes in pages when the stream ends before its end bookmark', async () => {
    const { clock, said } = setUp((request) => {
      if (isStreamedList(request)) return { stream: new WatchFeed().event('ADDED', ingress('a', 1)).end() }
      return isList(request) ? page(7, [ingress('a', 1)]) : { stream: new WatchFeed() }
    })
    await clock.advance(1)
    expect(said).toEqual(['added a@1'])
  })

  it('changes nothing when a later page fails, and is begun again', async () => {
    let fail = true
    const { clock, store, said, states } = setUp((request) => {
      if (isStreamedList(request)) return failed(422)
      if (!isList(request)) return { stream: new WatchFeed() }
      if (!request.query?.['continue']) return page(7, [ingress('a', 1)], 'more')
      return fail ? failed(500) : page(7, [ingress('b', 2)])
    })
    await clock.advance(2 * MINUTE)
    expect([store.size, store.synced, said]).toEqual([0, false, []])
    expect(states).toMatchObject([{ synced: false, error: { kind: 'transient' } }])
    fail = false
    await clock.advance(MINUTE)
    expect(said).toEqual(['added a@1', 'added b@2'])
  })

  it('is asked for again in one when its pages expired on the way', async () => {
    const { clock, said, transport } = setUp((request) => {
      if (isStreamedList(request)) return failed(422)
      if (!isList(request)) return { stream: new WatchFeed() }
      if (request.query?.['continue']) return failed(410, 'Expired')
      return request.query?.['limit'] ? page(7, [ingress('old', 1)], 'more') : page(9, [ingress('new', 8)])
    })
    await clock.advance(1)
    expect(said).toEqual(['added new@8'])
    expect(transport.requests.at(-1)?.query).toMatchObject({ resourceVersion: '9' })
  })
})

describe('a watch that ends', () => {
  it('as it should goes on from the last event or bookmark, without a list and without a word', async () => {
    const feeds: WatchFeed[] = []
    const { clock, transport, states } = setUp((request) => {
      if (isStreamedList(request)) return streamed(5, ingress('a', 1))
      const feed = new WatchFeed()
      feeds.push(feed)
      return { stream: feed }
    })
    await clock.advance(1)
    const first = transport.requests[0]
    expect(first && isStreamedList(first)).toBe(true)
    // The server keeps the stream for as long as it was asked to; ours ends it from outside after bookmarks stop.
    await clock.advance(4 * MINUTE)
    expect(transport.requests.at(-1)?.query).toMatchObject({ resourceVersion: '5' })
    feeds[0]?.event('BOOKMARK', bookmark(50)).end()
    await clock.advance(1)
    expect(transport.requests.at(-1)?.query).toMatchObject({ resourceVersion: '50' })
    feeds[1]?.event('MODIFIED', ingress('a', 60)).end()
    await clock.advance(1)
    expect(transport.requests.at(-1)?.query).toMatchObject({ resourceVersion: '60' })
    expect(transport.requests.filter(isStreamedList)).toHaveLength(1)
    expect(states.at(-1)).toMatchObject({ synced: true, error: undefined })
  })

  it.each(['as a status', 'as an event'])('with 410 %s lists again, and what is gone is deleted', async (how) => {
    let listed = 0
    const { clock, said, store } = setUp((request) => {
      if (isStreamedList(request)) {
        listed++
        if (listed > 1) return streamed(90, ingress('b', 80), ingress('reborn', 81, 'another'))
        const first = streamed(5, ingress('a', 1), ingress('b', 2), ingress('reborn', 3))
        if (how === 'as a status') first.stream.end()
        else first.stream.event('ERROR', { kind: 'Status', code: 410, reason: 'Expired' })
        return first
      }
      return failed(410, 'Expired')
    })
    await clock.advance(10_000)
    expect(said.slice(3)).toEqual(['deleted a@1', 'changed b@2 → b@80', 'deleted reborn@3', 'added reborn@81'])
    expect(store.size).toBe(2)
  })

  it('with 410 time and again is not begun anew without a pause', async () => {
    const { clock, transport } = setUp((request) => {
      if (!isStreamedList(request)) return failed(410, 'Expired')
      const list = streamed(5)
      list.stream.end()
      return list
    })
    await clock.advance(10 * MINUTE)
    expect(transport.requests.length).toBeLessThan(100)
  })

  it('at once and empty, time and again, is not begun anew without a pause', async () => {
    const { clock, transport } = setUp((request) => {
      if (isStreamedList(request)) {
        const list = streamed(5)
        list.stream.end()
        return list
      }
      return { stream: new WatchFeed().end() }
    })
    await clock.advance(10 * MINUTE)
    expect(transport.requests.length).toBeLessThan(50)
  })

  it('because nothing came for three minutes is taken for dead', async () => {
    const { clock, transport, states } = setUp((request) =>
      isStreamedList(request) ? streamed(5) : { stream: new WatchFeed() },
    )
    await clock.advance(179_000)
    expect(transport.requests).toHaveLength(1)
    await clock.advance(5000)
    expect(transport.requests).toHaveLength(2)
    expect(transport.open).toBe(1)
    // It may just have been quiet, so nobody is alarmed.
    await clock.advance(20 * MINUTE)
    expect(states).toHaveLength(1)
  })

  it('with bookmarks coming, but beyond the time that it was given, is taken for dead too', async () => {
    const list = streamed(5)
    const { clock, transport } = setUp((request) => (isStreamedList(request) ? list : { stream: new WatchFeed() }))
    for (let minute = 0; minute < 11; minute++) {
      await clock.advance(MINUTE)
      list.stream.event('BOOKMARK', bookmark(6 + minute))
    }
    expect(transport.requests.length).toBeGreaterThan(1)
  })
})

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
