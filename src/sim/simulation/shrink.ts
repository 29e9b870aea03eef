import type { Breach } from '../laws/book.ts'
import { play } from './run.ts'
import type { Scenario } from './scenario.ts'
import type { FaultName } from './faults.ts'

/** How many runs a shrinking may cost. */
const MOST_RUNS = 120

/** Leaves out faults and steps as long as the same law breaks, and tells what is left as a story. */
export async function shrink(outcome: {
  readonly scenario: Scenario
  readonly breach: Breach
}): Promise<{ scenario: Scenario; breach: Breach; story: readonly string[] }> {
  const { law } = outcome.breach
  let { scenario } = outcome
  let runs = 0
  const breaks = async (candidate: Scenario): Promise<boolean> => {
    if (runs >= MOST_RUNS) return false
    runs += 1
    const { breach } = await play(candidate)
    if (breach?.law !== law) return false
    scenario = candidate
    return true
  }
  await breaks({ ...scenario, rates: {} })
  for (const name of Object.keys(scenario.rates) as FaultName[]) {
    const { [name]: _, ...rates } = scenario.rates
    await breaks({ ...scenario, rates })
  }
  for (let size = Math.ceil(scenario.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < scenario.steps.length; ) {
      const steps = [...scenario.steps.slice(0, from), ...scenario.steps.slice(from + size)]
      if (!(await breaks({ ...scenario, steps }))) from += size
    }
  }
  for (const name of Object.keys(scenario.flags)) {
    const { [name]: _, ...flags } = scenario.flags
    await breaks({ ...scenario, flags })
  }
  if (scenario.replicas === 2) await breaks({ ...scenario, replicas: 1 })
  if (scenario.foreign.length > 0) await breaks({ ...scenario, foreign: [] })
  const story: string[] = []
  const { breach } = await play(scenario, story)
  return { scenario, breach: breach ?? outcome.breach, story }
}
