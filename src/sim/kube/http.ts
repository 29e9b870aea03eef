import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { stringify } from 'yaml'
import type { KubeRequest, Transport } from '../../kube/transport.ts'
import { decodeProtobuf, PROTOBUF } from './protobuf/decode.ts'

export interface KubernetesServer {
  readonly url: string
  /** Text of a kubeconfig that leads here, without credentials. */
  readonly kubeconfig: string
  close(): Promise<void>
}

/**
 * Serves a simulated Kubernetes over HTTP/1.1 on the loopback interface. `port` 0, the default, takes a free one.
 * @throws Error when the port cannot be had.
 */
export async function serveKubernetes(options: {
  kube: { readonly transport: Transport }
  port?: number
}): Promise<KubernetesServer> {
  const { kube, port = 0 } = options
  const server = createServer((request, response) => {
    // An injected reset, a client that went away, a defect: none of them has an answer.
    answer(kube.transport, request, response).catch(() => request.socket.destroy())
  })
  await listen(server, port)
  const { port: actual } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${actual}`
  return {
    url,
    kubeconfig: kubeconfigOf(url),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

function kubeconfigOf(server: string): string {
  const name = 'simulated'
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    'current-context': name,
  })
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

async function answer(transport: Transport, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort(new Error('the client went away')))
  const method = METHODS.find((each) => each === incoming.method)
  if (!method) {
    outgoing.writeHead(405).end()
    return
  }
  const request = await read(incoming, method, gone.signal)
  const { status, headers, body } = await transport.request(request)
  outgoing.writeHead(status, headers)
  // The answer to a watch begins before its first event.
  outgoing.flushHeaders()
  for await (const chunk of body) {
    if (!outgoing.write(chunk)) await drained(outgoing, gone.signal)
  }
  outgoing.end()
}

async function read(
  incoming: IncomingMessage,
  method: KubeRequest['method'],
  signal: AbortSignal,
): Promise<KubeRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  const bytes = Buffer.concat(chunks)
  let body = bytes.toString()
  if (headers['content-type'] === PROTOBUF) {
    const object = decodeProtobuf(bytes)
    // A kind that is not read in protobuf keeps its media type, and is refused by it.
    if (object) {
      body = JSON.stringify(object)
      headers['content-type'] = 'application/json'
    }
  }
  return {
    method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers,
    ...(body === '' ? {} : { body }),
    signal,
  }
}

/** Waits until a slow client has taken what was written, or is gone. */
function drained(outgoing: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    outgoing.once('drain', () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
  })
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
