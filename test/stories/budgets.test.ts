import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { ACCESS_KEYS } from '../../src/sim/embedded.ts'
import { Story } from './story.ts'

const BUDGETS = { apiVersion: 'certwright.dev/v1alpha1', kind: 'RequestBudget' }
const CERTIFICATES = { apiVersion: 'certwright.dev/v1alpha1', kind: 'ACMCertificate' }
const REGION = 'eu-central-1'

/** What was requested before the story begins, a day ago. */
function hasRequested(story: Story, requests: number): void {
  const day = new Date(story.clock.now() - DAY).toISOString().slice(0, 10)
  const { admin } = story.world.kube
  admin.create({ ...BUDGETS, metadata: { name: REGION }, spec: { region: REGION } })
  admin.edit({ ...BUDGETS, name: REGION }, (object) => ({ ...object, status: { days: [{ day, requests }] } }), 'status')
}

function used(story: Story): number | undefined {
  const budget = story.world.kube.admin.get({ ...BUDGETS, name: REGION })
  return (budget?.status as { used?: number } | undefined)?.used
}

function loseLedger(story: Story): void {
  for (const { metadata } of story.world.kube.admin.list(CERTIFICATES))
    story.world.kube.admin.delete({ ...CERTIFICATES, name: metadata.name ?? '' })
}

test('after 4,000 requests of certificates that are long deleted, a restart and the loss of the ledger, the next one is held', async () => {
  await using story = await Story.begin({ start: false })
  story.world.prober.stop()
  hasRequested(story, 3_998)
  story.startController()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  await story.apply({ name: 'web', hosts: ['web.example.com'] })
  await story.ready('web')
  expect(used(story)).toBe(4_000)
  await story.apply({ name: 'late', hosts: ['late.example.com'] })
  await story.reaches('late', 'RequestBudgetSpent')
  story.controller.kill()
  loseLedger(story)
  story.startController()
  await story.pass(HOUR)
  expect(story.standing('late')).toMatchObject({ state: 'Held', reason: 'RequestBudgetSpent' })
  expect(story.standing('late').message).toMatch(/the next is possible at 20\d\d-\d\d-\d\dT/)
  expect(story.events('late').at(-1)).toMatchObject({ type: 'Warning', reason: 'RequestBudgetSpent' })
  expect(story.isReady('shop') && story.isReady('web')).toBe(true)
  expect(story.requests()).toBe(2)
})

test('the record of requests that is lost with everything else is told by the tags of what remains', async () => {
  await using story = await Story.begin({ start: false })
  story.world.prober.stop()
  hasRequested(story, 3_999)
  story.startController()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  story.controller.kill()
  loseLedger(story)
  story.world.kube.admin.delete({ ...BUDGETS, name: REGION })
  story.startController()
  await story.apply({ name: 'late', hosts: ['late.example.com'] })
  await story.reaches('late', 'RequestBudgetSpent')
  expect(story.requests()).toBe(1)
})

test('certificates that come and go are counted, each once, whatever is deleted', async () => {
  await using story = await Story.begin({
    flags: { 'leader-elect': 'false', 'request-budget': '6', 'namespace-request-share': '100%', 'retire-after': '0s' },
  })
  story.world.prober.stop()
  for (let cycle = 1; cycle <= 6; cycle++) {
    const name = `shop-${cycle}`
    await story.apply({ name, hosts: [`${name}.example.com`] })
    await story.ready(name)
    await story.during(story.world.user.delete({ namespace: 'default', name }))
    if (cycle === 3) story.world.kube.admin.delete({ ...BUDGETS, name: REGION })
  }
  expect(used(story)).toBe(6)
  await story.pass(3 * HOUR)
  await story.apply({ name: 'late', hosts: ['late.example.com'] })
  await story.reaches('late', 'RequestBudgetSpent')
  expect(story.standing('late').message).toContain('--request-budget')
  expect(story.requests()).toBe(6)
})

test('at 90% of the certificates that the account may have, the next one waits, and comes when others are deleted', async () => {
  await using story = await Story.begin({
    flags: { 'leader-elect': 'false', 'certificates-quota': '3', 'retire-after': '0s' },
  })
  story.world.prober.stop()
  for (const name of ['shop', 'web']) {
    await story.apply({ name, hosts: [`${name}.example.com`] })
    await story.ready(name)
  }
  await story.apply({ name: 'late', hosts: ['late.example.com'] })
  await story.reaches('late', 'QuotaReached')
  expect(story.standing('late').message).toContain('--certificates-quota')
  await story.during(story.world.user.delete({ namespace: 'default', name: 'web' }))
  await story.ready('late', DAY)
})

test('a host that changes every minute costs at most ten requests on the first day and four on the next', async () => {
  await using story = await Story.begin({ flags: { 'leader-elect': 'false' } })
  story.world.prober.stop()
  story.world.lbc.stop()
  const flap = async (from: number, to: number) => {
    for (let minute = from; minute < to; minute += 5) {
      await story.apply({ name: 'shop', hosts: ['shop.example.com', `h${minute}.example.com`] })
      await story.pass(5 * MINUTE)
    }
  }
  await flap(0, 1_440)
  const first = story.requests()
  expect(first).toBeLessThanOrEqual(10)
  await flap(1_440, 2_880)
  expect(story.requests() - first).toBeLessThanOrEqual(4)
  expect(story.requests()).toBeGreaterThan(first)
})

test('two hundred Ingresses of one namespace get its share and no more, and another namespace is served within seconds', async () => {
  await using story = await Story.begin({
    start: false,
    flags: { 'leader-elect': 'false', 'request-budget': '100', 'namespace-request-share': '20%' },
  })
  story.world.prober.stop()
  story.world.lbc.stop()
  for (const name of ['greedy', 'modest'])
    story.world.kube.admin.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  for (let index = 0; index < 200; index++)
    await story.apply({ namespace: 'greedy', name: `many-${index}`, hosts: [`many-${index}.example.com`] })
  const hosts = Array.from({ length: 5_000 }, (_, index) => `h${index}.example.com`)
  await story.apply({ namespace: 'greedy', name: 'huge', hosts })
  story.startController()
  await story.until('the backlog is being worked off', () => story.requests() > 5, 2 * MINUTE)
  const begun = story.clock.now()
  await story.apply({ namespace: 'modest', name: 'web', hosts: ['web.example.com'] })
  const asked = () =>
    story.world.aws.events
      .of('certificateRequested')
      .find(({ by, names }) => by === ACCESS_KEYS.controller && names.includes('web.example.com'))
  await story.until('it is requested', () => asked() !== undefined, MINUTE)
  expect((asked()?.at ?? Number.NaN) - begun).toBeLessThanOrEqual(5 * SECOND)
  await story.pass(2 * HOUR)
  expect(story.requests()).toBe(21)
  expect(story.standing({ namespace: 'greedy', name: 'many-199' })).toMatchObject({ reason: 'RequestBudgetSpent' })
  expect(story.standing({ namespace: 'greedy', name: 'many-199' }).message).toContain('Namespace greedy')
  for (const name of ['huge', 'many-199']) {
    const told = story.events({ namespace: 'greedy', name }).map(({ eventTime }) => Date.parse(eventTime))
    expect(told.filter((at) => at > begun + HOUR).length).toBeLessThanOrEqual(1)
  }
  const written = story.world.kube.events.entries.filter(({ collection }) => collection.endsWith('certwright.dev'))
  const largest = Math.max(...written.map(({ after }) => JSON.stringify(after ?? {}).length))
  expect(largest).toBeLessThan(64 * 1_024)
})
