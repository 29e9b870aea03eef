import type { Scenario } from '../scenario.ts'
import type { Step } from '../steps.ts'

const MINUTE = 60_000

/** Adds steps to a scenario, and makes the storm last for two minutes after them and what follows from them. */
export function withSteps(scenario: Scenario, added: readonly Step[]): Scenario {
  const ends = added.map((step) => step.at + lasts(step) + 2 * MINUTE)
  return {
    ...scenario,
    steps: [...scenario.steps, ...added].sort((a, b) => a.at - b.at),
    stormMs: Math.max(scenario.stormMs, ...ends),
  }
}

function lasts(step: Step): number {
  return 'forMs' in step ? step.forMs : 'downMs' in step ? step.downMs : 0
}
