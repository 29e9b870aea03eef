import type { Theme } from '../themes.ts'

const HOUR = 3_600_000

/**
 * Certificates live for days, and ACM renews them after some of these; but for those with one host, of which ACM cannot see the record any more
 * or whose CAA record forbids it once the storm is over.
 */
export const shortLives: Theme = {
  name: 'short lives',
  share: 0.05,
  dress: (scenario, draw) => {
    const validity = draw.whole(40, 80) * HOUR
    return {
      ...scenario,
      aws: { ...scenario.aws, validity, renewalLead: Math.round(validity * 0.23), renewal: [60_000, HOUR] },
      hindrance: { host: draw.pick([0, 1, 2, 3]), how: draw.pick(['unseen', 'unseen', 'caa']) },
      longMs: Math.round(validity * 1.3),
    }
  },
}
