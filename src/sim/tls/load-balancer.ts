import { createSecureServer, type Http2SecureServer } from 'node:http2'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import {
  type CertificatePem,
  chooseCertificate,
  type ListenerCertificates,
  type ListenerSource,
} from './certificate-choice.ts'

/**
 * Terminates TLS for the load balancers of the simulated AWS, for real: each TLS listener has a free port on 127.0.0.1, and each handshake
 * is answered with what is attached to the listener at that moment. Behind TLS it speaks HTTP/1.1 and HTTP/2.
 */
export class TlsLoadBalancers {
  readonly #source: ListenerSource
  readonly #ports = new Map<string, Promise<ListenerPort>>()

  constructor(options: { source: ListenerSource }) {
    this.#source = options.source
  }

  /** The port on 127.0.0.1 where a listener answers; opened on first use. Connections are closed while the listener does not exist. */
  async localPort(dnsName: string, port: number): Promise<number> {
    const key = `${dnsName}:${port}`
    const opening = this.#ports.get(key) ?? ListenerPort.open(this.#source, dnsName, port)
    this.#ports.set(key, opening)
    return (await opening).local
  }

  async close(): Promise<void> {
    const ports = await Promise.all(this.#ports.values())
    this.#ports.clear()
    await Promise.all(ports.map((port) => port.close()))
  }
}

/** One listener's port. */
class ListenerPort {
  readonly #source: ListenerSource
  readonly #listener: () => ListenerCertificates | undefined
  readonly #server: Server
  /** Never listens itself: it is given the sockets whose listener exists. */
  readonly #secure: Http2SecureServer
  readonly #sockets = new Set<Socket>()
  readonly #contexts = new Map<string, SecureContext>()
  #fallback: string | undefined

  constructor(source: ListenerSource, dnsName: string, port: number) {
    this.#source = source
    this.#listener = () => source.listener(dnsName, port)
    this.#server = createServer((socket) => this.#accept(socket))
    this.#secure = createSecureServer(
      { allowHTTP1: true, SNICallback: (serverName, answer) => answer(null, this.#contextFor(serverName)) },
      (request, response) => {
        const host = request.headers[':authority'] ?? request.headers.host ?? ''
        response.writeHead(200, { 'content-type': 'text/plain' })
        response.end(`${host}: served by ${dnsName}:${port} of the embedded world\n`)
      },
    )
    this.#secure.on('sessionError', () => {})
    this.#secure.on('tlsClientError', (_error, socket) => socket.destroy())
  }

  static async open(source: ListenerSource, dnsName: string, port: number): Promise<ListenerPort> {
    const opened = new ListenerPort(source, dnsName, port)
    await new Promise<void>((resolve, reject) => {
      opened.#server.once('error', reject)
      opened.#server.listen(0, '127.0.0.1', resolve)
    })
    return opened
  }

  get local(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#secure.close()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const certificates = this.#listener()
    const fallback = certificates && chooseCertificate({ source: this.#source, certificates, serverName: undefined })
    if (!fallback) {
      socket.destroy()
      return
    }
    if (fallback.chain !== this.#fallback) {
      this.#fallback = fallback.chain
      this.#secure.setSecureContext({ cert: fallback.chain, key: fallback.key })
    }
    this.#secure.emit('connection', socket)
  }

  #contextFor(serverName: string): SecureContext | undefined {
    const certificates = this.#listener()
    const chosen = certificates && chooseCertificate({ source: this.#source, certificates, serverName })
    return chosen && this.#contextOf(chosen)
  }

  #contextOf({ chain, key }: CertificatePem): SecureContext {
    const known = this.#contexts.get(chain)
    if (known) return known
    const context = createSecureContext({ cert: chain, key })
    this.#contexts.set(chain, context)
    return context
  }
}
