import { expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { MANAGED, Story } from './story.ts'

const GROUP = { ...MANAGED, 'alb.ingress.kubernetes.io/group.name': 'shared' }

test('a second Ingress that wishes the same certificate shares it, across namespaces', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  await story.during(story.world.user.createNamespace('other'))
  const other = { namespace: 'other', name: 'shop' }
  await story.apply({ ...other, hosts: ['SHOP.example.com.'.slice(0, -1).toLowerCase()] })
  await story.ready(other)
  expect(story.requests()).toBe(1)
  expect(story.listed(other)).toEqual(story.listed('shop'))
})

test('a host that moves to an Ingress in another namespace is served without a gap', async () => {
  await using story = await Story.begin()
  await story.during(story.world.user.createNamespace('blog'))
  const blog = { namespace: 'blog', name: 'blog' }
  await story.apply({ name: 'shop', hosts: ['shop.example.com', 'blog.example.com'] })
  await story.ready('shop')
  await story.apply({ ...blog, hosts: ['blog.example.com'] })
  await story.until('the new Ingress is covered at once', () => story.listed(blog).length > 0, 5 * SECOND)
  await story.during(story.world.user.removeHost({ namespace: 'default', name: 'shop' }, 'blog.example.com'))
  await story.until(
    'each has its own',
    () =>
      story.listed('shop').length === 1 &&
      story.listed(blog).length === 1 &&
      story.isReady('shop') &&
      story.isReady(blog),
  )
  expect(story.listed('shop')).toEqual([story.certificates('shop.example.com')[0]?.arn])
  expect(story.listed(blog)).toEqual([story.certificates('blog.example.com')[0]?.arn])
  expect(story.world.prober.failures).toEqual([])
})

test('a host that moves between Ingresses of one group is served without a gap', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'one', hosts: ['a.example.com', 'b.example.com'], annotations: GROUP })
  await story.apply({ name: 'two', hosts: ['c.example.com'], annotations: GROUP })
  await story.ready('one')
  await story.ready('two')
  await story.during(
    story.world.user.moveHost({
      host: 'b.example.com',
      from: { namespace: 'default', name: 'one' },
      to: { namespace: 'default', name: 'two' },
    }),
  )
  await story.until(
    'each lists only its own',
    () =>
      story.isReady('one') &&
      story.isReady('two') &&
      story.listed('one').length === 1 &&
      story.listed('two').length === 1,
    HOUR,
  )
  expect(story.listed('one')).toEqual([story.certificates('a.example.com')[0]?.arn])
  expect(story.listed('two')).toEqual([story.certificates('b.example.com', 'c.example.com')[0]?.arn])
  expect(story.world.prober.failures).toEqual([])
})

test('an Ingress that moves to another group is served there before it is given up here', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'one', hosts: ['a.example.com'], annotations: GROUP })
  await story.apply({ name: 'two', hosts: ['b.example.com'], annotations: GROUP })
  await story.ready('one')
  await story.until('two lists its own alone', () => story.isReady('two') && story.listed('two').length === 1)
  const [certificate] = story.listed('two')
  await story.during(
    story.world.user.annotate(
      { namespace: 'default', name: 'two' },
      { 'alb.ingress.kubernetes.io/group.name': 'apart' },
    ),
  )
  await story.pass(5 * MINUTE)
  expect(story.listed('two')).toEqual([certificate])
  expect(story.isReady('two')).toBe(true)
  expect(story.requests()).toBe(2)
})

test('with two HTTPS ports an old certificate stays until the second port has the new one, 60 s later', async () => {
  await using story = await Story.begin()
  const ports = { ...MANAGED, 'alb.ingress.kubernetes.io/listen-ports': '[{"HTTPS":443},{"HTTPS":8443}]' }
  await story.apply({ name: 'shop', hosts: ['shop.example.com'], annotations: ports })
  await story.ready('shop')
  const [old] = story.listed('shop')
  story.world.lbc.configure({ portDelay: { 8443: MINUTE } })
  await story.during(story.world.user.addHost({ namespace: 'default', name: 'shop' }, 'www.example.com'))
  await story.until('both are listed', () => story.listed('shop').length === 2)
  const listedAt = story.clock.now()
  await story.until('the old one left', () => story.listed('shop').length === 1)
  expect(story.listed('shop')).not.toContain(old)
  // A minute until the second port has it, and two looks a minute apart after that.
  expect(story.clock.now() - listedAt).toBeGreaterThanOrEqual(2 * MINUTE)
  expect(story.world.prober.failures).toEqual([])
})

