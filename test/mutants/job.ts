import type { Scenario } from '../../src/sim/simulation/scenario.ts'

/** What the child process is to play: handed over as JSON. */
export interface Job {
  /** The folder with the copy of the program. */
  readonly folder: string
  readonly world: 'model' | 'program'
  /** What the model's performing leaves out; for the model only. */
  readonly omit?: string | undefined
}

/** One run: a seed, a scenario, or the model's stories of a row. */
export interface Turn {
  readonly seed?: number
  readonly scenario?: Scenario
  readonly row?: number | string
}

/** How a run ended. */
export interface Played {
  /** Undefined: all laws held. */
  readonly law: string | undefined
  readonly sentence: string
}
