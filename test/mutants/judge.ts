import { join } from 'node:path'
import type { Clock } from '../../src/clock.ts'
import type { Scenario } from '../../src/sim/simulation/scenario.ts'
import type { BrokenSeeds } from './broken-seeds.ts'
import { applyPatches, copySources } from './copy.ts'
import type { Turn } from './job.ts'
import type { ModelMutant, Mutant, ProgramMutant } from './mutant.ts'
import { Player } from './player.ts'

/** The first breach of a law that was not expected. */
export interface Other {
  readonly where: string
  readonly sentence: string
}

/** What became of a mutant. */
export interface Verdict {
  readonly mutant: Mutant
  /** The first breach of a law that was expected. */
  readonly caught: { readonly law: string; readonly sentence: string; readonly where: string } | undefined
  /** Other laws that broke before. */
  readonly others: ReadonlyMap<string, Other>
  /** What does not count, since the program breaks a law there as it is. */
  readonly spoilt: readonly string[]
  /** How many seeds were played. */
  readonly seeds: number
  readonly seconds: number
}

export interface Bench {
  /** The unmutated program. */
  readonly source: string
  /** A folder below the repository, so that packages are found; one copy a mutant is made in it. */
  readonly copies: string
  readonly clock: Clock
  readonly brokenSeeds: BrokenSeeds
  /** The seeds to play, in this order. */
  readonly seeds: readonly number[]
  /** After so many seconds a mutant is given up. */
  readonly patience: number
  /** What a seed decides, by the unmutated program. */
  readonly draw: (seed: number) => Scenario
}

/** Makes the copy, plays seed after seed until a law breaks that was expected, and tells what happened. */
export async function judge(mutant: Mutant, folder: string, bench: Bench): Promise<Verdict> {
  const { source, clock } = bench
  const begun = clock.monotonic()
  copySources(source, folder)
  applyPatches(folder, [...(mutant.world === 'program' ? (mutant.setting ?? []) : []), ...mutant.patches])
  const player = new Player({
    folder,
    world: mutant.world,
    omit: mutant.world === 'model' ? mutant.omit : undefined,
  })
  try {
    const found =
      mutant.world === 'model' ? await judgeByModel(mutant, player, bench) : await judgeByProgram(mutant, player, bench)
    return { mutant, ...found, seconds: (clock.monotonic() - begun) / 1_000 }
  } finally {
    player.end()
  }
}

type Found = Omit<Verdict, 'mutant' | 'seconds'>

/** How many seeds a script is played on before plain ones follow. */
const STAGED = 25

/** What to play, in this order: the script first, since it costs least, and of all seeds the one that noticed the bug before. */
function* turnsOf(
  { first, needs = () => true, stage }: ProgramMutant,
  { seeds, draw }: Bench,
): Generator<Turn & Place> {
  const ordered = first === undefined ? seeds : [first, ...seeds.filter((seed) => seed !== first)]
  if (stage)
    for (const seed of ordered.slice(0, STAGED))
      yield { seed, scenario: stage(draw(seed)), where: `staged seed ${seed}` }
  for (const seed of stage ? seeds : ordered) if (needs(draw(seed))) yield { seed, where: `seed ${seed}` }
}

interface Place {
  readonly seed: number
  readonly where: string
}

async function judgeByProgram(mutant: ProgramMutant, player: Player, bench: Bench): Promise<Found> {
  const others = new Map<string, Other>()
  const begun = bench.clock.monotonic()
  const spoilt: string[] = []
  let played = 0
  for (const { where, ...turn } of turnsOf(mutant, bench)) {
    if ((bench.clock.monotonic() - begun) / 1_000 > bench.patience) break
    played += 1
    const { law, sentence } = await player.play(turn)
    if (law === undefined) continue
    if (await bench.brokenSeeds.has(turn, mutant.setting)) {
      spoilt.push(where)
      continue
    }
    if (mutant.expected.some((expected) => expected === law))
      return { caught: { law, sentence, where }, others, spoilt, seeds: played }
    if (!others.has(law)) others.set(law, { where, sentence })
  }
  return { caught: undefined, others, spoilt, seeds: played }
}

/** By the model's seeds, many a second; what is too rare for them, by the stories of its row. The model holds on both without the mutant. */
async function judgeByModel(mutant: ModelMutant, player: Player, bench: Bench): Promise<Found> {
  const others = new Map<string, Other>()
  const story = await player.play({ row: mutant.row })
  const isExpected = (law: string | undefined) => mutant.expected.some((expected) => expected === law)
  if (isExpected(story.law))
    return {
      caught: { law: story.law ?? '', sentence: story.sentence, where: `story "${mutant.row}"` },
      others,
      spoilt: [],
      seeds: 1,
    }
  if (story.law !== undefined) others.set(story.law, { where: `story "${mutant.row}"`, sentence: story.sentence })
  for (const [index, seed] of bench.seeds.entries()) {
    const { law, sentence } = await player.play({ seed })
    if (law === undefined) continue
    if (isExpected(law))
      return { caught: { law, sentence, where: `seed ${seed}` }, others, spoilt: [], seeds: index + 1 }
    if (!others.has(law)) others.set(law, { where: `seed ${seed}`, sentence })
  }
  return { caught: undefined, others, spoilt: [], seeds: bench.seeds.length }
}

/** The folder of a mutant's copy. */
export function folderOf(mutant: Mutant, copies: string): string {
  return join(
    copies,
    mutant.name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 80),
  )
}
