import { GetCertificateCommand, ListCertificatesCommand, RequestCertificateCommand } from '@aws-sdk/client-acm'
import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { GetTagKeysCommand } from '@aws-sdk/client-resource-groups-tagging-api'
import { ChangeResourceRecordSetsCommand, GetHostedZoneCountCommand } from '@aws-sdk/client-route-53'
import { GetSessionTokenCommand } from '@aws-sdk/client-sts'
import { X509Certificate } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import type { FaultAfter } from '../../../src/sim/aws/faults.ts'
import { EACH_SERVICE } from './facts/identity.ts'
import { failureOf, inProcess, request, type AwsHarness, type Enter } from './harness.ts'
import { simulatedSite } from './simulated-site.ts'

/** What the simulated AWS is like beyond what it shares with AWS: its settings, its faults, its book, and what it costs. */

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const PROMPT = {
  describeDelay: [0, 0],
  recordsDelay: [0, 0],
  dnsPropagation: [0, 0],
  listenerSeesCertificate: [0, 0],
} as const

const open: AwsHarness[] = []
afterEach(async () => {
  for (const harness of open.splice(0)) await harness.close()
})
const enter: Enter = async (settings) => {
  const harness = await inProcess(settings)
  open.push(harness)
  return harness
}

test('an operation that is not simulated is refused in the form of its protocol', async () => {
  const world = await enter()
  expect(await failureOf(world.tagging.send(new GetTagKeysCommand({})))).toMatchObject({
    name: 'UnknownOperationException',
  })
  expect(await failureOf(world.elbv2.send(new DescribeTargetGroupsCommand({})))).toMatchObject({
    name: 'InvalidAction',
  })
  expect(await failureOf(world.sts.send(new GetSessionTokenCommand({})))).toMatchObject({ name: 'InvalidAction' })
  expect(await failureOf(world.route53.send(new GetHostedZoneCountCommand({})))).toMatchObject({
    name: 'UnknownOperationException',
  })
})

test.each(EACH_SERVICE)('a connection to $name can break', async ({ call }) => {
  const world = await enter()
  world.aws.faults = { before: () => ({ kind: 'reset' }) }
  expect((await failureOf(call(world))).name).toMatch(/^(Error|TimeoutError)$/)
  world.aws.faults = {}
  await call(world)
})

test('a fault before a call leaves nothing done; one after it leaves it done and unknown', async () => {
  const world = await enter()
  const after: FaultAfter[] = [{ kind: 'reset' }, { kind: 'serverError' }]
  world.aws.faults = { before: () => ({ kind: 'reset' }) }
  await failureOf(request(world, { DomainName: 'before.example.com' }))
  for (const fault of after) {
    world.aws.faults = { after: () => fault }
    await failureOf(
      request(world, { DomainName: `${fault.kind.toLowerCase()}.example.com`, IdempotencyToken: fault.kind }),
    )
  }
  expect(world.aws.certificates().map(({ domainName }) => domainName)).toEqual([
    'reset.example.com',
    'servererror.example.com',
  ])
  world.aws.faults = {}
  const again = await request(world, { DomainName: 'reset.example.com', IdempotencyToken: 'reset' })
  expect(again).toBe(world.aws.certificates()[0]?.arn)
  expect(world.aws.events.of('call').map(({ outcome, effect }) => [outcome, effect])).toEqual([
    ['reset', false],
    ['reset', true],
    ['InternalFailure', true],
    ['ok', true],
  ])
})

test('a stale list shows what was true earlier', async () => {
  const world = await enter({ listDelay: [0, 0], describeDelay: [0, 0] })
  await request(world, { DomainName: 'a.example.com' })
  await world.clock.advance(30_000)
  await request(world, { DomainName: 'b.example.com' })
  const names = async () =>
    (await world.acm.send(new ListCertificatesCommand({}))).CertificateSummaryList?.map(({ DomainName }) => DomainName)
  expect(await names()).toEqual(['a.example.com', 'b.example.com'])
  world.aws.faults = {
    before: ({ operation }) => (operation === 'ListCertificates' ? { kind: 'stale', milliseconds: 20_000 } : undefined),
  }
  expect(await names()).toEqual(['a.example.com'])
})

test('the world’s book has every call, with who made it and what became of it', async () => {
  const world = await enter()
  await world.acm.send(new ListCertificatesCommand({}))
  await failureOf(world.acm.send(new RequestCertificateCommand({ DomainName: '_' })))
  await failureOf(
    world.route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: 'Z1', ChangeBatch: { Changes: [] } })),
  )
  expect(world.aws.events.of('call')).toMatchObject([
    {
      service: 'acm',
      operation: 'ListCertificates',
      by: 'AKIDCERTWRIGHT',
      account: '111122223333',
      region: 'eu-central-1',
      outcome: 'ok',
    },
    { operation: 'RequestCertificate', outcome: 'ValidationException', effect: false },
    { service: 'route53', operation: 'ChangeResourceRecordSets', outcome: 'NoSuchHostedZone' },
  ])
  expect(world.aws.events.calls('ListCertificates')).toBe(1)
})

test('the time that issuance takes is a setting that is kept to within a look of ACM', async () => {
  const world = await enter({ ...PROMPT, issuance: [5_000, 5_000], validationPoll: 1_000 })
  const site = simulatedSite(world)
  await site.prove(await site.request())
  const took = await world.clock.advanceUntil(() => world.aws.pending === 0, MINUTE)
  expect(took).toBeGreaterThanOrEqual(4_000)
  expect(took).toBeLessThanOrEqual(7_000)
})

