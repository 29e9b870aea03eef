import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { Story } from './story.ts'

const hosts = (count: number) => Array.from({ length: count }, (_, index) => `h${index}.example.com`)

/** Nobody renews a lease. */
function begin(flags: Readonly<Record<string, string>> = {}): Promise<Story> {
  return Story.begin({ flags: { 'leader-elect': 'false', ...flags } })
}

/** The names of each certificate that the Ingress lists. */
function lists(story: Story): readonly (readonly string[])[] {
  return story.listed('shop').map((arn) => story.world.aws.certificate(arn)?.domains.map(({ name }) => name) ?? [])
}

test.each([11, 25])('%s hosts are served with several certificates of up to ten names', async (count) => {
  await using story = await begin()
  await story.apply({ name: 'shop', hosts: hosts(count) })
  await story.ready('shop')
  expect(lists(story).length).toBeGreaterThanOrEqual(Math.ceil(count / 10))
  for (const names of lists(story)) expect(names.length).toBeLessThanOrEqual(10)
  expect(lists(story).flat().sort()).toEqual(hosts(count).sort())
  expect(story.requests()).toBe(lists(story).length)
  expect(story.standing('shop').message).toContain(`with ${lists(story).length} certificates`)
  // A minute of handshakes with each host, five a second.
  await story.pass(MINUTE)
  story.world.prober.stop()
  await story.pass(9 * MINUTE)
  expect(story.requests()).toBe(lists(story).length)
  expect(story.world.prober.failures).toEqual([])
})

test('growing from nine hosts to twelve and back never drops one, and one host more changes one certificate', async () => {
  await using story = await begin({ 'retire-after': '1h' })
  await story.apply({ name: 'shop', hosts: hosts(9) })
  await story.ready('shop')
  const shop = { namespace: 'default', name: 'shop' }
  await story.during(story.world.user.setHosts(shop, hosts(12)))
  await story.until('all is served anew', () => story.isReady('shop') && lists(story).length > 1, HOUR)
  await story.until('the old one is gone', () => lists(story).flat().length === 12, HOUR)
  const before = story.listed('shop')
  await story.during(story.world.user.setHosts(shop, hosts(13)))
  await story.until(
    'the thirteenth is served',
    () => story.isReady('shop') && lists(story).flat().includes('h12.example.com'),
    HOUR,
  )
  await story.until('nothing stands twice', () => lists(story).flat().length === 13, HOUR)
  expect(before.filter((arn) => !story.listed('shop').includes(arn))).toHaveLength(1)
  await story.during(story.world.user.setHosts(shop, hosts(9)))
  await story.until('one is enough again', () => story.isReady('shop') && lists(story).length === 1, HOUR)
  expect(lists(story)[0]).toHaveLength(9)
  expect(story.world.prober.failures).toEqual([])
})

test('one bad host among thirty costs only its own certificate time, and its neighbours there are served by an interim', async () => {
  await using story = await begin()
  story.world.prober.stop()
  story.world.aws.setValidates('h7.example.com', false)
  await story.apply({ name: 'shop', hosts: hosts(30) })
  await story.until('all others are served', () => lists(story).flat().length >= 29, HOUR)
  const good = hosts(30).filter((host) => host !== 'h7.example.com')
  await story.until('on the load balancer, too', () => good.every((host) => lists(story).flat().includes(host)), HOUR)
  expect(lists(story).flat()).not.toContain('h7.example.com')
  expect(story.standing('shop')).toMatchObject({ reason: 'NamesChanged' })
  expect(story.standing('shop').message).toContain('h7.example.com')
  await story.pass(10 * MINUTE)
  story.world.aws.setValidates('h7.example.com', true)
  await story.ready('shop', 3 * HOUR)
})
