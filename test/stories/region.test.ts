import { expect, test } from 'vitest'
import { HOUR } from '../../src/core/time.ts'
import { Story } from './story.ts'

test('without a region every claim and the probe say what to set, and AWS is not asked for anything', async () => {
  await using story = await Story.begin({ start: false })
  const { world } = story.world
  Object.assign(world.aws, { region: undefined })
  story.startController()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.until('the claim says it', () => story.standing('shop').reason === 'RegionUnknown')
  expect(story.standing('shop').state).toBe('Held')
  expect(story.standing('shop').message).toContain('AWS_REGION')
  expect(story.health.ready().text).toMatch(/^aws: no AWS region is configured: set AWS_REGION, or --region/m)
  await story.pass(HOUR)
  expect(story.world.aws.events.of('call').filter((call) => call.by === 'AKIDCERTWRIGHT')).toEqual([])
})
