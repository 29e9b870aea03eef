import { PLACES, type Step } from '../steps.ts'
import type { Theme } from '../themes.ts'
import { withSteps } from './story.ts'

const MINUTE = 60_000

/** Hours later, when no token is remembered, the processes die and the ledger is lost, in some seeds with the annotations: nothing is requested anew. */
export const lostWhileDown: Theme = {
  name: 'lost while down',
  share: 0.04,
  dress: (scenario, draw) => {
    const at = scenario.stormMs + draw.whole(70, 150) * MINUTE
    const kill = (replica: number): Step => ({ at, do: 'kill', replica, downMs: 2 * MINUTE })
    const emptied = draw.chance(0.5)
      ? PLACES.map((_, ingress): Step => ({ at: at + 2_000, do: 'empty', ingress, remove: draw.chance(0.5) }))
      : []
    return withSteps(scenario, [kill(1), kill(2), { at: at + 1_000, do: 'loseLedger' }, ...emptied])
  },
}
