import {
  AddTagsToCertificateCommand,
  DeleteCertificateCommand,
  ListCertificatesCommand,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm'
import {
  DeleteLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  GetResourcesCommand,
  GetTagKeysCommand,
  type GetResourcesCommandInput,
} from '@aws-sdk/client-resource-groups-tagging-api'
import {
  ChangeResourceRecordSetsCommand,
  GetHostedZoneCountCommand,
  ListHostedZonesCommand,
} from '@aws-sdk/client-route-53'
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'
import type { FaultAfter, FaultBefore } from '../../src/sim/aws/faults.ts'
import { failureOf, request, type AwsClients, type AwsHarness, type Enter } from './aws-harness.ts'

const ROLE = 'arn:aws:iam::222222222222:role/dns'

/** One harmless call to each service. */
const eachService: [string, (clients: AwsClients) => Promise<unknown>][] = [
  ['ACM', ({ acm }) => acm.send(new ListCertificatesCommand({}))],
  ['Route 53', ({ route53 }) => route53.send(new ListHostedZonesCommand({}))],
  ['Elastic Load Balancing', ({ elbv2 }) => elbv2.send(new DescribeLoadBalancersCommand({}))],
  ['the tagging API', ({ tagging }) => tagging.send(new GetResourcesCommand({}))],
  ['STS', ({ sts }) => sts.send(new GetCallerIdentityCommand({}))],
]

async function resources(world: AwsClients, input: GetResourcesCommandInput = {}) {
  const { ResourceTagMappingList = [], PaginationToken } = await world.tagging.send(new GetResourcesCommand(input))
  return {
    arns: ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN),
    list: ResourceTagMappingList,
    PaginationToken,
  }
}

/** Issued certificates with tags, their ARNs in the order in which the tagging API gives them. */
function tagged(world: AwsHarness, ...tags: Record<string, string>[]): string[] {
  return tags.map((set, index) => world.aws.issueCertificate({ names: [`n${index}.example.com`], tags: set }))
}

