import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { DEFAULT_ACCOUNT } from '../../src/sim/aws/accounts.ts'
import { ACCESS_KEYS } from '../../src/sim/embedded.ts'
import { Story, type StoryOptions } from './story.ts'

const OTHER = '999988887777'
const ROLE = `arn:aws:iam::${OTHER}:role/dns`
const FLAGS = { 'leader-elect': 'false', 'zone-roles': `example.org=${ROLE},shared-secret` }

/** A second account has the zone example.org, and a role for it that asks for an external id; nobody makes handshakes. */
async function begin(options: StoryOptions = {}): Promise<Story> {
  const story = await Story.begin({ flags: FLAGS, ...options, start: false })
  story.world.prober.stop()
  trust(story)
  story.world.aws.createHostedZone({ name: 'example.org', account: OTHER })
  story.startController()
  return story
}

function trust(story: Story, externalId = 'shared-secret'): void {
  story.world.aws.accounts.createRole({ arn: ROLE, externalId })
}

/** In which zone, of which account, each record was written. */
function written(story: Story) {
  return story.world.aws.events.of('recordChanged').map(({ action, account, zoneName, type }) => ({
    action,
    account,
    zone: zoneName.replace(/\.$/, ''),
    type,
  }))
}

test('names of another account’s zones are proven there, through its role, beside names of our own', async () => {
  await using story = await begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.com', 'shop.example.org'] })
  await story.ready('shop')
  expect(written(story).sort((a, b) => a.zone.localeCompare(b.zone))).toEqual([
    { action: 'CREATE', account: DEFAULT_ACCOUNT, zone: 'example.com', type: 'CNAME' },
    { action: 'CREATE', account: OTHER, zone: 'example.org', type: 'CNAME' },
  ])
  expect(story.requests()).toBe(1)
})

test('the zone is the most specific one of the account that the suffix names, whatever stands in ours', async () => {
  await using story = await begin()
  story.world.aws.createHostedZone({ name: 'shop.example.org', delegated: false })
  story.world.aws.createHostedZone({ name: 'eu.example.org', account: OTHER })
  await story.apply({ name: 'shop', hosts: ['a.shop.example.org'] })
  await story.apply({ name: 'eu', hosts: ['a.eu.example.org'] })
  await story.until('both are proven', () => written(story).length === 2)
  expect(
    written(story)
      .map(({ account, zone }) => `${zone} of ${account}`)
      .sort(),
  ).toEqual([`eu.example.org of ${OTHER}`, `example.org of ${OTHER}`])
})

test('a wrong external id holds only the names that need it, says the cure, and is over within five minutes of being put right', async () => {
  await using story = await Story.begin({ flags: FLAGS, start: false })
  trust(story, 'another-secret')
  story.world.aws.createHostedZone({ name: 'example.org', account: OTHER })
  story.startController()
  await story.apply({ name: 'both', hosts: ['shop.example.com', 'shop.example.org'] })
  await story.apply({ name: 'other', hosts: ['api.example.org'] })
  await story.apply({ name: 'ours', hosts: ['api.example.com'] })
  await story.ready('ours')
  await story.ready('both')
  expect(story.certificates('shop.example.com')).toHaveLength(1)
  await story.reaches('other', 'AccessDenied')
  expect(story.standing('both').names).toMatchObject([{ name: 'shop.example.org', reason: 'AccessDenied' }])
  const { state, message } = story.standing('other')
  expect(state).toBe('Held')
  for (const part of ['example.org', ROLE, 'shared-secret', 'sts:AssumeRole', 'trust policy'])
    expect(message).toContain(part)
  // Nothing happens in this hour; what was served must be served when the handshakes go on.
  story.world.prober.stop()
  await story.pass(HOUR)
  story.world.prober.start()
  trust(story)
  await story.until('it is proven', () => written(story).some(({ account }) => account === OTHER), 5 * MINUTE)
  await story.ready('other')
  await story.until(
    'the whole is served',
    () => story.listed('both').join() === story.certificates('shop.example.com', 'shop.example.org')[0]?.arn,
  )
  expect(story.world.prober.failures).toEqual([])
})

test('trust that is revoked later takes nothing that is served, holds what is new, and is missed by nobody else', async () => {
  await using story = await begin()
  await story.apply({ name: 'old', hosts: ['old.example.org'] })
  await story.ready('old')
  story.world.aws.accounts.deleteRole(ROLE, { sessions: true })
  await story.apply({ name: 'new', hosts: ['new.example.org'] })
  await story.apply({ name: 'ours', hosts: ['api.example.com'] })
  await story.ready('ours')
  await story.reaches('new', 'AccessDenied')
  expect(story.standing('new').message).toContain(ROLE)
  await story.pass(HOUR)
  expect(story.isReady('old')).toBe(true)
  trust(story)
  await story.until('the record is there', () => written(story).length === 3, 5 * MINUTE)
  await story.ready('new')
  expect(story.requests()).toBe(3)
})

test('credentials are asked for anew before they end, not more often', async () => {
  await using story = await begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.org'] })
  await story.ready('shop')
  const before = story.calls('AssumeRole')
  await story.pass(10 * HOUR)
  expect(story.calls('AssumeRole') - before).toBeGreaterThanOrEqual(10)
  expect(story.calls('AssumeRole') - before).toBeLessThanOrEqual(11)
  const failed = story.world.aws.events
    .of('call')
    .filter(({ by, outcome }) => by !== ACCESS_KEYS.loadBalancerController && outcome !== 'ok')
  expect(failed).toEqual([])
  expect(story.isReady('shop')).toBe(true)
})

test('a session that ends before its time is replaced at the next call', async () => {
  await using story = await begin()
  await story.apply({ name: 'shop', hosts: ['shop.example.org'] })
  await story.ready('shop')
  story.world.aws.accounts.deleteRole(ROLE, { sessions: true })
  trust(story)
  await story.apply({ name: 'next', hosts: ['next.example.org'] })
  await story.ready('next')
})
