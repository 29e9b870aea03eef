import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { Story } from './story.ts'

const SHOP = { namespace: 'default', name: 'shop' }

/** Hours pass in these stories, and nobody renews a lease. */
function begin(flags: Readonly<Record<string, string>> = {}): Promise<Story> {
  return Story.begin({ flags: { 'leader-elect': 'false', ...flags } })
}

function tagsOf(story: Story, name = 'shop'): Readonly<Record<string, string>> {
  return story.world.aws.certificate(story.listed(name)[0] as string)?.tags ?? {}
}

test('tags are on the certificate from its request on, and follow the object and the defaults in place', async () => {
  await using story = await begin({ 'default-tags': 'cost=42,stage=none' })
  story.world.prober.stop()
  const annotations = { 'certwright.dev/tags': 'team=shop,stage=prod' }
  await story.apply({ ...SHOP, hosts: ['shop.example.com'], annotations })
  await story.ready('shop')
  expect(tagsOf(story)).toMatchObject({ team: 'shop', stage: 'prod', cost: '42', 'certwright.dev/cluster': 'story' })
  const [arn] = story.listed('shop')
  await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/tags': 'team=web' }))
  await story.until('the tags are changed', () => tagsOf(story).team === 'web' && tagsOf(story).stage === 'none')
  await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/tags': null }))
  await story.pass(20 * MINUTE)
  expect(tagsOf(story)).not.toHaveProperty('team')
  expect(tagsOf(story)).toMatchObject({ cost: '42', 'certwright.dev/key': expect.any(String) as string })
  expect(story.listed('shop')).toEqual([arn])
  expect(story.requests()).toBe(1)
})

test('tags that somebody else puts on a certificate stay, and a change after a restart knows which were ours', async () => {
  await using story = await begin()
  story.world.prober.stop()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'], annotations: { 'certwright.dev/tags': 'team=shop' } })
  await story.ready('shop')
  const [arn] = story.listed('shop')
  story.world.aws.setTags(arn as string, { ...tagsOf(story), audited: 'yes' })
  await story.pass(HOUR)
  await story.during(story.controller.stop())
  await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/tags': 'other=1' }))
  story.startController()
  await story.until('the tags are changed', () => tagsOf(story).other === '1')
  await story.pass(20 * MINUTE)
  expect(tagsOf(story)).not.toHaveProperty('team')
  expect(tagsOf(story)).toMatchObject({ audited: 'yes' })
})

test('a tag that ACM cannot hold refuses the request with the character, and what is served stays', async () => {
  await using story = await begin()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/tags': 'share=50%' }))
  await story.reaches('shop', 'InvalidAnnotation')
  expect(story.standing('shop').message).toContain('the tag "share" has the character "%"')
  await story.pass(HOUR)
  expect(story.listed('shop')).toHaveLength(1)
  expect(story.world.prober.failures).toEqual([])
})

test('a certificate with the deletion policy "retain" stays when its object is gone, also once the ledger is lost', async () => {
  await using story = await begin({ 'retire-after': '10m' })
  story.world.prober.stop()
  const annotations = { 'certwright.dev/deletion-policy': 'retain' }
  await story.apply({ ...SHOP, hosts: ['shop.example.com'], annotations })
  await story.apply({ namespace: 'default', name: 'other', hosts: ['other.example.com'] })
  await story.ready('shop')
  await story.ready('other')
  const [retained] = story.listed('shop')
  const [other] = story.listed('other')
  await story.during(story.world.user.delete(SHOP))
  await story.during(story.world.user.delete({ namespace: 'default', name: 'other' }))
  await story.pass(HOUR)
  expect(story.world.aws.certificate(other as string)).toBeUndefined()
  const shown = story.world.kube.admin.list({ apiVersion: 'certwright.dev/v1alpha1', kind: 'ACMCertificate' })
  expect(shown.map(({ status }) => (status as { reason?: string }).reason)).toContain('Retained')
  for (const { metadata } of shown)
    story.world.kube.admin.delete({
      apiVersion: 'certwright.dev/v1alpha1',
      kind: 'ACMCertificate',
      name: metadata.name ?? '',
    })
  await story.pass(90 * MINUTE)
  expect(story.world.aws.certificate(retained as string)).toBeDefined()
})

test('of two objects that share a certificate, the one that retains decides', async () => {
  await using story = await begin({ 'retire-after': '10m' })
  story.world.prober.stop()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  const [arn] = story.listed('shop')
  const annotations = { 'certwright.dev/deletion-policy': 'retain' }
  await story.apply({ namespace: 'default', name: 'twin', hosts: ['shop.example.com'], annotations })
  await story.until('it is marked', () => tagsOf(story)['certwright.dev/deletion-policy'] === 'retain')
  await story.during(story.world.user.delete({ namespace: 'default', name: 'twin' }))
  await story.until('it is no more', () => tagsOf(story)['certwright.dev/deletion-policy'] === undefined)
  await story.during(story.world.user.delete(SHOP))
  await story.pass(HOUR)
  expect(story.world.aws.certificate(arn as string)).toBeUndefined()
  expect(story.requests()).toBe(1)
})

test('a certificate from which somebody takes our tags is ours no more: another serves, and it stays untouched', async () => {
  await using story = await begin({ 'retire-after': '10m' })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  const [arn] = story.listed('shop')
  story.world.aws.setTags(arn as string, {})
  await story.pass(2 * HOUR)
  await story.ready('shop')
  expect(story.listed('shop')).toHaveLength(1)
  expect(story.listed('shop')).not.toContain(arn)
  expect(story.world.aws.certificate(arn as string)).toBeDefined()
  expect(story.requests()).toBe(2)
  expect(story.world.prober.failures).toEqual([])
})
