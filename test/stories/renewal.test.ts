import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/core/time.ts'
import { validationRecord } from '../../src/sim/aws/acm/certificate.ts'
import { DEFAULT_ACCOUNT } from '../../src/sim/aws/accounts.ts'
import { ACCESS_KEYS } from '../../src/sim/embedded.ts'
import { Story, type StoryOptions } from './story.ts'

const SHOP = 'shop.example.com'

/** A third of what certificates live today, to be through with it sooner: all that is to happen before the end happens in a third of the time. */
const SHORT: StoryOptions = { aws: { validity: 66 * DAY, renewalLead: 15 * DAY } }

async function served(hosts: readonly string[] = [SHOP], options: StoryOptions = {}): Promise<Story> {
  const flags = { 'leader-elect': 'false', 'log-level': 'error', ...options.flags }
  const story = await Story.begin({ ...options, flags, aws: { renewal: [MINUTE, MINUTE], ...options.aws } })
  await story.apply({ name: 'shop', hosts })
  await story.ready('shop')
  story.world.prober.stop()
  return story
}

/** Everybody but ACM is off until so many days before the end of the first certificate: nothing is due, and all find what they left. */
async function sleepUntil(story: Story, days: number): Promise<void> {
  await story.during(story.controller.stop())
  story.world.lbc.stop()
  await story.pass((daysLeft(story) - days) * DAY)
  await story.during(story.world.lbc.start())
  story.startController()
  await story.pass(HOUR)
}

function renewals(story: Story): number {
  return story.world.aws.events.of('certificateRenewed').length
}

function daysLeft(story: Story): number {
  const ends = story.world.aws.certificates().map(({ notAfter = 0 }) => notAfter)
  return (Math.min(...ends) - story.clock.now()) / DAY
}

function alerts(story: Story) {
  return story.events('shop').filter(({ reason, action }) => action === 'RenewalAtRisk' || reason === 'NotInUse')
}

test('for 400 days a certificate of 198 is served and renewed twice, at a few looks a day, and nothing is written or said', async () => {
  await using story = await served()
  const [first] = story.certificates(SHOP)
  const begun = story.clock.now()
  await sleepUntil(story, 45.2)
  const looks = story.calls('DescribeCertificate')
  await story.until('the first renewal', () => renewals(story) === 1, DAY)
  await story.pass(HOUR)
  expect(story.calls('DescribeCertificate') - looks).toBeLessThanOrEqual(1)
  expect(daysLeft(story)).toBeGreaterThan(197)
  await sleepUntil(story, 45.2)
  await story.until('the second renewal', () => renewals(story) === 2, DAY)
  await sleepUntil(story, 104)
  expect(story.clock.now() - begun).toBeGreaterThan(399 * DAY)
  expect(story.isReady('shop')).toBe(true)
  expect(story.certificates(SHOP)).toEqual([first])
  expect(story.listed('shop')).toEqual([first?.arn])
  expect(story.requests()).toBe(1)
  expect(alerts(story)).toEqual([])
  expect(story.world.aws.events.of('recordChanged')).toHaveLength(1)
}, 90_000)

test('a record that was deleted while nobody looked is put back in time for the renewal, and nothing is said', async () => {
  await using story = await served([SHOP], SHORT)
  await story.during(story.controller.stop())
  await story.during(story.world.colleague.deleteRecord(validationRecord(DEFAULT_ACCOUNT, SHOP).name))
  await sleepUntil(story, 13)
  expect(story.world.aws.events.of('certificateRenewalFailed')).toHaveLength(1)
  await story.until('it is renewed', () => renewals(story) === 1, 3 * HOUR)
  await story.pass(HOUR)
  expect(story.isReady('shop')).toBe(true)
  expect(alerts(story)).toEqual([])
}, 60_000)

test('a name that ACM cannot see in public DNS is said; what somebody deletes while ACM waits for it is put back within hours, not days', async () => {
  await using story = await served([SHOP], { ...SHORT, flags: { 'record-check-interval': '24h' } })
  story.world.aws.setValidates(SHOP, false)
  await sleepUntil(story, 14.8)
  await story.reaches('shop', 'ValidationRecordMissing', 2 * DAY)
  expect(story.standing('shop')).toMatchObject({ state: 'RenewalAtRisk' })
  expect(story.standing('shop').message).toContain('public DNS')
  await story.during(story.world.colleague.deleteRecord(validationRecord(DEFAULT_ACCOUNT, SHOP).name))
  const written = () => story.world.aws.events.of('recordChanged').filter(({ by }) => by === ACCESS_KEYS.controller)
  await story.until('it is put back', () => written().length === 2, 4 * HOUR)
  story.world.aws.setValidates(SHOP, true)
  await story.until('it is renewed', () => renewals(story) === 1, 3 * HOUR)
  await story.ready('shop', 2 * HOUR)
}, 60_000)

