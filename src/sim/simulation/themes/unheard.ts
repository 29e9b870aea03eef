import type { Step } from '../steps.ts'
import type { Theme } from '../themes.ts'
import { withSteps } from './story.ts'

const MINUTE = 60_000

/** For minutes no edit reaches the program; and when the storm is over, no watch breaks that would bring it to light before the hourly list. */
export const unheard: Theme = {
  name: 'unheard',
  share: 0.06,
  dress: (scenario, draw) => {
    const spells = Array.from(
      { length: draw.whole(1, 3) },
      (): Step => ({
        at: draw.whole(0, Math.floor(scenario.stormMs / 1_000)) * 1_000,
        do: 'deaf',
        forMs: draw.whole(1, 8) * MINUTE,
      }),
    )
    return withSteps({ ...scenario, relists: false }, spells)
  },
}
