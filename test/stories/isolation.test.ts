import { expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { validationRecord } from '../../src/sim/aws/acm/certificate.ts'
import { DEFAULT_ACCOUNT } from '../../src/sim/aws/accounts.ts'
import { ACCESS_KEYS } from '../../src/sim/embedded.ts'
import { Story } from './story.ts'

/** What the controller asked ACM for, with the names and the instant. */
function requestFor(story: Story, name: string) {
  return story.world.aws.events
    .of('certificateRequested')
    .find(({ by, names }) => by === ACCESS_KEYS.controller && names.includes(name))
}

/** How long after this moment a certificate with the name is requested, in milliseconds. */
async function untilRequested(story: Story, name: string, limit: number): Promise<number> {
  return await story.until(`${name} is requested`, () => requestFor(story, name) !== undefined, limit)
}

test('while one certificate pends for 72 h, another Ingress’s edit gets its first action within 1 s, hour after hour', async () => {
  await using story = await Story.begin({ flags: { 'leader-elect': 'false' } })
  story.world.prober.stop()
  story.world.aws.setValidates('never.example.com', false)
  await story.apply({ name: 'never', hosts: ['never.example.com'] })
  await story.reaches('never', 'PendingValidation')
  for (const hour of [1, 24, 71]) {
    await story.pass(HOUR * hour - (story.clock.now() - (requestFor(story, 'never.example.com')?.at ?? 0)))
    expect(story.standing('never').reason).toBe('PendingValidation')
    const host = `hour-${hour}.example.com`
    await story.apply({ name: `hour-${hour}`, hosts: [host] })
    expect(await untilRequested(story, host, MINUTE)).toBeLessThanOrEqual(SECOND)
    await story.during(story.world.user.delete({ namespace: 'default', name: `hour-${hour}` }))
  }
  expect(story.certificates('never.example.com')).toHaveLength(1)
})

test('while one certificate pends, another Ingress that is deleted is given up within 1 s', async () => {
  await using story = await Story.begin({ flags: { 'leader-elect': 'false' } })
  story.world.aws.setValidates('never.example.com', false)
  await story.apply({ name: 'never', hosts: ['never.example.com'] })
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  story.world.prober.stop()
  await story.pass(12 * HOUR)
  await story.during(story.world.user.delete({ namespace: 'default', name: 'shop' }))
  const certificate = () =>
    story.world.kube.admin
      .list({ apiVersion: 'certwright.dev/v1alpha1', kind: 'ACMCertificate' })
      .find(({ spec }) => JSON.stringify(spec).includes('shop.example.com'))
  // Discovery may serve it still: until the load balancer let go it is kept, and then on its way out.
  const took = await story.until(
    'it is on its way out',
    () => (certificate()?.status as { state?: string } | undefined)?.state === 'Retiring',
    MINUTE,
  )
  expect(took).toBeLessThanOrEqual(SECOND)
})

test('while 200 Ingresses are worked off, a user’s change gets its first action within 5 s', async () => {
  await using story = await Story.begin({ start: false })
  story.world.prober.stop()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  story.startController()
  await story.ready('shop')
  story.world.lbc.stop()
  for (let index = 0; index < 200; index++) {
    await story.apply({ name: `backlog-${index}`, hosts: [`backlog-${index}.example.com`] })
  }
  await story.until('the backlog is being worked off', () => story.requests() > 20, MINUTE)
  expect(story.requests()).toBeLessThan(150)
  await story.during(
    story.world.user.annotate({ namespace: 'default', name: 'shop' }, { 'certwright.dev/names': 'www.example.com' }),
  )
  const asked = await untilRequested(story, 'www.example.com', 2 * MINUTE)
  expect(asked).toBeLessThanOrEqual(5 * SECOND)
})

test('60 Ingresses from nothing are all requested, each once, at the share of the rate that is ours', async () => {
  await using story = await Story.begin({ start: false })
  story.world.prober.stop()
  story.world.lbc.stop()
  for (let index = 0; index < 60; index++) {
    await story.apply({ name: `many-${index}`, hosts: [`many-${index}.example.com`] })
  }
  story.startController()
  const took = await story.until('all are requested', () => story.requests() === 60, 5 * MINUTE)
  // RequestCertificate: 5 a second, of which 80 % are ours.
  expect(took).toBeLessThanOrEqual(1.1 * (60 / 4) * SECOND)
  await story.until('all are issued', () => story.world.aws.events.of('certificateIssued').length === 60, 10 * MINUTE)
  expect(story.requests()).toBe(60)
})

test('an Ingress with a record conflict holds up nobody, in its group or out of it', async () => {
  await using story = await Story.begin({ start: false })
  const [zone] = story.world.aws.hostedZones()
  if (!zone) throw new Error('there is no zone')
  const { name } = validationRecord(DEFAULT_ACCOUNT, 'stuck.example.com')
  story.world.aws.putRecord(zone, { name, type: 'CNAME', values: ['somebody.else.example.org'] })
  const group = { 'alb.ingress.kubernetes.io/group.name': 'shared' }
  story.startController()
  await story.apply({ name: 'stuck', hosts: ['stuck.example.com'], annotations: group })
  await story.reaches('stuck', 'RecordConflict')
  await story.apply({ name: 'neighbour', hosts: ['neighbour.example.com'], annotations: group })
  await story.apply({ name: 'stranger', hosts: ['stranger.example.com'] })
  await story.ready('stranger', 5 * MINUTE)
  await story.ready('neighbour', 5 * MINUTE)
  await story.pass(10 * MINUTE)
  expect(story.standing('stuck').reason).toBe('RecordConflict')
  expect(story.world.prober.isServed('neighbour.example.com')).toBe(true)
  expect(story.world.prober.failures).toEqual([])
})

test('one Ingress whose request ACM rejects holds up nobody', async () => {
  await using story = await Story.begin({ start: false })
  let refused = 0
  story.world.aws.faults = {
    before: ({ operation }) => {
      if (operation !== 'RequestCertificate' || refused > 0) return undefined
      refused += 1
      return { kind: 'accessDenied' }
    },
  }
  story.startController()
  await story.apply({ name: 'one', hosts: ['one.example.com'] })
  await story.reaches('one', 'AccessDenied')
  await story.apply({ name: 'two', hosts: ['two.example.com'] })
  expect(await untilRequested(story, 'two.example.com', MINUTE)).toBeLessThanOrEqual(SECOND)
  await story.ready('one')
  await story.ready('two')
})

test('calls that AWS lets hang for one zone keep nobody else waiting', async () => {
  await using story = await Story.begin({
    aws: { recordsDelay: [0, 0], describeDelay: [0, 0] },
    embedded: { zones: ['example.com', 'example.net'] },
  })
  const slow = story.world.aws.hostedZones().find(({ name }) => name.startsWith('example.net'))
  let records = 0
  story.world.aws.faults = {
    // The first change is that of the slow zone.
    before: ({ operation }) =>
      operation === 'ChangeResourceRecordSets' && records++ === 0
        ? { kind: 'delay', milliseconds: 20 * SECOND }
        : undefined,
  }
  await story.apply({ name: 'slow', hosts: ['slow.example.net'] })
  await story.until('its record is under way', () => records === 1)
  await story.apply({ name: 'fast', hosts: ['fast.example.com'] })
  const written = () => story.world.aws.events.of('recordChanged')
  await story.until('the other record is written', () => written().length > 0, MINUTE)
  expect(written()[0]?.zoneId).not.toBe(slow?.id)
  await story.ready('fast')
  await story.ready('slow')
})
