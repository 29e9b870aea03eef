import type { Step } from '../steps.ts'
import type { Theme } from '../themes.ts'

/** A load balancer that holds fewer certificates than its group wants. */
export const full: Theme = {
  name: 'full load balancer',
  share: 0.03,
  dress: (scenario, draw) => {
    const most = draw.pick([1, 2])
    const { quotas } = scenario.aws
    return {
      ...scenario,
      certificatesPerLoadBalancer: most,
      aws: { ...scenario.aws, ...(quotas ? { quotas: { ...quotas, certificatesPerLoadBalancer: most } } : {}) },
      steps: scenario.steps.map(
        (step): Step => (step.do === 'apply' ? { ...step, group: 'shared', asks: 'true' } : step),
      ),
    }
  },
}
