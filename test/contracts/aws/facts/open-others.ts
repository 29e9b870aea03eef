import { DeleteCertificateCommand, ListCertificatesCommand, RequestCertificateCommand } from '@aws-sdk/client-acm'
import {
  AddListenerCertificatesCommand,
  DescribeListenerCertificatesCommand,
  DescribeLoadBalancersCommand,
  RemoveListenerCertificatesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api'
import { ChangeResourceRecordSetsCommand } from '@aws-sdk/client-route-53'
import { validationRecord } from '../../../../src/sim/aws/acm/certificate.ts'
import type { Episode, OpenFact } from '../fact.ts'
import { describeCertificate, failureOf, type AwsHarness } from '../harness.ts'
import { simulatedSite } from '../simulated-site.ts'
import { change } from '../site.ts'

import {
  anybody,
  both,
  exactly,
  first,
  question,
  simulator,
  SECOND,
  MINUTE,
  HOUR,
  DAY,
  NONE,
  ACCOUNT,
} from './question.ts'

/** A load balancer that serves one certificate, and another that is to be attached. */
async function balanced(world: AwsHarness) {
  const site = simulatedSite(world)
  const { listenerArn } = await site.listener()
  const arn = world.aws.issueCertificate({ names: ['other.example.com'] })
  const Certificates = [{ CertificateArn: arn }]
  return {
    site,
    arn,
    listenerArn,
    attach: () => world.elbv2.send(new AddListenerCertificatesCommand({ ListenerArn: listenerArn, Certificates })),
    detach: () => world.elbv2.send(new RemoveListenerCertificatesCommand({ ListenerArn: listenerArn, Certificates })),
    users: async () => (await describeCertificate(world, arn)).InUseBy ?? [],
  }
}

const detached: Episode = {
  async during(story) {
    const [arn = ''] = story.listed('shop')
    const balancer = story.world.aws.loadBalancers.all.find(({ listeners }) =>
      [...listeners.values()].some(({ protocol }) => protocol === 'HTTPS'),
    )
    const listener = [...(balancer?.listeners.values() ?? [])].find(({ protocol }) => protocol === 'HTTPS')
    await story.during(story.world.colleague.detachCertificate(listener?.arn ?? '', arn).catch(() => {}))
    await story.pass(SECOND)
    story.world.lbc.resync()
    await story.pass(10 * MINUTE)
  },
}

/** Every fifth call to load balancing comes too fast. */
const throttled: Episode = {
  before(story) {
    let calls = 0
    story.world.aws.faults = {
      before: ({ service }) =>
        service === 'elasticloadbalancing' && ++calls % 5 === 0 ? { kind: 'throttle' } : undefined,
    }
  },
}

/** What is not known of the other services, and of what ACM knows of them. */
export const openOtherFacts: readonly OpenFact[] = [
  question({
    says: 'how long a certificate stays in use after the last load balancer let go',
    unknown: 'Ten seconds to half an hour were seen.',
    readings: [
      { name: '10 s', settings: { inUseRelease: exactly(10 * SECOND) } },
      { name: '30 min', settings: { inUseRelease: exactly(30 * MINUTE) } },
    ],
    look: simulator(async (world) => {
      const { attach, detach, users } = await balanced(world)
      await world.clock.advance(MINUTE)
      await attach()
      await detach()
      return first(
        world,
        [
          ['10 s', 10 * SECOND],
          ['30 min', 30 * MINUTE],
        ],
        async () => (await users()).length === 0,
      )
    }),
  }),
  question({
    says: 'whether a certificate can be deleted before ACM noticed that a load balancer uses it',
    unknown: 'How ACM learns of use, and when, is nowhere to be read.',
    readings: both('unnoticedUse', ['protects', 'does not protect'], { inUseNotice: exactly(MINUTE) }),
    look: simulator(async (world) => {
      const { arn, attach } = await balanced(world)
      await world.clock.advance(MINUTE)
      await attach()
      return world.acm.send(new DeleteCertificateCommand({ CertificateArn: arn })).then(
        () => 'does not protect',
        () => 'protects',
      )
    }),
    episode: detached,
  }),
  question({
    says: 'what InUseBy shows of a certificate that is put back before ACM noticed that it had gone',
    unknown: 'How ACM learns of use, and when, is nowhere to be read.',
    readings: both('reuse', ['without a gap', 'with a gap'], { inUseNotice: exactly(MINUTE) }),
    look: simulator(async (world) => {
      const { attach, detach, users } = await balanced(world)
      await world.clock.advance(MINUTE)
      await attach()
      await world.clock.advance(2 * MINUTE)
      await detach()
      await attach()
      return (await users()).length > 0 ? 'without a gap' : 'with a gap'
    }),
    episode: detached,
  }),
  question({
    says: 'whether a renewal moves IssuedAt',
    unknown: 'The field is the time at which the certificate was issued; of which term is not said.',
    readings: both('issuedAtOfRenewed', ['first issuance', 'renewal'], {
      // A term begins with its day: two days and an hour, of which the last 11 h are the share that ACM renews in (45 of 198 days). Renewed later
      // than in the last twelfth, it would be taken for one that ACM forgot.
      validity: 2 * DAY + HOUR,
      renewalLead: 11 * HOUR,
      renewal: exactly(MINUTE),
    }),
    look: simulator(async (world) => {
      const { arn, attach } = await balanced(world)
      const { name, value } = validationRecord(ACCOUNT, 'other.example.com')
      const [zone] = world.aws.hostedZones()
      if (zone) world.aws.putRecord(zone, { name, type: 'CNAME', values: [value] })
      await world.clock.advance(MINUTE)
      await attach()
      const before = (await describeCertificate(world, arn)).IssuedAt
      await world.clock.advance(30 * HOUR)
      const after = await describeCertificate(world, arn)
      if (after.RenewalSummary?.RenewalStatus !== 'SUCCESS') return 'not renewed'
      return after.IssuedAt?.getTime() === before?.getTime() ? 'first issuance' : 'renewal'
    }, 'days or hours must pass'),
    episode: {
      async during(story) {
        let renewed = false
        story.world.aws.events.subscribe(({ kind }) => {
          renewed ||= kind === 'certificateRenewed'
        })
        await story.until('the certificate is renewed', () => renewed, 30 * HOUR)
        await story.pass(HOUR)
      },
    },
  }),
  question({
    says: 'in which form Route 53 refuses a batch',
    unknown: 'The service model has one, traces show another.',
    readings: both('refusedBatch', ['ErrorResponse', 'InvalidChangeBatch']),
    look: anybody(async (site) => {
      const { id, name } = await site.createZone()
      const send = site.change(id, change('DELETE', `a.${name}`, 'CNAME', ['x.test']))
      return send.then(
        () => 'not refused',
        (error: { Messages?: unknown }) => (error.Messages === undefined ? 'ErrorResponse' : 'InvalidChangeBatch'),
      )
    }),
    episode: {
      before({ world }) {
        const [zone] = world.aws.hostedZones()
        const { name, value } = validationRecord(ACCOUNT, 'shop.example.com')
        if (zone) world.aws.putRecord(zone, { name, type: 'CNAME', values: [`${value}.`] })
      },
    },
  }),
  question({
    says: 'how many single record changes an account may make',
    unknown: 'The limit was announced in July 2026 without numbers.',
    readings: [
      { name: 'many', settings: { rates: true, recordChanges: { burst: 1_000, perSecond: 100 } } },
      { name: 'few', settings: { rates: true, recordChanges: { burst: 2, perSecond: 0.1 } } },
    ],
    look: simulator(async (world) => {
      const { id } = world.aws.createHostedZone({ name: 'example.com' })
      const Changes = ['a', 'b', 'c'].map((label) => change('CREATE', `${label}.example.com`, 'CNAME', ['x.test']))
      const send = new ChangeResourceRecordSetsCommand({ HostedZoneId: id, ChangeBatch: { Changes } })
      return world.route53.send(send).then(
        () => 'many',
        () => 'few',
      )
    }, 'a quota would be used up'),
  }),
  question({
    says: 'how many calls ACM takes at once',
    unknown: 'Its rates are documented without a burst.',
    readings: [
      { name: 'a second’s worth', settings: { rates: true, acmBurst: 1 } },
      { name: 'ten seconds’ worth', settings: { rates: true, acmBurst: 10 } },
    ],
    look: simulator(async (world) => {
      for (let call = 0; call < 9; call++) {
        const name = await world.acm.send(new ListCertificatesCommand({})).then(
          () => '',
          (error: Error) => error.name,
        )
        if (name !== '') return 'a second’s worth'
      }
      return 'ten seconds’ worth'
    }, 'a quota would be used up'),
  }),
  question({
    says: 'how soon DescribeListenerCertificates shows what was attached',
    unknown: 'A few seconds, it is said; nobody documents it.',
    readings: [
      { name: 'at once', settings: { listenerDescribeDelay: 0 } },
      { name: 'after 5 s', settings: { listenerDescribeDelay: 5 * SECOND } },
    ],
    look: simulator(async (world) => {
      const { listenerArn, attach } = await balanced(world)
      await world.clock.advance(MINUTE)
      await attach()
      const shown = async () => {
        const answer = await world.elbv2.send(new DescribeListenerCertificatesCommand({ ListenerArn: listenerArn }))
        return answer.Certificates?.length === 2
      }
      return first(
        world,
        [
          ['at once', 0],
          ['after 5 s', 5 * SECOND],
        ],
        shown,
      )
    }),
  }),
  question({
    says: 'how a load balancer refuses a certificate that was issued a moment ago',
    unknown: 'Not found, and unsupported: both were seen.',
    readings: both('freshCertificate', ['CertificateNotFound', 'UnsupportedCertificate'], {
      listenerSeesCertificate: exactly(10 * SECOND),
    }),
    look: simulator(async (world) => {
      const { attach } = await balanced(world)
      return (await failureOf(attach())).name.replace(/Exception$/, '')
    }),
  }),
  question({
    says: 'how load balancing refuses a certificate for a listener that does not encrypt',
    unknown: 'Two codes are named in different places.',
    readings: both('plainListener', ['ValidationError', 'UnsupportedProtocol']),
    look: simulator(async (world) => {
      const { loadBalancerArn } = await simulatedSite(world).listener()
      const balancer = world.aws.loadBalancers.all.find(({ arn }) => arn === loadBalancerArn)
      if (!balancer) return 'no load balancer'
      const { arn: ListenerArn } = world.aws.loadBalancers.createListener(balancer, {
        protocol: 'HTTP',
        port: 80,
        by: 'world',
      })
      const CertificateArn = world.aws.issueCertificate({ names: ['b.example.com'] })
      const add = new AddListenerCertificatesCommand({ ListenerArn, Certificates: [{ CertificateArn }] })
      return (await failureOf(world.elbv2.send(add))).name.replace(/Exception$/, '')
    }),
  }),
  question({
    says: 'under which code load balancing throttles',
    unknown: 'Two codes are named in different places.',
    readings: both('loadBalancingThrottle', ['Throttling', 'ThrottlingException']),
    look: simulator(async (world) => {
      world.aws.faults = { before: () => ({ kind: 'throttle' }) }
      return (await failureOf(world.elbv2.send(new DescribeLoadBalancersCommand({})))).name
    }, 'faults must be made'),
    episode: throttled,
  }),
  question({
    says: 'how far the tagging API is behind new tags',
    unknown: 'Seconds to a minute were seen.',
    readings: [
      { name: 'a second', settings: { taggingDelay: exactly(SECOND) } },
      { name: 'a minute', settings: { taggingDelay: exactly(MINUTE) } },
    ],
    look: anybody(async (site) => {
      const run = site.token()
      await site.request({ Tags: [{ Key: 'run', Value: run }] })
      await site.pass(20 * SECOND)
      const find = new GetResourcesCommand({ TagFilters: [{ Key: 'run', Values: [run] }] })
      const { ResourceTagMappingList = [] } = await site.tagging.send(find)
      return ResourceTagMappingList.length > 0 ? 'a second' : 'a minute'
    }),
  }),
  question({
    says: 'how long the tagging API shows a deleted certificate',
    unknown: 'Minutes to hours were seen.',
    readings: [
      { name: 'a minute', settings: { taggingDelay: NONE, deletedInTagging: exactly(MINUTE) } },
      { name: 'hours', settings: { taggingDelay: NONE, deletedInTagging: exactly(4 * HOUR) } },
    ],
    look: simulator(async (world) => {
      const { CertificateArn } = await world.acm.send(
        new RequestCertificateCommand({
          DomainName: 'a.example.com',
          ValidationMethod: 'DNS',
          Tags: [{ Key: 'k', Value: 'v' }],
        }),
      )
      await world.clock.advance(MINUTE)
      await world.acm.send(new DeleteCertificateCommand({ CertificateArn }))
      const gone = async () =>
        (await world.tagging.send(new GetResourcesCommand({}))).ResourceTagMappingList?.length === 0
      return first(
        world,
        [
          ['a minute', MINUTE],
          ['hours', 4 * HOUR],
        ],
        gone,
      )
    }, 'days or hours must pass'),
  }),
]
