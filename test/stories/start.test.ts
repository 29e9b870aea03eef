import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { ACCESS_KEYS } from '../../src/sim/embedded.ts'
import { Story } from './story.ts'

/** A load balancer each, so that there are more of them than are looked at at once. */
const SHOPS = Array.from({ length: 11 }, (_, index) => `shop${index}`)

test('a start looks at a few load balancers at once and at the others in turn, but where a user waits right away', async () => {
  await using story = await Story.begin()
  for (const name of SHOPS) await story.apply({ name, hosts: [`${name}.example.com`] })
  for (const name of SHOPS) await story.ready(name)
  story.world.prober.stop()
  await story.pass(30 * MINUTE)
  story.controller.kill()
  const asked = () => ({
    listeners: story.calls('DescribeListeners'),
    all: story.world.aws.events.of('call').filter(({ by }) => by === ACCESS_KEYS.controller).length,
  })
  const before = asked()
  story.startController()
  await story.pass(2 * MINUTE)
  expect(asked().listeners - before.listeners).toBe(8)
  expect(asked().all - before.all).toBeLessThanOrEqual(60)
  await story.pass(HOUR)
  expect(asked().listeners - before.listeners).toBeGreaterThanOrEqual(SHOPS.length)
  // One more start, and before its turn comes an object is changed: nobody waits for the turn.
  story.controller.kill()
  story.startController()
  await story.pass(MINUTE)
  for (const name of SHOPS)
    await story.during(story.world.user.addHost({ namespace: 'default', name }, `${name}-www.example.com`))
  const serves = (name: string) =>
    story.listed(name)[0] === story.certificates(`${name}.example.com`, `${name}-www.example.com`)[0]?.arn
  await story.until('all successors are served', () => SHOPS.every((name) => story.isReady(name) && serves(name)))
}, 240_000)
