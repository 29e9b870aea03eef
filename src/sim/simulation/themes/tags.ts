import type { Step } from '../steps.ts'
import { PLACES } from '../steps.ts'
import type { Theme } from '../themes.ts'
import { withSteps } from './story.ts'

const TAGS = 'certwright.dev/tags'

/** Tags by default and by annotation, and both change: in place, never by another certificate. */
export const tags: Theme = {
  name: 'tags',
  share: 0.05,
  dress: (scenario, draw) => {
    const moment = () => draw.whole(1, Math.ceil(scenario.stormMs / 1_000)) * 1_000
    const steps: Step[] = Array.from({ length: draw.whole(1, 5) }, () => ({
      at: moment(),
      do: 'annotate',
      ingress: draw.whole(0, PLACES.length - 1),
      annotations: { [TAGS]: draw.pick(['team=shop', 'team=web,stage=prod', 'share=50%', null]) },
    }))
    // Whoever sees that a tag is refused takes it away: while it stands nothing is promised.
    steps.push(
      ...steps
        .filter((step) => step.do === 'annotate' && step.annotations[TAGS] === 'share=50%')
        .map((step) => ({ ...step, at: step.at + 300_000, annotations: { [TAGS]: null } }) as Step),
    )
    if (draw.chance(0.5))
      steps.push({ at: moment(), do: 'restart', flags: { 'default-tags': 'team=platform' }, downMs: 5_000 })
    return withSteps({ ...scenario, flags: { ...scenario.flags, 'default-tags': 'team=platform,stage=test' } }, steps)
  },
}
