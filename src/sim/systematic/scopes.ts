import { explore, replay } from '../model/explore.ts'
import { EXPLORATIONS } from '../model/scopes.ts'

/** How many states of each scope are visited: in all about a minute of one core. */
const MOST_STATES = 12_000
/** Longer than any schedule that so many states allow. */
const DEPTH = 80

/** What the exploration of a small scope came to. */
export interface Visited {
  readonly states: number
  /** How long the schedules were of which all were followed. */
  readonly depth: number
  /** Whether there is no state that was not visited. */
  readonly complete: boolean
  readonly faults: readonly string[]
}

export const SCOPES: readonly string[] = Object.keys(EXPLORATIONS)

/** Follows every schedule of a scope, the shorter ones first. A breach is told as the story of its schedule. */
export function visit(name: string): Visited {
  const exploration = EXPLORATIONS[name]
  if (!exploration) throw new Error(`there is no scope "${name}": there are ${SCOPES.join('; ')}.`)
  const { states, depth, complete, breach, schedule } = explore({ ...exploration, depth: DEPTH, most: MOST_STATES })
  const story: string[] = []
  if (schedule) replay(exploration, schedule, { story })
  return { states, depth, complete, faults: breach ? [...story, `${breach.law}: ${breach.sentence}`] : [] }
}
