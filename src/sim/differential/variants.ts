import type { Scenario } from '../simulation/scenario.ts'
import { type Deed, PLACES, type Step } from '../simulation/steps.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** Deeds that say what is wanted. */
const WISHES: ReadonlySet<Deed['do']> = new Set([
  'apply',
  'hosts',
  'move',
  'steal',
  'ask',
  'pause',
  'group',
  'class',
  'takeOver',
  'empty',
  'delete',
  'recreate',
  'massDelete',
  'approve',
])

/**
 * Accidents that pass, so that they must leave no trace. The others are left out: what ACM refused, what was revoked or a quota kept from
 * being requested is tried again by rules of its own, hours later; a host that comes and goes costs a request or none as it happens to be
 * seen; tags that somebody changed stay changed. What comes of those is in the laws (Q2, S2, S3, L3), not in a comparison.
 */
const PASSING: ReadonlySet<Deed['do']> = new Set([
  'kill',
  'terminate',
  'freeze',
  'jump',
  'apiDown',
  'compact',
  'resetWatches',
  'lbcPause',
  'lbcRestart',
  'lbcSlow',
  'balancerGone',
  'zoneGone',
  'zoneTwin',
  'zoneBusy',
  'manyZones',
  'deleteRecord',
  'overwriteRecord',
  'deleteCertificate',
  'detach',
  'loseLedger',
])

function isWish({ do: deed }: Deed): boolean {
  return WISHES.has(deed)
}

/** Without faults and accidents: what people do, and nothing else. */
export function undisturbed(scenario: Scenario): Scenario {
  return { ...scenario, rates: {}, replicas: 1, steps: scenario.steps.filter(isWish) }
}

/** With all faults, and all accidents that pass. */
export function disturbed(scenario: Scenario): Scenario {
  return { ...scenario, steps: scenario.steps.filter((step) => isWish(step) || PASSING.has(step.do)) }
}

/** How many deeds of people are left in a calm scenario: each takes hours. */
const CALM_DEEDS = 5

/**
 * Longer than all that a deed sets off: issuance, publishing, settling, the grace period, half an hour in which ACM says "in use", and the
 * hour after which a list finds what a watch lost.
 */
const CALM_MS = 150 * MINUTE

/** What these hide comes to light with the list an hour later, or the one after that: too late for a pause. */
const HIDING: ReadonlySet<string> = new Set(['watch drop', 'kube partial list', 'kube empty list'])

/** People do one thing after another, each when the one before has had its effect; accidents follow them as closely as before. */
export function calm(scenario: Scenario): Scenario {
  const steps: Step[] = []
  let at = 0
  let previous = 0
  let deeds = 0
  for (const step of [...scenario.steps].sort((a, b) => a.at - b.at)) {
    if (isWish(step)) {
      if (deeds === CALM_DEEDS) break
      if (deeds > 0) at = deeds * CALM_MS
      deeds += 1
    } else at = Math.min(at + step.at - previous, deeds * CALM_MS - MINUTE)
    previous = step.at
    steps.push({ ...step, at: Math.max(at, 0) })
  }
  return {
    ...scenario,
    steps,
    rates: Object.fromEntries(Object.entries(scenario.rates).filter(([name]) => !HIDING.has(name))),
    retireAfter: Math.min(scenario.retireAfter, 10 * MINUTE),
    stormMs: deeds * CALM_MS,
  }
}

/** The objects with which a scenario begins are created in another order. */
export function permuted(scenario: Scenario): Scenario {
  const first = firstApplies(scenario)
  const at = first.map((step) => step.at)
  const turned = [...first].reverse().map((step, index): Step => ({ ...step, at: at[index] ?? 0 }))
  return { ...scenario, steps: [...turned, ...scenario.steps.slice(first.length)] }
}

function firstApplies({ steps }: Scenario): readonly Step[] {
  const end = steps.findIndex((step, index) => step.do !== 'apply' || step.ingress !== index)
  return end < 0 ? steps : steps.slice(0, end)
}

/** By how many places the objects move when namespaces are named otherwise: those of one namespace stay together. */
const RENAMED_BY = 2

export function renamedPlace(ingress: number): number {
  return (ingress + RENAMED_BY) % PLACES.length
}

/** The same objects in other namespaces, under other names. */
export function renamed(scenario: Scenario): Scenario {
  return { ...scenario, steps: scenario.steps.map(renamedStep) }
}

function renamedStep(step: Step): Step {
  if (step.do === 'move') return { ...step, from: renamedPlace(step.from), to: renamedPlace(step.to) }
  return 'ingress' in step ? { ...step, ingress: renamedPlace(step.ingress) } : step
}

/** Where the unrelated tenant has its object, and its host: in the zone `second.example`. */
export const TENANT = { place: 5, host: 6 } as const

/** Hosts of the zone `second.example`, and hosts of the other zone that stand for them. */
const ELSEWHERE: ReadonlyMap<number, number> = new Map([
  [5, 2],
  [6, 3],
])

/** All that a scenario does it does in one zone. */
export function inOneZone(scenario: Scenario): Scenario {
  const here = (host: number) => ELSEWHERE.get(host) ?? host
  const all = (hosts: readonly number[]) => [...new Set(hosts.map(here))]
  const steps = scenario.steps.map((step): Step => {
    if ('hosts' in step) return { ...step, hosts: all(step.hosts) }
    return 'host' in step ? { ...step, host: here(step.host) } : step
  })
  return { ...scenario, steps, foreign: scenario.foreign.map(all) }
}

/** Another tenant in a group and a zone of its own; `undefined` where a scenario of one zone has no place for it. */
export function withTenant(scenario: Scenario): Scenario | undefined {
  const others = scenario.steps.filter((step) => !('ingress' in step && step.ingress === TENANT.place))
  if (scenario.steps.some((step) => step.do === 'apply' && step.ingress === TENANT.place)) return undefined
  const tenant: Step = {
    at: 0,
    do: 'apply',
    ingress: TENANT.place,
    hosts: [TENANT.host],
    group: 'unrelated',
    ports: [443],
    asks: 'true',
  }
  return { ...scenario, steps: [tenant, ...others] }
}

/** Everything takes three times as long: AWS, the load balancer's controller, and the answers of both. */
export function slower(scenario: Scenario): Scenario {
  const { aws, lbcDelays } = scenario
  const stretched = Object.fromEntries(
    Object.entries(aws).map(([name, value]) => [
      name,
      isSpan(value) && name !== 'inUseRelease' ? [value[0] * 3, value[1] * 3] : value,
    ]),
  )
  return { ...scenario, aws: stretched, lbcDelays: { reconcile: lbcDelays.reconcile * 3, call: lbcDelays.call * 3 } }
}

function isSpan(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2
}

/** People take three times as long between one deed and the next. */
export function lazier(scenario: Scenario): Scenario {
  return {
    ...scenario,
    steps: scenario.steps.map((step) => ({ ...step, at: step.at * 3 })),
    stormMs: scenario.stormMs * 3,
  }
}
