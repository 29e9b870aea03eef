import {
  AddListenerCertificatesCommand,
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ModifyListenerCommand,
  RemoveListenerCertificatesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { DeleteCertificateCommand, ListCertificatesCommand } from '@aws-sdk/client-acm'
import { expect, test } from 'vitest'
import { describeCertificate, failureOf, request, type AwsHarness, type Enter } from './aws-harness.ts'

const PROMPT = {
  listenerSeesCertificate: [0, 0],
  describeDelay: [0, 0],
  listDelay: [0, 0],
  inUseNotice: [0, 0],
  inUseRelease: [60_000, 60_000],
} as const

async function createLoadBalancer(
  world: AwsHarness,
  Name = 'k8s-shop',
  Type: 'application' | 'network' = 'application',
) {
  const { LoadBalancers } = await world.elbv2.send(
    new CreateLoadBalancerCommand({
      Name,
      Type,
      Subnets: ['subnet-1', 'subnet-2'],
      Tags: [{ Key: 'elbv2.k8s.aws/cluster', Value: 'c' }],
    }),
  )
  const [loadBalancer] = LoadBalancers ?? []
  if (!loadBalancer?.LoadBalancerArn) throw new Error('no load balancer came back')
  return { ...loadBalancer, arn: loadBalancer.LoadBalancerArn }
}

async function createListener(
  world: AwsHarness,
  LoadBalancerArn: string,
  certificate?: string,
  Port = 443,
  Protocol: 'HTTP' | 'HTTPS' | 'TLS' = 'HTTPS',
) {
  const { Listeners } = await world.elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Port,
      Protocol,
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
      ...(certificate === undefined ? {} : { Certificates: [{ CertificateArn: certificate }] }),
    }),
  )
  return Listeners?.[0]?.ListenerArn ?? ''
}

function issued(world: AwsHarness, name: string): string {
  return world.aws.issueCertificate({ names: [name] })
}

const add = (world: AwsHarness, ListenerArn: string, ...arns: string[]) =>
  world.elbv2.send(
    new AddListenerCertificatesCommand({
      ListenerArn,
      Certificates: arns.map((CertificateArn) => ({ CertificateArn })),
    }),
  )

const remove = (world: AwsHarness, ListenerArn: string, CertificateArn: string) =>
  world.elbv2.send(new RemoveListenerCertificatesCommand({ ListenerArn, Certificates: [{ CertificateArn }] }))

async function certificatesOf(world: AwsHarness, ListenerArn: string) {
  const { Certificates } = await world.elbv2.send(new DescribeListenerCertificatesCommand({ ListenerArn }))
  return (Certificates ?? []).map(({ CertificateArn, IsDefault }) => [CertificateArn, IsDefault])
}

