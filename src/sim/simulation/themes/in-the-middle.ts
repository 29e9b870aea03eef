import type { Step } from '../steps.ts'
import type { Theme } from '../themes.ts'
import { withSteps } from './story.ts'

const SECOND = 1_000

/** Processes stand still at a write, for longer than a lease lasts; and edits land while a write is on its way. */
export const inTheMiddle: Theme = {
  name: 'in the middle of a write',
  share: 0.06,
  dress: (scenario, draw) => {
    const freezes = Array.from(
      { length: draw.whole(2, 6) },
      (): Step => ({
        at: draw.whole(0, Math.floor(scenario.stormMs / SECOND)) * SECOND,
        do: 'freezeInWrite',
        replica: draw.whole(1, scenario.replicas),
        forMs: draw.pick([10, 40, 330]) * SECOND,
      }),
    )
    const rates = { ...scenario.rates, 'kube edit in a write': draw.pick([0.05, 0.3]) }
    return withSteps({ ...scenario, leaseMs: 30 * SECOND, rates }, freezes)
  },
}
