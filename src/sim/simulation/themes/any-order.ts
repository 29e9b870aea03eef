import type { Draw } from '../draw.ts'
import type { Step } from '../steps.ts'
import type { Theme } from '../themes.ts'

/** The hosts of an Ingress stand in any order, and now and then in another one. */
export const anyOrder: Theme = {
  name: 'hosts in any order',
  share: 0.2,
  dress: (scenario, draw) => ({
    ...scenario,
    steps: scenario.steps.flatMap((step): Step[] => {
      if (step.do !== 'apply' && step.do !== 'hosts') return [step]
      const first = { ...step, hosts: shuffled(step.hosts, draw) }
      const at = step.at + draw.whole(30, 600) * 1_000
      const isTurned = step.hosts.length > 1 && at < scenario.stormMs && draw.chance(0.3)
      return isTurned ? [first, { at, do: 'hosts', ingress: step.ingress, hosts: first.hosts.toReversed() }] : [first]
    }),
  }),
}

function shuffled(hosts: readonly number[], draw: Draw): number[] {
  const left = [...hosts]
  return hosts.flatMap(() => left.splice(draw.whole(0, left.length - 1), 1))
}