test('an Ingress of a group that is Held is lent a certificate, and a path change on another is live', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'one', hosts: ['a.example.com'], annotations: GROUP })
  await story.ready('one')
  await story.apply({ name: 'lab', hosts: ['lab.example.net'], annotations: GROUP })
  await story.until('lab is Held', () => story.standing('lab').reason === 'NoHostedZone')
  await story.until('lab is lent a certificate', () => story.listed('lab').length === 1)
  expect(story.listed('lab')).toEqual(story.listed('one'))
  await story.during(story.world.user.setHosts({ namespace: 'default', name: 'one' }, ['a.example.com'], '/new'))
  await story.until(
    'the new path is deployed',
    () => JSON.stringify(story.world.lbc.deployed('shared')).includes('/new'),
    MINUTE,
  )
  expect(story.standing('lab').message).toContain('lab.example.net')
})

test('what discovery serves is carried over at the first publication, and leaves once ours is served', async () => {
  await using story = await Story.begin()
  const foreign = story.world.aws.issueCertificate({ names: ['*.example.com'] })
  await story.pass(15 * SECOND)
  await story.apply({
    name: 'shop',
    hosts: ['shop.example.com'],
    annotations: { 'certwright.dev/certificate': 'false' },
  })
  await story.until('discovery serves it', () => story.world.prober.handshakes > 0)
  await story.during(
    story.world.user.annotate({ namespace: 'default', name: 'shop' }, { 'certwright.dev/certificate': 'true' }),
  )
  await story.until('both are listed', () => story.listed('shop').length === 2)
  expect(story.listed('shop')).toContain(foreign)
  await story.until('only ours is listed', () => story.listed('shop').length === 1)
  expect(story.listed('shop')).toEqual([story.certificates('shop.example.com')[0]?.arn])
  expect(story.world.prober.failures).toEqual([])
  expect(story.certificates('*.example.com')).toHaveLength(1)
})

test('a user who writes the annotation himself takes over at once', async () => {
  await using story = await Story.begin()
  const foreign = story.world.aws.issueCertificate({ names: ['shop.example.com'] })
  await story.pass(15 * SECOND)
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  await story.during(
    story.world.user.annotate(
      { namespace: 'default', name: 'shop' },
      { 'alb.ingress.kubernetes.io/certificate-arn': foreign },
    ),
  )
  await story.until('we stand aside', () => story.standing('shop').reason === 'ExplicitCertificate', 10 * SECOND)
  story.world.prober.stop()
  await story.pass(HOUR)
  expect(story.listed('shop')).toEqual([foreign])
})

test('an annotation that somebody removed is put back, and ever more slowly where it is removed again and again', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  const before = story.listed('shop')
  story.world.prober.stop()
  const shop = { namespace: 'default', name: 'shop' }
  const pauses: number[] = []
  for (let round = 0; round < 6; round++) {
    await story.during(story.world.user.removeCertificateAnnotation(shop))
    pauses.push(await story.until('it is put back', () => story.listed('shop').length > 0, HOUR))
    expect(story.listed('shop')).toEqual(before)
  }
  expect(pauses.at(-1)).toBeGreaterThan(10 * ((pauses[0] as number) + 100))
})

test('opting out withdraws ours once another certificate covers the host, and not before', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  const shop = { namespace: 'default', name: 'shop' }
  await story.during(story.world.user.annotate(shop, { 'certwright.dev/certificate': 'false' }))
  await story.until('it says that nothing else covers the host', () => story.standing('shop').reason === 'OptedOut')
  story.world.prober.stop()
  await story.pass(HOUR)
  expect(story.listed('shop')).toHaveLength(1)
  expect(story.standing('shop').message).toContain('by hand')
  story.world.aws.issueCertificate({ names: ['*.example.com'] })
  await story.until('ours is withdrawn', () => story.listed('shop').length === 0, HOUR)
  await story.until('its claim is gone', () => story.standing('shop').state === undefined)
})

test('a certificate that somebody deleted in ACM is replaced, and the dead one leaves at once', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  const [dead] = story.listed('shop')
  story.world.prober.stop()
  story.world.aws.deleteCertificate(dead as string)
  await story.until(
    'another is listed alone',
    () => story.listed('shop').length === 1 && story.listed('shop')[0] !== dead,
    2 * HOUR,
  )
  await story.ready('shop')
  expect(story.requests()).toBe(2)
})

test('a 26th certificate is not requested for a load balancer that holds 25, and the claim says so', async () => {
  await using story = await Story.begin({ flags: { 'certificates-per-load-balancer': '3' } })
  for (const name of ['one', 'two', 'three']) {
    await story.apply({ name, hosts: [`${name}.example.com`], annotations: GROUP })
    await story.ready(name)
  }
  await story.apply({ name: 'four', hosts: ['four.example.com'], annotations: GROUP })
  await story.until('four is Held', () => story.standing('four').reason === 'LoadBalancerFull')
  expect(story.requests()).toBe(3)
  expect(story.standing('four').message).toContain('--certificates-per-load-balancer')
})

