import {
  AddListenerCertificatesCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  DeleteListenerCommand,
  RemoveListenerCertificatesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../clock.ts'
import { createAwsClients } from '../actors/aws-clients.ts'
import { DEFAULT_REGION, SimulatedAws } from '../aws/world.ts'
import { promptSettings } from '../aws/settings.ts'
import { seededRandom } from '../random.ts'
import { type Handshake, inProcessHandshake, socketHandshake } from './handshake.ts'
import { TlsLoadBalancers } from './load-balancer.ts'
import { simulatedListeners } from './simulated-listeners.ts'

let aws: SimulatedAws
let balancers: TlsLoadBalancers
let handshakes: Record<'socket' | 'in process', Handshake>
let elbv2: ReturnType<typeof createAwsClients>['elbv2']
let balancer: { arn: string; dnsName: string; listenerArn: string }
let fallback: string

beforeEach(async () => {
  const clock = systemClock
  aws = new SimulatedAws({ clock, random: seededRandom(1), settings: promptSettings(0) })
  const source = simulatedListeners(aws)
  balancers = new TlsLoadBalancers({ source })
  handshakes = {
    socket: socketHandshake({ clock, balancers, ca: aws.caPem }),
    'in process': inProcessHandshake({ clock, source, ca: aws.caPem }),
  }
  aws.accounts.createAccessKey({ accessKeyId: 'AKIDTEST', userName: 'test' })
  elbv2 = createAwsClients({ region: DEFAULT_REGION, accessKeyId: 'AKIDTEST', requestHandler: aws.handler() }).elbv2
  fallback = aws.issueCertificate({ names: ['default.example.com'] })
  balancer = await createLoadBalancer()
})

afterEach(async () => {
  await balancers.close()
  aws.close()
})

async function createLoadBalancer() {
  const { LoadBalancers } = await elbv2.send(new CreateLoadBalancerCommand({ Name: 'shop', Subnets: ['subnet-1'] }))
  const arn = LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  const { Listeners } = await elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn: arn,
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: fallback }],
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    }),
  )
  return { arn, dnsName: LoadBalancers?.[0]?.DNSName ?? '', listenerArn: Listeners?.[0]?.ListenerArn ?? '' }
}

const certificateOf = (arn: string) => ({
  ListenerArn: balancer.listenerArn,
  Certificates: [{ CertificateArn: arn }],
})

describe.each(['socket', 'in process'] as const)('a handshake (%s)', (kind) => {
  const shake = (host: string) => handshakes[kind]({ host, dnsName: balancer.dnsName, port: 443 })

  test('is answered with the default certificate where no other matches, which a client refuses', async () => {
    await expect(shake('default.example.com')).resolves.toBeUndefined()
    await expect(shake('shop.example.com')).rejects.toThrow(/default\.example\.com/)
  })

  test('sees a certificate from the moment it is attached to the moment it is removed', async () => {
    const shop = aws.issueCertificate({ names: ['shop.example.com'] })
    await elbv2.send(new AddListenerCertificatesCommand(certificateOf(shop)))
    await expect(shake('shop.example.com')).resolves.toBeUndefined()
    await elbv2.send(new RemoveListenerCertificatesCommand(certificateOf(shop)))
    await expect(shake('shop.example.com')).rejects.toThrow()
  })

  test('accepts a wildcard for one label only', async () => {
    const wild = aws.issueCertificate({ names: ['*.example.com'] })
    await elbv2.send(new AddListenerCertificatesCommand(certificateOf(wild)))
    await expect(shake('shop.example.com')).resolves.toBeUndefined()
    await expect(shake('*.example.com')).resolves.toBeUndefined()
    await expect(shake('a.shop.example.com')).rejects.toThrow()
  })

  test('fails where the listener is gone, and where the chain ends at another root', async () => {
    const other = new SimulatedAws({ clock: systemClock, random: seededRandom(2) })
    const source = simulatedListeners(aws)
    const distrusting = {
      socket: socketHandshake({ clock: systemClock, balancers, ca: other.caPem }),
      'in process': inProcessHandshake({ clock: systemClock, source, ca: other.caPem }),
    }[kind]
    const target = { host: 'default.example.com', dnsName: balancer.dnsName, port: 443 }
    await expect(distrusting(target)).rejects.toThrow(/chain|issuer|certificate/)
    await elbv2.send(new DeleteListenerCommand({ ListenerArn: balancer.listenerArn }))
    await expect(shake('default.example.com')).rejects.toThrow()
  })
})

test('a client without SNI gets the default certificate', async () => {
  const port = await balancers.localPort(balancer.dnsName, 443)
  const names = await new Promise<string | undefined>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subjectaltname)
      socket.destroy()
    })
    socket.once('error', reject)
  })
  expect(names).toBe('DNS:default.example.com')
})

test('speaks HTTP/1.1 and HTTP/2 behind TLS', async () => {
  const port = await balancers.localPort(balancer.dnsName, 443)
  const options = { host: '127.0.0.1', port, servername: 'default.example.com', ca: aws.caPem }
  const plain = await new Promise<string>((resolve, reject) => {
    const socket = connect({ ...options, ALPNProtocols: ['http/1.1'] })
    socket.once('error', reject)
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    socket.once('end', () => resolve(text))
    socket.write('GET / HTTP/1.1\r\nHost: default.example.com\r\nConnection: close\r\n\r\n')
  })
  expect(plain).toMatch(/^HTTP\/1.1 200[\s\S]*default\.example\.com: served/)
  const session = connectHttp2('https://default.example.com', {
    createConnection: () => connect({ ...options, ALPNProtocols: ['h2'] }),
  })
  const answer = await new Promise<string>((resolve, reject) => {
    session.once('error', reject)
    const stream = session.request({ ':path': '/' })
    let text = ''
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    stream.once('end', () => resolve(text))
    stream.once('error', reject)
  })
  session.close()
  expect(answer).toMatch(/^default\.example\.com.*: served by shop-/)
})
