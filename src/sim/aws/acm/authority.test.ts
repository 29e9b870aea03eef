import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../../clock.ts'
import { seededRandom } from '../../random.ts'
import { SimulatedAws } from '../world.ts'

const cleanUp: (() => void)[] = []
afterEach(() => {
  for (const step of cleanUp.splice(0)) step()
})

test('a TLS client that trusts the root accepts what ACM issued, for its names only', async () => {
  const aws = new SimulatedAws({ clock: systemClock, random: seededRandom(3) })
  cleanUp.push(() => aws.close())
  const arn = aws.issueCertificate({ names: ['a.example.com', '*.b.example.com'] })
  const { certificatePem, chainPem, privateKeyPem } = aws.pem(arn)
  const server = createServer({ key: privateKeyPem, cert: certificatePem + chainPem }, (socket) =>
    socket.on('error', () => {}),
  )
  cleanUp.push(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const shake = (servername: string, ca: string) =>
    new Promise<string>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, servername, ca }, () => resolve('verified'))
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      cleanUp.push(() => socket.destroy())
    })
  expect(await shake('a.example.com', aws.caPem)).toBe('verified')
  expect(await shake('x.b.example.com', aws.caPem)).toBe('verified')
  expect(await shake('c.example.com', aws.caPem)).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  const other = new SimulatedAws({ clock: systemClock, random: seededRandom(3) })
  expect(await shake('a.example.com', other.caPem)).toMatch(/CERT|ISSUER|SIGNATURE/)
})

test('the files of a certificate are made once', () => {
  const aws = new SimulatedAws({ clock: systemClock, random: seededRandom(3) })
  cleanUp.push(() => aws.close())
  const arn = aws.issueCertificate({ names: ['a.example.com'] })
  expect(aws.pem(arn)).toBe(aws.pem(arn))
})

test('a certificate that was never issued has no files', async () => {
  const aws = new SimulatedAws({ clock: systemClock, random: seededRandom(3) })
  expect(() => aws.pem('arn:aws:acm:eu-central-1:111122223333:certificate/none')).toThrow('there is no certificate')
})
