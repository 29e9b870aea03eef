import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { ACCESS_KEYS } from '../../src/sim/embedded.ts'
import { Story, type StoryOptions } from './story.ts'

const SHOP = { namespace: 'default', name: 'shop' }
const DAY = 24 * HOUR

/** Days pass in these stories: nobody makes handshakes, and nobody renews a lease. */
async function begin(options: StoryOptions = {}): Promise<Story> {
  const story = await Story.begin({ ...options, flags: { 'leader-elect': 'false', ...options.flags } })
  story.world.prober.stop()
  return story
}

/** The instants at which certificates were requested. */
function requestedAt(story: Story): readonly number[] {
  return story.world.aws.events
    .of('certificateRequested')
    .filter(({ by }) => by === ACCESS_KEYS.controller)
    .map(({ at }) => at)
}

/** The pauses between a failure and the request that follows it, in hours. */
function pausesAfterFailure(story: Story): readonly number[] {
  const ends = story.world.aws.events.all.filter(
    ({ kind }) => kind === 'certificateFailed' || kind === 'certificateTimedOut',
  )
  const requests = requestedAt(story).slice(1)
  return requests.map((at, index) => Math.round(((at - (ends[index]?.at ?? 0)) / HOUR) * 10) / 10)
}

function loseLedger(story: Story): void {
  const { admin } = story.world.kube
  for (const kind of ['ACMCertificate', 'CertificateClaim']) {
    for (const object of admin.list({ apiVersion: 'certwright.dev/v1alpha1', kind })) {
      const { name = '', namespace = '' } = object.metadata
      admin.delete({ apiVersion: 'certwright.dev/v1alpha1', kind, name, namespace })
    }
  }
}

/** Another process begins, and finds the ledger or does not. */
async function restart(story: Story, ledger: 'with its ledger' | 'without its ledger'): Promise<void> {
  await story.during(story.controller.stop())
  if (ledger === 'without its ledger') loseLedger(story)
  story.startController()
}

test('a certificate that nobody can validate is requested once in 72 h, then given up by ACM, and backed off', async () => {
  await using story = await begin()
  story.world.aws.setValidates('shop.example.com', false)
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', 'PendingValidation')
  for (let hour = 0; hour < 71; hour += 10) {
    await story.pass(10 * HOUR - (hour === 70 ? 9 * HOUR : 0))
    expect(story.standing('shop')).toMatchObject({ state: 'Issuing', reason: 'PendingValidation' })
  }
  expect(story.requests()).toBe(1)
  await story.reaches('shop', 'ValidationTimedOut', 2 * HOUR)
  const { state, message } = story.standing('shop')
  expect(state).toBe('Failed')
  expect(message).toContain('72 hours')
  expect(message).toContain('shop.example.com')
  expect(message).toMatch(/the next request follows at \d{4}-/)
  expect(story.events('shop').at(-1)).toMatchObject({ type: 'Warning', reason: 'ValidationTimedOut', note: message })
  await story.until('a second request', () => story.requests() === 2, 2 * HOUR)
  expect(pausesAfterFailure(story)[0]).toBeCloseTo(1, 1)
})

test('the claim of a pending certificate says since when, until when, and which names are late', async () => {
  await using story = await begin()
  story.world.aws.setValidates('bad.example.com', false)
  await story.apply({ ...SHOP, hosts: ['good.example.com', 'bad.example.com'] })
  await story.reaches('shop', 'PendingValidation')
  await story.pass(15 * MINUTE)
  const { message } = story.standing('shop')
  expect(message).toContain('bad.example.com')
  expect(message).not.toContain('good.example.com')
  expect(message).toContain('2026-11-24T09:00')
  expect(message).toContain('2026-11-27T09:00')
})

