import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { Story } from './story.ts'

const SHOP = { namespace: 'default', name: 'shop' }
const ARN = 'alb.ingress.kubernetes.io/certificate-arn'

function explicit(story: Story): string {
  return story.world.aws.issueCertificate({ names: ['shop.example.com'] })
}

test('a certificate is issued beside an explicit ARN, and takes over when that is removed, without a handshake lost', async () => {
  await using story = await Story.begin({ flags: { 'retire-after': '10m' } })
  const own = explicit(story)
  await story.apply({
    ...SHOP,
    hosts: ['shop.example.com'],
    annotations: { [ARN]: own, 'certwright.dev/certificate': 'standby' },
  })
  await story.reaches('shop', 'Standby')
  expect(story.standing('shop').message).toContain(own)
  expect(story.requests()).toBe(1)
  await story.pass(2 * HOUR)
  expect(story.listed('shop')).toEqual([own])
  await story.during(story.world.user.annotate(SHOP, { [ARN]: null }))
  await story.ready('shop')
  await story.until('ours alone is listed', () => story.listed('shop').length === 1 && story.listed('shop')[0] !== own)
  await story.pass(HOUR)
  expect(story.requests()).toBe(1)
  expect(story.world.aws.certificate(own)).toBeDefined()
  expect(story.world.prober.failures).toEqual([])
})

test('one that stands by follows its hosts, and goes when nobody wants it', async () => {
  await using story = await Story.begin({ flags: { 'retire-after': '10m' } })
  story.world.prober.stop()
  const own = explicit(story)
  await story.apply({
    ...SHOP,
    hosts: ['shop.example.com'],
    annotations: { [ARN]: own, 'certwright.dev/certificate': 'standby' },
  })
  await story.reaches('shop', 'Standby')
  await story.during(story.world.user.addHost(SHOP, 'www.example.com'))
  await story.until(
    'the second one stands by',
    () => story.requests() === 2 && story.standing('shop').reason === 'Standby',
  )
  await story.pass(HOUR)
  // The one of that name that is left is the explicit one.
  expect(story.certificates('shop.example.com').map(({ arn }) => arn)).toEqual([own])
  await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/certificate': 'false' }))
  await story.pass(HOUR)
  expect(story.certificates('shop.example.com', 'www.example.com')).toHaveLength(0)
  expect(story.listed('shop')).toEqual([own])
})

test('where the class names the certificates, one stands by until the class does no more', async () => {
  await using story = await Story.begin()
  story.world.prober.stop()
  const own = explicit(story)
  const PARAMETERS = { apiVersion: 'elbv2.k8s.aws/v1beta1', kind: 'IngressClassParams', name: 'shared' }
  story.world.kube.admin.create({
    apiVersion: PARAMETERS.apiVersion,
    kind: PARAMETERS.kind,
    metadata: { name: 'shared' },
    spec: { certificateArn: [own] },
  })
  story.world.kube.admin.edit({ apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', name: 'alb' }, (object) => ({
    ...object,
    spec: {
      ...(object.spec as object),
      parameters: { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name: 'shared' },
    },
  }))
  await story.apply({ ...SHOP, hosts: ['shop.example.com'], annotations: { 'certwright.dev/certificate': 'standby' } })
  await story.reaches('shop', 'Standby')
  await story.pass(10 * MINUTE)
  expect(story.listed('shop')).toEqual([])
  story.world.kube.admin.edit(PARAMETERS, (object) => ({ ...object, spec: {} }))
  await story.ready('shop')
  expect(story.requests()).toBe(1)
})

test('"standby" without an explicit ARN is served like any other', async () => {
  await using story = await Story.begin()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'], annotations: { 'certwright.dev/certificate': 'standby' } })
  await story.ready('shop')
  expect(story.world.prober.failures).toEqual([])
})