export function commonContract(enter: Enter): void {
  test('the caller is who holds the access key [S]', async () => {
    const world = await enter()
    world.aws.accounts.createAccessKey({ accessKeyId: 'AKIDOTHER', account: '222222222222', userName: 'other' })
    const identity = ({ sts }: AwsClients) => sts.send(new GetCallerIdentityCommand({}))
    expect(await identity(world)).toMatchObject({
      Account: '111122223333',
      Arn: 'arn:aws:iam::111122223333:user/certwright',
    })
    expect(await identity(world.clients({ accessKeyId: 'AKIDOTHER' }))).toMatchObject({ Account: '222222222222' })
  })

  test('a role is assumed with its external ID only, and acts in its own account [S]', async () => {
    const world = await enter()
    world.aws.accounts.createRole({ arn: ROLE, externalId: 'secret' })
    world.aws.createHostedZone({ name: 'example.com', account: '222222222222' })
    const assume = (ExternalId?: string) =>
      world.sts.send(
        new AssumeRoleCommand({
          RoleArn: ROLE,
          RoleSessionName: 'certwright',
          ...(ExternalId === undefined ? {} : { ExternalId }),
        }),
      )
    expect(await failureOf(assume())).toMatchObject({ name: 'AccessDenied' })
    expect(await failureOf(assume('guess'))).toMatchObject({ name: 'AccessDenied' })
    const { Credentials, AssumedRoleUser } = await assume('secret')
    expect(AssumedRoleUser?.Arn).toBe('arn:aws:sts::222222222222:assumed-role/dns/certwright')
    expect(Credentials?.Expiration?.getTime()).toBe(world.clock.now() + 3_600_000)
    const { AccessKeyId: accessKeyId = '', SessionToken: sessionToken = '' } = Credentials ?? {}
    const inRole = world.clients({ accessKeyId, sessionToken })
    expect((await inRole.route53.send(new ListHostedZonesCommand({}))).HostedZones).toHaveLength(1)
    expect((await world.route53.send(new ListHostedZonesCommand({}))).HostedZones).toHaveLength(0)
  })

  test('a role that does not exist cannot be assumed [S]', async () => {
    const world = await enter()
    expect(
      await failureOf(world.sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'certwright' }))),
    ).toMatchObject({
      name: 'AccessDenied',
    })
  })

  test('temporary credentials end [D]', async () => {
    const world = await enter()
    world.aws.accounts.createRole({ arn: ROLE })
    const { Credentials } = await world.sts.send(
      new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'x1', DurationSeconds: 900 }),
    )
    const inRole = world.clients({ accessKeyId: Credentials?.AccessKeyId ?? '', sessionToken: 'token' })
    await inRole.acm.send(new ListCertificatesCommand({}))
    await world.clock.advance(900_000)
    expect(await failureOf(inRole.acm.send(new ListCertificatesCommand({})))).toMatchObject({
      name: 'ExpiredTokenException',
    })
    expect(await failureOf(inRole.route53.send(new ListHostedZonesCommand({})))).toMatchObject({ name: 'ExpiredToken' })
  })

  test.each(eachService)('%s does not know an access key that was never made [S]', async (_, call) => {
    const world = await enter()
    expect((await failureOf(call(world.clients({ accessKeyId: 'AKIDNOBODY' })))).name).toMatch(
      /^(UnrecognizedClientException|InvalidClientTokenId)$/,
    )
  })

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

  // The tagging API

  test('keys are joined by AND, values by OR, and a filter without values asks for the key [S]', async () => {
    const world = await enter({ taggingDelay: [0, 0] })
    const [a, b, c] = tagged(world, { cluster: 'one', env: 'x' }, { cluster: 'two', env: 'x' }, { cluster: 'one' })
    const find = async (TagFilters: GetResourcesCommandInput['TagFilters']) =>
      new Set((await resources(world, { TagFilters })).arns)
    expect(await find([{ Key: 'cluster', Values: ['one'] }])).toEqual(new Set([a, c]))
    expect(await find([{ Key: 'cluster', Values: ['one', 'two'] }, { Key: 'env' }])).toEqual(new Set([a, b]))
    expect(await find([{ Key: 'cluster', Values: ['three'] }])).toEqual(new Set())
  })

  test('all tags of a resource come back, and what has none does not [S]', async () => {
    const world = await enter({ taggingDelay: [0, 0] })
    const [a] = tagged(world, { k: 'v', l: 'w' })
    world.aws.issueCertificate({ names: ['untagged.example.com'] })
    const { list } = await resources(world, { ResourceTypeFilters: ['acm:certificate'] })
    expect(list).toEqual([
      {
        ResourceARN: a,
        Tags: [
          { Key: 'k', Value: 'v' },
          { Key: 'l', Value: 'w' },
        ],
      },
    ])
  })

  test('a type filter is a service or a resource of it [S]', async () => {
    const world = await enter({ taggingDelay: [0, 0] })
    const arns = tagged(world, { k: 'v' })
    for (const filter of ['acm', 'acm:certificate']) {
      expect((await resources(world, { ResourceTypeFilters: [filter] })).arns).toEqual(arns)
    }
    expect((await resources(world, { ResourceTypeFilters: ['elasticloadbalancing:loadbalancer'] })).arns).toEqual([])
  })

  test('pages hold at most 100, the last has an empty token, and a token lives for 15 minutes [S]', async () => {
    const world = await enter({ taggingDelay: [0, 0] })
    tagged(world, ...Array.from({ length: 150 }, () => ({ k: 'v' })))
    const first = await resources(world)
    expect(first.arns).toHaveLength(100)
    const PaginationToken = first.PaginationToken ?? ''
    const second = await resources(world, { PaginationToken })
    expect(second.arns).toHaveLength(50)
    expect(second.PaginationToken).toBe('')
    expect(new Set([...first.arns, ...second.arns]).size).toBe(150)
    await world.clock.advance(16 * 60_000)
    expect(await failureOf(resources(world, { PaginationToken }))).toMatchObject({
      name: 'PaginationTokenExpiredException',
    })
  })

  test('new tags are seen late, and a deleted certificate lingers [I]', async () => {
    const world = await enter({ taggingDelay: [30_000, 30_000], deletedInTagging: [600_000, 600_000] })
    const [arn = ''] = tagged(world, { k: 'v' })
    expect((await resources(world)).arns).toEqual([])
    await world.clock.advance(30_000)
    expect((await resources(world)).arns).toEqual([arn])
    await world.acm.send(new AddTagsToCertificateCommand({ CertificateArn: arn, Tags: [{ Key: 'k', Value: 'w' }] }))
    expect((await resources(world)).list[0]?.Tags).toEqual([{ Key: 'k', Value: 'v' }])
    await world.clock.advance(30_000)
    expect((await resources(world)).list[0]?.Tags).toEqual([{ Key: 'k', Value: 'w' }])
    await world.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
    await world.clock.advance(599_999)
    expect((await resources(world)).arns).toEqual([arn])
    await world.clock.advance(1)
    expect((await resources(world)).arns).toEqual([])
  })

  // Rates and faults

  test('calls are throttled by operation at the documented rate [D acm-limits]', async () => {
    const world = await enter({ rates: true })
    const list = () => world.acm.send(new ListCertificatesCommand({}))
    for (let call = 0; call < 8; call++) await list()
    expect(await failureOf(list())).toEqual({ name: 'ThrottlingException', message: 'Rate exceeded' })
    await request(world)
    await world.clock.advance(125)
    await list()
    expect(await failureOf(list())).toMatchObject({ name: 'ThrottlingException' })
  })

  test('Route 53 has a bucket of 50 for an account, refilled by 10 a second [D]', async () => {
    const world = await enter({ rates: true })
    const list = () => world.route53.send(new ListHostedZonesCommand({}))
    for (let call = 0; call < 50; call++) await list()
    expect(await failureOf(list())).toEqual({ name: 'Throttling', message: 'Rate exceeded' })
    await world.clock.advance(100)
    await list()
  })

  test('load balancing has a smaller bucket for writes than for reads [D]', async () => {
    const world = await enter({ rates: true })
    const read = () => world.elbv2.send(new DescribeLoadBalancersCommand({}))
    const write = () =>
      world.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: 'arn:aws:elasticloadbalancing:x' }))
    for (let call = 0; call < 20; call++) await write()
    expect(await failureOf(write())).toEqual({ name: 'Throttling', message: 'Rate exceeded' })
    for (let call = 0; call < 20; call++) await read()
    expect(await failureOf(read())).toMatchObject({ name: 'Throttling' })
    await world.clock.advance(1_000)
    for (let call = 0; call < 3; call++) await write()
    expect(await failureOf(write())).toMatchObject({ name: 'Throttling' })
    await read()
  })

  const befallings: [FaultBefore['kind'], FaultBefore, RegExp][] = [
    ['throttle', { kind: 'throttle' }, /^(Throttling|ThrottlingException|ThrottledException)$/],
    ['serverError', { kind: 'serverError' }, /^InternalFailure$/],
    ['serverError', { kind: 'serverError', statusCode: 503 }, /^(ServiceUnavailable|ServiceUnavailableException)$/],
    ['accessDenied', { kind: 'accessDenied' }, /^(AccessDenied|AccessDeniedException)$/],
    ['expiredCredentials', { kind: 'expiredCredentials' }, /^(ExpiredToken|ExpiredTokenException)$/],
    ['reset', { kind: 'reset' }, /^(Error|TimeoutError)$/],
  ]
  for (const [kind, fault, name] of befallings) {
    test.each(eachService)(`a fault of kind ${kind} is an error of %s as it would be`, async (_, call) => {
      const world = await enter()
      world.aws.faults = { before: () => fault }
      expect((await failureOf(call(world))).name).toMatch(name)
      world.aws.faults = {}
      await call(world)
    })
  }

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
      (await world.acm.send(new ListCertificatesCommand({}))).CertificateSummaryList?.map(
        ({ DomainName }) => DomainName,
      )
    expect(await names()).toEqual(['a.example.com', 'b.example.com'])
    world.aws.faults = {
      before: ({ operation }) =>
        operation === 'ListCertificates' ? { kind: 'stale', milliseconds: 20_000 } : undefined,
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
}
