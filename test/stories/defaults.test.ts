import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { Story } from './story.ts'

const CLASS = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', name: 'alb' }
const SHOP = { namespace: 'default', name: 'shop', hosts: ['shop.example.com'] }

function annotateClass(story: Story, value: string | undefined): void {
  story.world.kube.admin.edit(CLASS, (object) => {
    const { 'certwright.dev/certificate': _, ...others } = object.metadata.annotations ?? {}
    const annotations = value === undefined ? others : { ...others, 'certwright.dev/certificate': value }
    return { ...object, metadata: { ...object.metadata, annotations } }
  })
}

test('a class opts its Ingresses in, and one that says "false" stays out', async () => {
  await using story = await Story.begin()
  story.world.prober.stop()
  await story.during(story.world.user.apply(SHOP))
  await story.apply({
    name: 'plain',
    hosts: ['plain.example.com'],
    annotations: { 'certwright.dev/certificate': 'false' },
  })
  await story.pass(5 * MINUTE)
  expect(story.requests()).toBe(0)
  annotateClass(story, 'true')
  await story.ready('shop')
  await story.pass(10 * MINUTE)
  expect(story.requests()).toBe(1)
  expect(story.listed('plain')).toEqual([])
})

test('a class that takes its word back opts its Ingresses out, and no handshake is lost', async () => {
  await using story = await Story.begin({ flags: { 'retire-after': '10m' } })
  annotateClass(story, 'true')
  await story.during(story.world.user.apply(SHOP))
  await story.ready('shop')
  annotateClass(story, undefined)
  await story.reaches('shop', 'OptedOut')
  await story.pass(2 * HOUR)
  // Nothing else covers its host: the ARN stays, and the verdict says so.
  expect(story.listed('shop')).toHaveLength(1)
  expect(story.standing('shop').message).toContain('nothing else covers its hosts')
  expect(story.world.prober.failures).toEqual([])
})

test('a word of the class that cannot be understood is said on each of its Ingresses, and costs none its TLS', async () => {
  await using story = await Story.begin({ flags: { 'retire-after': '10m' } })
  annotateClass(story, 'true')
  await story.during(story.world.user.apply(SHOP))
  await story.ready('shop')
  annotateClass(story, 'yes')
  await story.reaches('shop', 'InvalidAnnotation')
  expect(story.standing('shop').message).toContain('IngressClass alb')
  await story.pass(2 * HOUR)
  expect(story.listed('shop')).toHaveLength(1)
  expect(story.world.prober.failures).toEqual([])
})
