import type { Theme } from '../themes.ts'
import { withSteps } from './story.ts'

const MINUTE = 60_000

/** Everything is deleted and never comes back; the brake stops what follows, and somebody releases it or not. */
export const allGone: Theme = {
  name: 'all gone',
  share: 0.03,
  dress: (scenario, draw) => {
    const at = scenario.stormMs + draw.whole(5, 20) * MINUTE
    return withSteps(scenario, [
      { at, do: 'massDelete', restoreAfter: null },
      ...(draw.chance(0.5) ? [{ at: at + 5 * MINUTE, do: 'approve' } as const] : []),
    ])
  },
}
