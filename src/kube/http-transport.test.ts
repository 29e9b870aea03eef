import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../sim/clock.ts'
import { readText } from './body.ts'
import { networkError } from './errors.ts'
import { createHttpTransport, type CredentialsProvider } from './http-transport.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function setUp(options: { answer: RequestListener; credentials?: CredentialsProvider; path?: string }) {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    options.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const clock = new VirtualClock()
  const transport = createHttpTransport({
    server: `http://127.0.0.1:${port}${options.path ?? ''}`,
    credentials: options.credentials ?? (() => Promise.resolve({ headers: {}, tls: {} })),
    clock,
  })
  const stopServer = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  closers.push(async () => {
    await transport.close()
    await stopServer()
  })
  return { requests, clock, transport, stopServer }
}

/** Gives `token-1`, `token-2`, … and counts how often it was asked. */
function tokens() {
  const asked: { renew: boolean }[] = []
  const credentials: CredentialsProvider = (options) => {
    asked.push(options)
    return Promise.resolve({ headers: { authorization: `Bearer token-${asked.length}` }, tls: {} })
  }
  return { asked, credentials }
}

const get = { method: 'GET', path: '/api/v1/pods', signal: new AbortController().signal } as const
const answerOk: RequestListener = (_request, response) => response.end('{}')

describe('a request', () => {
  it('carries its path behind the server’s, query, headers and body, and gives back the answer', async () => {
    let body = ''
    const { transport, requests } = await setUp({
      path: '/clusters/one/',
      answer: (request, response) => {
        request.on('data', (chunk: Buffer) => (body += chunk.toString()))
        request.on('end', () => response.writeHead(201, { 'X-Said': 'yes' }).end('done'))
      },
    })
    const answer = await transport.request({
      ...get,
      method: 'POST',
      query: { fieldManager: 'a b', watch: 'true' },
      headers: { 'user-agent': 'certwright/1' },
      body: '{"é":1}',
    })
    expect([answer.status, answer.headers['x-said'], await readText(answer)]).toEqual([201, 'yes', 'done'])
    expect(requests[0]?.url).toBe('/clusters/one/api/v1/pods?fieldManager=a+b&watch=true')
    expect(requests[0]?.headers).toMatchObject({
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'certwright/1',
    })
    expect(body).toBe('{"é":1}')
  })

  it('that is aborted throws the reason of its signal, before the answer and within its body', async () => {
    const { transport } = await setUp({
      answer: (request, response) => {
        if (request.url?.includes('watch')) response.write('first')
      },
    })
    const reason = new Error('given up')
    const silent = new AbortController()
    const waiting = transport.request({ ...get, signal: silent.signal })
    silent.abort(reason)
    await expect(waiting).rejects.toBe(reason)

    const watching = new AbortController()
    const { body } = await transport.request({ ...get, query: { watch: 'true' }, signal: watching.signal })
    const reading = (async () => {
      for await (const chunk of body) if (Buffer.from(chunk).toString() === 'first') watching.abort(reason)
    })()
    await expect(reading).rejects.toBe(reason)
  })

  it('whose body is left closes its connection', async () => {
    const closed = Promise.withResolvers<void>()
    const { transport } = await setUp({
      answer: (request, response) => {
        request.socket.on('close', () => closed.resolve())
        response.write('first')
      },
    })
    const { body } = await transport.request(get)
    for await (const chunk of body) if (chunk.length > 0) break
    await closed.promise
  })

  it('to a server that is not there fails as one that was never sent', async () => {
    const { transport, stopServer } = await setUp({ answer: answerOk })
    await stopServer()
    const write = { ...get, method: 'POST', body: '{}' } as const
    const error: unknown = await transport.request(write).catch((thrown: unknown) => thrown)
    expect(networkError(write, error).kind).toBe('unreachable')
  })
})

describe('credentials', () => {
  it('are asked for again after a minute, and by many callers at once only once', async () => {
    const { asked, credentials } = tokens()
    const { transport, clock, requests } = await setUp({ answer: answerOk, credentials })
    const call = async () => readText(await transport.request(get))
    await Promise.all([call(), call(), call()])
    await clock.advance(59_000)
    await call()
    expect(asked).toHaveLength(1)
    await clock.advance(1000)
    await call()
    expect(requests.map(({ headers }) => headers.authorization?.slice(-1))).toEqual(['1', '1', '1', '1', '2'])
  })

  it('that the server refuses are renewed at once, and the request is sent again, once', async () => {
    const { asked, credentials } = tokens()
    const { transport, requests } = await setUp({
      answer: (request, response) => {
        const known = request.headers.authorization === 'Bearer token-2'
        response.writeHead(known ? 200 : 401).end('{}')
      },
      credentials,
    })
    expect((await transport.request(get)).status).toBe(200)
    expect(asked).toEqual([{ renew: false }, { renew: true }])
    expect(requests).toHaveLength(2)
  })

  it('that are refused and do not change are not sent twice', async () => {
    const { transport, requests } = await setUp({
      answer: (_request, response) => response.writeHead(401).end('{}'),
      credentials: () => Promise.resolve({ headers: { authorization: 'Bearer same' }, tls: {} }),
    })
    expect((await transport.request(get)).status).toBe(401)
    expect(requests).toHaveLength(1)
  })

  it('that cannot be had fail the request, unsent; and the next one asks again', async () => {
    let broken = true
    const { transport, requests } = await setUp({
      answer: answerOk,
      credentials: () =>
        broken ? Promise.reject(new Error('no such plugin')) : Promise.resolve({ headers: {}, tls: {} }),
    })
    await expect(transport.request(get)).rejects.toMatchObject({
      code: 'ERR_CREDENTIALS',
      message: 'the credentials could not be had: no such plugin',
    })
    broken = false
    expect((await transport.request(get)).status).toBe(200)
    expect(requests).toHaveLength(1)
  })

  it('that never come do not hold a request beyond its signal', async () => {
    const { transport } = await setUp({ answer: answerOk, credentials: () => new Promise(() => {}) })
    const stop = new AbortController()
    const waiting = transport.request({ ...get, signal: stop.signal })
    const reason = new Error('deadline')
    stop.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  })
})
