import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { promptSettings } from '../aws/settings.ts'
import { VirtualClock } from '../clock.ts'
import { ACCESS_KEYS, createEmbeddedWorld, type EmbeddedWorld } from '../embedded.ts'
import { seededRandom } from '../random.ts'
import type { Ingress } from './load-balancer-controller/objects.ts'
import type { IngressManifest, IngressName } from './user.ts'

let clock: VirtualClock
let embedded: EmbeddedWorld

beforeEach(async () => {
  clock = new VirtualClock()
  embedded = createEmbeddedWorld({
    clock,
    random: seededRandom(7),
    settings: { aws: promptSettings(0), handshakes: 'in process' },
  })
  await embedded.start()
  await embedded.user.createNamespace('shop')
})

afterEach(async () => {
  await embedded.stop()
})

const SHOP: IngressName = { namespace: 'shop', name: 'shop' }
const HTTPS = '[{"HTTPS":443}]'

/** An Ingress of the group `edge` unless said otherwise; annotations without their prefix. */
async function apply(
  manifest: Partial<IngressManifest> & { name: string },
  annotations: Record<string, string> = {},
): Promise<Ingress> {
  const prefixed = Object.entries({ 'group.name': 'edge', ...annotations }).map(
    ([key, value]) => [`alb.ingress.kubernetes.io/${key}`, value] as const,
  )
  return await embedded.user.apply({
    namespace: 'shop',
    hosts: [`${manifest.name}.example.com`],
    annotations: Object.fromEntries(prefixed),
    ...manifest,
  })
}

async function publish(ingress: IngressName, ...arns: string[]): Promise<void> {
  await embedded.user.annotate(ingress, { 'alb.ingress.kubernetes.io/certificate-arn': arns.join(',') })
}

const issue = (...names: [string, ...string[]]) => embedded.aws.issueCertificate({ names })

/** What the listener on `port` of the one load balancer shows; `undefined` where there is none. */
function listener(port = 443) {
  const [loadBalancer] = embedded.aws.loadBalancers.all
  const found = [...(loadBalancer?.listeners.values() ?? [])].find((candidate) => candidate.port === port)
  if (!found) return undefined
  return { default: found.defaultCertificate.latest, list: [...(found.certificates.latest ?? [])].sort() }
}

/** Reasons and messages of the events on an Ingress, oldest first. */
async function eventsOn({ namespace, name }: IngressName) {
  interface Event {
    readonly metadata: { name: string; namespace: string; uid: string; resourceVersion: string }
    readonly reason: string
    readonly message: string
    readonly count?: number
    readonly involvedObject: { readonly name: string }
  }
  const list = await embedded.user.read<{ items: Event[] }>(`/api/v1/namespaces/${namespace}/events`)
  return list.items
    .filter((event) => event.involvedObject.name === name)
    .map(({ reason, message, count }) => ({ reason, message, count }))
}

/** Calls that the load balancer controller made and that changed something, in order. */
function changes(): string[] {
  return embedded.aws.events
    .of('call')
    .filter(({ by, operation }) => by === ACCESS_KEYS.loadBalancerController && !/^(Describe|List)/.test(operation))
    .map(({ operation }) => operation)
}

