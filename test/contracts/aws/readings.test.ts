import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/core/time.ts'
import { statusOf } from '../../../src/sim/aws/acm/certificate.ts'
import { defaultReadings } from '../../../src/sim/aws/readings.ts'
import { LawBook, type Law } from '../../../src/sim/laws/book.ts'
import { Court } from '../../../src/sim/laws/court.ts'
import { Story } from '../../stories/story.ts'
import type { Episode, OpenFact, Reading } from './fact.ts'
import { FACTS } from './facts/index.ts'

const OPEN = FACTS.filter((fact): fact is OpenFact => fact.on === 'both readings')
const SHOP = { namespace: 'default', name: 'shop' }

/** The laws, but for the one on who may write: there is one process here, and nobody to fence off. */
class OneProcessBook extends LawBook {
  override broken(law: Law, sentence: string): void {
    if (law !== 'S5') super.broken(law, sentence)
  }
}

/**
 * What a reading leads to, for what Certwright promises: a host is served, one more beside it, without a gap; what nobody needs any more goes;
 * and no law is broken on the way.
 */
async function play({ settings }: Reading, episode: Episode | undefined) {
  await using story = await Story.begin({
    aws: settings,
    flags: { 'retire-after': '10m', 'leader-elect': 'false' },
    start: false,
  })
  story.world.prober.stop()
  const began = story.clock.monotonic()
  const book = new OneProcessBook(() => story.clock.monotonic() - began)
  const court = new Court({
    clock: story.clock,
    book,
    world: story.world,
    retireAfter: 10 * MINUTE,
    retireBrake: true,
    onTerm: () => {},
  })
  episode?.before?.(story)
  story.startController()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop', 3 * HOUR)
  await episode?.during?.(story)
  await story.during(story.world.user.addHost(SHOP, 'www.example.com'))
  const successor = () => story.certificates('shop.example.com', 'www.example.com').at(-1)
  const settled = () => story.isReady('shop') && story.listed('shop').join() === successor()?.arn
  await story.until('the shop is served by the successor alone', settled, 5 * HOUR)
  const ours = () => story.world.aws.certificates().filter(({ tags }) => tags['certwright.dev/key'] !== undefined)
  await story.until('what nobody needs is gone', () => ours().length === 1, 6 * HOUR)
  court.close()
  return {
    breach: episode?.lawless === undefined ? book.breach : undefined,
    shop: story.standing('shop').reason,
    left: ours().map((certificate) => `${certificate.names.join('+')} ${statusOf(certificate)}`),
  }
}

test('each question of the simulator’s is a fact that is open', () => {
  const answered = new Set(
    OPEN.flatMap(({ readings }) =>
      readings.flatMap(({ settings }) =>
        Object.entries(settings.readings ?? {}).map(([key, answer]) => `${key}: ${answer}`),
      ),
    ),
  )
  const missing = Object.entries(defaultReadings).filter(
    ([key, answer]) => answer !== 'either' && !answered.has(`${key}: ${answer}`),
  )
  expect(missing).toEqual([])
})

for (const { says, readings, episode } of OPEN) {
  describe(says, () => {
    test.each(readings)('the promises hold where it is: $name', async (reading) => {
      expect(await play(reading, episode)).toEqual({
        breach: undefined,
        shop: 'Served',
        left: ['shop.example.com+www.example.com ISSUED'],
      })
    })
  })
}
