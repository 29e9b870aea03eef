import type { Theme } from '../themes.ts'
import { withSteps } from './story.ts'

const MINUTE = 60_000

/** The load balancer's controller is not there when the first objects come. */
export const absentAtFirst: Theme = {
  name: 'no load balancer controller at first',
  share: 0.04,
  dress: (scenario, draw) => withSteps(scenario, [{ at: 0, do: 'lbcRestart', downMs: draw.whole(5, 40) * MINUTE }]),
}
