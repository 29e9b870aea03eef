import { CROWD_HOST, CROWD_PLACE, type Step } from '../steps.ts'
import type { Theme } from '../themes.ts'
import { withSteps } from './story.ts'

const MINUTE = 60_000
const MANY = 60
/** How many share a load balancer. */
const BESIDE = 10

/** Sixty Ingresses in a second, each with a host of its own, and in the midst of it somebody else edits theirs. */
export const crowd: Theme = {
  name: 'crowd',
  share: 0.01,
  dress: (scenario, draw) => {
    const at = draw.pick([0, 5 * MINUTE])
    const all = Array.from(
      { length: MANY },
      (_, index): Step => ({
        at: at + Math.round((index * 1_000) / MANY),
        do: 'apply',
        ingress: CROWD_PLACE + index,
        hosts: [CROWD_HOST + index],
        group: `crowd-${Math.floor(index / BESIDE)}`,
        ports: [443],
        asks: 'true',
      }),
    )
    return withSteps({ ...scenario, certificatesPerLoadBalancer: 25 }, [
      ...all,
      { at: at + 3_000, do: 'hosts', ingress: 0, hosts: [0, 1] },
      { at: at + 30 * MINUTE, do: 'approve' },
    ])
  },
}