describe.each(['with its ledger', 'without its ledger'] as const)('across a restart %s', (ledger) => {
  test('a pending certificate stays the one that was requested', async () => {
    await using story = await begin()
    story.world.aws.setValidates('shop.example.com', false)
    await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
    await story.reaches('shop', 'PendingValidation')
    await story.pass(12 * HOUR)
    await restart(story, ledger)
    await story.pass(12 * HOUR)
    expect(story.standing('shop')).toMatchObject({ state: 'Issuing', reason: 'PendingValidation' })
    expect(story.requests()).toBe(1)
  })

  test('a name that ACM does not allow is not requested again', async () => {
    await using story = await begin()
    story.world.aws.failDomain('shop.example.com', 'DOMAIN_NOT_ALLOWED')
    await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
    await story.reaches('shop', 'DomainNotAllowedByAcm')
    await restart(story, ledger)
    await story.pass(4 * DAY)
    expect(story.standing('shop')).toMatchObject({ state: 'Failed', reason: 'DomainNotAllowedByAcm' })
    expect(story.requests()).toBe(1)
  })

  test('a CAA record that forbids it is tried again after 72 h, not before', async () => {
    await using story = await begin()
    story.world.aws.failDomain('shop.example.com', 'CAA_ERROR')
    await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
    await story.reaches('shop', 'CaaError')
    await restart(story, ledger)
    await story.pass(70 * HOUR)
    expect(story.standing('shop')).toMatchObject({ state: 'Failed', reason: 'CaaError' })
    expect(story.requests()).toBe(1)
    await story.until('it is requested again', () => story.requests() === 2, 3 * HOUR)
  })

  test('a failure without a reason is tried again after 1 h, 2 h, 4 h', async () => {
    await using story = await begin()
    story.world.aws.failDomain('shop.example.com', 'OTHER')
    await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
    for (const count of [2, 3, 4]) {
      await story.reaches('shop', 'AcmError', HOUR)
      await restart(story, ledger)
      await story.until(`request ${count}`, () => story.requests() === count, 6 * HOUR)
    }
    const pauses = pausesAfterFailure(story)
    expect(pauses).toHaveLength(3)
    // Without the ledger the failure is placed at the request, minutes before: never later than it should be.
    for (const [index, hours] of [1, 2, 4].entries()) {
      expect(pauses[index]).toBeGreaterThanOrEqual(hours - 0.3)
      expect(pauses[index]).toBeLessThanOrEqual(hours + 0.3)
    }
  })
})

test('a CAA record that forbids it names the cure, and an edit of the object tries again at once', async () => {
  await using story = await begin()
  const [zone] = story.world.aws.hostedZones()
  if (!zone) throw new Error('there is no zone')
  story.world.aws.putRecord(zone, { name: 'example.com', type: 'CAA', values: ['0 issue "letsencrypt.org"'] })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', 'CaaError', 30 * MINUTE)
  expect(story.standing('shop').message).toContain('amazon.com')
  await story.pass(DAY)
  expect(story.requests()).toBe(1)
  story.world.aws.putRecord(zone, { name: 'example.com', type: 'CAA', values: ['0 issue "amazon.com"'] })
  await story.pass(5 * MINUTE)
  await story.during(story.world.user.setHosts(SHOP, ['shop.example.com'], '/again'))
  await story.until('it is requested again', () => story.requests() === 2, 10 * SECOND)
  await story.ready('shop')
})

test('a name that ACM does not allow is requested again only when the object changes, and our own writes are no change', async () => {
  await using story = await begin()
  story.world.aws.failDomain('bad.example.com', 'DOMAIN_NOT_ALLOWED')
  await story.apply({ ...SHOP, hosts: ['bad.example.com'] })
  await story.reaches('shop', 'DomainNotAllowedByAcm')
  expect(story.events('shop').at(-1)).toMatchObject({ type: 'Warning', reason: 'DomainNotAllowedByAcm' })
  await story.pass(4 * DAY)
  expect(story.requests()).toBe(1)
  expect(story.standing('shop').message).toContain('until the object changes')
  await story.during(story.world.user.setHosts(SHOP, ['good.example.com']))
  await story.ready('shop')
  expect(story.requests()).toBe(2)
})

test('after a failure that passes, the next certificate is issued and served, and the dead one is cleared away', async () => {
  await using story = await begin({ flags: { 'retire-after': '1h' } })
  story.world.aws.failDomain('shop.example.com', 'OTHER')
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', 'AcmError')
  story.world.aws.failDomain('shop.example.com', undefined)
  await story.ready('shop', 2 * HOUR)
  expect(story.requests()).toBe(2)
  await story.until('the failed one is gone', () => story.certificates('shop.example.com').length === 1, 4 * HOUR)
  expect(story.certificates('shop.example.com')[0]?.status).toBe('ISSUED')
})

test('where ACM’s quota is reached the claim says so, and goes on within half an hour of its being raised', async () => {
  await using story = await begin({ start: false })
  const { quotas } = story.world.aws.settings
  story.world.aws.configure({ quotas: { ...quotas, certificates: 0 } })
  story.startController()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', 'QuotaReached')
  const { state, message } = story.standing('shop')
  expect(state).toBe('Held')
  expect(message).toContain('shop.example.com')
  expect(message).toContain('quota')
  expect(story.events('shop').at(-1)).toMatchObject({ type: 'Warning', reason: 'QuotaReached', note: message })
  await story.pass(12 * HOUR)
  expect(story.calls('RequestCertificate')).toBeLessThan(40)
  story.world.aws.configure({ quotas })
  await story.until('it is requested', () => story.requests() === 1, 40 * MINUTE)
  await story.ready('shop')
})

