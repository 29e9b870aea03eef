import { REASONS, SINGLE_HOSTS, type Step } from '../steps.ts'
import type { Theme } from '../themes.ts'
import { withSteps } from './story.ts'

const MINUTE = 60_000

/** ACM has something against a name before anybody asks for it. */
export const badFromTheStart: Theme = {
  name: 'bad from the start',
  share: 0.1,
  dress: (scenario, draw) => {
    const reason = draw.pick(REASONS)
    const host = draw.whole(0, SINGLE_HOSTS - 1)
    const forMs = draw.whole(2, 40) * MINUTE
    const step: Step = draw.chance(0.6)
      ? { at: 0, do: 'failDomain', host, reason, forMs }
      : { at: 0, do: 'neverValidates', host, forMs }
    // Before all others of its instant.
    return withSteps({ ...scenario, steps: [step, ...scenario.steps], stormMs: Math.max(scenario.stormMs, forMs) }, [])
  },
}
