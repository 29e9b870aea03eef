import { expect, test } from 'vitest'
import { SECOND } from '../../src/core/time.ts'
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
