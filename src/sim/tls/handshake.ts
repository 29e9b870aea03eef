import { X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import { type Clock, deadline } from '../../clock.ts'
import { chooseCertificate, type ListenerSource } from './certificate-choice.ts'
import type { TlsLoadBalancers } from './load-balancer.ts'

/** One TLS listener, and the name that a client asks it for. */
export interface Target {
  readonly host: string
  readonly dnsName: string
  readonly port: number
}

/** Tries one handshake. Resolves when chain and host name are right; rejects with the reason. */
export type Handshake = (target: Target) => Promise<void>

const TIMEOUT_MS = 2_000

/** A handshake over a real socket, verified as any client would. `ca` is the root's PEM. */
export function socketHandshake(options: { clock: Clock; balancers: TlsLoadBalancers; ca: string }): Handshake {
  const { clock, balancers, ca } = options
  return async ({ host, dnsName, port }) => {
    const local = await balancers.localPort(dnsName, port)
    const limit = deadline({ clock, milliseconds: TIMEOUT_MS })
    try {
      await new Promise<void>((resolve, reject) => {
        const socket = connect({
          host: '127.0.0.1',
          port: local,
          servername: concrete(host),
          ca,
          ALPNProtocols: ['h2'],
        })
        const end = (settle: () => void) => {
          socket.destroy()
          settle()
        }
        limit.signal.addEventListener('abort', () => end(() => reject(limit.signal.reason as Error)), { once: true })
        socket.once('secureConnect', () => end(resolve))
        socket.once('error', (error) => end(() => reject(error)))
        socket.once('close', () => reject(new Error('the connection was closed before the handshake ended')))
      })
    } finally {
      limit.done()
    }
  }
}

/** The same question without a socket, for a clock that is not the system's: what would be shown, and would a client accept it now? */
export function inProcessHandshake(options: { clock: Clock; source: ListenerSource; ca: string }): Handshake {
  const { clock, source } = options
  const root = new X509Certificate(options.ca)
  return async ({ host, dnsName, port }) => {
    const certificates = source.listener(dnsName, port)
    if (!certificates) throw new Error(`no TLS listener on port ${port} of ${dnsName}`)
    const shown = chooseCertificate({ source, certificates, serverName: concrete(host) })
    if (!shown) throw new Error('no certificate to show')
    const [leaf, ...chain] = splitChain(shown.chain)
    if (!leaf) throw new Error('an empty chain')
    if (leaf.checkHost(concrete(host)) === undefined) {
      throw new Error(`the certificate shown is for ${leaf.subjectAltName ?? leaf.subject}`)
    }
    const now = clock.now()
    if (now < Date.parse(leaf.validFrom) || now > Date.parse(leaf.validTo)) throw new Error('certificate has expired')
    let signed = leaf
    for (const issuer of [...chain, root]) {
      if (!signed.checkIssued(issuer)) throw new Error('unable to verify the chain')
      signed = issuer
    }
  }
}

/** A wildcard host is asked for by one name of many that it stands for. */
function concrete(host: string): string {
  return host.replace('*', 'any')
}

function splitChain(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block))
}
