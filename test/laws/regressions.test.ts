import { expect, test } from 'vitest'
import { MINUTE } from '../../src/core/time.ts'
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

test('what is to be replaced stays when its successor was revoked unseen', async () => {
  await using story = await Story.begin()
  story.world.prober.stop()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  const [old] = story.certificates('shop.example.com')
  await story.during(story.world.user.addHost({ namespace: 'default', name: 'shop' }, 'www.example.com'))
  await story.until('both are listed', () => story.listed('shop').length === 2)
  const [successor] = story.certificates('shop.example.com', 'www.example.com')
  story.world.aws.end(successor?.arn ?? '', 'REVOKED')
  const without: string[] = []
  story.world.kube.events.subscribe(({ collection, name, after }) => {
    const arns = after?.metadata.annotations?.['alb.ingress.kubernetes.io/certificate-arn'] ?? ''
    if (collection.startsWith('ingresses') && !arns.includes(old?.arn ?? '?')) without.push(`${name}: ${arns}`)
  })
  await story.pass(5 * MINUTE)
  expect(without).toEqual([])
})
