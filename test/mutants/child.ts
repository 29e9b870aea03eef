import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import type * as ModelRun from '../../src/sim/model/run.ts'
import type * as ModelStories from '../../src/sim/model/stories.ts'
import type * as ProgramRun from '../../src/sim/simulation/run.ts'
import type * as ProgramScenario from '../../src/sim/simulation/scenario.ts'
import type { Job, Played, Turn } from './job.ts'

/** Plays, in the copy that its argument names, what it is sent, and answers with what broke. */
const job = JSON.parse(process.argv[2] ?? '') as Job

async function load<Module>(path: string): Promise<Module> {
  return (await import(pathToFileURL(join(job.folder, path)).href)) as Module
}

type Play = (turn: Turn) => Promise<Played>

async function modelPlayer(): Promise<Play> {
  const { play, playSeed } = await load<typeof ModelRun>('src/sim/model/run.ts')
  const { STORIES } = await load<typeof ModelStories>('src/sim/model/stories.ts')
  const omit = Object.fromEntries((job.omit ?? '').split(',').map((rule) => [rule, true]))
  return async ({ seed, row }) => {
    const runs =
      seed === undefined
        ? STORIES.filter((story) => story.row === row || story.name.includes(String(row))).map(
            ({ run }) => play(run, { omit }).breach,
          )
        : [playSeed(seed, { omit }).breach]
    const breach = runs.find((found) => found !== undefined)
    return { law: breach?.law, sentence: breach?.sentence ?? '' }
  }
}

async function programPlayer(): Promise<Play> {
  const { play } = await load<typeof ProgramRun>('src/sim/simulation/run.ts')
  const { drawScenario } = await load<typeof ProgramScenario>('src/sim/simulation/scenario.ts')
  return async ({ seed = 1, scenario = drawScenario(seed) }) => {
    const { breach } = await play(scenario)
    return { law: breach?.law, sentence: breach?.sentence ?? '' }
  }
}

const player = job.world === 'model' ? await modelPlayer() : await programPlayer()

process.on('message', (turn: Turn) => {
  player(turn).then(
    (played) => process.send?.(played),
    // Whatever a run throws is no law's word: the parent tells it.
    (error: unknown) =>
      process.send?.({ law: 'error', sentence: error instanceof Error ? (error.stack ?? '') : String(error) }),
  )
})

// Whoever asked is gone.
process.on('disconnect', () => process.exit())