export function elbv2Contract(enter: Enter): void {
  test('a load balancer has a name of its own in DNS [S]', async () => {
    const world = await enter()
    const loadBalancer = await createLoadBalancer(world)
    expect(loadBalancer.DNSName).toMatch(/^k8s-shop-\d+\.eu-central-1\.elb\.amazonaws\.com$/)
    expect(loadBalancer.arn).toMatch(
      /^arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer\/app\/k8s-shop\/[\da-f]{16}$/,
    )
    expect(loadBalancer).toMatchObject({ State: { Code: 'active' }, Type: 'application', Scheme: 'internet-facing' })
  })

  test('creating it again gives the same one; with other settings it is a DuplicateLoadBalancerName [S]', async () => {
    const world = await enter()
    const { arn } = await createLoadBalancer(world)
    expect((await createLoadBalancer(world)).arn).toBe(arn)
    expect(await failureOf(createLoadBalancer(world, 'k8s-shop', 'network'))).toMatchObject({
      name: 'DuplicateLoadBalancerNameException',
    })
  })

  test('load balancers are described by ARN, by name, and all, in pages [S]', async () => {
    const world = await enter()
    const a = await createLoadBalancer(world, 'a')
    const b = await createLoadBalancer(world, 'b')
    const found = async (input: object) =>
      (await world.elbv2.send(new DescribeLoadBalancersCommand(input))).LoadBalancers?.map(
        ({ LoadBalancerName }) => LoadBalancerName,
      )
    expect(await found({ LoadBalancerArns: [b.arn] })).toEqual(['b'])
    expect(await found({ Names: ['a'] })).toEqual(['a'])
    expect(await found({})).toEqual(['a', 'b'])
    const first = await world.elbv2.send(new DescribeLoadBalancersCommand({ PageSize: 1 }))
    expect(first.LoadBalancers?.[0]?.LoadBalancerArn).toBe(a.arn)
    expect(await found({ PageSize: 1, Marker: first.NextMarker })).toEqual(['b'])
    expect(await failureOf(found({ Names: ['c'] }))).toMatchObject({ name: 'LoadBalancerNotFoundException' })
  })

  test('tags are described and added [S]', async () => {
    const world = await enter()
    const { arn } = await createLoadBalancer(world)
    await world.elbv2.send(new AddTagsCommand({ ResourceArns: [arn], Tags: [{ Key: 'b', Value: '2' }] }))
    const { TagDescriptions } = await world.elbv2.send(new DescribeTagsCommand({ ResourceArns: [arn] }))
    expect(TagDescriptions?.[0]).toMatchObject({
      ResourceArn: arn,
      Tags: [
        { Key: 'elbv2.k8s.aws/cluster', Value: 'c' },
        { Key: 'b', Value: '2' },
      ],
    })
    const many = Array.from({ length: 21 }, () => arn)
    expect(await failureOf(world.elbv2.send(new DescribeTagsCommand({ ResourceArns: many })))).toMatchObject({
      name: 'ValidationError',
    })
  })

  test('an HTTPS listener needs a certificate, an HTTP one takes none [S]', async () => {
    const world = await enter(PROMPT)
    const { arn } = await createLoadBalancer(world)
    expect(await failureOf(createListener(world, arn))).toMatchObject({ name: 'ValidationError' })
    expect(await failureOf(createListener(world, arn, issued(world, 'a.example.com'), 80, 'HTTP'))).toMatchObject({
      name: 'ValidationError',
    })
    await createListener(world, arn, undefined, 80, 'HTTP')
    expect(await failureOf(createListener(world, arn, undefined, 80, 'HTTP'))).toMatchObject({
      name: 'DuplicateListenerException',
    })
  })

  test('a network load balancer terminates TLS, an application load balancer HTTPS [S]', async () => {
    const world = await enter(PROMPT)
    const certificate = issued(world, 'a.example.com')
    const network = await createLoadBalancer(world, 'net', 'network')
    const application = await createLoadBalancer(world, 'app')
    await createListener(world, network.arn, certificate, 443, 'TLS')
    expect(await failureOf(createListener(world, application.arn, certificate, 443, 'TLS'))).toMatchObject({
      name: 'ValidationError',
    })
    expect(await failureOf(createListener(world, network.arn, certificate, 444, 'HTTPS'))).toMatchObject({
      name: 'ValidationError',
    })
  })

  test('DescribeListeners shows the default certificate only [S]', async () => {
    const world = await enter(PROMPT)
    const { arn } = await createLoadBalancer(world)
    const [a, b] = [issued(world, 'a.example.com'), issued(world, 'b.example.com')]
    const listener = await createListener(world, arn, a)
    await add(world, listener, b)
    const { Listeners } = await world.elbv2.send(new DescribeListenersCommand({ LoadBalancerArn: arn }))
    expect(Listeners).toMatchObject([
      { ListenerArn: listener, Port: 443, Protocol: 'HTTPS', Certificates: [{ CertificateArn: a }] },
    ])
    expect(Listeners?.[0]?.Certificates).toHaveLength(1)
    expect((await world.elbv2.send(new DescribeListenersCommand({ ListenerArns: [listener] }))).Listeners).toHaveLength(
      1,
    )
  })

  test('the default comes once as such, and again where it is on the list too [S]', async () => {
    const world = await enter(PROMPT)
    const { arn } = await createLoadBalancer(world)
    const [a, b] = [issued(world, 'a.example.com'), issued(world, 'b.example.com')]
    const listener = await createListener(world, arn, a)
    await add(world, listener, b)
    await add(world, listener, a)
    expect(await certificatesOf(world, listener)).toEqual([
      [a, true],
      [b, false],
      [a, false],
    ])
  })

  test('adding what is there succeeds and changes nothing [S]', async () => {
    const world = await enter(PROMPT)
    const { arn } = await createLoadBalancer(world)
    const [a, b] = [issued(world, 'a.example.com'), issued(world, 'b.example.com')]
    const listener = await createListener(world, arn, a)
    await add(world, listener, b)
    await add(world, listener, b)
    expect(await certificatesOf(world, listener)).toHaveLength(2)
    expect(
      world.aws.events.of('listenerCertificateAdded').filter(({ certificateArn }) => certificateArn === b),
    ).toHaveLength(1)
  })

  test('one certificate a call [S]', async () => {
    const world = await enter(PROMPT)
    const { arn } = await createLoadBalancer(world)
    const listener = await createListener(world, arn, issued(world, 'a.example.com'))
    expect(
      await failureOf(add(world, listener, issued(world, 'b.example.com'), issued(world, 'c.example.com'))),
    ).toMatchObject({
      name: 'ValidationError',
    })
  })

  test('a certificate that is not there, deleted, or in another region is not found [I lbc#4414]', async () => {
    const world = await enter(PROMPT)
    const { arn } = await createLoadBalancer(world)
    const listener = await createListener(world, arn, issued(world, 'a.example.com'))
    const deleted = issued(world, 'b.example.com')
    world.aws.deleteCertificate(deleted)
    const elsewhere = world.aws.issueCertificate({ names: ['c.example.com'], region: 'us-east-1' })
    for (const certificate of [deleted, elsewhere, deleted.replace(/[^/]*$/, '00000000-0000-4000-8000-000000000000')]) {
      expect(await failureOf(add(world, listener, certificate))).toEqual({
        name: 'CertificateNotFoundException',
        message: `Certificate '${certificate}' not found`,
      })
    }
    expect(await failureOf(add(world, listener, 'arn:aws:acm:x'))).toEqual({
      name: 'ValidationError',
      message: "Certificate ARN 'arn:aws:acm:x' is not valid",
    })
  })

  test('a certificate that is not issued is unsupported, to be added or as default [I terraform#41789]', async () => {
    const world = await enter(PROMPT)
    const { arn } = await createLoadBalancer(world)
    const listener = await createListener(world, arn, issued(world, 'a.example.com'))
    const pending = await request(world, { DomainName: 'b.example.com' })
    for (const attempt of [add(world, listener, pending), createListener(world, arn, pending, 8443)]) {
      expect(await failureOf(attempt)).toEqual({
        name: 'UnsupportedCertificate',
        message: `The certificate '${pending}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
      })
    }
  })

  test('a certificate that was issued a moment ago is not found yet [I terraform#10510]', async () => {
    const world = await enter({ ...PROMPT, listenerSeesCertificate: [10_000, 10_000] })
    const { arn } = await createLoadBalancer(world)
    const certificate = issued(world, 'a.example.com')
    expect(await failureOf(createListener(world, arn, certificate))).toMatchObject({
      name: 'CertificateNotFoundException',
    })
    await world.clock.advance(10_000)
    await createListener(world, arn, certificate)
  })

  test('a load balancer takes 25 certificates beside its default, a certificate on two listeners counting once [D]', async () => {
    const world = await enter(PROMPT)
    const { arn } = await createLoadBalancer(world)
    const listener = await createListener(world, arn, issued(world, 'default.example.com'))
    const listed = Array.from({ length: 25 }, (_, index) => issued(world, `n${index}.example.com`))
    for (const certificate of listed) await add(world, listener, certificate)
    expect(await failureOf(add(world, listener, issued(world, 'last.example.com')))).toMatchObject({
      name: 'TooManyCertificatesException',
    })
    const second = await createListener(world, arn, listed[0], 8443)
    await add(world, second, listed[1] ?? '')
  })

  test('ModifyListener replaces the default, and the old one does not move into the list [S]', async () => {
    const world = await enter(PROMPT)
    const { arn } = await createLoadBalancer(world)
    const [a, b, c] = [issued(world, 'a.example.com'), issued(world, 'b.example.com'), issued(world, 'c.example.com')]
    const listener = await createListener(world, arn, a)
    await add(world, listener, b)
    await world.elbv2.send(new ModifyListenerCommand({ ListenerArn: listener, Certificates: [{ CertificateArn: c }] }))
    expect(await certificatesOf(world, listener)).toEqual([
      [c, true],
      [b, false],
    ])
    await world.elbv2.send(
      new ModifyListenerCommand({ ListenerArn: listener, SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' }),
    )
    expect((await certificatesOf(world, listener))[0]).toEqual([c, true])
  })

  test('the default certificate cannot be removed; removing what is not listed changes nothing [S]', async () => {
    const world = await enter(PROMPT)
    const { arn } = await createLoadBalancer(world)
    const [a, b] = [issued(world, 'a.example.com'), issued(world, 'b.example.com')]
    const listener = await createListener(world, arn, a)
    expect(await failureOf(remove(world, listener, a))).toMatchObject({ name: 'OperationNotPermittedException' })
    await remove(world, listener, b)
    await add(world, listener, b)
    await remove(world, listener, b)
    expect(await certificatesOf(world, listener)).toEqual([[a, true]])
  })

  test('unknown listeners and load balancers are named errors; deleting an unknown load balancer succeeds [S]', async () => {
    const world = await enter(PROMPT)
    const { arn } = await createLoadBalancer(world)
    const listener = await createListener(world, arn, issued(world, 'a.example.com'))
    await world.elbv2.send(new DeleteListenerCommand({ ListenerArn: listener }))
    expect(await failureOf(certificatesOf(world, listener))).toMatchObject({ name: 'ListenerNotFoundException' })
    await world.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }))
    await world.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }))
    expect(await failureOf(world.elbv2.send(new DescribeListenersCommand({ LoadBalancerArn: arn })))).toMatchObject({
      name: 'LoadBalancerNotFoundException',
    })
  })

  test('a certificate in use cannot be deleted, and stays in use for a while after it was let go [I aws-cdk#4179]', async () => {
    const world = await enter(PROMPT)
    const { arn } = await createLoadBalancer(world)
    const [a, b] = [issued(world, 'a.example.com'), issued(world, 'b.example.com')]
    const listener = await createListener(world, arn, a)
    await add(world, listener, b)
    const deletion = () => world.acm.send(new DeleteCertificateCommand({ CertificateArn: b }))
    expect(await describeCertificate(world, b)).toMatchObject({ InUseBy: [arn], RenewalEligibility: 'ELIGIBLE' })
    expect(
      (await world.acm.send(new ListCertificatesCommand({}))).CertificateSummaryList?.map(({ InUse }) => InUse),
    ).toEqual([true, true])
    await remove(world, listener, b)
    await world.clock.advance(59_999)
    expect((await describeCertificate(world, b)).InUseBy).toEqual([arn])
    expect(await failureOf(deletion())).toEqual({
      name: 'ResourceInUseException',
      message: `Certificate ${b} in account 111122223333 is in use.`,
    })
    await world.clock.advance(1)
    expect(await describeCertificate(world, b)).toMatchObject({ InUseBy: [], RenewalEligibility: 'INELIGIBLE' })
    await deletion()
  })

  test('a certificate on two listeners is in use until the last lets go, or the load balancer is deleted [I]', async () => {
    const world = await enter({ ...PROMPT, inUseRelease: [0, 0] })
    const { arn } = await createLoadBalancer(world)
    const [a, b] = [issued(world, 'a.example.com'), issued(world, 'b.example.com')]
    const [first, second] = [await createListener(world, arn, a), await createListener(world, arn, a, 8443)]
    await add(world, first, b)
    await add(world, second, b)
    await remove(world, first, b)
    expect((await describeCertificate(world, b)).InUseBy).toEqual([arn])
    await remove(world, second, b)
    expect((await describeCertificate(world, b)).InUseBy).toEqual([])
    const c = issued(world, 'c.example.com')
    await add(world, second, c)
    expect((await describeCertificate(world, c)).InUseBy).toEqual([arn])
    await world.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }))
    for (const certificate of [a, c]) expect((await describeCertificate(world, certificate)).InUseBy).toEqual([])
    expect(world.aws.events.of('listenerCertificateRemoved')).toHaveLength(5)
  })

  test('a certificate that is put back while ACM still calls it in use stays in use without a gap [?]', async () => {
    const world = await enter({ ...PROMPT, inUseNotice: [5_000, 5_000] })
    const { arn } = await createLoadBalancer(world)
    const [a, b] = [issued(world, 'a.example.com'), issued(world, 'b.example.com')]
    const listener = await createListener(world, arn, a)
    await add(world, listener, b)
    await world.clock.advance(5_000)
    await remove(world, listener, b)
    await world.clock.advance(10_000)
    await add(world, listener, b)
    expect((await describeCertificate(world, b)).InUseBy).toEqual([arn])
    await world.clock.advance(3_600_000)
    expect((await describeCertificate(world, b)).InUseBy).toEqual([arn])
  })

  test('ACM may take a moment to notice that a certificate is in use, and refuses to delete it all the same [?]', async () => {
    const world = await enter({ ...PROMPT, inUseNotice: [5_000, 5_000] })
    const { arn } = await createLoadBalancer(world)
    const a = issued(world, 'a.example.com')
    await createListener(world, arn, a)
    expect((await describeCertificate(world, a)).InUseBy).toEqual([])
    expect(await failureOf(world.acm.send(new DeleteCertificateCommand({ CertificateArn: a })))).toMatchObject({
      name: 'ResourceInUseException',
    })
    await world.clock.advance(5_000)
    expect((await describeCertificate(world, a)).InUseBy).toEqual([arn])
  })
}
