import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import type { FaultBefore } from '../../src/sim/aws/faults.ts'
import { ACCESS_KEYS } from '../../src/sim/embedded.ts'
import type { Fault, KubeCall } from '../../src/sim/kube/faults.ts'
import { Story, type StoryOptions } from './story.ts'

const SHOP = { namespace: 'default', name: 'shop' }
const CRD = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }

/** Breaks what the controller asks of Kubernetes, and nobody else's requests. */
function breakKubernetes(story: Story, fault: (call: KubeCall) => Fault | undefined): void {
  story.world.kube.faults = { before: (call) => (call.userAgent.startsWith('certwright/') ? fault(call) : undefined) }
}

/** Breaks the controller's calls of one operation, or all. */
function breakAws(story: Story, fault: FaultBefore, operation?: string): void {
  story.world.aws.faults = {
    before: (call) =>
      call.accessKeyId === ACCESS_KEYS.controller && (operation === undefined || call.operation === operation)
        ? fault
        : undefined,
  }
}

async function served(options: StoryOptions = {}): Promise<Story> {
  const story = await Story.begin({ ...options, flags: { 'retire-after': '10m', ...options.flags } })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  story.world.prober.stop()
  return story
}

/** What the log says at the level of a warning or above. */
function warnings(story: Story): readonly string[] {
  return story.log.filter((line) => / (WARN|ERROR) /.test(line))
}

function writes(story: Story) {
  return story.world.aws.events.all.filter(({ kind }) => kind !== 'call')
}

test('an API server that is unreachable at the start, for an hour, is waited for, said once, and then worked with', async () => {
  await using story = await Story.begin({ start: false })
  breakKubernetes(story, () => ({ kind: 'reset' }))
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  story.startController()
  await story.pass(HOUR)
  expect(story.health.ready().ok).toBe(false)
  expect(story.health.ready().text).toMatch(/^kubernetes: .+ tried again$/m)
  expect(warnings(story)).toHaveLength(1)
  expect(story.requests()).toBe(0)
  story.world.kube.faults = {}
  await story.ready('shop')
  expect(story.health.ready()).toEqual({ ok: true, text: 'ok\n' })
})

test('an API server that goes away for an hour while everything is served takes nothing away', async () => {
  await using story = await served({ flags: { 'leader-elect': 'false' } })
  const before = story.listed('shop')
  await story.pass(10 * MINUTE)
  const written = writes(story).length
  breakKubernetes(story, () => ({ kind: 'reset' }))
  story.world.kube.resetWatches()
  await story.pass(HOUR)
  expect(story.health.ready().ok).toBe(false)
  expect(writes(story)).toHaveLength(written)
  const said = warnings(story).length
  expect(said).toBeLessThanOrEqual(8)
  await story.pass(HOUR)
  expect(warnings(story)).toHaveLength(said)
  story.world.kube.faults = {}
  await story.until('it is ready again', () => story.health.ready().ok, 5 * MINUTE)
  await story.pass(HOUR)
  expect(story.listed('shop')).toEqual(before)
  expect(story.certificates('shop.example.com')).toHaveLength(1)
  expect(writes(story)).toHaveLength(written)
})

test('without permission to list Ingresses it says what to allow, once, and goes on when it is allowed', async () => {
  await using story = await Story.begin({ start: false })
  const denied = (call: KubeCall) => call.collection === 'ingresses.networking.k8s.io'
  breakKubernetes(story, (call) => (denied(call) ? { kind: 'status', code: 403 } : undefined))
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  story.startController()
  await story.pass(HOUR)
  const { ok, text } = story.health.ready()
  expect(ok).toBe(false)
  expect(text).toMatch(/^kubernetes: .*ingresses\.networking\.k8s\.io.*allow "list" and "watch".*$/m)
  expect(warnings(story).filter((line) => line.includes('ingresses.networking.k8s.io'))).toHaveLength(1)
  expect(story.requests()).toBe(0)
  story.world.kube.faults = {}
  await story.ready('shop')
  expect(story.health.ready().ok).toBe(true)
})

test('a permission to list Ingresses that is taken away later takes nothing else away', async () => {
  await using story = await served()
  const before = story.listed('shop')
  const denied = (call: KubeCall) => call.collection === 'ingresses.networking.k8s.io' && call.verb !== 'apply'
  breakKubernetes(story, (call) => (denied(call) ? { kind: 'status', code: 403 } : undefined))
  story.world.kube.closeWatches()
  await story.pass(2 * HOUR)
  expect(story.health.ready().text).toContain('allow "list" and "watch"')
  expect(story.listed('shop')).toEqual(before)
  expect(story.certificates('shop.example.com')).toHaveLength(1)
})

