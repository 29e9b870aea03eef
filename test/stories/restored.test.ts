import { expect, test } from 'vitest'
import { HOUR } from '../../src/core/time.ts'
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
