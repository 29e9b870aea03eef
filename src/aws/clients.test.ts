import { ListCertificatesCommand } from '@aws-sdk/client-acm'
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api'
import { ListHostedZonesCommand } from '@aws-sdk/client-route-53'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'
import { createClients } from './clients.ts'
import { scripted } from './scripted.ts'

test('with a handler, the first call of each client takes microtasks only: nothing is read from files', async () => {
  const { clients, seen } = scripted(({ operation, raw }) => ({
    body: operation.startsWith('GET ') || raw.headers['content-type']?.includes('form') ? '<R><X/></R>' : {},
  }))
  const first = [
    () => clients.acm.send(new ListCertificatesCommand({})),
    () => clients.route53.send(new ListHostedZonesCommand({})),
    () => clients.elbv2.send(new DescribeLoadBalancersCommand({})),
    () => clients.tagging.send(new GetResourcesCommand({})),
    () => clients.sts.send(new GetCallerIdentityCommand({})),
  ]
  for (const send of first) {
    const answered: unknown[] = []
    send().then(
      (answer) => answered.push(answer),
      (error: unknown) => answered.push(error),
    )
    for (let turn = 0; turn < 2_000; turn++) await Promise.resolve()
    expect(answered).toMatchObject([{ $metadata: { httpStatusCode: 200 } }])
  }
  expect(seen.map(({ raw }) => raw.hostname)).toEqual([
    'acm.eu-central-1.amazonaws.com',
    'route53.amazonaws.com',
    'elasticloadbalancing.eu-central-1.amazonaws.com',
    'tagging.eu-central-1.amazonaws.com',
    'sts.eu-central-1.amazonaws.com',
  ])
  for (const { raw } of seen) expect(raw.headers['user-agent']).toContain('certwright/0.0.0')
})

test('what fails is sent once', async () => {
  const { clients, seen } = scripted(() => ({ status: 400, body: { __type: 'LimitExceededException' } }))
  await expect(clients.acm.send(new ListCertificatesCommand({}))).rejects.toThrow()
  expect(seen).toHaveLength(1)
})

test('credentials that cannot be had are told by name', async () => {
  const { clients: scriptedClients } = scripted(() => ({ body: {} }))
  const requestHandler = scriptedClients.acm.config.requestHandler as never
  const clients = createClients({
    access: { requestHandler, credentials: () => Promise.reject(new Error('no token file')) },
    region: 'eu-central-1',
    version: '0.0.0',
  })
  await expect(clients.acm.send(new ListCertificatesCommand({}))).rejects.toMatchObject({
    name: 'CredentialsUnavailable',
    message: 'no token file',
  })
})
