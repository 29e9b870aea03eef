import type { Scenario } from '../../src/sim/simulation/scenario.ts'
import type { Deed, Step } from '../../src/sim/simulation/steps.ts'
import type { FaultName } from '../../src/sim/simulation/faults.ts'

/** Whether a scenario can show a bug at all. */
export type Need = (scenario: Scenario) => boolean

type Of<Kind extends Deed['do']> = Extract<Step, { readonly do: Kind }>

/** Somebody does this, at least `times` times; for which `which` holds, where it is given. */
export function deed<Kind extends Deed['do']>(
  kind: Kind,
  options: { times?: number; which?: (step: Of<Kind>) => boolean } = {},
): Need {
  const { times = 1, which = () => true } = options
  return ({ steps }) => steps.filter((step) => step.do === kind && which(step as Of<Kind>)).length >= times
}

/** This fault comes by chance, at no less than this rate. */
export function fault(name: FaultName, least = 0): Need {
  return ({ rates }) => (rates[name] ?? -1) >= least
}

export const twoReplicas: Need = ({ replicas }) => replicas === 2

/** Objects of so many places are applied. */
export function places(least: number): Need {
  return ({ steps }) => new Set(steps.flatMap((step) => (step.do === 'apply' ? [step.ingress] : []))).size >= least
}

export function all(...needs: readonly Need[]): Need {
  return (scenario) => needs.every((need) => need(scenario))
}

export function any(...needs: readonly Need[]): Need {
  return (scenario) => needs.some((need) => need(scenario))
}
