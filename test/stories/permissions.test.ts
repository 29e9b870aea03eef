import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import type { FaultBefore } from '../../src/sim/aws/faults.ts'
import { ACCESS_KEYS } from '../../src/sim/embedded.ts'
import type { KubeCall } from '../../src/sim/kube/faults.ts'
import { Story } from './story.ts'

/** Takes a right in Kubernetes away from the controller alone. */
function denyKubernetes(story: Story, denied: (call: KubeCall) => boolean): void {
  story.world.kube.faults = {
    before: (call) =>
      call.userAgent.startsWith('certwright/') && denied(call) ? { kind: 'status', code: 403 } : undefined,
  }
}

test.each([
  ['ingresses.networking.k8s.io', 'apply'],
  ['acmcertificates.certwright.dev', 'apply'],
  ['certificateclaims.certwright.dev', 'apply'],
])(
  'where %s may be followed but not written, /readyz says so, and it goes on once that is allowed',
  async (collection, verb) => {
    await using story = await Story.begin({ flags: { 'leader-elect': 'false' }, start: false })
    story.world.prober.stop()
    denyKubernetes(story, (call) => call.collection === collection && call.verb === verb)
    await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
    story.startController()
    await story.pass(HOUR)
    const { ok, text } = story.health.ready()
    expect(ok).toBe(false)
    expect(text).toMatch(new RegExp(`^permissions: PATCH .*/${collection.split('.')[0]}/.* refused.*; allow it`))
    story.world.kube.faults = {}
    await story.until('it is ready', () => story.health.ready().ok, 5 * MINUTE)
    await story.ready('shop')
    expect(story.requests()).toBe(1)
  },
)

test('where Ingresses may be watched but not listed, /readyz says so as soon as a certificate is to leave', async () => {
  await using story = await Story.begin({ flags: { 'leader-elect': 'false' } })
  story.world.prober.stop()
  denyKubernetes(story, (call) => call.collection === 'ingresses.networking.k8s.io' && call.verb === 'list')
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  await story.during(story.world.user.addHost({ namespace: 'default', name: 'shop' }, 'www.example.com'))
  await story.pass(HOUR)
  expect(story.health.ready().text).toMatch(/^permissions: GET .*\/ingresses was refused/)
  expect(story.listed('shop')).toHaveLength(2)
  story.world.kube.faults = {}
  await story.until('the old one leaves', () => story.listed('shop').length === 1)
  await story.until('it is ready', () => story.health.ready().ok, 5 * MINUTE)
})

test('an AWS action that is denied where something is to be done stands in /readyz until it is allowed or nobody wants it any more', async () => {
  await using story = await Story.begin()
  const fault: FaultBefore = { kind: 'accessDenied' }
  story.world.aws.faults = {
    before: (call) =>
      call.accessKeyId === ACCESS_KEYS.controller && call.operation === 'RequestCertificate' ? fault : undefined,
  }
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.pass(HOUR)
  expect(story.health.ready().text).toMatch(/^permissions: .*acm:RequestCertificate/)
  await story.during(story.world.user.delete({ namespace: 'default', name: 'shop' }))
  await story.until('it is ready', () => story.health.ready().ok, 7 * MINUTE)
})
