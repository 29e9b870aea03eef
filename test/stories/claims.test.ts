import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { MANAGED, Story, type StoryOptions } from './story.ts'

const HTTP_ONLY = { 'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP":80}]' }
const SHOP = { namespace: 'default', name: 'shop' }

interface Bad {
  readonly reason: string
  readonly hosts?: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly ingressClassName?: string | null
  /** What the sentence must name: the object, the field, the value, the cure. */
  readonly says: readonly string[]
  readonly options?: StoryOptions
}

const REFUSED: Readonly<Record<string, Bad>> = {
  'an answer that is neither true nor false': {
    reason: 'InvalidAnnotation',
    annotations: { 'certwright.dev/certificate': 'yes' },
    says: ['certwright.dev/certificate', '"yes"', '"true", "false" or "standby"', 'default/shop'],
  },
  'a key algorithm that ACM does not have': {
    reason: 'InvalidAnnotation',
    annotations: { 'certwright.dev/key-algorithm': 'RSA_1024' },
    says: ['certwright.dev/key-algorithm', '"RSA_1024"', 'RSA_2048, EC_prime256v1, EC_secp384r1', 'default/shop'],
  },
  'an annotation of ours that does not exist': {
    reason: 'InvalidAnnotation',
    annotations: { 'certwright.dev/exclude-name': 'a.example.com' },
    says: ['certwright.dev/exclude-name', '"a.example.com"', 'certwright.dev/exclude-names', 'default/shop'],
  },
  'a pause that is neither true nor false': {
    reason: 'InvalidAnnotation',
    annotations: { 'certwright.dev/paused': 'soon' },
    says: ['certwright.dev/paused', '"soon"', '"true" or "false"', 'default/shop'],
  },
  'listen ports that are no JSON': {
    reason: 'InvalidAnnotation',
    annotations: { 'alb.ingress.kubernetes.io/listen-ports': 'HTTPS:443' },
    says: ['alb.ingress.kubernetes.io/listen-ports', '"HTTPS:443"', '[{"HTTP":80},{"HTTPS":443}]', 'default/shop'],
  },
  'no host at all': {
    reason: 'NoNames',
    hosts: ['a.example.com'],
    annotations: { 'certwright.dev/exclude-names': 'a.example.com' },
    says: ['default/shop', 'spec.rules', 'spec.tls', 'certwright.dev/names'],
  },
  'names that ACM could never accept': {
    reason: 'InvalidName',
    annotations: {
      'certwright.dev/names': 'under_score.example.com',
      'certwright.dev/exclude-names': 'shop.example.com',
    },
    says: ['under_score.example.com', 'default/shop', 'certwright.dev/exclude-names'],
  },
  'more names than the certificates of a load balancer hold': {
    reason: 'TooManyNames',
    hosts: ['a.example.com', 'b.example.com', 'c.example.com'],
    options: { flags: { 'max-names-per-certificate': '2', 'certificates-per-load-balancer': '1' } },
    says: ['default/shop', '3 names', 'holds 1', '--max-names-per-certificate', 'wildcard'],
  },
  'no HTTPS port': {
    reason: 'NoHTTPSListener',
    annotations: HTTP_ONLY,
    says: ['default/shop', 'alb.ingress.kubernetes.io/listen-ports', '[{"HTTP":80}]', '{"HTTPS":443}'],
  },
}

const DEFERRED: Readonly<Record<string, Bad>> = {
  'a class of another controller': {
    reason: 'ForeignClass',
    ingressClassName: 'nginx',
    says: ['default/shop', 'k8s.io/ingress-nginx', 'ingress.k8s.aws/alb'],
  },
  'no class': { reason: 'ForeignClass', ingressClassName: null, says: ['default/shop', 'spec.ingressClassName'] },
  'a class that does not exist': { reason: 'ForeignClass', ingressClassName: 'abl', says: ['default/shop', '"abl"'] },
  'a class outside --ingress-class': {
    reason: 'OutOfScope',
    options: { flags: { 'ingress-class': 'internal' } },
    says: ['default/shop', '"alb"', '--ingress-class', '"internal"'],
  },
  'a pause': {
    reason: 'Paused',
    annotations: { 'certwright.dev/paused': 'true' },
    says: ['default/shop', 'certwright.dev/paused'],
  },
}

