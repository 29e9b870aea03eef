import { expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { Story } from './story.ts'

test('an annotated Ingress is served with a verified certificate, and says so', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  const [certificate] = story.certificates('shop.example.com')
  expect(certificate?.status).toBe('ISSUED')
  expect(story.listed('shop')).toEqual([certificate?.arn])
  expect(story.requests()).toBe(1)
  await story.pass(10 * SECOND)
  expect(story.world.prober.handshakes).toBeGreaterThan(10)
  expect(story.world.prober.failures).toEqual([])
})

test('a host that is added is served beside the old certificate before the old one goes', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  const [old] = story.certificates('shop.example.com')
  await story.during(story.world.user.addHost({ namespace: 'default', name: 'shop' }, 'www.example.com'))
  await story.until('both are listed', () => story.listed('shop').length === 2)
  expect(story.listed('shop')[0]).toBe(old?.arn)
  await story.until('only the successor is listed', () => story.listed('shop').length === 1)
  const [successor] = story.certificates('shop.example.com', 'www.example.com')
  expect(story.listed('shop')).toEqual([successor?.arn])
  expect(story.standing('shop').reason).toBe('Served')
  expect(story.world.prober.failures).toEqual([])
})

test('the certificate of a deleted Ingress is retired after its grace period, and its record stays', async () => {
  await using story = await Story.begin({ flags: { 'retire-after': '1h' } })
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  story.world.prober.stop()
  await story.during(story.world.user.delete({ namespace: 'default', name: 'shop' }))
  await story.pass(50 * MINUTE)
  expect(story.certificates('shop.example.com')).toHaveLength(1)
  await story.until('the certificate is gone', () => story.certificates('shop.example.com').length === 0, 2 * HOUR)
  expect(story.world.aws.events.of('recordChanged').map((event) => event.action)).toEqual(['CREATE'])
})

test('at rest a restart writes nothing and requests nothing', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  await story.pass(15 * MINUTE)
  const kubeWrites = story.world.kube.events.entries.length
  const awsEvents = story.world.aws.events.all.filter((event) => event.kind !== 'call').length
  await story.during(story.controller.stop())
  story.startController()
  await story.pass(30 * MINUTE)
  const own = story.world.kube.events.entries
    .slice(kubeWrites)
    .filter((entry) => !entry.collection.startsWith('leases'))
  expect(own).toEqual([])
  expect(story.world.aws.events.all.filter((event) => event.kind !== 'call')).toHaveLength(awsEvents)
})
