import { expect, it } from 'vitest'
import { seededRandom } from '../sim/random.ts'
import { SimulatedAws } from '../sim/aws/world.ts'
import { VirtualClock } from '../sim/clock.ts'
import type { AwsRequest, RequestHandler } from './handler.ts'
import { createServices } from './services.ts'

const REGION = 'eu-central-1'

/** AWS Private CA of a simulated AWS, and the requests that reach it. */
function enter(change: (handler: RequestHandler) => RequestHandler = (handler) => handler) {
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const aws = new SimulatedAws({ clock, random, settings: { rates: false } })
  const requests: AwsRequest[] = []
  const access = aws.access()
  const inner = change(access.requestHandler as RequestHandler)
  const requestHandler: RequestHandler = {
    ...inner,
    handle: (request, options) => {
      requests.push(request)
      return inner.handle(request, options)
    },
  }
  const services = createServices({
    access: { ...access, requestHandler },
    region: REGION,
    version: '1',
    clock,
    random,
  })
  return { aws, requests, acmPca: services.acmPca }
}

/** Answers each operation with this. */
function answering(answers: Readonly<Record<string, object>>): (handler: RequestHandler) => RequestHandler {
  return (handler) => ({
    ...handler,
    handle: async (request) => {
      const target = Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'x-amz-target')?.[1] ?? ''
      const answer = answers[target.split('.')[1] ?? ''] ?? { __type: 'UnknownOperationException' }
      const statusCode = '__type' in answer ? 400 : 200
      const headers = { 'content-type': 'application/x-amz-json-1.1' }
      return { response: { statusCode, headers, body: Buffer.from(JSON.stringify(answer)) } }
    },
  })
}

it('tells what a CA is, signed for its service and sent to its host', async () => {
  const { aws, acmPca, requests } = enter()
  const arn = aws.createAuthority({ keyAlgorithm: 'EC_prime256v1', notAfter: 1_900_000_000_500 })
  expect(await acmPca.describeAuthority(arn)).toMatchObject({
    status: 'ACTIVE',
    usageMode: 'GENERAL_PURPOSE',
    keyAlgorithm: 'EC_prime256v1',
    notAfter: 1_900_000_000_500,
    renewalActions: ['GetCertificate', 'IssueCertificate', 'ListPermissions'],
  })
  for (const { hostname, headers } of requests) {
    expect(hostname).toBe(`acm-pca.${REGION}.amazonaws.com`)
    const authorization = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1]
    expect(authorization).toContain(`/${REGION}/acm-pca/aws4_request`)
  }
  expect(requests).toHaveLength(2)
})

it('says that there is none', async () => {
  const { acmPca } = enter()
  const arn = `arn:aws:acm-pca:${REGION}:111122223333:certificate-authority/none`
  expect(await acmPca.describeAuthority(arn)).toMatchObject({ status: 'NOT_FOUND' })
})

it('does not know what an answer leaves out, nor permissions that it may not read', async () => {
  const nothing = { status: undefined, keyAlgorithm: undefined, notAfter: undefined, renewalActions: undefined }
  for (const permissions of [{}, { __type: 'AccessDeniedException' }, { __type: 'UnknownOperationException' }]) {
    const answers = { DescribeCertificateAuthority: { CertificateAuthority: {} }, ListPermissions: permissions }
    expect(await enter(answering(answers)).acmPca.describeAuthority('arn')).toMatchObject(nothing)
  }
  const answers = { DescribeCertificateAuthority: {}, ListPermissions: { Permissions: [] } }
  expect(await enter(answering(answers)).acmPca.describeAuthority('arn')).toMatchObject({
    ...nothing,
    renewalActions: [],
  })
})

it('throws what makes the CA itself unknown, by its kind', async () => {
  for (const [code, kind] of [
    ['AccessDeniedException', 'denied'],
    ['UnknownOperationException', 'unsupported'],
    ['ThrottlingException', 'throttled'],
  ] as const) {
    const denied = enter(answering({ DescribeCertificateAuthority: { __type: code } }))
    await expect(denied.acmPca.describeAuthority('arn')).rejects.toMatchObject({ kind })
  }
  const throttled = { DescribeCertificateAuthority: {}, ListPermissions: { __type: 'ThrottlingException' } }
  await expect(enter(answering(throttled)).acmPca.describeAuthority('arn')).rejects.toMatchObject({ kind: 'throttled' })
})