test('nobody sleeps in a world without certificates, and one sleeper serves any number of them', async () => {
  const world = await enter({ ...PROMPT, issuance: [120_000, 120_000] })
  expect(world.clock.sleeping).toBe(0)
  const site = simulatedSite(world)
  const arns = await Promise.all(Array.from({ length: 20 }, () => site.request()))
  expect(world.clock.sleeping).toBe(1)
  for (const arn of arns) await site.prove(arn)
  await world.clock.advance(10 * MINUTE)
  expect([world.clock.sleeping, world.aws.pending]).toEqual([1, 0])
  expect(world.aws.events.of('certificateIssued')).toHaveLength(20)
  for (const arn of arns) world.aws.deleteCertificate(arn)
  expect(world.clock.sleeping).toBe(0)
})

test('what is not due does not wake the world: it sleeps to the first renewal, and from a failed one to the end', async () => {
  const world = await enter(PROMPT)
  const arn = world.aws.issueCertificate({ names: ['a.example.com'] })
  const end = world.aws.certificate(arn)?.notAfter ?? 0
  expect([world.clock.sleeping, world.clock.nextWake]).toEqual([1, end - 45 * DAY])
  await world.clock.advanceTo(end - 45 * DAY)
  expect([world.clock.sleeping, world.clock.nextWake]).toEqual([1, end])
  world.aws.deleteCertificate(arn)
  expect(world.clock.sleeping).toBe(0)
})

test('its certificates chain up to its root', async () => {
  const world = await enter(PROMPT)
  const arn = world.aws.issueCertificate({ names: ['a.example.com', '*.b.example.com'] })
  const files = await world.acm.send(new GetCertificateCommand({ CertificateArn: arn }))
  const [leaf, intermediate, root] = [files.Certificate, files.CertificateChain, world.aws.caPem].map(
    (pem) => new X509Certificate(pem ?? ''),
  )
  if (!leaf || !intermediate || !root) throw new Error('a file is missing')
  expect([leaf.checkIssued(intermediate), leaf.verify(intermediate.publicKey)]).toEqual([true, true])
  expect([intermediate.checkIssued(root), intermediate.verify(root.publicKey)]).toEqual([true, true])
  expect(leaf.validToDate.getTime()).toBe(world.aws.certificate(arn)?.notAfter)
})

/** What the actor that plays the load balancer's controller does to load balancers, beyond what Certwright sees. */
async function createLoadBalancer(world: AwsHarness, Name: string, Type: 'application' | 'network' = 'application') {
  const { LoadBalancers } = await world.elbv2.send(
    new CreateLoadBalancerCommand({ Name, Type, Subnets: ['s-1'], Tags: [{ Key: 'a', Value: '1' }] }),
  )
  return LoadBalancers?.[0]?.LoadBalancerArn ?? ''
}

function createListener(world: AwsHarness, LoadBalancerArn: string, protocol: string, certificate?: string) {
  return world.elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Port: 443,
      Protocol: protocol as 'HTTPS',
      DefaultActions: [{ Type: 'fixed-response' }],
      ...(certificate === undefined ? {} : { Certificates: [{ CertificateArn: certificate }] }),
    }),
  )
}

test('a load balancer that is made again is the same one, and with other settings a DuplicateLoadBalancerName', async () => {
  const world = await enter()
  const arn = await createLoadBalancer(world, 'shop')
  expect(await createLoadBalancer(world, 'shop')).toBe(arn)
  expect(await failureOf(createLoadBalancer(world, 'shop', 'network'))).toMatchObject({
    name: 'DuplicateLoadBalancerNameException',
  })
  for (let time = 0; time < 2; time++) await world.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }))
})

test('an application load balancer encrypts with HTTPS, a network load balancer with TLS, and either needs a certificate', async () => {
  const world = await enter(PROMPT)
  const certificate = world.aws.issueCertificate({ names: ['a.example.com'] })
  const application = await createLoadBalancer(world, 'app')
  const network = await createLoadBalancer(world, 'net', 'network')
  const refused = { name: 'ValidationError' }
  expect(await failureOf(createListener(world, application, 'TLS', certificate))).toMatchObject(refused)
  expect(await failureOf(createListener(world, network, 'HTTPS', certificate))).toMatchObject(refused)
  expect(await failureOf(createListener(world, application, 'HTTPS'))).toMatchObject(refused)
  expect(await failureOf(createListener(world, application, 'HTTP', certificate))).toMatchObject(refused)
  await createListener(world, application, 'HTTPS', certificate)
  await createListener(world, network, 'TLS', certificate)
  expect(await failureOf(createListener(world, application, 'HTTP'))).toMatchObject({
    name: 'DuplicateListenerException',
  })
})

test('tags of load balancers are added and described', async () => {
  const world = await enter()
  const arn = await createLoadBalancer(world, 'shop')
  await world.elbv2.send(new AddTagsCommand({ ResourceArns: [arn], Tags: [{ Key: 'b', Value: '2' }] }))
  const { TagDescriptions } = await world.elbv2.send(new DescribeTagsCommand({ ResourceArns: [arn] }))
  expect(TagDescriptions?.[0]).toMatchObject({
    ResourceArn: arn,
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  })
})