describe('certificates from the annotation', () => {
  test('an HTTPS port without a certificate fails the build, and there is no load balancer', async () => {
    await apply({ name: 'shop' }, { 'listen-ports': HTTPS })
    await clock.advance(5_000)
    expect(embedded.aws.loadBalancers.all).toEqual([])
    expect(await eventsOn(SHOP)).toMatchObject([
      {
        reason: 'FailedBuildModel',
        message: expect.stringContaining('no certificate found for host: shop.example.com'),
      },
    ])
  })

  test('A alone is the default and on the list; B beside it is on the list; B alone takes its place, each within 5 s', async () => {
    const [a, b] = [issue('a.example.com'), issue('b.example.com')]
    await apply({ name: 'shop' }, { 'listen-ports': HTTPS, 'certificate-arn': a })
    await clock.advance(5_000)
    expect(listener()).toEqual({ default: a, list: [a] })
    await publish(SHOP, a, b)
    await clock.advance(5_000)
    expect(listener()).toEqual({ default: a, list: [a, b].sort() })
    await publish(SHOP, b)
    await clock.advance(5_000)
    expect(listener()).toEqual({ default: b, list: [b] })
  })

  test('the default is the first ARN of the first member, wherever else certificates are', async () => {
    const [a, b] = [issue('a.example.com'), issue('b.example.com')]
    await apply({ name: 'a' }, { 'group.order': '2', 'certificate-arn': a })
    await apply({ name: 'b' }, { 'group.order': '1', 'certificate-arn': b })
    await clock.advance(5_000)
    expect(listener()).toEqual({ default: b, list: [a, b].sort() })
  })

  test('a listener loses certificates before it gains others, one call each', async () => {
    const [first, old, next] = [issue('first.example.com'), issue('shop.example.com'), issue('shop.example.com')]
    await apply({ name: 'first' }, { 'group.order': '-1', 'certificate-arn': first })
    await apply({ name: 'shop' }, { 'certificate-arn': old })
    await clock.advance(5_000)
    const before = changes().length
    await publish(SHOP, next)
    await clock.advance(5_000)
    expect(changes().slice(before)).toEqual(['RemoveListenerCertificates', 'AddListenerCertificates'])
    expect(listener()).toEqual({ default: first, list: [first, next].sort() })
  })

  test('an ARN that does not exist fails the whole group: the edit of a neighbour is not deployed', async () => {
    const a = issue('a.example.com')
    await apply({ name: 'a' }, { 'certificate-arn': a })
    await apply({ name: 'shop' }, { 'certificate-arn': a })
    await clock.advance(5_000)
    await publish(SHOP, a.replace(/.{8}$/, 'deadbeef'))
    await clock.advance(1_000)
    await embedded.user.addHost({ namespace: 'shop', name: 'a' }, 'new.example.com')
    await clock.advance(5_000)
    expect(embedded.lbc.deployed('edge')?.rules.map(({ host }) => host)).not.toContain('new.example.com')
    for (const name of ['a', 'shop']) {
      expect(await eventsOn({ namespace: 'shop', name })).toContainEqual(
        expect.objectContaining({
          reason: 'FailedDeployModel',
          message: expect.stringContaining('CertificateNotFound'),
        }),
      )
    }
    await publish(SHOP, a)
    await clock.advance(1_000)
    expect(embedded.lbc.deployed('edge')?.rules.map(({ host }) => host)).toContain('new.example.com')
  })

  test('a certificate that is not issued yet fails the whole group, until it is', async () => {
    embedded.aws.configure({ issuance: [60_000, 60_000] })
    const pending = await requestCertificate('shop.example.com')
    await apply({ name: 'shop' }, { 'certificate-arn': pending })
    await clock.advance(5_000)
    expect((await eventsOn(SHOP))[0]).toMatchObject({
      reason: 'FailedDeployModel',
      message: expect.stringContaining('UnsupportedCertificate'),
    })
    embedded.aws.issue(pending)
    await clock.advance(20_000)
    expect(listener()?.default).toBe(pending)
  })

  test('the 26th certificate is one too many, and says so', async () => {
    const arns = Array.from({ length: 26 }, (_, index) => issue(`${index}.example.com`))
    await apply({ name: 'shop' }, { 'certificate-arn': arns.join(',') })
    await clock.advance(60_000)
    expect((await eventsOn(SHOP))[0]).toMatchObject({
      reason: 'FailedDeployModel',
      message: expect.stringContaining('TooManyCertificates'),
    })
    await publish(SHOP, ...arns.slice(1))
    await clock.advance(60_000)
    expect(listener()?.list).toHaveLength(25)
  })
})

