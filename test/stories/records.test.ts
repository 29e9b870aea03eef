import { expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { ACCESS_KEYS } from '../../src/sim/embedded.ts'
import { validationRecord } from '../../src/sim/aws/acm/certificate.ts'
import { DEFAULT_ACCOUNT } from '../../src/sim/aws/accounts.ts'
import { Story } from './story.ts'

const SHOP = { namespace: 'default', name: 'shop' }

/** What ACM will ask for: the same for every certificate of the account. */
function recordFor(name: string) {
  return validationRecord(DEFAULT_ACCOUNT, name)
}

function ours(story: Story) {
  return story.world.aws.events.of('recordChanged').filter(({ by }) => by === ACCESS_KEYS.controller)
}

function zoneOf(story: Story) {
  const [zone] = story.world.aws.hostedZones()
  if (!zone) throw new Error('there is no zone')
  return zone
}

function put(story: Story, name: string, value: string, ttl = 300) {
  story.world.aws.putRecord(zoneOf(story), { name, type: 'CNAME', ttl, values: [value] })
}

/** The value that the zone has at this name now. */
function valueAt(story: Story, name: string) {
  return zoneOf(story).get(name, 'CNAME')?.values[0]
}

test('a record that is absent is created, as ACM gave it, and nothing else is written', async () => {
  await using story = await Story.begin()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  const { name, value } = recordFor('shop.example.com')
  expect(ours(story)).toMatchObject([{ action: 'CREATE', name, type: 'CNAME' }])
  expect(ours(story)[0]?.values[0]?.replace(/\.$/, '')).toBe(value.replace(/\.$/, ''))
})

test('a record that is there with the right value is right, whatever its TTL, and stays as it is', async () => {
  await using story = await Story.begin({ start: false })
  const { name, value } = recordFor('shop.example.com')
  put(story, name, value, 86_400)
  story.startController()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  expect(ours(story)).toEqual([])
  expect(zoneOf(story).get(name, 'CNAME')?.ttl).toBe(86_400)
})

test('a record with another value is never overwritten, the claim says so, and it goes on once somebody takes it away', async () => {
  await using story = await Story.begin({ start: false })
  const { name, value } = recordFor('shop.example.com')
  put(story, name, 'somebody.else.example.org')
  story.startController()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', 'RecordConflict')
  const { state, message } = story.standing('shop')
  expect(state).toBe('Validating')
  for (const part of [name, 'somebody.else.example.org', value, 'shop.example.com', 'delete']) {
    expect(message).toContain(part)
  }
  expect(story.events('shop').at(-1)).toMatchObject({ reason: 'RecordConflict', note: message })
  story.world.prober.stop()
  await story.pass(6 * HOUR)
  expect(valueAt(story, name)).toContain('somebody.else.example.org')
  expect(ours(story)).toEqual([])
  expect(story.requests()).toBe(1)
  await story.during(story.world.colleague.deleteRecord(name))
  await story.until('the right record is there', () => ours(story).length === 1, 2 * MINUTE)
  await story.ready('shop')
  expect(ours(story).map(({ action }) => action)).toEqual(['CREATE'])
})

test('a record of another type at that name is a conflict as well, and its neighbour on the certificate gets its own record', async () => {
  await using story = await Story.begin({ start: false })
  const { name } = recordFor('a.example.com')
  story.world.aws.putRecord(zoneOf(story), { name, type: 'TXT', values: ['"mine"'] })
  story.startController()
  await story.apply({ ...SHOP, hosts: ['a.example.com', 'b.example.com'] })
  await story.reaches('shop', 'RecordConflict')
  expect(story.standing('shop').message).toContain('TXT')
  await story.until('the other is written', () => ours(story).length === 1, MINUTE)
  expect(ours(story)[0]?.name).toBe(recordFor('b.example.com').name)
  await story.pass(10 * MINUTE)
  expect(zoneOf(story).get(name, 'TXT')?.values).toEqual(['"mine"'])
})

test('a record that somebody deletes is put back within --record-check-interval for an issued certificate', async () => {
  await using story = await Story.begin({ flags: { 'record-check-interval': '10m' } })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  story.world.prober.stop()
  await story.pass(HOUR)
  const { name } = recordFor('shop.example.com')
  await story.during(story.world.colleague.deleteRecord(name))
  const took = await story.until('it is put back', () => valueAt(story, name) !== undefined, HOUR)
  expect(took).toBeLessThanOrEqual(10 * MINUTE + 2 * SECOND)
})

test('a record that somebody changes after the issue is left as it is', async () => {
  await using story = await Story.begin({ flags: { 'record-check-interval': '10m' } })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  story.world.prober.stop()
  const { name } = recordFor('shop.example.com')
  await story.during(story.world.colleague.overwriteRecord(name, 'somebody.else.example.org'))
  await story.pass(2 * HOUR)
  expect(valueAt(story, name)).toContain('somebody.else.example.org')
  expect(ours(story)).toHaveLength(1)
})

test('a record that somebody deletes while ACM waits for it is put back within about a minute', async () => {
  await using story = await Story.begin({ aws: { issuance: [2 * HOUR, 2 * HOUR] } })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', 'PendingValidation')
  await story.pass(20 * MINUTE)
  const { name } = recordFor('shop.example.com')
  await story.during(story.world.colleague.deleteRecord(name))
  const took = await story.until('it is put back', () => valueAt(story, name) !== undefined, HOUR)
  expect(took).toBeLessThanOrEqual(65 * SECOND)
})

test('a wildcard and its base share one record', async () => {
  await using story = await Story.begin()
  await story.apply({ ...SHOP, hosts: ['example.com', '*.example.com'] })
  await story.ready('shop')
  expect(ours(story)).toHaveLength(1)
  expect(story.world.prober.failures).toEqual([])
})

test('the record of a deleted Ingress stays, and serves the next certificate of its name at once', async () => {
  await using story = await Story.begin({ flags: { 'retire-after': '10m' } })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  story.world.prober.stop()
  await story.during(story.world.user.delete(SHOP))
  await story.until('the certificate is gone', () => story.certificates('shop.example.com').length === 0, 2 * HOUR)
  await story.pass(2 * HOUR)
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  expect(ours(story).map(({ action }) => action)).toEqual(['CREATE'])
})

test('one record of a batch that stands in the way holds up none of the others', async () => {
  await using story = await Story.begin({ start: false })
  put(story, recordFor('c.example.com').name, 'somebody.else.example.org')
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await story.apply({ name, hosts: [`${name}.example.com`] })
  }
  story.startController()
  for (const name of ['a', 'b', 'd', 'e']) await story.ready(name, 6 * MINUTE)
  expect(story.standing('c').reason).toBe('RecordConflict')
  expect(ours(story)).toHaveLength(4)
})

