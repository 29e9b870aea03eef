import { expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { Story } from './story.ts'

const NUDGE = 'certwright.dev/nudge'

/** ELBv2 does not know a certificate for some seconds after it was issued. */
const AWS = { issuance: [9 * MINUTE, 9 * MINUTE], listenerSeesCertificate: [13 * SECOND, 13 * SECOND] } as const

function annotationsOf(story: Story, name: string): Readonly<Record<string, string>> {
  const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'default', name }
  return story.world.kube.admin.get(ingress)?.metadata.annotations ?? {}
}

const writes = (story: Story) =>
  story.world.kube.events.entries.filter(
    ({ collection, manager }) => collection.startsWith('ingresses.') && manager === 'certwright',
  ).length

test('a load balancer whose controller failed for minutes serves soon after ELBv2 knows the certificate', async () => {
  await using story = await Story.begin({ aws: AWS })
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.until('it is published', () => story.listed('shop').length > 0, HOUR)
  expect(await story.ready('shop', HOUR)).toBeLessThanOrEqual(30 * SECOND)
  expect(annotationsOf(story, 'shop')[NUDGE]).toBe('1')
  const before = writes(story)
  await story.pass(HOUR)
  expect(writes(story)).toBe(before)
})

test('a load balancer that does not come is not asked for without end, not even by the next process', async () => {
  await using story = await Story.begin({ aws: { issuance: [MINUTE, MINUTE] } })
  story.world.lbc.pause()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.until('it is published', () => story.listed('shop').length > 0, HOUR)
  await story.pass(HOUR)
  expect(writes(story)).toBe(4)
  expect(annotationsOf(story, 'shop')[NUDGE]).toBe('3')
  story.controller.kill()
  story.startController()
  await story.pass(HOUR)
  expect(writes(story)).toBe(4)
})

test('what is published next takes the word for the load balancer’s controller away again', async () => {
  await using story = await Story.begin({ aws: AWS })
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop', HOUR)
  await story.pass(MINUTE)
  expect(annotationsOf(story, 'shop')[NUDGE]).toBe('1')
  story.world.aws.configure({ issuance: [MINUTE, MINUTE], listenerSeesCertificate: [0, 0] })
  await story.apply({ name: 'shop', hosts: ['shop.example.com', 'blog.example.com'] })
  const successor = () => story.certificates('shop.example.com', 'blog.example.com')[0]?.arn
  await story.until('only the successor is listed', () => story.listed('shop').join() === successor(), HOUR)
  expect(annotationsOf(story, 'shop')).not.toHaveProperty(NUDGE)
  expect(story.world.prober.failures).toEqual([])
})
