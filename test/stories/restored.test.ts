import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { wishKey } from '../../src/core/wish.ts'
import { Story } from './story.ts'

const SHOP = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'default', name: 'shop' }

/** What a restore from a backup leaves: the same object, and nobody in `managedFields` but the restorer. */
function loseManagedFields(story: Story): void {
  story.world.kube.admin.edit(SHOP, (current) => ({
    ...current,
    metadata: { ...current.metadata, managedFields: [{}] },
  }))
}

test('an Ingress restored from a backup without managedFields is still ours, and its certificate is replaced', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  loseManagedFields(story)
  await story.during(story.world.user.addHost({ namespace: 'default', name: 'shop' }, 'www.example.com'))
  const successor = () => story.certificates('shop.example.com', 'www.example.com')[0]?.arn
  await story.until(
    'only the successor is listed',
    () => story.listed('shop').length === 1 && story.listed('shop')[0] === successor(),
    HOUR,
  )
  expect(story.world.prober.failures).toEqual([])
})

test('an Ingress restored from a backup that opts out gives up our certificate', async () => {
  await using story = await Story.begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  story.world.prober.stop()
  loseManagedFields(story)
  story.world.aws.issueCertificate({ names: ['*.example.com'] })
  await story.during(
    story.world.user.annotate({ namespace: 'default', name: 'shop' }, { 'certwright.dev/certificate': 'false' }),
  )
  await story.until('ours is withdrawn', () => story.listed('shop').length === 0, HOUR)
  const writes = () =>
    story.world.kube.events.entries.filter(
      (entry) => entry.collection.startsWith('ingresses') && entry.manager === 'certwright',
    ).length
  const before = writes()
  await story.pass(HOUR)
  expect(writes()).toBe(before)
})

test('a cluster that was built anew requests nothing that its predecessor of the same name holds, retires none of it, and takes it once its tags say so', async () => {
  await using story = await Story.begin({ start: false, flags: { 'retire-after': '10m' } })
  story.world.prober.stop()
  const names = ['shop.example.com'] as const
  const region = story.world.world.aws.region ?? ''
  const key = wishKey({ names, issuer: { kind: 'amazon' }, keyAlgorithm: 'RSA_2048', region })
  const tags = {
    'certwright.dev/cluster': 'story',
    'certwright.dev/owner': 'aaaaaaaaaaaa',
    'certwright.dev/key': key,
    'certwright.dev/attempt': '1',
  }
  const arn = story.world.aws.issueCertificate({ names: [...names], tags })
  await story.apply({ name: 'shop', hosts: names })
  await story.apply({ name: 'blog', hosts: ['blog.example.com'] })
  // Lists and tags show it by then.
  await story.pass(15 * MINUTE)
  story.startController()
  await story.reaches('shop', 'ClusterIdentityConflict')
  expect(story.standing('shop').message).toContain('the owner aaaaaaaaaaaa')
  await story.ready('blog')
  await story.pass(3 * HOUR)
  expect(story.requests()).toBe(1)
  expect(story.world.aws.certificate(arn)?.tags).toEqual(tags)
  const blog = story.world.aws.certificate(story.listed('blog')[0] as string)
  story.world.aws.setTags(arn, { ...tags, 'certwright.dev/owner': blog?.tags['certwright.dev/owner'] ?? '' })
  await story.ready('shop', 15 * MINUTE)
  expect(story.listed('shop')).toContain(arn)
  expect(story.requests()).toBe(1)
})
