import type { Dispatcher } from 'undici'
import { describe, expect, it } from 'vitest'
import { deadline } from '../clock.ts'
import { VirtualClock } from '../sim/clock.ts'
import { Connections } from './connections.ts'

/** Answers `/livez` or not, and nothing else ever. */
function setUp(livez: 'answers' | 'is silent' | 'is refused') {
  const clock = new VirtualClock()
  const asked: string[] = []
  const destroyed: (Error | null)[] = []
  const fake: Pick<Dispatcher, 'request' | 'close' | 'destroy'> = {
    request: ((options: Dispatcher.RequestOptions) => {
      asked.push(options.path)
      if (options.path === '/livez' && livez === 'answers') return Promise.resolve({ body: { dump: async () => {} } })
      if (options.path === '/livez' && livez === 'is refused') return Promise.reject(new Error('ECONNREFUSED'))
      const signal = options.signal as AbortSignal
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      })
    }) as unknown as Dispatcher['request'],
    close: () => Promise.resolve(),
    destroy: ((error?: Error) => {
      destroyed.push(error ?? null)
      return Promise.resolve()
    }) as Dispatcher['destroy'],
  }
  const connections = new Connections({
    dispatcher: fake as Dispatcher,
    clock,
    check: { origin: 'https://server', path: '/livez' },
  })
  const ask = (signal: AbortSignal) =>
    connections.request({ origin: 'https://server', path: '/pods', method: 'GET', signal }).catch(() => {})
  const askFor = (milliseconds: number) => void ask(deadline({ clock, milliseconds }).signal)
  return { clock, asked, destroyed, connections, ask, askFor }
}

describe('connections on which a request ran out of time', () => {
  it('are left when the server does not say for five seconds more that it lives', async () => {
    const { clock, asked, destroyed, connections, askFor } = setUp('is silent')
    askFor(3000)
    await clock.advance(7999)
    expect([asked, connections.dead]).toEqual([['/pods', '/livez'], false])
    await clock.advance(1)
    expect([connections.dead, destroyed.map(String)]).toEqual([
      true,
      ['Error: the connection fell silent and was left'],
    ])
    expect(clock.sleeping).toBe(0)
  })

  it.each(['answers', 'is refused'] as const)('are kept when a slow server %s', async (livez) => {
    const { clock, asked, destroyed, connections, askFor } = setUp(livez)
    askFor(3000)
    await clock.advance(3001)
    expect(clock.sleeping, 'timers left when the answer is there').toBe(0)
    await clock.advance(60_000)
    expect([asked, connections.dead, destroyed]).toEqual([['/pods', '/livez'], false, []])
  })

  it('are checked once for many requests, and again for later ones', async () => {
    const { clock, asked, askFor } = setUp('answers')
    for (let index = 0; index < 10; index++) askFor(3000)
    await clock.advance(5000)
    askFor(3000)
    await clock.advance(5000)
    expect(asked.filter((path) => path === '/livez')).toHaveLength(2)
  })
})

it('a request that its caller gave up is no reason for doubt', async () => {
  const { clock, asked, ask } = setUp('is silent')
  const stop = new AbortController()
  const ended = ask(stop.signal)
  stop.abort(new Error('no longer wanted'))
  await ended
  await clock.advance(60_000)
  expect(asked).toEqual(['/pods'])
})
