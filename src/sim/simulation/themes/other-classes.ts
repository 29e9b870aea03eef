import { PLACES, type Step } from '../steps.ts'
import type { Theme } from '../themes.ts'
import { withSteps } from './story.ts'

const MINUTE = 60_000

/** Objects that ask for a certificate, or asked, under classes of others; that opt out. */
export const otherClasses: Theme = {
  name: 'other classes and answers',
  share: 0.06,
  dress: (scenario, draw) => {
    const moment = () => draw.whole(1, Math.max(2, Math.floor(scenario.stormMs / MINUTE))) * MINUTE
    const ingress = () => draw.whole(0, PLACES.length - 1)
    const steps = Array.from(
      { length: draw.whole(3, 8) },
      (): Step =>
        draw.chance(0.5)
          ? { at: moment(), do: 'class', ingress: ingress(), value: draw.pick(['nginx', 'alb']) }
          : {
              at: moment(),
              do: 'annotate',
              ingress: ingress(),
              annotations: { 'certwright.dev/certificate': draw.pick(['false', 'true']) },
            },
    )
    return withSteps(scenario, steps)
  },
}
