import { DeleteCertificateCommand, ListCertificatesCommand } from '@aws-sdk/client-acm'
import {
  AddListenerCertificatesCommand,
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ModifyListenerCommand,
  RemoveListenerCertificatesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { expect } from 'vitest'
import { facts } from '../fact.ts'
import { describeCertificate, failureOf, type AwsClients } from '../harness.ts'
import { simulatedSite } from '../simulated-site.ts'
import type { Site } from '../site.ts'
import { and, api, guide, observed, seen } from '../source.ts'

const LISTENERS = api.elbv2('DescribeListeners')
const CERTIFICATES = api.elbv2('DescribeListenerCertificates')
const ADD = api.elbv2('AddListenerCertificates')
const REMOVE = api.elbv2('RemoveListenerCertificates')

async function certificatesOf({ elbv2 }: AwsClients, ListenerArn: string) {
  const { Certificates } = await elbv2.send(new DescribeListenerCertificatesCommand({ ListenerArn }))
  return (Certificates ?? []).map(({ CertificateArn, IsDefault }) => [CertificateArn, IsDefault])
}

function add({ elbv2 }: AwsClients, ListenerArn: string, ...arns: string[]) {
  const Certificates = arns.map((CertificateArn) => ({ CertificateArn }))
  return elbv2.send(new AddListenerCertificatesCommand({ ListenerArn, Certificates }))
}

function remove({ elbv2 }: AwsClients, ListenerArn: string, CertificateArn: string) {
  return elbv2.send(new RemoveListenerCertificatesCommand({ ListenerArn, Certificates: [{ CertificateArn }] }))
}

/** The listener with another certificate beside its default. */
async function furnished(site: Site): Promise<{ listenerArn: string; standard: string; other: string }> {
  const { listenerArn } = await site.listener()
  const { arn: standard } = await site.issued()
  const { arn: other } = await site.another()
  await site.attach(listenerArn, other)
  return { listenerArn, standard, other }
}

export const loadBalancerFacts = facts('Load balancers', ({ anywhere, withLoadBalancer, simulated }) => {
  anywhere(
    'a load balancer that is not there is a LoadBalancerNotFound',
    api.elbv2('DescribeLoadBalancers'),
    async (site) => {
      const call = (input: object) => site.elbv2.send(new DescribeLoadBalancersCommand(input))
      const arn = `arn:aws:elasticloadbalancing:${site.region}:${site.account}:loadbalancer/app/nobody/0123456789abcdef`
      for (const input of [{ Names: [`nobody-${site.run}`] }, { LoadBalancerArns: [arn] }]) {
        expect(await failureOf(call(input))).toMatchObject({ name: 'LoadBalancerNotFoundException' })
      }
      expect(await failureOf(site.elbv2.send(new DescribeListenersCommand({ LoadBalancerArn: arn })))).toMatchObject({
        name: 'LoadBalancerNotFoundException',
      })
    },
  )

  anywhere('a listener that is not there is a ListenerNotFound', LISTENERS, async (site) => {
    const arn = `arn:aws:elasticloadbalancing:${site.region}:${site.account}:listener/app/nobody/0123456789abcdef/0123456789abcdef`
    expect(await failureOf(certificatesOf(site, arn))).toMatchObject({ name: 'ListenerNotFoundException' })
  })

  withLoadBalancer('a load balancer has a name of its own in DNS', api.elbv2('LoadBalancer'), async (site) => {
    const { loadBalancerArn } = await site.listener()
    const { LoadBalancers } = await site.elbv2.send(
      new DescribeLoadBalancersCommand({ LoadBalancerArns: [loadBalancerArn] }),
    )
    expect(LoadBalancers?.[0]?.DNSName).toMatch(/^facts-[\w-]+\.([\w-]+\.)?elb\.[\w.-]*amazonaws\.com(\.cn)?$/)
    expect(LoadBalancers?.[0]).toMatchObject({ Type: 'application', Scheme: 'internet-facing' })
  })

  simulated(
    'load balancers come in pages',
    api.elbv2('DescribeLoadBalancers'),
    'many load balancers are needed',
    async (enter) => {
      const { aws, elbv2 } = await enter()
      for (const name of ['a', 'b']) {
        aws.loadBalancers.create({
          place: { account: '111122223333', region: 'eu-central-1' },
          name,
          type: 'application',
          scheme: 'internet-facing',
          ipAddressType: 'ipv4',
          subnets: [],
          securityGroups: [],
          tags: {},
          by: 'world',
        })
      }
      const first = await elbv2.send(new DescribeLoadBalancersCommand({ PageSize: 1 }))
      const second = await elbv2.send(new DescribeLoadBalancersCommand({ PageSize: 1, Marker: first.NextMarker }))
      const names = [first, second].map(({ LoadBalancers }) => LoadBalancers?.[0]?.LoadBalancerName)
      expect([names, second.NextMarker]).toEqual([['a', 'b'], undefined])
    },
  )

  anywhere('a page has 1 to 400 load balancers', api.elbv2('DescribeLoadBalancers'), async (site) => {
    expect(await failureOf(site.elbv2.send(new DescribeLoadBalancersCommand({ PageSize: 401 })))).toMatchObject({
      name: 'ValidationError',
    })
    await site.elbv2.send(new DescribeLoadBalancersCommand({ PageSize: 400 }))
  })

  withLoadBalancer('tags of 21 load balancers at once are too many', api.elbv2('DescribeTags'), async (site) => {
    const { loadBalancerArn } = await site.listener()
    await site.elbv2.send(new DescribeTagsCommand({ ResourceArns: [loadBalancerArn] }))
    const many = new DescribeTagsCommand({ ResourceArns: Array.from({ length: 21 }, () => loadBalancerArn) })
    expect(await failureOf(site.elbv2.send(many))).toMatchObject({ name: 'ValidationError' })
  })

  withLoadBalancer('DescribeListeners shows the default certificate only', LISTENERS, async (site) => {
    const { listenerArn, standard } = await furnished(site)
    const { Listeners } = await site.elbv2.send(new DescribeListenersCommand({ ListenerArns: [listenerArn] }))
    expect(Listeners).toMatchObject([
      { ListenerArn: listenerArn, Port: 443, Protocol: 'HTTPS', Certificates: [{ CertificateArn: standard }] },
    ])
    expect(Listeners?.[0]?.Certificates).toHaveLength(1)
  })

  withLoadBalancer('DescribeListenerCertificates shows all, the default marked as such', CERTIFICATES, async (site) => {
    const { listenerArn, standard, other } = await furnished(site)
    const shown = await certificatesOf(site, listenerArn)
    expect(shown).toContainEqual([standard, true])
    expect(shown).toContainEqual([other, false])
  })

  withLoadBalancer(
    'the default comes again, without the mark, where it is on the list too',
    CERTIFICATES,
    async (site) => {
      const { listenerArn, standard } = await furnished(site)
      await site.attach(listenerArn, standard)
      const shown = (await certificatesOf(site, listenerArn)).filter(([arn]) => arn === standard)
      await remove(site, listenerArn, standard)
      expect(shown).toEqual([
        [standard, true],
        [standard, false],
      ])
    },
  )

  withLoadBalancer('adding what is there succeeds and changes nothing', ADD, async (site) => {
    const { listenerArn, other } = await furnished(site)
    await add(site, listenerArn, other)
    expect((await certificatesOf(site, listenerArn)).filter(([arn]) => arn === other)).toHaveLength(1)
  })

  withLoadBalancer('one certificate a call', ADD, async (site) => {
    const { listenerArn, standard, other } = await furnished(site)
    expect(await failureOf(add(site, listenerArn, standard, other))).toMatchObject({ name: 'ValidationError' })
  })

  withLoadBalancer(
    'a certificate that is not there is a CertificateNotFound',
    and(ADD, seen.loadBalancerController(4414)),
    async (site) => {
      const { listenerArn, other } = await furnished(site)
      const nobody = other.replace(/[^/]*$/, '00000000-0000-4000-8000-000000000000')
      expect(await failureOf(add(site, listenerArn, nobody))).toEqual({
        name: 'CertificateNotFoundException',
        message: `Certificate '${nobody}' not found`,
      })
    },
  )

  withLoadBalancer(
    'what is no ARN of a certificate is a ValidationError',
    seen.loadBalancerController(4414),
    async (site) => {
      const { listenerArn } = await site.listener()
      expect(await failureOf(add(site, listenerArn, 'arn:aws:acm:x'))).toEqual({
        name: 'ValidationError',
        message: "Certificate ARN 'arn:aws:acm:x' is not valid",
      })
    },
  )

  withLoadBalancer(
    'a certificate that is not issued is an UnsupportedCertificate',
    seen.terraform(41789),
    async (site) => {
      const { listenerArn } = await site.listener()
      const pending = await site.pending()
      expect(await failureOf(add(site, listenerArn, pending))).toEqual({
        name: 'UnsupportedCertificate',
        message: `The certificate '${pending}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
      })
    },
  )

  simulated(
    'a certificate that was issued a moment ago is not known yet',
    seen.terraform(10510),
    'AWS must be told how to behave',
    async (enter) => {
      const world = await enter({ listenerSeesCertificate: [10_000, 10_000] })
      const site = simulatedSite(world)
      const { listenerArn } = await site.listener()
      const fresh = world.aws.issueCertificate({ names: ['fresh.example.com'] })
      expect(await failureOf(add(site, listenerArn, fresh))).toMatchObject({ name: 'CertificateNotFoundException' })
      await world.clock.advance(10_000)
      await add(site, listenerArn, fresh)
    },
  )

  simulated(
    'a certificate of another region is not found',
    seen.loadBalancerController(4414),
    'AWS must be told how to behave',
    async (enter) => {
      const world = await enter()
      const site = simulatedSite(world)
      const { listenerArn } = await site.listener()
      const elsewhere = world.aws.issueCertificate({ names: ['c.example.com'], region: 'us-east-1' })
      expect(await failureOf(add(site, listenerArn, elsewhere))).toMatchObject({ name: 'CertificateNotFoundException' })
    },
  )

  simulated(
    'a load balancer takes 25 certificates beside its default, one on two listeners counting once',
    guide.albLimits,
    'a quota would be used up',
    async (enter) => {
      const world = await enter({ listenerSeesCertificate: [0, 0] })
      const site = simulatedSite(world)
      const { listenerArn } = await site.listener()
      const issued = (name: string) => world.aws.issueCertificate({ names: [name] })
      const listed = Array.from({ length: 25 }, (_, index) => issued(`n${index}.example.com`))
      for (const arn of listed) await add(site, listenerArn, arn)
      expect(await failureOf(add(site, listenerArn, issued('last.example.com')))).toMatchObject({
        name: 'TooManyCertificatesException',
      })
      await add(site, listenerArn, listed[0] ?? '')
    },
  )

  withLoadBalancer(
    'a default that is replaced does not move into the list',
    api.elbv2('ModifyListener'),
    async (site) => {
      const { listenerArn, standard } = await furnished(site)
      const { arn: next } = await site.issue()
      const make = (CertificateArn: string) =>
        site.elbv2.send(new ModifyListenerCommand({ ListenerArn: listenerArn, Certificates: [{ CertificateArn }] }))
      await site.usable('the default is replaced', () => make(next))
      const shown = await certificatesOf(site, listenerArn)
      await make(standard)
      expect(shown).toContainEqual([next, true])
      expect(shown.map(([arn]) => arn)).not.toContain(standard)
    },
  )

  withLoadBalancer('the default certificate cannot be removed', REMOVE, async (site) => {
    const { listenerArn } = await site.listener()
    const { arn: standard } = await site.issued()
    expect(await failureOf(remove(site, listenerArn, standard))).toMatchObject({
      name: 'OperationNotPermittedException',
    })
  })

  withLoadBalancer('removing what is not listed changes nothing', REMOVE, async (site) => {
    const { listenerArn, other } = await furnished(site)
    for (let time = 0; time < 2; time++) await remove(site, listenerArn, other)
    expect((await certificatesOf(site, listenerArn)).map(([arn]) => arn)).not.toContain(other)
  })

  withLoadBalancer(
    'a certificate on a listener is in use by its load balancer, and eligible for renewal',
    and(api.acm('CertificateDetail'), guide.managedRenewal),
    async (site) => {
      const { loadBalancerArn } = await site.listener()
      const { other } = await furnished(site)
      const detail = await site.until('it is in use', async () => {
        const found = await describeCertificate(site, other)
        return found.InUseBy?.length ? found : undefined
      })
      expect(detail).toMatchObject({ InUseBy: [loadBalancerArn], RenewalEligibility: 'ELIGIBLE' })
    },
  )

  withLoadBalancer('the list tells that a certificate is in use', api.acm('CertificateSummary'), async (site) => {
    const { other } = await furnished(site)
    await site.until('it is listed as in use', async () => {
      const { CertificateSummaryList = [] } = await site.acm.send(
        new ListCertificatesCommand({ CertificateStatuses: ['ISSUED'], SortBy: 'CREATED_AT', SortOrder: 'DESCENDING' }),
      )
      return CertificateSummaryList.find(({ CertificateArn, InUse }) => CertificateArn === other && InUse)
    })
  })

  withLoadBalancer(
    'a certificate in use cannot be deleted',
    and(api.acm('DeleteCertificate'), seen.refinebio),
    async (site) => {
      const { other } = await furnished(site)
      await site.until('it is in use', async () => (await describeCertificate(site, other)).InUseBy?.[0])
      expect(await failureOf(site.acm.send(new DeleteCertificateCommand({ CertificateArn: other })))).toEqual({
        name: 'ResourceInUseException',
        message: `Certificate ${other} in account ${site.account} is in use.`,
      })
    },
  )

  withLoadBalancer(
    'a certificate that was let go can be deleted after a while',
    and(seen.cdk(4179), observed('https://github.com/aws/copilot-cli/issues/415')),
    async (site) => {
      const { listenerArn } = await site.listener()
      const { arn: other } = await site.issue()
      await site.attach(listenerArn, other)
      await remove(site, listenerArn, other)
      await site.until('it can be deleted', () =>
        site.acm.send(new DeleteCertificateCommand({ CertificateArn: other })).then(
          () => true as const,
          (error: Error) => {
            if (error.name === 'ResourceInUseException') return undefined
            throw error
          },
        ),
      )
    },
  )

  simulated(
    'a certificate stays in use for a while after it was let go',
    seen.cdk(4179),
    'AWS must be told how to behave',
    async (enter) => {
      const world = await enter({ inUseRelease: [60_000, 60_000], inUseNotice: [0, 0] })
      const site = simulatedSite(world)
      const { loadBalancerArn } = await site.listener()
      const { listenerArn, other } = await furnished(site)
      await remove(site, listenerArn, other)
      await world.clock.advance(59_999)
      expect((await describeCertificate(site, other)).InUseBy).toEqual([loadBalancerArn])
      await world.clock.advance(1)
      expect(await describeCertificate(site, other)).toMatchObject({ InUseBy: [], RenewalEligibility: 'INELIGIBLE' })
    },
  )

  simulated(
    'a certificate on two listeners is in use until the last lets go, or the load balancer is deleted',
    seen.cdk(4179),
    'many load balancers are needed',
    async (enter) => {
      const world = await enter({
        describeDelay: [0, 0],
        inUseRelease: [0, 0],
        inUseNotice: [0, 0],
        listenerSeesCertificate: [0, 0],
      })
      const { aws } = world
      const loadBalancer = aws.loadBalancers.create({
        place: { account: '111122223333', region: 'eu-central-1' },
        name: 'two',
        type: 'application',
        scheme: 'internet-facing',
        ipAddressType: 'ipv4',
        subnets: [],
        securityGroups: [],
        tags: {},
        by: 'world',
      })
      const arn = aws.issueCertificate({ names: ['a.example.com'] })
      const listeners = [443, 8443].map((port) =>
        aws.loadBalancers.createListener(loadBalancer, { protocol: 'HTTPS', port, by: 'world' }),
      )
      const users = async () => (await describeCertificate(world, arn)).InUseBy
      for (const listener of listeners) await add(world, listener.arn, arn)
      await remove(world, listeners[0]?.arn ?? '', arn)
      expect(await users()).toEqual([loadBalancer.arn])
      await remove(world, listeners[1]?.arn ?? '', arn)
      expect(await users()).toEqual([])
      await add(world, listeners[1]?.arn ?? '', arn)
      aws.loadBalancers.delete(loadBalancer.arn, 'world')
      expect(await users()).toEqual([])
    },
  )
})