test('without the CRDs it names the command that installs them, and goes on once they are there', async () => {
  await using story = await Story.begin({ start: false })
  const { admin } = story.world.kube
  const crds = admin.list(CRD).filter(({ metadata }) => metadata.name?.endsWith('certwright.dev'))
  expect(crds).toHaveLength(4)
  for (const { metadata } of crds) admin.delete({ ...CRD, name: metadata.name ?? '' })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  story.startController()
  await story.pass(HOUR)
  const { ok, text } = story.health.ready()
  expect(ok).toBe(false)
  expect(text).toContain('certwright crds | kubectl apply -f -')
  expect(text.trim().split('\n')).toHaveLength(1)
  // One for each kind, and one for what cannot be requested.
  expect(warnings(story).length).toBeLessThanOrEqual(4)
  expect(story.requests()).toBe(0)
  for (const { apiVersion, kind, metadata, spec } of crds) {
    admin.create({ apiVersion, kind, metadata: { name: metadata.name ?? '' }, spec: spec ?? null })
  }
  await story.ready('shop')
  expect(story.requests()).toBe(1)
  expect(story.health.ready().ok).toBe(true)
})

test('CRDs that are taken away while everything is served cost no certificate, and nothing is requested twice', async () => {
  await using story = await served()
  const { admin } = story.world.kube
  const before = story.listed('shop')
  const crds = admin.list(CRD).filter(({ metadata }) => metadata.name?.endsWith('certwright.dev'))
  for (const { metadata } of crds) admin.delete({ ...CRD, name: metadata.name ?? '' })
  await story.pass(2 * HOUR)
  expect(story.health.ready().ok).toBe(false)
  expect(story.listed('shop')).toEqual(before)
  for (const { apiVersion, kind, metadata, spec } of crds) {
    admin.create({ apiVersion, kind, metadata: { name: metadata.name ?? '' }, spec: spec ?? null })
  }
  await story.ready('shop')
  await story.pass(2 * HOUR)
  expect(story.requests()).toBe(1)
  expect(story.listed('shop')).toEqual(before)
  expect(story.certificates('shop.example.com')).toHaveLength(1)
})

describe.each([
  ['ListCertificates', 'acm:ListCertificates'],
  ['GetResources', 'tag:GetResources'],
  ['ListHostedZones', 'route53:ListHostedZones'],
  ['DescribeLoadBalancers', 'elasticloadbalancing:DescribeLoadBalancers'],
] as const)('where %s is denied', (operation, action) => {
  test('from the start, /readyz, the log (once) and the claim name the action, and it goes on once it is allowed', async () => {
    await using story = await Story.begin({ start: false })
    breakAws(story, { kind: 'accessDenied' }, operation)
    await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
    story.startController()
    await story.pass(HOUR)
    const { ok, text } = story.health.ready()
    expect(ok).toBe(false)
    expect(text).toContain(action)
    expect(text.trim().split('\n')).toHaveLength(1)
    expect(warnings(story).filter((line) => line.includes(action))).toHaveLength(1)
    expect(story.standing('shop').message).toContain(action)
    expect(story.isReady('shop')).toBe(false)
    story.world.aws.faults = {}
    await story.until('it is ready', () => story.health.ready().ok, 5 * MINUTE)
    await story.ready('shop')
    expect(story.requests()).toBe(1)
  })

  test('later, nothing is retired or reduced', async () => {
    await using story = await served()
    const before = story.listed('shop')
    breakAws(story, { kind: 'accessDenied' }, operation)
    await story.pass(4 * HOUR)
    expect(story.health.ready().ok).toBe(false)
    expect(story.listed('shop')).toEqual(before)
    expect(story.certificates('shop.example.com')).toHaveLength(1)
    story.world.aws.faults = {}
    await story.until('it is ready', () => story.health.ready().ok, 5 * MINUTE)
    expect(story.isReady('shop')).toBe(true)
    expect(story.requests()).toBe(1)
  })
})

test('without credentials it says so in one line, the claim too, and goes on when there are some', async () => {
  await using story = await Story.begin({ start: false })
  breakAws(story, { kind: 'expiredCredentials' })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  story.startController()
  await story.pass(HOUR)
  const { ok, text } = story.health.ready()
  expect(ok).toBe(false)
  expect(text).toMatch(/credentials/)
  expect(text.trim().split('\n')).toHaveLength(1)
  expect(story.standing('shop').reason).toBe('CredentialsUnavailable')
  expect(warnings(story).length).toBeLessThanOrEqual(4)
  story.world.aws.faults = {}
  await story.until('it is ready', () => story.health.ready().ok, 5 * MINUTE)
  await story.ready('shop')
})

test('an AWS that does not answer for an hour takes nothing away', async () => {
  await using story = await served()
  const before = story.listed('shop')
  breakAws(story, { kind: 'reset' })
  await story.pass(HOUR)
  expect(story.health.ready().ok).toBe(false)
  expect(story.listed('shop')).toEqual(before)
  story.world.aws.faults = {}
  await story.until('it is ready', () => story.health.ready().ok, 5 * MINUTE)
  expect(story.isReady('shop')).toBe(true)
  expect(story.requests()).toBe(1)
})

