import type { ConnectionOptions } from 'node:tls'
import { Agent, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from 'undici'
import type { Clock } from '../clock.ts'
import { Connections } from './connections.ts'
import type { KubeRequest, KubeResponse, Transport } from './transport.ts'

/** What it takes to be let in, as it is at this moment. */
export interface KubeCredentials {
  /** Sent with every request: authorization, impersonation. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Certificate authority, client certificate and key, server name. */
  readonly tls: KubeTls
}

export type KubeTls = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'servername' | 'rejectUnauthorized'
>

/**
 * Gives the credentials anew each time: files are read again, plugins asked again.
 * `renew` means that the server did not accept the last ones, so that nothing remembered may be given.
 */
export type CredentialsProvider = (options: { renew: boolean }) => Promise<KubeCredentials>

/** A token in a file is replaced by the kubelet before it expires; a minute is what client-go waits before it reads it again. */
const CREDENTIALS_AGE_MS = 60_000

export interface HttpTransport extends Transport {
  /** Closes all connections; requests in flight fail. */
  close(): Promise<void>
}

/**
 * A Transport over HTTPS (HTTP/2 where the server speaks it) with one pool of connections. It has no deadlines of its own but that of
 * opening a connection (10 s): every request brings its signal. When that is a `DeadlineExceeded`, the connections are checked, and
 * replaced when they lead nowhere any more.
 * @param options.server the URL of the API server; a path in it is put before every request's path
 * @param options.proxy `http:`, `https:` or `socks5:` URL
 */
export function createHttpTransport(options: {
  server: string
  credentials: CredentialsProvider
  clock: Clock
  proxy?: string | undefined
}): HttpTransport {
  const { clock } = options
  const server = new URL(options.server)
  const basePath = server.pathname.replace(/\/+$/, '')
  let session: Session | undefined
  let opening: Promise<Session> | undefined

  /** The session of now: one whose credentials are at most a minute old. Many callers at once share one renewal. */
  async function current(renew: boolean): Promise<Session> {
    const fresh = session !== undefined && clock.monotonic() - session.since < CREDENTIALS_AGE_MS
    if (!renew && fresh && session?.connections.dead === false) return session
    opening ??= open(renew).finally(() => {
      opening = undefined
    })
    return opening
  }

  async function open(renew: boolean): Promise<Session> {
    const since = clock.monotonic()
    const credentials = await options.credentials({ renew }).catch((cause: unknown) => {
      throw new CredentialsError(cause)
    })
    const fingerprint = JSON.stringify(credentials.tls)
    const previous = session
    const fits = previous?.fingerprint === fingerprint && !previous.connections.dead
    const connections = fits ? previous.connections : connectionsWith(credentials.tls)
    session = { since, headers: credentials.headers, fingerprint, connections }
    // Watches that are open on the old connections go on to their end.
    if (previous && previous.connections !== connections) previous.connections.close()
    return session
  }

  function connectionsWith(tls: KubeTls): Connections {
    const dispatcher = createDispatcher(tls, options.proxy)
    return new Connections({ dispatcher, clock, check: { origin: server.origin, path: `${basePath}/livez` } })
  }

  async function send(request: KubeRequest, used: Session): Promise<Dispatcher.ResponseData> {
    return used.connections.request({
      origin: server.origin,
      path: basePath + request.path + queryString(request.query),
      method: request.method,
      headers: {
        accept: 'application/json',
        ...(request.body !== undefined && { 'content-type': 'application/json' }),
        ...request.headers,
        ...used.headers,
      },
      body: request.body ?? null,
      signal: request.signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  return {
    async request(request) {
      request.signal.throwIfAborted()
      try {
        const used = await unlessAborted(current(false), request.signal)
        let answer = await send(request, used)
        if (answer.statusCode === 401) {
          const renewed = await unlessAborted(current(true), request.signal).catch(() => undefined)
          // Refused before anything was done, so the same request may be sent again; once, and only if there is something new to say.
          if (renewed && !sameCredentials(used, renewed)) {
            await answer.body.dump()
            answer = await send(request, renewed)
          }
        }
        return toResponse(answer, request.signal)
      } catch (error) {
        request.signal.throwIfAborted()
        throw error
      }
    },
    async close() {
      await session?.connections.destroy()
    },
  }
}

/** A file that cannot be read, a plugin that failed: nothing was sent. */
export class CredentialsError extends Error {
  readonly code = 'ERR_CREDENTIALS'

  constructor(cause: unknown) {
    super(`the credentials could not be had: ${cause instanceof Error ? cause.message.trim() : String(cause)}`, {
      cause,
    })
    this.name = 'CredentialsError'
  }
}

/** A plugin that hangs must not hold a request beyond its signal. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    if (signal.aborted) onAbort()
  })
}

interface Session {
  /** On the monotonic clock: when its credentials were asked for. */
  readonly since: number
  readonly headers: Readonly<Record<string, string>>
  readonly fingerprint: string
  readonly connections: Connections
}

function sameCredentials(left: Session, right: Session): boolean {
  return left.fingerprint === right.fingerprint && JSON.stringify(left.headers) === JSON.stringify(right.headers)
}

function createDispatcher(tls: KubeTls, proxy: string | undefined): Dispatcher {
  const connect = { ...tls, keepAlive: true, keepAliveInitialDelay: 30_000 }
  if (proxy === undefined) return new Agent({ connect, connectTimeout: 10_000 })
  if (proxy.startsWith('socks')) return new Socks5ProxyAgent(proxy, { requestTls: tls })
  return new ProxyAgent({ uri: proxy, requestTls: connect, connectTimeout: 10_000 })
}

function queryString(query: KubeRequest['query']): string {
  const text = new URLSearchParams(query).toString()
  return text === '' ? '' : `?${text}`
}

function toResponse(answer: Dispatcher.ResponseData, signal: AbortSignal): KubeResponse {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return { status: answer.statusCode, headers, body: chunks(answer.body, signal) }
}

async function* chunks(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}
