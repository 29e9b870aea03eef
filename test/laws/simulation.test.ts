import { availableParallelism } from 'node:os'
import { beforeAll, expect, it } from 'vitest'
import { LAWS } from '../../src/sim/laws/book.ts'
import { type Played, playBatch } from '../../src/sim/simulation/batch.ts'
import { CLASSES } from '../../src/sim/simulation/faults.ts'
import { PROBES } from '../../src/sim/simulation/probes.ts'
import { play } from '../../src/sim/simulation/run.ts'
import { drawScenario } from '../../src/sim/simulation/scenario.ts'
import { Tally } from '../../src/sim/simulation/tally.ts'

const FROM = 1
const SEEDS = 32

/** Two idle cores need a minute or two; a busy machine may need much more. */
const PATIENCE = 900_000

const tally = new Tally(FROM)
const played = new Map<number, Played>()

beforeAll(async () => {
  await playBatch({
    from: FROM,
    seeds: SEEDS,
    jobs: availableParallelism(),
    onOutcome: (seed, outcome) => {
      if ('thrown' in outcome) {
        tally.thrown(seed, outcome.thrown)
        return
      }
      played.set(seed, outcome)
      tally.add(seed, outcome)
    },
  })
}, PATIENCE)

it(`no law breaks in ${SEEDS} storms of the whole program`, () => {
  const broken = tally.outcome.broken.map(
    ({ seed, law, sentence }) => `make simulate SEED=${seed} tells how ${law} breaks: ${sentence}`,
  )
  expect(broken).toEqual([])
})

it('each law was put to the test', () => {
  const { laws } = tally.outcome
  // `P` has no premise: the program must never break.
  expect(LAWS.filter((law) => law !== 'P' && laws[law].times === 0)).toEqual([])
})

it('most classes of faults befell somebody, and most rare states were reached', () => {
  const { faults, probes } = tally.outcome
  expect(CLASSES.length).toBeGreaterThanOrEqual(40)
  expect(PROBES.length).toBeGreaterThanOrEqual(60)
  expect(CLASSES.filter((name) => faults[name]).length).toBeGreaterThan(CLASSES.length * 0.8)
  expect(PROBES.filter((probe) => probes[probe].seeds > 0).length).toBeGreaterThan(PROBES.length * 0.6)
})

it('the same seed twice gives the same trace, byte for byte, in whichever thread', { timeout: 120_000 }, async () => {
  for (const seed of [5, 9]) expect((await play(drawScenario(seed))).trace).toBe(played.get(seed)?.trace)
})