test('while Route 53 throttles, records come later and none is lost', async () => {
  await using story = await Story.begin({ start: false })
  let refused = 0
  story.world.aws.faults = {
    before: ({ operation }) =>
      operation === 'ChangeResourceRecordSets' && refused++ < 9 ? { kind: 'throttle' } : undefined,
  }
  for (const name of ['a', 'b', 'c']) await story.apply({ name, hosts: [`${name}.example.com`] })
  story.startController()
  for (const name of ['a', 'b', 'c']) await story.ready(name)
  expect(ours(story)).toHaveLength(3)
  expect(refused).toBeGreaterThanOrEqual(10)
  expect(await story.metrics.text()).toMatch(
    /certwright_aws_calls_total\{service="route53",operation="ChangeResourceRecordSets",outcome="throttled"\} 9/,
  )
})

test('a change whose answer was lost is not made twice', async () => {
  await using story = await Story.begin({ start: false })
  let lost = 0
  story.world.aws.faults = {
    after: ({ operation }) => (operation === 'ChangeResourceRecordSets' && lost++ < 1 ? { kind: 'reset' } : undefined),
  }
  story.startController()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  expect(ours(story).map(({ action }) => action)).toEqual(['CREATE'])
})

test('where IAM denies the records the claim names the action, and goes on within minutes of its being allowed', async () => {
  await using story = await Story.begin({ start: false })
  story.world.aws.faults = {
    before: ({ operation }) => (operation === 'ChangeResourceRecordSets' ? { kind: 'accessDenied' } : undefined),
  }
  story.startController()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', 'AccessDenied')
  expect(story.standing('shop')).toMatchObject({ state: 'Held' })
  expect(story.standing('shop').message).toContain('route53:ChangeResourceRecordSets')
  await story.pass(HOUR)
  story.world.aws.faults = {}
  await story.until('the record is written', () => ours(story).length === 1, 5 * MINUTE)
  await story.ready('shop')
  expect(story.requests()).toBe(1)
})

test('a record that is put back and deleted again is said with the cure for external-dns, until it has stayed for a day', async () => {
  await using story = await Story.begin({ flags: { 'record-check-interval': '10m' } })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  story.world.prober.stop()
  const { name } = recordFor('shop.example.com')
  for (const times of [1, 2]) {
    await story.pass(HOUR)
    expect(story.standing('shop').reason).toBe('Served')
    await story.during(story.world.colleague.deleteRecord(name))
    await story.until('it is put back', () => ours(story).length === times + 1, 11 * MINUTE)
  }
  await story.reaches('shop', 'RecordsVanish', MINUTE)
  const { state, message } = story.standing('shop')
  expect(state).toBe('Ready')
  for (const part of [name, '--policy=upsert-only', '--registry=txt']) expect(message).toContain(part)
  expect(story.events('shop').at(-1)).toMatchObject({ type: 'Warning', reason: 'RecordsVanish', note: message })
  await story.reaches('shop', 'Served', 26 * HOUR)
})

test('a routed record with the right value is right and stays as it is; where its values differ it is a conflict', async () => {
  await using story = await Story.begin({ start: false })
  for (const [host, values] of [
    ['right', 1],
    ['wrong', 2],
  ] as const) {
    const { name, value } = recordFor(`${host}.example.com`)
    for (const of of [value, 'other.example.org'].slice(0, values))
      await story.during(story.world.colleague.createWeightedRecord(name, of))
  }
  const before = story.world.aws.events.of('recordChanged').length
  story.startController()
  await story.apply({ name: 'right', hosts: ['right.example.com'] })
  await story.apply({ name: 'wrong', hosts: ['wrong.example.com'] })
  await story.reaches('wrong', 'RecordConflict')
  expect(story.standing('wrong').message).toContain('other.example.org')
  await story.reaches('right', 'PendingValidation')
  await story.pass(HOUR)
  expect(story.standing('right').reason).toBe('PendingValidation')
  expect(story.world.aws.events.of('recordChanged')).toHaveLength(before)
})

test('a record that Route 53 protects against any change is a conflict with its own words, and nothing is changed', async () => {
  await using story = await Story.begin({ start: false })
  const { name } = recordFor('shop.example.com')
  story.world.aws.protectRecord(zoneOf(story), { name, type: 'CNAME' })
  story.startController()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', 'RecordConflict')
  expect(story.standing('shop').message).toContain(name)
  expect(ours(story)).toEqual([])
})
