import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { Story } from './story.ts'

const SHOP = { namespace: 'default', name: 'shop' }

/** The zones in which the controller wrote records, by name. */
function written(story: Story): readonly string[] {
  return story.world.aws.events.of('recordChanged').map(({ zoneId }) => zoneId)
}

test('a zone on the last of several pages is found', async () => {
  // Route 53 lists zones by reversed labels and 100 a page, so zz.example.com stands behind all the others.
  const others = Array.from({ length: 150 }, (_, index) => `zone-${index}.example.com`)
  await using story = await Story.begin({ embedded: { zones: ['example.com', ...others, 'zz.example.com'] } })
  await story.apply({ ...SHOP, hosts: ['shop.zz.example.com'] })
  await story.ready('shop')
  const zone = story.world.aws.hostedZones().find(({ name }) => name.startsWith('zz.example.com'))
  expect(written(story)).toEqual([zone?.id])
  expect(story.calls('ListHostedZones')).toBeGreaterThanOrEqual(2)
})

test('the private twin of a zone is never written to', async () => {
  await using story = await Story.begin({ embedded: { zones: [] }, start: false })
  const twin = story.world.aws.createHostedZone({ name: 'example.com', private: true })
  const zone = story.world.aws.createHostedZone({ name: 'example.com' })
  story.startController()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  expect(written(story)).toEqual([zone.id])
  expect(written(story)).not.toContain(twin.id)
})

test('a private zone alone is none', async () => {
  await using story = await Story.begin({ embedded: { zones: [] }, start: false })
  story.world.aws.createHostedZone({ name: 'example.com', private: true })
  story.startController()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', 'NoHostedZone')
  expect(story.requests()).toBe(0)
})

test('the zone with the longest suffix of a name gets its record, and a wildcard’s goes where its base belongs', async () => {
  await using story = await Story.begin({ embedded: { zones: ['example.com', 'team.example.com'] } })
  await story.apply({ ...SHOP, hosts: ['shop.team.example.com', '*.team.example.com', 'ateam.example.com'] })
  await story.ready('shop')
  const [outer, inner] = story.world.aws.hostedZones()
  expect([...written(story)].sort()).toEqual([inner?.id, inner?.id, outer?.id].map(String).sort())
})

test('of two zones of one name the one that public DNS delegates to is used', async () => {
  await using story = await Story.begin({ embedded: { zones: [] }, start: false })
  const forgotten = story.world.aws.createHostedZone({ name: 'example.com', delegated: false })
  const zone = story.world.aws.createHostedZone({ name: 'example.com' })
  story.world.aws.setDelegated(zone.id, true)
  story.startController()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  expect(written(story)).toEqual([zone.id])
  expect(written(story)).not.toContain(forgotten.id)
})

test('two zones of one name to which nothing delegates hold the claim, and the sentence is the cure', async () => {
  await using story = await Story.begin({ embedded: { zones: [] }, start: false })
  const ids = [1, 2].map(() => story.world.aws.createHostedZone({ name: 'example.com', delegated: false }).id)
  story.startController()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', 'AmbiguousHostedZone')
  const { state, message } = story.standing('shop')
  expect(state).toBe('Held')
  for (const part of [...ids, 'shop.example.com', 'default/shop', '--hosted-zone example.com=']) {
    expect(message).toContain(part)
  }
  expect(story.events('shop').at(-1)).toMatchObject({ type: 'Warning', reason: 'AmbiguousHostedZone', note: message })
  expect(story.requests()).toBe(0)
})

test('a held claim goes on within minutes once public DNS delegates to one of its zones', async () => {
  await using story = await Story.begin({ embedded: { zones: [] }, start: false })
  const [zone] = [1, 2].map(() => story.world.aws.createHostedZone({ name: 'example.com', delegated: false }))
  story.startController()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', 'AmbiguousHostedZone')
  story.world.aws.setDelegated(zone?.id as string, true)
  await story.until('a certificate is requested', () => story.requests() === 1, 6 * MINUTE)
  await story.ready('shop')
  expect(written(story)).toEqual([zone?.id])
})

test('--hosted-zone decides between two zones of one name', async () => {
  await using story = await Story.begin({ embedded: { zones: [] }, start: false })
  const [other, zone] = [1, 2].map(() => story.world.aws.createHostedZone({ name: 'example.com', delegated: false }))
  const pinned = zone?.id as string
  story.startController({ ...story.settings, hostedZones: { 'example.com': pinned } })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.until('the record is written', () => written(story).length > 0)
  expect(written(story)).toEqual([pinned])
  expect(written(story)).not.toContain(other?.id)
  story.world.aws.setDelegated(pinned, true)
  await story.ready('shop')
})

test('a zone that is created later is found within minutes, without an edit or a restart', async () => {
  await using story = await Story.begin()
  await story.apply({ ...SHOP, hosts: ['shop.example.net'] })
  await story.reaches('shop', 'NoHostedZone')
  expect(story.standing('shop').message).toContain('shop.example.net')
  await story.pass(HOUR)
  expect(story.requests()).toBe(0)
  story.world.aws.createHostedZone({ name: 'example.net' })
  await story.until('a certificate is requested', () => story.requests() === 1, 6 * MINUTE)
  await story.ready('shop')
})

test('a zone that was created a moment before its Ingress is found at once', async () => {
  await using story = await Story.begin()
  await story.pass(MINUTE)
  story.world.aws.createHostedZone({ name: 'example.net' })
  await story.apply({ ...SHOP, hosts: ['shop.example.net'] })
  await story.until('a certificate is requested', () => story.requests() === 1, 5_000)
})

test('a name without a zone is left out and said, and the rest is requested and served', async () => {
  await using story = await Story.begin()
  await story.apply({ ...SHOP, hosts: ['shop.example.com', 'shop.example.net'] })
  await story.ready('shop')
  expect(story.certificates('shop.example.com')).toHaveLength(1)
  expect(story.requests()).toBe(1)
  expect(story.standing('shop').names).toMatchObject([{ name: 'shop.example.net', reason: 'NoHostedZone' }])
  expect(story.standing('shop').message).toContain('shop.example.net is not on it')
})

test('the name that was left out joins once its zone is there, and nothing served is lost meanwhile', async () => {
  await using story = await Story.begin()
  await story.apply({ ...SHOP, hosts: ['shop.example.com', 'shop.example.net'] })
  await story.ready('shop')
  story.world.aws.createHostedZone({ name: 'example.net' })
  await story.until(
    'the certificate of both is listed alone',
    () => {
      const [both] = story.certificates('shop.example.com', 'shop.example.net')
      return both !== undefined && story.listed('shop').join() === both.arn
    },
    30 * MINUTE,
  )
  expect(story.world.prober.failures).toEqual([])
  expect(story.requests()).toBe(2)
})
