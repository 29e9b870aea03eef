import type { Theme } from '../themes.ts'

/** Certificates of another cluster with the same program, for the same names. */
export const neighbours: Theme = {
  name: 'neighbours',
  share: 0.05,
  dress: (scenario, draw) => ({
    ...scenario,
    foreign: [...scenario.foreign, draw.pick([[0], [1], [0, 1], [0, 2], [4]])],
    foreignTags: {
      'certwright.dev/cluster': 'elsewhere',
      'certwright.dev/owner': 'ffffffffffff',
      'certwright.dev/key': '0123456789abcdef0123456789abcdef',
      'certwright.dev/attempt': '1',
    },
  }),
}