test('the last free place is the oldest claim’s, a restart changes nothing, and the next enters when one goes', async () => {
  await using story = await Story.begin({ flags: { 'certificates-per-load-balancer': '2', 'retire-after': '1h' } })
  for (const name of ['one', 'two', 'three']) {
    await story.apply({ name, hosts: [`${name}.example.com`], annotations: GROUP })
    // Creation times are whole seconds.
    await story.pass(SECOND)
  }
  await story.ready('two')
  await story.reaches('three', 'LoadBalancerFull')
  expect(story.requests()).toBe(2)
  const others = ['one', 'two'].map((name) => story.listed(name))
  await story.during(story.controller.stop())
  story.startController()
  await story.pass(10 * MINUTE)
  expect(story.standing('three').reason).toBe('LoadBalancerFull')
  expect(['one', 'two'].map((name) => story.listed(name))).toEqual(others)
  await story.during(story.world.user.delete({ namespace: 'default', name: 'one' }))
  await story.ready('three', HOUR)
  expect(story.requests()).toBe(3)
})

test('where a successor would be one too many, what serves stays, and the claim says what to do', async () => {
  await using story = await Story.begin({ flags: { 'certificates-per-load-balancer': '2', 'retire-after': '1h' } })
  for (const name of ['one', 'two']) await story.apply({ name, hosts: [`${name}.example.com`], annotations: GROUP })
  await story.ready('one')
  await story.ready('two')
  const before = story.listed('one')
  await story.apply({ name: 'one', hosts: ['one.example.com', 'uno.example.com'], annotations: GROUP })
  await story.reaches('one', 'LoadBalancerFull')
  expect(story.standing('one').message).toContain('what serves it now stays')
  await story.pass(HOUR)
  expect(story.listed('one')).toEqual(before)
  expect(story.requests()).toBe(2)
  await story.during(story.world.user.delete({ namespace: 'default', name: 'two' }))
  await story.ready('one', HOUR)
  expect(story.listed('one')).not.toEqual(before)
  expect(story.world.prober.failures).toEqual([])
})

test('a typo in an annotation costs no name its TLS', async () => {
  await using story = await Story.begin({ flags: { 'retire-after': '1h' } })
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  const before = story.listed('shop')
  await story.during(
    story.world.user.annotate({ namespace: 'default', name: 'shop' }, { 'certwright.dev/key-algorithm': 'RSA_1024' }),
  )
  await story.until('it is Refused', () => story.standing('shop').reason === 'InvalidAnnotation')
  await story.pass(5 * MINUTE)
  story.world.prober.stop()
  await story.pass(6 * HOUR)
  expect(story.listed('shop')).toEqual(before)
  expect(story.certificates('shop.example.com')).toHaveLength(1)
  expect(story.world.prober.failures).toEqual([])
})

test('a zone that vanished costs no name its TLS', async () => {
  await using story = await Story.begin({ flags: { 'retire-after': '1h' } })
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  const before = story.listed('shop')
  story.world.prober.stop()
  for (const zone of story.world.aws.hostedZones()) story.world.aws.deleteHostedZone(zone.id)
  await story.pass(6 * HOUR)
  expect(story.listed('shop')).toEqual(before)
  expect(story.isReady('shop')).toBe(true)
})

test('an IngressClass that is deleted and made again takes no certificate off its objects', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  story.world.prober.stop()
  const before = story.listed('shop')
  const { admin } = story.world.kube
  const reference = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', name: 'alb' }
  const spec = admin.get(reference)?.['spec'] as { controller: string }
  admin.delete(reference)
  await story.until('it says that the class is missing', () => story.standing('shop').reason === 'ForeignClass')
  await story.pass(10 * MINUTE)
  expect(story.listed('shop')).toEqual(before)
  admin.create({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'alb' },
    spec: { controller: spec.controller },
  })
  await story.ready('shop')
  expect(story.listed('shop')).toEqual(before)
  expect(story.requests()).toBe(1)
})

test('an Ingress whose class goes to another controller gives up our certificate', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  story.world.prober.stop()
  story.world.kube.admin.create({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'nginx' },
    spec: { controller: 'k8s.io/ingress-nginx' },
  })
  const shop = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'default', name: 'shop' }
  story.world.kube.admin.edit(shop, (current) => ({
    ...current,
    spec: { ...(current['spec'] as object), ingressClassName: 'nginx' },
  }))
  await story.until('ours is withdrawn', () => story.listed('shop').length === 0)
})