async function told(bad: Bad, state: 'Refused' | 'Deferred') {
  await using story = await Story.begin(bad.options)
  story.world.kube.admin.create({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'nginx' },
    spec: { controller: 'k8s.io/ingress-nginx' },
  })
  const { hosts = ['shop.example.com'], annotations = {}, ingressClassName } = bad
  await story.apply({ ...SHOP, hosts, annotations, ...(ingressClassName === undefined ? {} : { ingressClassName }) })
  const took = await story.reaches('shop', bad.reason, MINUTE)
  expect(took).toBeLessThanOrEqual(10 * SECOND)
  await story.pass(10 * MINUTE)
  expect(story.standing('shop')).toMatchObject({ state, reason: bad.reason })
  for (const part of bad.says) expect(story.standing('shop').message).toContain(part)
  const event = story.events('shop').at(-1)
  const type = state === 'Refused' ? 'Warning' : 'Normal'
  expect(event).toMatchObject({ type, reason: bad.reason, note: story.standing('shop').message })
  expect(story.conditions('shop')).toEqual([])
  expect(story.requests()).toBe(0)
  expect(story.listed('shop')).toEqual([])
}

describe('is refused with the reason and the cure, in its claim and in a Warning on it, and nothing is requested:', () => {
  test.each(Object.entries(REFUSED))('%s', (_, bad) => told(bad, 'Refused'))
})

describe('is left to others with the reason and the cure, in its claim and in an event, and nothing is requested:', () => {
  test.each(Object.entries(DEFERRED))('%s', (_, bad) => told(bad, 'Deferred'))
})

test('a name that ACM could never accept is left out and said, and the others are served', async () => {
  await using story = await Story.begin()
  await story.apply({
    ...SHOP,
    hosts: ['shop.example.com'],
    annotations: { 'certwright.dev/names': 'a_b.example.com' },
  })
  await story.ready('shop')
  expect(story.certificates('shop.example.com')).toHaveLength(1)
  expect(story.standing('shop').names).toMatchObject([{ name: 'a_b.example.com', reason: 'InvalidName' }])
  expect(story.requests()).toBe(1)
})

test('once an HTTPS port is added to an Ingress that had none, it is served', async () => {
  await using story = await Story.begin()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'], annotations: HTTP_ONLY })
  await story.reaches('shop', 'NoHTTPSListener')
  expect(story.calls('RequestCertificate')).toBe(0)
  await story.during(story.world.user.annotate(SHOP, MANAGED))
  await story.ready('shop')
})

test('an Ingress that names its class in the legacy annotation is served', async () => {
  await using story = await Story.begin()
  const annotations = { 'kubernetes.io/ingress.class': 'alb' }
  await story.apply({ ...SHOP, hosts: ['shop.example.com'], annotations, ingressClassName: null })
  await story.ready('shop')
  expect(story.listed('shop')).toHaveLength(1)
})

test('a class whose IngressClassParams name certificates is left to them, and ours follows once they name none', async () => {
  await using story = await Story.begin()
  story.world.prober.stop()
  const arn = story.world.aws.issueCertificate({ names: ['*.example.com'] })
  const { admin } = story.world.kube
  const parameters = { apiVersion: 'elbv2.k8s.aws/v1beta1', kind: 'IngressClassParams', metadata: { name: 'fixed' } }
  admin.create({ ...parameters, spec: { certificateArn: [arn] } })
  admin.create({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'fixed' },
    spec: {
      controller: 'ingress.k8s.aws/alb',
      parameters: { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name: 'fixed' },
    },
  })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'], ingressClassName: 'fixed' })
  await story.reaches('shop', 'ExplicitCertificate', 10 * SECOND)
  await story.pass(HOUR)
  expect(story.standing('shop').message).toContain('IngressClassParams fixed')
  expect(story.requests()).toBe(0)
  expect(story.listed('shop')).toEqual([])
  admin.edit({ ...parameters, name: 'fixed' }, (current) => ({ ...current, spec: {} }))
  await story.ready('shop')
  expect(story.listed('shop')).toContain(story.certificates('shop.example.com')[0]?.arn)
})

