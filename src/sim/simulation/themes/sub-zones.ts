import type { Step } from '../steps.ts'
import type { Theme } from '../themes.ts'
import { withSteps } from './story.ts'

const MINUTE = 60_000

/** Zones below the zone of the names, public and private, some of them there from the start. */
export const subZones: Theme = {
  name: 'sub-zones',
  share: 0.05,
  dress: (scenario, draw) => {
    const zones = Array.from(
      { length: draw.whole(1, 3) },
      (_, index): Step => ({
        at: index === 0 ? 0 : draw.whole(0, Math.floor(scenario.stormMs / MINUTE)) * MINUTE,
        do: 'subZone',
        host: draw.pick([0, 1, 2, 5]),
        isPrivate: draw.chance(0.5),
        forMs: draw.whole(5, 60) * MINUTE,
      }),
    )
    // Those of the first instant are there before any object.
    return withSteps({ ...scenario, steps: [...zones.slice(0, 1), ...scenario.steps] }, zones.slice(1))
  },
}