describe.each([
  { fault: 'accessDenied', reason: 'AccessDenied', says: ['acm:RequestCertificate', 'IAM policy'] },
  { fault: 'expiredCredentials', reason: 'CredentialsUnavailable', says: ['acm:RequestCertificate', 'role'] },
] as const)('where AWS answers $fault', ({ fault, reason, says }) => {
  test('to a request, the claim names the action, and goes on within 5 min of its being mended, without a restart', async () => {
    await using story = await begin({ start: false })
    story.world.aws.faults = {
      before: ({ operation }) => (operation === 'RequestCertificate' ? { kind: fault } : undefined),
    }
    story.startController()
    await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
    await story.reaches('shop', reason)
    const { state, message } = story.standing('shop')
    expect(state).toBe('Held')
    for (const part of says) expect(message).toContain(part)
    expect(story.events('shop').at(-1)).toMatchObject({ type: 'Warning', reason, note: message })
    await story.pass(6 * HOUR)
    expect(story.standing('shop').reason).toBe(reason)
    expect(story.log.filter((line) => line.includes('acm:RequestCertificate')).length).toBeLessThanOrEqual(2)
    story.world.aws.faults = {}
    await story.until('it is requested', () => story.requests() === 1, 5 * MINUTE)
    await story.ready('shop')
  })
})

test('one bad name never holds up a good one: after 10 min it is served with an interim certificate', async () => {
  await using story = await begin()
  story.world.aws.setValidates('bad.example.com', false)
  await story.apply({ ...SHOP, hosts: ['good.example.com', 'bad.example.com'] })
  await story.until(
    'the interim is listed',
    () => {
      const [interim] = story.certificates('good.example.com')
      return interim !== undefined && story.listed('shop').includes(interim.arn)
    },
    20 * MINUTE,
  )
  expect(story.requests()).toBe(2)
  await story.pass(DAY)
  expect(story.requests()).toBe(2)
  expect(story.standing('shop')).toMatchObject({ state: 'Replacing' })
})

test('the interim certificate leaves once the bad name validates after all', async () => {
  await using story = await begin({ flags: { 'retire-after': '1h' } })
  story.world.aws.setValidates('bad.example.com', false)
  await story.apply({ ...SHOP, hosts: ['good.example.com', 'bad.example.com'] })
  await story.until('the interim is listed', () => story.listed('shop').length === 1, 20 * MINUTE)
  story.world.aws.setValidates('bad.example.com', true)
  await story.ready('shop', HOUR)
  const [whole] = story.certificates('good.example.com', 'bad.example.com')
  await story.until('only the whole one is listed', () => story.listed('shop').join() === whole?.arn, HOUR)
  await story.until('the interim is gone', () => story.certificates('good.example.com').length === 0, 6 * HOUR)
  expect(story.requests()).toBe(2)
})

test('a name that ACM does not allow fails its certificate, and its validated neighbour is served nevertheless', async () => {
  await using story = await begin()
  // Issued long before the other is looked at by ACM: it has validated when the certificate fails.
  story.world.aws.setValidates('bad.example.com', false)
  await story.apply({ ...SHOP, hosts: ['good.example.com', 'bad.example.com'] })
  await story.reaches('shop', 'PendingValidation')
  await story.pass(5 * MINUTE)
  const [whole] = story.certificates('good.example.com', 'bad.example.com')
  story.world.aws.fail(whole?.arn as string, 'DOMAIN_NOT_ALLOWED')
  await story.until('the interim is listed', () => story.listed('shop').length === 1, 20 * MINUTE)
  expect(story.listed('shop')).toEqual([story.certificates('good.example.com')[0]?.arn])
  await story.pass(DAY)
  expect(story.requests()).toBe(2)
})

test('a host that ACM refuses at its first look does not keep its neighbours on the same object from being served', async () => {
  await using story = await begin()
  story.world.aws.failDomain('bad.example.com', 'CAA_ERROR')
  await story.apply({ name: 'shop', hosts: ['bad.example.com', 'good.example.com'] })
  await story.until('the good one is issued', () => story.certificates('good.example.com').length === 1)
  await story.until('it is listed', () => story.listed('shop').length === 1)
  expect(story.certificates('good.example.com').map(({ arn }) => arn)).toEqual(story.listed('shop'))
  await story.pass(24 * HOUR)
  expect(story.requests()).toBe(2)
})
