import type { Theme } from '../themes.ts'

/** AWS gives fewer items on a page than it is asked for, as it may. */
export const shortPages: Theme = {
  name: 'short pages',
  share: 0.05,
  dress: (scenario, draw) => ({
    ...scenario,
    rates: { ...scenario.rates, 'aws short page': draw.pick([0.2, 1]) },
  }),
}