test('names are added and hosts left out as the annotations say', async () => {
  await using story = await Story.begin()
  await story.apply({
    ...SHOP,
    hosts: ['shop.example.com', 'internal.example.com'],
    tlsHosts: ['tls.example.com'],
    annotations: {
      'certwright.dev/names': '*.shop.example.com, extra.example.com',
      'certwright.dev/exclude-names': 'internal.example.com',
    },
  })
  await story.ready('shop')
  const names = ['*.shop.example.com', 'extra.example.com', 'shop.example.com', 'tls.example.com']
  expect(story.certificates(...names)).toHaveLength(1)
  expect(story.standing('shop').message).toContain('internal.example.com is not on it')
})

test('case, a trailing dot, doubles and order make no other certificate', async () => {
  await using story = await Story.begin()
  const one = { 'certwright.dev/names': 'B.Example.com., a.example.com,b.example.com' }
  await story.apply({ name: 'one', hosts: ['a.example.com'], annotations: one })
  await story.ready('one')
  await story.apply({ name: 'two', hosts: ['b.example.com', 'a.example.com'] })
  await story.ready('two')
  expect(story.requests()).toBe(1)
  expect(story.certificates('a.example.com', 'b.example.com')).toHaveLength(1)
})

test('the first name of at most 64 octets is the certificate’s DomainName', async () => {
  await using story = await Story.begin()
  const long = `a${'-long'.repeat(11)}.${'b'.repeat(20)}.example.com`
  expect(long.length).toBeGreaterThan(64)
  await story.apply({ ...SHOP, hosts: [long, 'c.example.com', 'b.example.com'] })
  await story.ready('shop')
  expect(story.world.aws.certificate(story.listed('shop')[0] as string)?.domainName).toBe('b.example.com')
})

test('names that are all longer than 64 octets are refused with the cure', async () => {
  await using story = await Story.begin()
  const long = `a${'-long'.repeat(11)}.${'b'.repeat(20)}.example.com`
  await story.apply({ ...SHOP, hosts: [long] })
  await story.reaches('shop', 'InvalidName')
  expect(story.standing('shop').message).toContain('64 octets')
  expect(story.standing('shop').message).toContain('certwright.dev/names')
  expect(story.calls('RequestCertificate')).toBe(0)
})

test('what stands in other namespaces than --watch-namespace is neither touched nor retired', async () => {
  // Without a load balancer nothing is in use: only what is kept for its own sake stays.
  await using story = await Story.begin({
    flags: { 'retire-after': '10m' },
    embedded: { runLoadBalancerController: false },
  })
  story.world.prober.stop()
  await story.during(story.world.user.createNamespace('team'))
  const team = { namespace: 'team', name: 'shop' }
  await story.apply({ ...team, hosts: ['team.example.com'] })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.until('both are listed', () => story.listed(team).length === 1 && story.listed('shop').length === 1)
  await story.during(story.controller.stop())
  const before = story.listed('shop')
  story.startController({ ...story.settings, watchNamespace: 'team' })
  await story.pass(HOUR)
  expect(story.listed(team)).toHaveLength(1)
  await story.during(story.world.user.delete(team))
  await story.until('the one of its own is retired', () => story.certificates('team.example.com').length === 0, HOUR)
  await story.pass(3 * HOUR)
  expect(story.listed('shop')).toEqual(before)
  expect(story.certificates('shop.example.com')).toEqual([{ arn: before[0], status: 'ISSUED' }])
})

