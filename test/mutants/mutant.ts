import type { Law as ProgramLaw } from '../../src/sim/laws/book.ts'
import type { Law as ModelLaw } from '../../src/sim/model/law-book.ts'
import type { Scenario } from '../../src/sim/simulation/scenario.ts'
import type { Need } from './needs.ts'

/** Source text for other source text; it stands in the file exactly once, or the mutant is to be written anew. */
export interface Patch {
  /** From the root of the repository. */
  readonly file: string
  readonly from: string
  readonly to: string
}

interface Bug {
  /** What is left out or wrong, in words; no two mutants have the same. */
  readonly name: string
  readonly patches: readonly Patch[]
}

/** A rule of the core taken out, which the model's story of its row must notice. */
export interface ModelMutant extends Bug {
  readonly world: 'model'
  /** The row of the stories that must go red, or what their names say. */
  readonly row: number | string
  /** The law that it breaks; others only where the first breach found may be a direct consequence. */
  readonly expected: readonly ModelLaw[]
  /** What the model's performing leaves out. */
  readonly omit?: string
}

/** A bug that the storms of the whole program must notice. */
export interface ProgramMutant extends Bug {
  readonly world: 'program'
  /** What it does to people, in a sentence. */
  readonly breaks: string
  /** The law that it breaks; others only where the first breach found may be a direct consequence, and `because` says why. */
  readonly expected: readonly ProgramLaw[]
  readonly because?: string
  /** Harmless changes, of the program or of the world, without which no seed could notice. The program holds the laws with these alone. */
  readonly setting?: readonly Patch[]
  /** Seeds for which it does not hold cannot notice and are passed over: the number of the seed tells what all of them would have taken. */
  readonly needs?: Need
  /**
   * What is played in the place of a seed's own scenario, where that reaches the bug's premise too seldom: the same world and rules, with
   * other deeds. The program as it is must hold on it like on any seed. Where it does not notice after some seeds, plain ones follow.
   */
  readonly stage?: (drawn: Scenario) => Scenario
  /** The seed that noticed it when it was last looked for, of those of its stage where it has one: played first, so that a run is short. */
  readonly first?: number
}

export type Mutant = ModelMutant | ProgramMutant

export function patch(file: string, from: string, to: string): Patch {
  return { file: `src/${file}`, from, to }
}
