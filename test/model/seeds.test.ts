import { expect, it } from 'vitest'
import { LAWS } from '../../src/sim/model/law-book.ts'
import type { Law } from '../../src/sim/model/law-book.ts'
import { playSeed } from '../../src/sim/model/run.ts'
import { shrink } from '../../src/sim/model/shrink.ts'

const SEEDS = 200

/** Too rare for a gate, and put to the test by the stories: what follows a request that timed out after 72 hours. */
const RARE: readonly Law[] = ['Q2', 'M']

it(`no law breaks in ${SEEDS} seeds, and each was put to the test`, () => {
  const premises = new Map<Law, number>()
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { run, breach, premises: held } = playSeed(seed)
    for (const [law, times] of held) premises.set(law, (premises.get(law) ?? 0) + times)
    if (!breach) continue
    const { story, breach: shortest } = shrink(run, breach.law)
    expect.fail(`seed ${seed} breaks ${breach.law}:\n${story.join('\n')}\n${shortest.sentence}`)
  }
  const vacuous = LAWS.filter((law) => !RARE.includes(law) && (premises.get(law) ?? 0) === 0)
  expect(vacuous).toEqual([])
})

it('plays a seed twice in the same way', () => {
  for (const seed of [11, 12, 13]) expect(playSeed(seed)).toEqual(playSeed(seed))
})
