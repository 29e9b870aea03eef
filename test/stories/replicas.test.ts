import { expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import { ACCESS_KEYS } from '../../src/sim/embedded.ts'
import { Story } from './story.ts'

test('a standby takes over within the lease and five seconds from a leader that died, and requests nothing twice', async () => {
  await using story = await Story.begin()
  const leader = story.controller
  await story.pass(SECOND)
  story.startController()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.until('the first has requested', () => story.requests() === 1)
  const diedAt = story.clock.now()
  leader.kill()
  await story.until(
    'the second leads',
    () => story.log.filter((line) => line.includes('this process leads')).length === 2,
  )
  expect(story.clock.now() - diedAt).toBeLessThanOrEqual(story.settings.leaseDuration + 5 * SECOND)
  await story.ready('shop')
  expect(story.requests()).toBe(1)
})

test('a process that is told to stop while its records wait for another try ends without an error', async () => {
  await using story = await Story.begin()
  story.world.prober.stop()
  story.world.aws.faults = {
    before: ({ operation }) => (operation === 'ChangeResourceRecordSets' ? { kind: 'throttle' } : undefined),
  }
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.reaches('shop', 'WritingRecords')
  await story.pass(2 * SECOND)
  await story.during(story.controller.stop())
  expect(story.log.filter((line) => line.includes('level=error'))).toEqual([])
})

test('a leader that is told to stop gives the lease back, and a standby goes on within seconds', async () => {
  await using story = await Story.begin()
  const leader = story.controller
  await story.pass(SECOND)
  story.startController()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.until('it pends', () => story.standing('shop').state === 'Issuing')
  const stoppedAt = story.clock.now()
  await story.during(leader.stop())
  await story.until(
    'the second leads',
    () => story.log.filter((line) => line.includes('this process leads')).length === 2,
  )
  expect(story.clock.now() - stoppedAt).toBeLessThanOrEqual(10 * SECOND)
  await story.ready('shop')
  expect(story.requests()).toBe(1)
})

test('a leader that cannot renew its lease sends nothing that changes anything once the lease may have passed on', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.until('it pends', () => story.standing('shop').state === 'Issuing')
  const cutAt = story.clock.now()
  story.world.kube.faults = {
    before: (call) => (call.collection.startsWith('leases') ? { kind: 'status', code: 503 } : undefined),
  }
  await story.apply({ name: 'late', hosts: ['late.example.com'] })
  await story.pass(20 * MINUTE)
  const changes = story.world.aws.events.all.filter(
    (event) =>
      event.by === ACCESS_KEYS.controller && event.kind !== 'call' && event.at > cutAt + story.settings.leaseDuration,
  )
  const writes = story.world.kube.events.entries.filter(
    (entry) => entry.manager === 'certwright' && entry.at > cutAt + story.settings.leaseDuration,
  )
  expect([changes, writes]).toEqual([[], []])
  expect(story.health.ready().text).toContain('ok: standing by')
  story.world.kube.faults = {}
  await story.ready('shop')
  await story.ready('late')
})
