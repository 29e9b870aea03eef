import { expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import { promptSettings } from '../../src/sim/aws/settings.ts'
import { Story } from './story.ts'

test('a certificate that was pending when it was last described is described again before it is published, not refused', async () => {
  await using story = await Story.begin({ aws: promptSettings(2 * SECOND), flags: { settle: '1s' } })
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  await story.during(story.world.user.addHost({ namespace: 'default', name: 'shop' }, 'www.example.com'))
  await story.until('both are listed', () => story.listed('shop').length === 2)
  await story.until('only the successor is listed', () => story.listed('shop').length === 1)
  expect(story.log.filter((line) => line.includes('is not issued'))).toEqual([])
})

test('a certificate is not deleted while the one that serves in its stead was revoked a moment ago', async () => {
  await using story = await Story.begin({ flags: { 'leader-elect': 'false', 'retire-after': '10m' } })
  story.world.prober.stop()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  const [old] = story.certificates('shop.example.com')
  await story.during(story.world.user.addHost({ namespace: 'default', name: 'shop' }, 'www.example.com'))
  await story.until('only the successor is listed', () => {
    const listed = story.listed('shop')
    return listed.length === 1 && listed[0] !== old?.arn
  })
  await story.pass(9 * MINUTE + 50 * SECOND)
  story.world.aws.end(story.listed('shop')[0] as string, 'REVOKED')
  await story.pass(5 * MINUTE)
  expect(story.certificates('shop.example.com').map(({ arn }) => arn)).toEqual([old?.arn])
  await story.until('it serves again', () => story.listed('shop').includes(old?.arn as string), 15 * MINUTE)
})
