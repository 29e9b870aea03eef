import { play } from '../simulation/run.ts'
import { drawScenario, type Scenario } from '../simulation/scenario.ts'
import { PLACES } from '../simulation/steps.ts'
import { excesses } from './allowance.ts'
import { differences, type End, endOf, isBraked, type Naming } from './end.ts'
import { histories, righted } from './histories.ts'
import {
  calm,
  disturbed,
  inOneZone,
  lazier,
  permuted,
  renamed,
  renamedPlace,
  slower,
  TENANT,
  undisturbed,
  withTenant,
} from './variants.ts'

/** What must make no difference. */
export const KINDS = [
  'calm faults',
  'faults',
  'history',
  'order',
  'namespaces',
  'tenant',
  'slower world',
  'slower people',
] as const

export type Kind = (typeof KINDS)[number]

export interface Verdict {
  readonly kind: Kind
  readonly seed: number
  readonly result: 'equal' | 'differs' | 'not comparable'
  /** Why they cannot be compared, or what differs. */
  readonly lines: readonly string[]
  /** How many lines were compared: none proves nothing. */
  readonly compared: number
}

/** One of two or more runs that must end alike. */
interface Run {
  readonly scenario: Scenario
  readonly naming: Naming
}

/** The first run is what the others are held against; `undefined`: the seed has no such runs. */
const RUNS: Readonly<Record<Kind, (scenario: Scenario) => readonly Run[] | undefined>> = {
  'calm faults': (scenario) => [as(undisturbed(calm(scenario))), as(disturbed(calm(scenario)))],
  faults: (scenario) => [as(undisturbed(righted(scenario))), as(disturbed(righted(scenario)))],
  history: (scenario) => histories(scenario).map((way) => as(way)),
  order: (scenario) => beside(undisturbed(righted(scenario)), permuted),
  namespaces: (scenario) => beside(undisturbed(righted(scenario)), renamed, fromRenamed),
  tenant: (scenario) => beside(inOneZone(undisturbed(righted(scenario))), withTenant, withoutTenant),
  'slower world': (scenario) => beside(undisturbed(righted(scenario)), slower),
  'slower people': (scenario) => beside(undisturbed(righted(scenario)), lazier),
}

/** A scenario, and a change of it that must make no difference. */
function beside(
  scenario: Scenario,
  change: (scenario: Scenario) => Scenario | undefined,
  naming: Naming = byPlace,
): readonly Run[] | undefined {
  const other = change(scenario)
  return other && [as(scenario), { scenario: other, naming }]
}

function as(scenario: Scenario): Run {
  return { scenario, naming: byPlace }
}

const keyOf = (place: number) => `${PLACES[place]?.namespace}/${PLACES[place]?.name}`
const placeNames = new Map(PLACES.map((_, place) => [keyOf(place), `object ${place}`]))
const renamedNames = new Map(PLACES.map((_, place) => [keyOf(renamedPlace(place)), `object ${place}`]))
const byPlace: Naming = (key) => placeNames.get(key)
const fromRenamed: Naming = (key) => renamedNames.get(key)
const withoutTenant: Naming = (key) => (key === keyOf(TENANT.place) ? undefined : placeNames.get(key))

/** Plays the runs of a kind, and holds each against the first. */
export async function compare(kind: Kind, seed: number): Promise<Verdict> {
  const incomparable = (...lines: string[]): Verdict => ({ kind, seed, result: 'not comparable', lines, compared: 0 })
  const [first, ...others] = RUNS[kind](drawScenario(seed)) ?? []
  if (!first) return incomparable('the seed has no such runs')
  const expected = await settle(first)
  if ('why' in expected) return incomparable(expected.why)
  // Where the way is the same, so is what the way leaves, and how often things were done.
  const isSameWay = kind === 'calm faults'
  const [open] = [...expected.open].map(([name, reason]) => `the wish does not decide of one that ${reason}: ${name}`)
  if (!isSameWay && open !== undefined) return incomparable(open)
  const lines: string[] = []
  for (const other of others) {
    const actual = await settle(other)
    if ('why' in actual) return incomparable(actual.why)
    const wishes = differences(expected.wish, actual.wish)
    if (wishes.length > 0) return incomparable('what people did depends on what they met', ...wishes)
    lines.push(...differences(expected.lines, actual.lines))
    if (isSameWay) lines.push(...excesses(expected.counts, actual.counts))
  }
  const compared = expected.lines.length * others.length
  return { kind, seed, result: lines.length === 0 ? 'equal' : 'differs', lines, compared }
}

/** The end of a run; or why there is none to compare. */
async function settle({ scenario, naming }: Run): Promise<End | { readonly why: string }> {
  let end: End | undefined
  let braked = false
  const { breach } = await play(scenario, undefined, (stage) => {
    end = endOf(stage, naming)
    braked = isBraked(stage)
  })
  if (breach)
    return { why: `a law broke on the way, which is for make simulate to tell: ${breach.law}, ${breach.sentence}` }
  if (!end) return { why: 'it never came to rest' }
  return braked ? { why: 'the brake holds certificates, and how many became unwanted within an hour is chance' } : end
}
