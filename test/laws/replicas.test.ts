import { expect, test } from 'vitest'
import { REPLICAS } from '../../src/sim/systematic/rival-study.ts'
import { TROUBLES } from '../../src/sim/systematic/rivals.ts'
import { playPoint, referenceOf, storyNamed } from '../../src/sim/systematic/studies.ts'

// The whole of it is `make crash-points`: here a sample of one story, each trouble several times.

/** How many points of each trouble are played here. */
const MOST = 4

const story = storyNamed('life')

test.each(TROUBLES)(
  'of two processes only one writes while the other is %s, and all ends as with one',
  async (trouble) => {
    const { points } = REPLICAS.points(story, await referenceOf(story))
    const all = points.filter(({ id }) => id.endsWith(`/${trouble}`))
    const stride = Math.ceil(all.length / MOST)
    const faults: string[] = []
    let written = 0
    for (const { id } of all.filter((_, index) => index % stride === 0)) {
      const outcome = await playPoint(id)
      written += outcome.premises.get('S5') ?? 0
      for (const fault of outcome.faults) faults.push(`${id}: ${fault}`)
    }
    expect(faults).toEqual([])
    expect(written).toBeGreaterThan(20)
  },
)
