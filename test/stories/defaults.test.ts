import { expect, test } from 'vitest'
import { MINUTE } from '../../src/core/time.ts'
import { Story } from './story.ts'

const CLASS = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', name: 'alb' }
const SHOP = { namespace: 'default', name: 'shop', hosts: ['shop.example.com'] }

/** Time passes in these stories, and nobody renews a lease; what is given up would be deleted within minutes. */
function begin(): Promise<Story> {
  return Story.begin({ flags: { 'leader-elect': 'false', 'retire-after': '10m' } })
}

function annotateClass(story: Story, value: string | undefined): void {
  story.world.kube.admin.edit(CLASS, (object) => {
    const { 'certwright.dev/certificate': _, ...others } = object.metadata.annotations ?? {}
    const annotations = value === undefined ? others : { ...others, 'certwright.dev/certificate': value }
    return { ...object, metadata: { ...object.metadata, annotations } }
  })
}

test('a class opts its Ingresses in, and one that says "false" stays out', async () => {
  await using story = await begin()
  story.world.prober.stop()
  await story.during(story.world.user.apply(SHOP))
  await story.apply({
    name: 'plain',
    hosts: ['plain.example.com'],
    annotations: { 'certwright.dev/certificate': 'false' },
  })
  await story.pass(5 * MINUTE)
  expect(story.requests()).toBe(0)
  annotateClass(story, 'true')
  await story.ready('shop')
  await story.pass(10 * MINUTE)
  expect(story.requests()).toBe(1)
  expect(story.listed('plain')).toEqual([])
})

test('a class that takes its word back opts its Ingresses out, and no handshake is lost', async () => {
  await using story = await begin()
  annotateClass(story, 'true')
  await story.during(story.world.user.apply(SHOP))
  await story.ready('shop')
  annotateClass(story, undefined)
  await story.reaches('shop', 'OptedOut')
  await story.pass(45 * MINUTE)
  // Nothing else covers its host: the ARN stays, and the verdict says so.
  expect(story.listed('shop')).toHaveLength(1)
  expect(story.standing('shop').message).toContain('nothing else covers its hosts')
  expect(story.world.prober.failures).toEqual([])
})

test('a word of the class that cannot be understood is said on each of its Ingresses, and costs none its TLS', async () => {
  await using story = await begin()
  annotateClass(story, 'true')
  await story.during(story.world.user.apply(SHOP))
  await story.ready('shop')
  annotateClass(story, 'yes')
  await story.reaches('shop', 'InvalidAnnotation')
  expect(story.standing('shop').message).toContain('IngressClass alb')
  await story.pass(45 * MINUTE)
  expect(story.listed('shop')).toHaveLength(1)
  expect(story.world.prober.failures).toEqual([])
})

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', name: 'default' }

function labelNamespace(story: Story, value: string | undefined): void {
  story.world.kube.admin.edit(NAMESPACE, (object) => {
    const { 'certwright.dev/certificate': _, ...others } = object.metadata.labels ?? {}
    const labels = value === undefined ? others : { ...others, 'certwright.dev/certificate': value }
    return { ...object, metadata: { ...object.metadata, labels } }
  })
}

/** The controller alone may not read Namespaces. */
function denyNamespaces(story: Story): void {
  story.world.kube.faults = {
    before: (call) =>
      call.userAgent.startsWith('certwright/') && call.collection === 'namespaces' && call.verb !== 'get'
        ? { kind: 'status', code: 403 }
        : undefined,
  }
}

test('the label of a namespace opts its Ingresses in, "false" on the object stays out, and without it nothing is lost', async () => {
  await using story = await begin()
  labelNamespace(story, 'true')
  await story.during(story.world.user.apply(SHOP))
  await story.apply({
    name: 'plain',
    hosts: ['plain.example.com'],
    annotations: { 'certwright.dev/certificate': 'false' },
  })
  await story.ready('shop')
  expect(story.listed('plain')).toEqual([])
  // From the label to the object's own word: nothing changes, and nothing is written.
  await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/certificate': 'true' }))
  labelNamespace(story, undefined)
  await story.pass(20 * MINUTE)
  expect(story.isReady('shop')).toBe(true)
  await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/certificate': null }))
  await story.reaches('shop', 'OptedOut')
  await story.pass(45 * MINUTE)
  expect(story.listed('shop')).toHaveLength(1)
  expect(story.requests()).toBe(1)
  expect(story.world.prober.failures.filter(({ target }) => target.host === 'shop.example.com')).toEqual([])
})

test('a controller that may not read Namespaces says so, goes on, and gives up nothing that a label asked for', async () => {
  await using story = await begin()
  labelNamespace(story, 'true')
  await story.during(story.world.user.apply(SHOP))
  await story.ready('shop')
  await story.during(story.controller.stop())
  denyNamespaces(story)
  story.startController()
  await story.apply({ name: 'blog', hosts: ['blog.example.com'] })
  await story.ready('blog')
  await story.pass(45 * MINUTE)
  expect(story.health.ready().text).toMatch(/namespaces cannot be followed: .*; allow "list" and "watch" on namespaces/)
  expect(story.listed('shop')).toHaveLength(1)
  expect(story.isReady('shop')).toBe(true)
  story.world.kube.faults = {}
  await story.until('it is ready', () => story.health.ready().ok, 5 * MINUTE)
  labelNamespace(story, 'false')
  await story.reaches('shop', 'OptedOut')
  expect(story.world.prober.failures.filter(({ target }) => target.host === 'shop.example.com')).toEqual([])
})
