import {
  AddTagsToCertificateCommand,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  ListCertificatesCommand,
  ListTagsForCertificateCommand,
} from '@aws-sdk/client-acm'
import { DeleteLoadBalancerCommand, DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api'
import { ListHostedZonesCommand } from '@aws-sdk/client-route-53'
import { expect } from 'vitest'
import { facts } from '../fact.ts'
import { failureOf, request, type AwsHarness } from '../harness.ts'
import { documented, guide } from '../source.ts'

const NOBODY = 'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-4000-8000-000000000000'
const TAGGING = documented('https://docs.aws.amazon.com/general/latest/gr/arg.html')

/** Calls until one is throttled; gives how many were not. */
async function admitted(call: () => Promise<unknown>): Promise<number> {
  for (let count = 0; ; count++) {
    const name = await call().then(
      () => '',
      (error: Error) => error.name,
    )
    if (name.startsWith('Throttl')) return count
  }
}

const ACM: readonly [operation: string, rate: number, call: (world: AwsHarness) => Promise<unknown>][] = [
  ['RequestCertificate', 5, (world) => request(world)],
  ['DescribeCertificate', 10, ({ acm }) => acm.send(new DescribeCertificateCommand({ CertificateArn: NOBODY }))],
  ['ListCertificates', 8, ({ acm }) => acm.send(new ListCertificatesCommand({}))],
  ['DeleteCertificate', 10, ({ acm }) => acm.send(new DeleteCertificateCommand({ CertificateArn: NOBODY }))],
  ['ListTagsForCertificate', 10, ({ acm }) => acm.send(new ListTagsForCertificateCommand({ CertificateArn: NOBODY }))],
  [
    'AddTagsToCertificate',
    5,
    ({ acm }) => acm.send(new AddTagsToCertificateCommand({ CertificateArn: NOBODY, Tags: [{ Key: 'k' }] })),
  ],
]

export const rateFacts = facts('Rates', ({ simulated }) => {
  for (const [operation, rate, call] of ACM) {
    simulated(`ACM takes ${rate} ${operation} a second`, guide.quotas, 'a quota would be used up', async (enter) => {
      const world = await enter({ rates: true })
      expect(await admitted(() => call(world))).toBe(rate)
      await world.clock.advance(1_000)
      expect(await admitted(() => call(world))).toBe(rate)
    })
  }

  simulated(
    'each operation of ACM has a bucket of its own',
    guide.quotas,
    'a quota would be used up',
    async (enter) => {
      const world = await enter({ rates: true })
      await admitted(() => world.acm.send(new ListCertificatesCommand({})))
      await request(world)
    },
  )

  simulated(
    'Route 53 has a bucket of 50 for an account, refilled by 10 a second',
    guide.dnsLimits,
    'a quota would be used up',
    async (enter) => {
      const world = await enter({ rates: true })
      const list = () => world.route53.send(new ListHostedZonesCommand({}))
      expect(await admitted(list)).toBe(50)
      expect(await failureOf(list())).toEqual({ name: 'Throttling', message: 'Rate exceeded' })
      await world.clock.advance(1_000)
      expect(await admitted(list)).toBe(10)
    },
  )

  simulated(
    'load balancing takes 40 reads at once, and 10 a second',
    guide.elbThrottling,
    'a quota would be used up',
    async (enter) => {
      const world = await enter({ rates: true })
      const read = () => world.elbv2.send(new DescribeLoadBalancersCommand({}))
      expect(await admitted(read)).toBe(40)
      await world.clock.advance(1_000)
      expect(await admitted(read)).toBe(10)
    },
  )

  simulated(
    'load balancing takes 20 writes at once, and 3 a second',
    guide.elbThrottling,
    'a quota would be used up',
    async (enter) => {
      const world = await enter({ rates: true })
      const write = () =>
        world.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: 'arn:aws:elasticloadbalancing:x' }))
      expect(await admitted(write)).toBe(20)
      await world.clock.advance(1_000)
      expect(await admitted(write)).toBe(3)
    },
  )

  simulated(
    'reads and writes of load balancing share the account’s bucket',
    guide.elbThrottling,
    'a quota would be used up',
    async (enter) => {
      const world = await enter({ rates: true })
      for (let call = 0; call < 10; call++) {
        await world.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: 'arn:aws:elasticloadbalancing:x' }))
      }
      expect(await admitted(() => world.elbv2.send(new DescribeLoadBalancersCommand({})))).toBe(30)
    },
  )

  simulated('the tagging API takes 15 GetResources a second', TAGGING, 'a quota would be used up', async (enter) => {
    const world = await enter({ rates: true })
    expect(await admitted(() => world.tagging.send(new GetResourcesCommand({})))).toBe(15)
  })

  simulated(
    'rates are kept for each region, those of Route 53 for the account',
    guide.quotas,
    'a quota would be used up',
    async (enter) => {
      const world = await enter({ rates: true })
      const other = world.clients({ region: 'us-east-1' })
      await admitted(() => world.acm.send(new ListCertificatesCommand({})))
      await other.acm.send(new ListCertificatesCommand({}))
      await admitted(() => world.route53.send(new ListHostedZonesCommand({})))
      expect(await failureOf(other.route53.send(new ListHostedZonesCommand({})))).toMatchObject({ name: 'Throttling' })
    },
  )
})
