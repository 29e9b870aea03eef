import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AwsRequest } from '../../aws/handler.ts'
import type { Gateway } from './gateway.ts'

export interface AwsServer {
  /** For AWS_ENDPOINT_URL: one address for all services. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves a simulated AWS over HTTP on the loopback interface: every service on one port, told apart by header, form and path, so that the SDKs and
 * the AWS CLI need one variable. `port` 0, the default, takes a free one.
 * @throws Error when the port cannot be had.
 */
export async function serveAws(options: { gateway: Gateway; port?: number }): Promise<AwsServer> {
  const { gateway, port = 0 } = options
  const server = createServer((request, response) => {
    // An injected reset, a client that went away, a defect: none of them has an answer.
    answer(gateway, request, response).catch(() => request.socket.destroy())
  })
  await listen(server, port)
  const { port: actual } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${actual}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

async function answer(gateway: Gateway, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort(new Error('the client went away')))
  const request = await read(incoming)
  const { statusCode, headers, body } = await gateway.serve(request, gone.signal)
  const bytes = Buffer.from(body)
  response.writeHead(statusCode, { ...headers, 'content-length': bytes.length })
  response.end(bytes)
}

async function read(incoming: IncomingMessage): Promise<AwsRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
  const query: Record<string, string | string[]> = {}
  for (const name of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(name)
    query[name] = values.length === 1 ? (values[0] ?? '') : values
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return {
    method: incoming.method ?? 'GET',
    protocol: 'http:',
    hostname: '127.0.0.1',
    path: url.pathname,
    query,
    headers,
    body: Buffer.concat(chunks),
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}
