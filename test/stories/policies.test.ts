import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/core/time.ts'
import { Story } from './story.ts'

const POLICIES = { apiVersion: 'certwright.dev/v1alpha1', kind: 'CertificatePolicy' }
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' }

function allow(story: Story, name: string, domains: readonly string[], more: Readonly<Record<string, number>> = {}) {
  const spec = { namespaceSelector: { matchLabels: { team: 'shop' } }, domains: [...domains], ...more }
  story.world.kube.admin.apply({ ...POLICIES, metadata: { name }, spec })
}

function label(story: Story, labels: Readonly<Record<string, string>>): void {
  story.world.kube.admin.edit({ ...NAMESPACE, name: 'default' }, (object) => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
  }))
}

function valid(story: Story, name: string): { readonly status: string; readonly message: string } | undefined {
  const policy = story.world.kube.admin.get({ ...POLICIES, name })
  return (policy?.status as { conditions?: { status: string; message: string }[] } | undefined)?.conditions?.[0]
}

test('a namespace gets what its policies allow, at once when they change, and keeps what is served', async () => {
  await using story = await Story.begin({ flags: { 'policy-mode': 'enforce' } })
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.reaches('shop', 'DomainNotAllowed')
  expect(story.standing('shop').message).toContain('no CertificatePolicy selects the namespace')
  allow(story, 'shops', ['shop.example.com'])
  await story.pass(MINUTE)
  expect(story.standing('shop').reason).toBe('DomainNotAllowed')
  label(story, { team: 'shop' })
  await story.ready('shop')
  expect(valid(story, 'shops')?.status).toBe('True')
  const served = story.listed('shop')
  await story.apply({ name: 'pay', hosts: ['pay.example.com'] })
  await story.reaches('pay', 'DomainNotAllowed')
  expect(story.events('pay').at(-1)).toMatchObject({ type: 'Warning', reason: 'DomainNotAllowed' })
  story.world.kube.admin.delete({ ...POLICIES, name: 'shops' })
  await story.pass(HOUR)
  expect(story.standing('shop')).toMatchObject({ state: 'Ready' })
  expect(story.listed('shop')).toEqual(served)
  await story.during(story.world.user.addHost({ namespace: 'default', name: 'shop' }, 'new.example.com'))
  await story.pass(HOUR)
  expect(story.listed('shop')).toEqual(served)
  expect(story.requests()).toBe(1)
  expect(story.world.prober.failures).toEqual([])
})

test('in audit everything is requested, and what would not be is told in an event and counted', async () => {
  await using story = await Story.begin({ flags: { 'policy-mode': 'audit' } })
  story.world.prober.stop()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  await story.pass(HOUR)
  const told = story.events('shop').filter(({ reason }) => reason === 'DomainNotAllowed')
  expect(told).toHaveLength(1)
  expect(told[0]?.note).toContain('no CertificatePolicy selects the namespace')
  expect(await story.metrics.text()).toContain('certwright_policy_violations{namespace="default"} 1')
})

test('a policy of half a day ago that is broken now allows nothing, and says so', async () => {
  await using story = await Story.begin({ flags: { 'policy-mode': 'enforce' } })
  story.world.prober.stop()
  label(story, { team: 'shop' })
  allow(story, 'shops', ['amazon.com'])
  await story.until('it is said', () => valid(story, 'shops')?.status === 'False')
  expect(valid(story, 'shops')?.message).toContain('spec.domains has "amazon.com"')
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.reaches('shop', 'DomainNotAllowed')
  allow(story, 'shops', ['example.com'])
  await story.ready('shop')
})

test('the requests of a day are a limit that a policy sets, and the next day goes on', async () => {
  await using story = await Story.begin({ flags: { 'policy-mode': 'enforce' } })
  story.world.prober.stop()
  label(story, { team: 'shop' })
  allow(story, 'shops', ['example.com'], { maxRequestsPerDay: 1 })
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  await story.apply({ name: 'web', hosts: ['web.example.com'] })
  await story.reaches('web', 'PolicyLimitReached')
  await story.ready('web', DAY)
})