test('a list of Ingresses of which only a part ever arrives reduces nothing', async () => {
  await using story = await served()
  const before = story.listed('shop')
  const { admin } = story.world.kube
  for (let index = 0; index < 600; index++) {
    admin.create({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { namespace: 'default', name: `a-${index}` },
      spec: { ingressClassName: 'other', defaultBackend: { service: { name: 'a', port: { number: 80 } } } },
    })
  }
  await story.pass(MINUTE)
  const isIngresses = (call: KubeCall) =>
    call.collection === 'ingresses.networking.k8s.io' && call.userAgent.startsWith('certwright/')
  let pages = 0
  let events = 0
  story.world.kube.faults = {
    // A list ends after its first page, and a list that comes as a watch breaks off in its midst.
    before: (call) => (isIngresses(call) && call.verb === 'list' && pages++ % 2 === 1 ? { kind: 'reset' } : undefined),
    event: (call) => (isIngresses(call) && events++ % 100 === 99 ? { kind: 'reset' } : undefined),
  }
  story.world.kube.compact()
  story.world.kube.closeWatches()
  await story.pass(2 * HOUR)
  expect(pages + events).toBeGreaterThan(100)
  expect(story.listed('shop')).toEqual(before)
  expect(story.certificates('shop.example.com')).toHaveLength(1)
  expect(story.isReady('shop')).toBe(true)
})

test.each(['denied', 'unreachable', 'failing'] as const)(
  'a process that begins while the Ingresses are %s retires nothing, not even what no load balancer uses',
  async (trouble) => {
    await using story = await Story.begin({
      flags: { 'retire-after': '10m' },
      embedded: { runLoadBalancerController: false },
    })
    story.world.prober.stop()
    await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
    await story.until('it is listed', () => story.listed('shop').length === 1)
    const before = story.listed('shop')
    await story.pass(10 * MINUTE)
    await story.during(story.controller.stop())
    const faults: Readonly<Record<typeof trouble, Fault>> = {
      denied: { kind: 'status', code: 403 },
      unreachable: { kind: 'reset' },
      failing: { kind: 'status', code: 500 },
    }
    breakKubernetes(story, (call) =>
      call.collection === 'ingresses.networking.k8s.io' && ['list', 'watch'].includes(call.verb)
        ? faults[trouble]
        : undefined,
    )
    story.startController()
    await story.pass(3 * HOUR)
    expect(story.certificates('shop.example.com')).toEqual([{ arn: before[0], status: 'ISSUED' }])
    expect(story.calls('DeleteCertificate')).toBe(0)
    expect(story.listed('shop')).toEqual(before)
    story.world.kube.faults = {}
    await story.pass(HOUR)
    expect(story.requests()).toBe(1)
    expect(story.listed('shop')).toEqual(before)
  },
)

test('a list of certificates as it was before there were any reduces nothing and requests nothing', async () => {
  await using story = await served()
  const before = story.listed('shop')
  await story.pass(10 * MINUTE)
  story.world.aws.faults = {
    before: ({ operation }) =>
      operation === 'ListCertificates' || operation === 'GetResources' || operation === 'DescribeLoadBalancers'
        ? { kind: 'stale', milliseconds: 30 * 24 * HOUR }
        : undefined,
  }
  await story.pass(3 * HOUR)
  expect(story.requests()).toBe(1)
  expect(story.listed('shop')).toEqual(before)
  expect(story.certificates('shop.example.com')).toHaveLength(1)
  expect(story.isReady('shop')).toBe(true)
})

test('a process that begins while every list is empty waits for better ones before it requests what it already has', async () => {
  await using story = await served()
  await story.during(story.controller.stop())
  await story.pass(2 * HOUR)
  story.world.aws.faults = {
    before: ({ operation }) =>
      operation === 'ListCertificates' || operation === 'GetResources'
        ? { kind: 'stale', milliseconds: 30 * 24 * HOUR }
        : undefined,
  }
  story.startController()
  await story.pass(HOUR)
  expect(story.requests()).toBe(1)
  expect(story.listed('shop')).toHaveLength(1)
  story.world.aws.faults = {}
  await story.pass(30 * MINUTE)
  expect(story.isReady('shop')).toBe(true)
  expect(story.requests()).toBe(1)
})

test('while nothing works the process stays alive: its loop beats, and it takes up an edit at once when all is well', async () => {
  await using story = await Story.begin({ start: false })
  breakAws(story, { kind: 'serverError' })
  story.startController()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.pass(HOUR)
  story.world.aws.faults = {}
  await story.ready('shop')
  await story.apply({ name: 'late', hosts: ['late.example.com'] })
  await story.until('it is requested', () => story.requests() === 2, SECOND)
})
