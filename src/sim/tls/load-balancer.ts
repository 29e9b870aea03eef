import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { performServerHandshake } from 'node:http2'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { type CertificatePem, chooseCertificate, type ListenerSource } from './certificate-choice.ts'

/**
 * Terminates TLS for the load balancers of the simulated AWS, for real: each TLS listener has a free port on 127.0.0.1, and each handshake
 * is answered with what is attached to the listener at that moment.
 */
export class TlsLoadBalancers {
  readonly #source: ListenerSource
  readonly #servers = new Map<string, Promise<Server>>()
  readonly #sockets = new Set<Socket>()
  readonly #contexts = new Map<string, SecureContext>()
  readonly #http: HttpServer

  constructor(options: { source: ListenerSource }) {
    this.#source = options.source
    this.#http = createHttpServer((request, response) => {
      response.setHeader('content-type', 'text/plain')
      response.end(greeting(request.headers.host ?? ''))
    })
  }

  /** The port on 127.0.0.1 where a listener answers; opened on first use. Connections are refused while the listener does not exist. */
  async localPort(dnsName: string, port: number): Promise<number> {
    const key = `${dnsName}:${port}`
    const server = await (this.#servers.get(key) ?? this.#open(key, dnsName, port))
    return (server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    const servers = await Promise.all(this.#servers.values())
    this.#servers.clear()
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    this.#http.close()
  }

  #open(key: string, dnsName: string, port: number): Promise<Server> {
    const opening = new Promise<Server>((resolve, reject) => {
      const server = createServer((socket) => this.#accept(socket, dnsName, port))
      server.once('error', reject)
      server.listen(0, '127.0.0.1', () => resolve(server))
    })
    this.#servers.set(key, opening)
    return opening
  }

  #accept(socket: Socket, dnsName: string, port: number): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const certificates = this.#source.listener(dnsName, port)
    if (!certificates) {
      socket.destroy()
      return
    }
    const choose = (serverName: string | undefined) =>
      this.#contextOf(chooseCertificate({ source: this.#source, certificates, serverName }))
    const secure = new TLSSocket(socket, {
      isServer: true,
      ALPNProtocols: ['h2', 'http/1.1'],
      secureContext: choose(undefined),
      SNICallback: (serverName, answer) => answer(null, choose(serverName)),
    })
    secure.on('error', () => secure.destroy())
    secure.once('secure', () => this.#serve(secure))
  }

  #serve(secure: TLSSocket): void {
    if (secure.alpnProtocol !== 'h2') {
      this.#http.emit('connection', secure)
      return
    }
    const session = performServerHandshake(secure)
    session.on('error', () => session.destroy())
    session.on('stream', (stream, headers) => {
      stream.on('error', () => {})
      stream.respond({ ':status': 200, 'content-type': 'text/plain' })
      stream.end(greeting(headers[':authority'] ?? ''))
    })
  }

  #contextOf(pem: CertificatePem | undefined): SecureContext {
    const key = pem?.chain ?? ''
    const known = this.#contexts.get(key)
    if (known) return known
    const context = createSecureContext(pem ? { cert: pem.chain, key: pem.key } : {})
    this.#contexts.set(key, context)
    return context
  }
}

function greeting(host: string): string {
  return `${host}: served by the embedded world\n`
}