describe('discovery', () => {
  test('attaches all issued certificates of the account that match a host, wildcards included', async () => {
    const [exact, wild, other] = [issue('shop.example.com'), issue('*.example.com'), issue('other.example.org')]
    await apply({ name: 'shop' }, { 'listen-ports': HTTPS })
    await clock.advance(5_000)
    expect(listener()?.list).toEqual([exact, wild].sort())
    expect(listener()?.list).not.toContain(other)
  })

  test('ends for an Ingress that names a certificate: what it had found is removed', async () => {
    const [wild, own] = [issue('*.example.com'), issue('shop.example.com')]
    await apply({ name: 'a' }, { 'group.order': '-1', 'certificate-arn': issue('a.example.com') })
    await apply({ name: 'shop' }, { 'listen-ports': HTTPS })
    await clock.advance(5_000)
    expect(listener()?.list).toContain(wild)
    await publish(SHOP, own)
    await clock.advance(5_000)
    expect(listener()?.list).toContain(own)
    expect(listener()?.list).not.toContain(wild)
  })

  test('knows a certificate that was issued meanwhile only after a minute, and only when something makes it look', async () => {
    issue('shop.example.com')
    await apply({ name: 'shop' }, { 'listen-ports': HTTPS })
    await clock.advance(5_000)
    const late = issue('*.example.com')
    await embedded.user.annotate(SHOP, { 'example.com/nudge': '1' })
    await clock.advance(5_000)
    expect(listener()?.list).not.toContain(late)
    await clock.advance(120_000)
    expect(listener()?.list).not.toContain(late)
    await embedded.user.annotate(SHOP, { 'example.com/nudge': '2' })
    await clock.advance(5_000)
    expect(listener()?.list).toContain(late)
  })
})

describe('a group', () => {
  test('shares one load balancer, tagged, whose name every member shows; its finalizer goes after the load balancer', async () => {
    const a = issue('*.example.com')
    await apply({ name: 'a' }, { 'certificate-arn': a })
    await apply({ name: 'shop' }, { 'certificate-arn': a })
    await clock.advance(5_000)
    const [loadBalancer, ...others] = embedded.aws.loadBalancers.all
    expect(others).toEqual([])
    expect(loadBalancer?.tags).toMatchObject({ 'elbv2.k8s.aws/cluster': 'embedded', 'ingress.k8s.aws/stack': 'edge' })
    for (const name of ['a', 'shop']) {
      const { metadata, status } = await embedded.user.get({ namespace: 'shop', name })
      expect(status?.loadBalancer?.ingress).toEqual([{ hostname: loadBalancer?.dnsName }])
      expect(metadata.finalizers).toEqual(['group.ingress.k8s.aws/edge'])
    }
    embedded.lbc.pause()
    await embedded.user.delete({ namespace: 'shop', name: 'a' })
    await embedded.user.delete(SHOP)
    await clock.advance(5_000)
    expect((await embedded.user.get(SHOP)).metadata.deletionTimestamp).toBeDefined()
    embedded.lbc.resume()
    await clock.advance(5_000)
    await expect(embedded.user.get(SHOP)).rejects.toThrow('404')
    expect(embedded.aws.loadBalancers.all).toEqual([])
  })

  test('of one Ingress has the finalizer of its own, and a host moved out of a group leaves it', async () => {
    const a = issue('*.example.com')
    await apply({ name: 'a' }, { 'certificate-arn': a })
    await apply({ name: 'shop' }, { 'certificate-arn': a })
    await clock.advance(5_000)
    await embedded.user.annotate(SHOP, { 'alb.ingress.kubernetes.io/group.name': null })
    await clock.advance(5_000)
    expect((await embedded.user.get(SHOP)).metadata.finalizers).toEqual(['ingress.k8s.aws/resources'])
    expect(embedded.aws.loadBalancers.all).toHaveLength(2)
    expect(embedded.lbc.deployed('edge')?.rules.map(({ ingress }) => ingress)).toEqual(['shop/a'])
  })

  test('is built from what was seen when the work began: what changes meanwhile waits for the next turn', async () => {
    const [a, b] = [issue('a.example.com'), issue('b.example.com')]
    await apply({ name: 'shop' }, { 'certificate-arn': a })
    await clock.advance(5_000)
    embedded.lbc.configure({ reconcileDelay: [10_000, 10_000] })
    await publish(SHOP, a, b)
    await clock.advance(5_000)
    await publish(SHOP, a)
    await clock.advance(6_000)
    expect(listener()?.list).toContain(b)
    await clock.advance(10_000)
    expect(listener()?.list).toEqual([a])
  })

  test('with two HTTPS ports may have the second attached 60 s late', async () => {
    const [a, b] = [issue('a.example.com'), issue('b.example.com')]
    await apply({ name: 'shop' }, { 'listen-ports': '[{"HTTPS":443},{"HTTPS":8443}]', 'certificate-arn': a })
    await clock.advance(5_000)
    embedded.lbc.configure({ portDelay: { 8443: 60_000 } })
    await publish(SHOP, a, b)
    await clock.advance(30_000)
    expect([listener(443)?.list.includes(b), listener(8443)?.list.includes(b)]).toEqual([true, false])
    await clock.advance(31_000)
    expect(listener(8443)?.list).toContain(b)
  })

  test('that failed is tried again after 1, 2, 4 … s, and at once when an object changes', async () => {
    await apply({ name: 'shop' }, { 'listen-ports': HTTPS })
    await clock.advance(7_500)
    expect(await eventsOn(SHOP)).toMatchObject([{ reason: 'FailedBuildModel', count: 4 }])
    await clock.advance(3_600_000)
    const a = issue('shop.example.com')
    await publish(SHOP, a)
    await clock.advance(100)
    expect(listener()?.default).toBe(a)
  })
})