test('a CAA record that forbids the renewal is said with its cure as an event, a condition and a metric, until it is gone', async () => {
  await using story = await served([SHOP], SHORT)
  const [zone] = story.world.aws.hostedZones()
  if (!zone) throw new Error('there is no zone')
  story.world.aws.putRecord(zone, { name: 'example.com', type: 'CAA', values: ['0 issue "letsencrypt.org"'] })
  await sleepUntil(story, 15.5)
  await story.until('it is said', () => story.standing('shop').state === 'RenewalAtRisk', 2 * DAY)
  expect(daysLeft(story)).toBeGreaterThan(13.5)
  expect(story.standing('shop')).toMatchObject({ reason: 'RenewalFailed' })
  expect(story.standing('shop').message).toContain('amazon.com')
  expect(story.conditions('shop')).toEqual(['Requested', 'Validated', 'Issued', 'Attached', 'Ready'])
  expect(story.events('shop').at(-1)).toMatchObject({ type: 'Warning', reason: 'RenewalFailed' })
  expect(await story.metrics.text()).toContain(
    'certwright_certificates{state="RenewalAtRisk",reason="RenewalFailed"} 1',
  )
  await sleepUntil(story, 2)
  expect(alerts(story)).toHaveLength(1)
  story.world.aws.deleteRecord(zone, { name: 'example.com', type: 'CAA' })
  await story.until('it is renewed', () => renewals(story) === 1, 3 * HOUR)
  await story.ready('shop', 2 * HOUR)
  expect(story.conditions('shop')).toContain('RenewalHealthy')
  expect(story.requests()).toBe(1)
}, 60_000)

test('a load balancer that is replaced while the renewal is due changes nothing about it', async () => {
  await using story = await served([SHOP], SHORT)
  await sleepUntil(story, 15.1)
  const shop = { namespace: 'default', name: 'shop' }
  await story.during(story.world.user.annotate(shop, { 'alb.ingress.kubernetes.io/scheme': 'internal' }))
  await story.until('it is renewed', () => renewals(story) === 1, DAY)
  await story.ready('shop', HOUR)
  expect(alerts(story)).toEqual([])
  expect(story.requests()).toBe(1)
}, 60_000)

test('a certificate that stands by is in no use and will not be renewed, which its object says; when it is over another is requested', async () => {
  await using story = await Story.begin({ ...SHORT, flags: { 'leader-elect': 'false', 'log-level': 'error' } })
  const explicit = story.world.aws.issueCertificate({ names: [SHOP] })
  const annotations = { 'certwright.dev/certificate': 'standby', 'alb.ingress.kubernetes.io/certificate-arn': explicit }
  await story.apply({ name: 'shop', hosts: [SHOP], annotations })
  await story.reaches('shop', 'Standby')
  story.world.prober.stop()
  await sleepUntil(story, 20)
  const shown = () =>
    story.world.kube.admin.list({ apiVersion: 'certwright.dev/v1alpha1', kind: 'ACMCertificate' })[0]?.status
  expect(shown()).toMatchObject({ state: 'RenewalAtRisk', reason: 'NotInUse' })
  expect(story.standing('shop')).toMatchObject({ state: 'Deferred', reason: 'Standby' })
  await sleepUntil(story, 0.1)
  expect(story.requests()).toBe(1)
  await story.until('another is requested', () => story.requests() === 2, DAY)
}, 60_000)

test('a name that cannot be validated any more does not take its neighbours with it: they get a certificate of their own beside the old one', async () => {
  const hosts = ['bad.example.com', 'good.example.com']
  await using story = await served(hosts, SHORT)
  const [whole] = story.certificates(...hosts)
  story.world.aws.setValidates('bad.example.com', false)
  await sleepUntil(story, 14)
  await story.reaches('shop', 'ValidationRecordMissing', DAY)
  expect(story.standing('shop').message).toContain('bad.example.com')
  expect(story.requests()).toBe(1)
  await sleepUntil(story, 10.9)
  await story.until('both are listed', () => story.listed('shop').length === 2, DAY)
  const [interim] = story.certificates('good.example.com')
  expect(story.listed('shop')).toEqual([whole?.arn, interim?.arn])
  await sleepUntil(story, 0.1)
  expect(story.requests()).toBe(2)
  expect(story.listed('shop')).toEqual([whole?.arn, interim?.arn])
  story.world.prober.start()
  const isOver = () => story.certificates(...hosts)[0]?.status === 'EXPIRED'
  await story.until('the old one is over', isOver, 3 * HOUR)
  await story.until('it leaves', () => story.listed('shop').join() === interim?.arn, HOUR)
  expect(story.world.prober.failures.filter(({ target }) => target.host === 'good.example.com')).toEqual([])
}, 60_000)
