import type { Step } from '../steps.ts'
import type { Theme } from '../themes.ts'
import { withSteps } from './story.ts'

const MINUTE = 60_000

/** Load balancers have two ports, and a colleague detaches certificates from one of them. */
export const oneOfTwo: Theme = {
  name: 'one of two listeners',
  share: 0.05,
  dress: (scenario, draw) => {
    const detaching = Array.from(
      { length: draw.whole(2, 6) },
      (): Step => ({
        at: draw.whole(3, Math.max(4, Math.floor(scenario.stormMs / MINUTE))) * MINUTE,
        do: 'detach',
        index: draw.whole(0, 5),
        port: draw.pick([443, 8443]),
        forMs: draw.whole(1, 20) * MINUTE,
      }),
    )
    const steps = scenario.steps.map((step): Step => (step.do === 'apply' ? { ...step, ports: [443, 8443] } : step))
    return withSteps({ ...scenario, steps }, detaching)
  },
}