test('an Ingress that another controller owns is left alone', async () => {
  await apply({ name: 'shop', ingressClassName: 'nginx' }, { 'certificate-arn': issue('shop.example.com') })
  await clock.advance(5_000)
  expect(changes()).toEqual([])
  expect((await embedded.user.get(SHOP)).metadata.finalizers ?? []).toEqual([])
})

test('a load balancer controller that was stopped in the middle goes on when it is started again', async () => {
  const [a, b] = [issue('a.example.com'), issue('b.example.com')]
  await apply({ name: 'shop' }, { 'certificate-arn': a })
  await clock.advance(5_000)
  embedded.lbc.configure({ callDelay: [1_000, 1_000] })
  await publish(SHOP, b)
  await clock.advance(4_500)
  embedded.lbc.stop()
  await clock.advance(60_000)
  expect(listener()).not.toEqual({ default: b, list: [b] })
  await embedded.lbc.start()
  await clock.advance(20_000)
  expect(listener()).toEqual({ default: b, list: [b] })
})

test('at rest it neither calls nor writes, and only watches sleep', async () => {
  embedded.prober.stop()
  // ACM sleeps until it renews it.
  const certificate = issue('shop.example.com')
  await clock.advance(1_000)
  const sleeping = clock.sleeping
  await apply({ name: 'shop' }, { 'certificate-arn': certificate })
  await clock.advance(60_000)
  const calls = embedded.aws.events.calls('DescribeLoadBalancers')
  const { resourceVersion } = (await embedded.user.get(SHOP)).metadata
  await clock.advance(24 * 3_600_000)
  expect(embedded.aws.events.calls('DescribeLoadBalancers')).toBe(calls)
  expect((await embedded.user.get(SHOP)).metadata.resourceVersion).toBe(resourceVersion)
  expect(clock.sleeping).toBeLessThanOrEqual(sleeping)
})

test('in front of it a TLS client sees each certificate as long as it is attached', async () => {
  await apply({ name: 'shop' }, { 'certificate-arn': issue('shop.example.com') })
  await clock.advance(5_000)
  expect(embedded.prober.isServed('shop.example.com')).toBe(true)
  await publish(SHOP, issue('other.example.com'))
  await clock.advance(1_000)
  expect(embedded.prober.failures[0]).toMatchObject({ target: { host: 'shop.example.com', port: 443 } })
})

/** A certificate that nobody validates. */
async function requestCertificate(name: string): Promise<string> {
  const { ACMClient, RequestCertificateCommand } = await import('@aws-sdk/client-acm')
  const { requestHandler } = embedded.world.aws
  const acm = new ACMClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: ACCESS_KEYS.colleague, secretAccessKey: 'none' },
    requestHandler: requestHandler as never,
  })
  const { CertificateArn = '' } = await acm.send(
    new RequestCertificateCommand({ DomainName: name, ValidationMethod: 'DNS' }),
  )
  return CertificateArn
}