test('what stands on another class than --ingress-class is neither touched nor retired', async () => {
  await using story = await Story.begin({ flags: { 'retire-after': '10m' } })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  story.world.prober.stop()
  const before = story.listed('shop')
  await story.during(story.controller.stop())
  story.startController({ ...story.settings, ingressClass: 'internal' })
  await story.reaches('shop', 'OutOfScope')
  await story.pass(3 * HOUR)
  expect(story.listed('shop')).toEqual(before)
  expect(story.certificates('shop.example.com')).toEqual([{ arn: before[0], status: 'ISSUED' }])
})

test('create-acm-cert counts with --lbc-annotations, and without it not', async () => {
  const annotations = {
    'alb.ingress.kubernetes.io/listen-ports': '[{"HTTPS":443}]',
    'alb.ingress.kubernetes.io/create-acm-cert': 'true',
  }
  const manifest = { ...SHOP, hosts: ['shop.example.com'], annotations }
  for (const flag of ['true', 'false']) {
    await using story = await Story.begin({ flags: { 'lbc-annotations': flag } })
    await story.during(story.world.user.apply(manifest))
    if (flag === 'true') await story.ready('shop')
    else await story.pass(10 * MINUTE)
    expect(story.requests()).toBe(flag === 'true' ? 1 : 0)
    expect(story.standing('shop').state).toBe(flag === 'true' ? 'Ready' : undefined)
  }
})

test('certwright.dev/certificate wins over the alias', async () => {
  await using story = await Story.begin({ flags: { 'lbc-annotations': 'true' } })
  const annotations = {
    'certwright.dev/certificate': 'false',
    'alb.ingress.kubernetes.io/create-acm-cert': 'true',
  }
  await story.apply({ ...SHOP, hosts: ['shop.example.com'], annotations })
  await story.pass(10 * MINUTE)
  expect(story.requests()).toBe(0)
})

test('an Ingress that is paused while it is served stays as it is, and goes on when the pause ends', async () => {
  await using story = await Story.begin({ flags: { 'retire-after': '10m' } })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  const before = story.listed('shop')
  await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/paused': 'true' }))
  await story.reaches('shop', 'Paused')
  await story.during(story.world.user.addHost(SHOP, 'www.example.com'))
  await story.pass(20 * MINUTE)
  expect(story.requests()).toBe(1)
  expect(story.listed('shop')).toEqual(before)
  expect(story.world.prober.failures).toEqual([])
  await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/paused': null }))
  await story.until('the successor is served', () => story.isReady('shop') && story.listed('shop')[0] !== before[0])
})

test('an EC certificate is asked for once, seen among all the others, and served', async () => {
  await using story = await Story.begin()
  story.world.prober.stop()
  const annotations = { 'certwright.dev/key-algorithm': 'EC_prime256v1' }
  await story.apply({ ...SHOP, hosts: ['shop.example.com'], annotations })
  await story.ready('shop')
  expect(story.world.aws.certificate(story.listed('shop')[0] as string)?.keyAlgorithm).toBe('EC_prime256v1')
  await story.during(story.controller.stop())
  story.startController()
  await story.pass(HOUR)
  expect(story.isReady('shop')).toBe(true)
  expect(story.requests()).toBe(1)
})

test('another key algorithm is another certificate, and the one before goes when it is served', async () => {
  await using story = await Story.begin()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  const [before] = story.listed('shop')
  await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/key-algorithm': 'EC_secp384r1' }))
  await story.until('the successor is listed alone', () => {
    const listed = story.listed('shop')
    return listed.length === 1 && listed[0] !== before
  })
  expect(story.world.aws.certificate(story.listed('shop')[0] as string)?.keyAlgorithm).toBe('EC_secp384r1')
  expect(story.world.prober.failures).toEqual([])
})
