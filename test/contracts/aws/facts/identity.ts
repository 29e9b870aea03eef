import { ListCertificatesCommand } from '@aws-sdk/client-acm'
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api'
import { ListHostedZonesCommand } from '@aws-sdk/client-route-53'
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { expect } from 'vitest'
import type { FaultBefore } from '../../../../src/sim/aws/faults.ts'
import { facts } from '../fact.ts'
import { failureOf, type AwsClients } from '../harness.ts'
import { and, api, documented, guide } from '../source.ts'

const ROLE = 'arn:aws:iam::222222222222:role/dns'
const DOCS = 'https://docs.aws.amazon.com'

/** One harmless call to each service, and where its common errors are told. */
export const EACH_SERVICE = [
  {
    name: 'ACM',
    call: ({ acm }: AwsClients) => acm.send(new ListCertificatesCommand({})),
    errors: documented(`${DOCS}/acm/latest/APIReference/CommonErrors.html`),
  },
  {
    name: 'Route 53',
    call: ({ route53 }: AwsClients) => route53.send(new ListHostedZonesCommand({})),
    errors: documented(`${DOCS}/Route53/latest/APIReference/CommonErrors.html`),
  },
  {
    name: 'Elastic Load Balancing',
    call: ({ elbv2 }: AwsClients) => elbv2.send(new DescribeLoadBalancersCommand({})),
    errors: documented(`${DOCS}/elasticloadbalancing/latest/APIReference/CommonErrors.html`),
  },
  {
    name: 'The tagging API',
    call: ({ tagging }: AwsClients) => tagging.send(new GetResourcesCommand({})),
    errors: documented(`${DOCS}/resourcegroupstagging/latest/APIReference/CommonErrors.html`),
  },
  {
    name: 'STS',
    call: ({ sts }: AwsClients) => sts.send(new GetCallerIdentityCommand({})),
    errors: documented(`${DOCS}/STS/latest/APIReference/CommonErrors.html`),
  },
] as const

const CODES: readonly [what: string, fault: FaultBefore, code: RegExp][] = [
  ['a call that IAM does not allow with AccessDenied', { kind: 'accessDenied' }, /^AccessDenied(Exception)?$/],
  ['temporary credentials that ended with ExpiredToken', { kind: 'expiredCredentials' }, /^ExpiredToken(Exception)?$/],
  ['calls that come too fast with a code of throttling', { kind: 'throttle' }, /^Throttl(ing|ed)(Exception)?$/],
  ['what went wrong inside with a 5xx', { kind: 'serverError' }, /^(InternalFailure|InternalServiceError)$/],
  ['what is down for a while with a 503', { kind: 'serverError', statusCode: 503 }, /^ServiceUnavailable(Exception)?$/],
]

export const identityFacts = facts('Identity and common errors', ({ anywhere, simulated }) => {
  anywhere('the caller’s account and ARN are told', api.sts('GetCallerIdentity'), async (site) => {
    const { Account, Arn } = await site.sts.send(new GetCallerIdentityCommand({}))
    expect(Account).toBe(site.account)
    expect(Arn).toMatch(new RegExp(`^arn:[\\w-]+:(iam|sts)::${site.account}:`))
  })

  for (const { name, call, errors } of EACH_SERVICE) {
    anywhere(`${name} refuses an access key that was never made`, errors, async (site) => {
      expect((await failureOf(call(site.clients({ accessKeyId: 'AKIDNOBODYATALL00000' })))).name).toMatch(
        /^(UnrecognizedClientException|InvalidClientTokenId|InvalidClientTokenIdException)$/,
      )
    })
    for (const [what, fault, code] of CODES) {
      simulated(`${name} answers ${what}`, errors, 'faults must be made', async (enter) => {
        const world = await enter()
        world.aws.faults = { before: () => fault }
        expect((await failureOf(call(world))).name).toMatch(code)
      })
    }
  }

  simulated(
    'a role is assumed with its external ID only',
    api.sts('AssumeRole'),
    'a second account is needed',
    async (enter) => {
      const world = await enter()
      world.aws.accounts.createRole({ arn: ROLE, externalId: 'secret' })
      const assume = (ExternalId?: string) =>
        world.sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'certwright', ExternalId }))
      expect(await failureOf(assume())).toMatchObject({ name: 'AccessDenied' })
      expect(await failureOf(assume('guess'))).toMatchObject({ name: 'AccessDenied' })
      expect((await assume('secret')).AssumedRoleUser?.Arn).toBe(
        'arn:aws:sts::222222222222:assumed-role/dns/certwright',
      )
    },
  )

  simulated('a role acts in its own account', api.sts('AssumeRole'), 'a second account is needed', async (enter) => {
    const world = await enter()
    world.aws.accounts.createRole({ arn: ROLE })
    world.aws.createHostedZone({ name: 'example.com', account: '222222222222' })
    const { Credentials } = await world.sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'x1' }))
    const { AccessKeyId: accessKeyId = '', SessionToken: sessionToken = '' } = Credentials ?? {}
    const zones = async ({ route53 }: AwsClients) => (await route53.send(new ListHostedZonesCommand({}))).HostedZones
    expect(await zones(world.clients({ accessKeyId, sessionToken }))).toHaveLength(1)
    expect(await zones(world)).toHaveLength(0)
  })

  anywhere('a role that does not exist cannot be assumed', api.sts('AssumeRole'), async (site) => {
    const RoleArn = `arn:aws:iam::${site.account}:role/a-role-that-nobody-made`
    const assume = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'certwright' })
    expect(await failureOf(site.sts.send(assume))).toMatchObject({ name: 'AccessDenied' })
  })

  simulated(
    'temporary credentials end at their time, in the words of each protocol',
    and(guide.temporaryCredentials, api.sts('AssumeRole')),
    'days or hours must pass',
    async (enter) => {
      const world = await enter()
      world.aws.accounts.createRole({ arn: ROLE })
      const { Credentials } = await world.sts.send(
        new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'x1', DurationSeconds: 900 }),
      )
      expect(Credentials?.Expiration?.getTime()).toBe(world.clock.now() + 900_000)
      const inRole = world.clients({ accessKeyId: Credentials?.AccessKeyId ?? '', sessionToken: 'token' })
      await inRole.acm.send(new ListCertificatesCommand({}))
      await world.clock.advance(900_000)
      const outcomes = [
        await failureOf(inRole.acm.send(new ListCertificatesCommand({}))),
        await failureOf(inRole.route53.send(new ListHostedZonesCommand({}))),
      ]
      expect(outcomes.map(({ name }) => name)).toEqual(['ExpiredTokenException', 'ExpiredToken'])
    },
  )
})
