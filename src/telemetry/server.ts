import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Answer, Health } from './health.ts'
import type { Metrics } from './metrics.ts'

/** Where a server listens: `host` absent is every interface, `port` 0 any free one. `undefined` is nowhere. */
export type Address = { readonly host: string | undefined; readonly port: number } | undefined

export interface TelemetryServers {
  /** `http://127.0.0.1:8080`, or `undefined` where there is none. */
  readonly metricsUrl: string | undefined
  readonly healthUrl: string | undefined
  close(): Promise<void>
}

/** An address that cannot be listened on. Its message names the flag, the address, the reason and the cure. */
export class AddressUnavailable extends Error {
  constructor(options: { flag: string; address: string; code: string | undefined; zero?: string }) {
    const { flag, address, code, zero = 'none' } = options
    const reasons: Readonly<Record<string, string>> = {
      EADDRINUSE: 'is in use by another process',
      EACCES: 'may not be used by this user',
      EADDRNOTAVAIL: 'is not an address of this machine',
      ENOTFOUND: 'is not an address of this machine',
    }
    const reason = reasons[code ?? ''] ?? `cannot be listened on (${code})`
    super(`the address ${address} of --${flag} ${reason}: give another, or 0 for ${zero}.`)
    this.name = 'AddressUnavailable'
  }
}

interface Page extends Answer {
  readonly contentType?: string
}

type Route = () => Promise<Page> | Page

/**
 * Serves `/metrics` at one address, `/healthz` and `/readyz` at the other; all of them where the two are the same.
 * @throws AddressUnavailable, with nothing left listening.
 */
export async function serveTelemetry(options: {
  metricsAddress: Address
  healthAddress: Address
  metrics: Metrics
  health: Health
}): Promise<TelemetryServers> {
  const { metricsAddress, healthAddress, metrics, health } = options
  const metricsRoutes: Record<string, Route> = {
    '/metrics': async () => ({ ok: true, text: await metrics.text(), contentType: metrics.contentType }),
  }
  const healthRoutes: Record<string, Route> = { '/healthz': () => health.live(), '/readyz': () => health.ready() }
  if (same(metricsAddress, healthAddress)) {
    const both = await listen(metricsAddress, 'metrics-address', { ...metricsRoutes, ...healthRoutes })
    return { metricsUrl: both.url, healthUrl: both.url, close: () => both.close() }
  }
  const forMetrics = await listen(metricsAddress, 'metrics-address', metricsRoutes)
  try {
    const forHealth = await listen(healthAddress, 'health-address', healthRoutes)
    const close = async () => void (await Promise.all([forMetrics.close(), forHealth.close()]))
    return { metricsUrl: forMetrics.url, healthUrl: forHealth.url, close }
  } catch (error) {
    await forMetrics.close()
    throw error
  }
}

function same(one: Address, other: Address): boolean {
  return one !== undefined && one.port !== 0 && one.port === other?.port && one.host === other.host
}

interface Listening {
  readonly url: string | undefined
  close(): Promise<void>
}

async function listen(address: Address, flag: string, routes: Record<string, Route>): Promise<Listening> {
  if (!address) return { url: undefined, close: async () => {} }
  const server = createServer((request, response) => void answer(request, response, routes))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new AddressUnavailable({ flag, address: `${address.host ?? ''}:${address.port}`, code: error.code }))
    })
    server.listen({ port: address.port, ...(address.host ? { host: address.host } : {}) }, resolve)
  })
  return { url: urlOf(server), close: () => close(server) }
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo
  if (address === '::' || address === '0.0.0.0') return `http://127.0.0.1:${port}`
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: Record<string, Route>,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  const route = routes[path]
  const say = (status: number, text: string, contentType = 'text/plain; charset=utf-8') => {
    response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' })
    response.end(request.method === 'HEAD' ? undefined : text)
  }
  if (!route) return say(404, `there is nothing at ${path}; see ${Object.keys(routes).join(', ')}\n`)
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'only GET is answered here\n')
  try {
    const { ok, text, contentType } = await route()
    say(ok ? 200 : 503, text, contentType)
  } catch (error) {
    say(500, `${(error as Error).message}\n`)
  }
}
