import { describe, expect, it } from 'vitest'
import {
  PATH,
  MINUTE,
  ingress,
  bookmark,
  endOfList,
  failed,
  isList,
  isStreamedList,
  streamed,
  page,
  setUp,
} from './testing/reflection.ts'
import { WatchFeed } from './testing/scripted-transport.ts'

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

  it('is streamed again the next time when only its bookmark was late, and not when the server refused', async () => {
    for (const refused of [false, true]) {
      const { clock, transport } = setUp((request) => {
        if (isStreamedList(request)) return refused ? failed(422) : { stream: new WatchFeed() }
        return isList(request) ? page(7, [ingress('a', 1)]) : failed(410, 'Expired')
      })
      await clock.advance(11_000)
      const expected = refused ? ['stream', 'pages', 'watch', 'pages'] : ['stream', 'pages', 'watch', 'stream']
      const asked = transport.requests.map((request) => {
        if (isStreamedList(request)) return 'stream'
        return isList(request) ? 'pages' : 'watch'
      })
      expect(asked.slice(0, 4)).toEqual(expected)
    }
  })

  it('leaves out what was deleted while it was streamed, and is as old as its beginning', async () => {
    const feed = new WatchFeed().event('ADDED', ingress('a', 3)).event('ADDED', ingress('b', 4))
    const { clock, said, reflector } = setUp(() => ({ stream: feed }))
    const began = clock.now()
    await clock.advance(5000)
    feed.event('DELETED', ingress('a', 8)).event('BOOKMARK', endOfList(9))
    await clock.advance(1)
    expect(said).toEqual(['added b@4'])
    expect(reflector.state()).toEqual({ synced: true, at: began, error: undefined })
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
    expect(clock.sleeping, 'the deadlines of one watch, and none of those before').toBe(2)
  })

  it('after an hour lists again, so that a deletion whose event was lost is found', async () => {
    const lists = [[ingress('a', 1), ingress('b', 2)], [ingress('a', 1)]]
    const { clock, said, transport } = setUp((request) => {
      if (isStreamedList(request)) return streamed(5, ...(lists.shift() ?? []))
      return { stream: new WatchFeed() }
    })
    await clock.advance(55 * MINUTE)
    expect(transport.requests.filter(isStreamedList)).toHaveLength(1)
    await clock.advance(15 * MINUTE)
    expect(transport.requests.filter(isStreamedList)).toHaveLength(2)
    expect(said).toEqual(['added a@1', 'added b@2', 'deleted b@2'])
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

  it('with 410 after an outage lists again at once, and nobody is alarmed by it', async () => {
    let watches = 0
    const { clock, states, transport, said } = setUp((request) => {
      if (isStreamedList(request)) return streamed(90, ingress('b', 80))
      watches++
      return watches < 4 ? failed(503) : failed(410, 'Expired')
    })
    await clock.advance(1)
    await clock.advance(4 * MINUTE)
    const times = transport.requests.map((request) => isStreamedList(request))
    expect(times.slice(-2)).toEqual([false, true])
    expect(states.map(({ error }) => error?.kind)).toEqual([undefined, 'transient', undefined])
    expect(said).toEqual(['added b@80'])
  })

  it('with any other error in the stream lists again, since what came between is unknown', async () => {
    const list = streamed(5, ingress('a', 1))
    let listed = 0
    const { clock, transport, states } = setUp((request) => {
      if (!isStreamedList(request)) return failed(500)
      return listed++ === 0 ? list : streamed(9, ingress('a', 1))
    })
    await clock.advance(1)
    list.stream.event('ERROR', { kind: 'Status', code: 500, reason: 'InternalError' })
    await clock.advance(2000)
    expect(transport.requests.map(isStreamedList)).toEqual([true, true])
    expect(states.map(({ error }) => error?.kind)).toEqual([undefined, 'transient', undefined])
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

  it.each([
    ['empty', () => new WatchFeed().end(), 50],
    ['with a bookmark alone', () => new WatchFeed().event('BOOKMARK', bookmark(6)).end(), 800],
  ])('at once and %s, time and again, is not begun anew without a pause', async (_what, feed, most) => {
    const { clock, transport } = setUp((request) => {
      if (isStreamedList(request)) {
        const list = streamed(5)
        list.stream.end()
        return list
      }
      // A loop without a pause would never let time go by.
      return transport.requests.length > 1000 ? 'silence' : { stream: feed() }
    })
    await clock.advance(10 * MINUTE)
    expect(transport.requests.length).toBeLessThan(most)
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
