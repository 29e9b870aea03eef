import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from '../clock.ts'
import { Acm } from './acm.ts'
import { Calls } from './call.ts'
import { createClients } from './clients.ts'
import { Quotas } from './quotas.ts'

let server: Server | undefined

afterEach(async () => {
  vi.unstubAllEnvs()
  server?.closeAllConnections()
  await new Promise((resolve) => (server?.listening ? server.close(resolve) : resolve(undefined)))
})

/** ACM at an endpoint that the environment names, through the SDK's own handler. */
async function acmAt(listener: RequestListener): Promise<Acm> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const clients = createClients({
    access: { credentials: () => Promise.resolve({ accessKeyId: 'AKID', secretAccessKey: 'secret' }) },
    region: 'eu-central-1',
    version: '0.0.0',
    requestTimeoutMs: 200,
  })
  const calls = new Calls({ clock: systemClock, quotas: new Quotas({ clock: systemClock }) })
  return new Acm({ client: clients.acm, calls })
}

const request = {
  names: ['example.com'],
  domainName: 'example.com',
  keyAlgorithm: 'RSA_2048',
  idempotencyToken: 'token',
  tags: {},
} as const

test('without a handler the clients talk to the endpoint that the environment names', async () => {
  const acm = await acmAt((_, response) => response.end('{"CertificateSummaryList":[]}'))
  expect(await acm.listCertificates()).toEqual({ certificates: [], complete: true })
})

test('a connection that is refused is no change', async () => {
  const acm = await acmAt(() => {})
  await new Promise((resolve) => server?.close(resolve))
  await expect(acm.requestCertificate(request)).rejects.toMatchObject({ kind: 'transient', code: 'ECONNREFUSED' })
})

test('a connection that breaks after the request was read leaves a change open', async () => {
  const acm = await acmAt((incoming) => incoming.socket.destroy())
  await expect(acm.requestCertificate(request)).rejects.toMatchObject({ kind: 'ambiguous', code: 'ECONNRESET' })
})

test('an answer that does not come leaves a change open, and a look to be repeated', async () => {
  const acm = await acmAt(() => {})
  await expect(acm.requestCertificate(request)).rejects.toMatchObject({ kind: 'ambiguous' })
  await expect(acm.listCertificates()).rejects.toMatchObject({ kind: 'transient' })
})
