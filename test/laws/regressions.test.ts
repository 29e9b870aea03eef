import { expect, test } from 'vitest'
import { Story } from '../stories/story.ts'

/** What the simulation found in the whole program, as stories. */

test('an annotation that somebody set to nothing is filled again, though the empty value is theirs', async () => {
  await using story = await Story.begin()
  story.world.prober.stop()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  const [certificate] = story.certificates('shop.example.com')
  await story.during(story.world.user.emptyCertificateAnnotation({ namespace: 'default', name: 'shop' }))
  await story.until('it is listed again', () => story.listed('shop').length === 1)
  expect(story.listed('shop')).toEqual([certificate?.arn])
})
