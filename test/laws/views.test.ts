import { expect, test } from 'vitest'
import { playPoint, referenceOf, storyNamed } from '../../src/sim/systematic/studies.ts'
import { VIEWS } from '../../src/sim/systematic/view-study.ts'

// The whole of it is `make crash-points`: here a sample of one story, each pattern many times.

/** Every how many points one is played here. */
const STRIDE = 12

const story = storyNamed('edit')

test.each(['stale', 'unseen', 'recreated', 'older'])(
  'where a step is %s, a certificate is replaced as if all had been seen at once',
  async (pattern) => {
    const { points } = VIEWS.points(story, await referenceOf(story))
    const sample = points.filter(({ id }) => id.split('/')[3] === pattern).filter((_, index) => index % STRIDE === 0)
    expect(sample.length).toBeGreaterThan(1)
    const faults: string[] = []
    for (const { id } of sample) for (const fault of (await playPoint(id)).faults) faults.push(`${id}: ${fault}`)
    expect(faults).toEqual([])
  },
)
