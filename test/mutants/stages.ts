import type { Scenario } from '../../src/sim/simulation/scenario.ts'
import type { Ask, Deed, Step } from '../../src/sim/simulation/steps.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND

/** How a mutant's own deeds are put into the world of a seed. */
export type Stage = (drawn: Scenario) => Scenario

/**
 * These deeds instead of the seed's own, in its world, without faults but those of `changes`. The storm lasts two minutes longer than the
 * last deed and what follows from it.
 */
export function script(steps: readonly Step[], changes: Partial<Scenario> = {}): Stage {
  return (drawn) => ({
    ...drawn,
    replicas: 1,
    leaseMs: 30 * SECOND,
    retireAfter: 10 * MINUTE,
    namesPerCertificate: 10,
    certificatesPerLoadBalancer: 25,
    retireBrake: true,
    lbcDelays: { reconcile: 0, call: 0 },
    foreign: [],
    bad: undefined,
    rates: {},
    quietMs: 2 * 60 * MINUTE,
    mischief: false,
    hindrance: undefined,
    longMs: 0,
    flags: {},
    themes: [],
    ...changes,
    steps,
    stormMs: Math.max(0, ...steps.map(endOf)) + 2 * MINUTE,
  })
}

/** The same with something of the seed in it: what is drawn for it makes one seed unlike another. */
export function scripts(write: (seed: number) => readonly Step[], changes: Partial<Scenario> = {}): Stage {
  return (drawn) => script(write(drawn.seed), changes)(drawn)
}

export function at(minutes: number, deed: Deed): Step {
  return { at: Math.round(minutes * MINUTE), ...deed }
}

/** Somebody applies the Ingress of a place; in the group "shared", on 443, asking for a certificate, unless said otherwise. */
export function applied(
  ingress: number,
  hosts: readonly number[],
  options: { group?: string | null; ports?: readonly number[]; asks?: Ask } = {},
): Deed {
  const { group = 'shared', ports = [443], asks = 'true' } = options
  return { do: 'apply', ingress, hosts, group, ports, asks }
}

/** Somebody applies an Ingress in the group "shared" that asks for a certificate, with these annotations beside. */
export function asking(
  ingress: number,
  hosts: readonly number[],
  annotations: Readonly<Record<string, string>> = {},
): readonly Step[] {
  return [
    at(ingress / 10, applied(ingress, hosts, { asks: null })),
    at(ingress / 10 + 0.01, {
      do: 'annotate',
      ingress,
      annotations: { 'certwright.dev/certificate': 'true', ...annotations },
    }),
  ]
}

/** Four objects that ask for a key on a curve. */
export const KEYS_ON_CURVES: readonly Step[] = [0, 1, 2, 3].flatMap((ingress) =>
  asking(ingress, [[0], [1], [2], [5]][ingress] ?? [0], { 'certwright.dev/key-algorithm': 'EC_prime256v1' }),
)

function endOf(step: Step): number {
  const lasts = 'forMs' in step ? step.forMs : 'downMs' in step ? step.downMs : 0
  return step.at + lasts
}

/** AWS without lags, and issuance within seconds. */
export const QUICK: Scenario['aws'] = {
  issuance: [5 * SECOND, 10 * SECOND],
  dnsPropagation: [0, 0],
  describeDelay: [0, 0],
  recordsDelay: [0, 0],
  listDelay: [0, 0],
  inUseRelease: [0, 0],
  inUseNotice: [0, 0],
  taggingDelay: [0, 0],
  listenerSeesCertificate: [0, 0],
}

const HOUR = 60 * MINUTE

/** Certificates live for days, and of those with the first host ACM cannot see the record any more once the storm is over. */
export const SHORT_LIVES: Partial<Scenario> = {
  aws: { ...QUICK, validity: 60 * HOUR, renewalLead: 14 * HOUR, renewal: [MINUTE, HOUR] },
  hindrance: { host: 0, how: 'unseen' },
  longMs: 78 * HOUR,
}

/** Validation records that ACM gives just when a lease may end that was last renewed at the request. */
export const SLOW_RECORDS: Scenario['aws'] = { ...QUICK, recordsDelay: [20 * SECOND, 40 * SECOND] }

/** Hours later the process dies, the ledger and the annotations of two objects are lost, and only then another process starts. */
export const LOST_WHILE_DOWN: readonly Step[] = [
  at(90, { do: 'kill', replica: 1, downMs: 2 * MINUTE }),
  at(90.1, { do: 'loseLedger' }),
  ...[0, 1, 2, 3].map((ingress) => at(90.2, { do: 'empty', ingress, remove: true })),
]

/** An object of another controller's, which is edited a hundred times within a minute and a half. */
export function newsOfOthers(ingress: number): readonly Step[] {
  return [
    at(20, applied(ingress, [5], { group: null, asks: null })),
    at(20.1, { do: 'class', ingress, value: 'nginx' }),
    ...Array.from({ length: 120 }, (_, index) =>
      at(40 + index / 90, { do: 'hosts', ingress, hosts: [5 + (index % 2)] } as const),
    ),
  ]
}

/** A user takes four objects over, one after the other, just when they are first published, and whatever is sent is long on its way. */
export function takenOverInFlight(seed: number): readonly Step[] {
  return [
    ...[0, 1, 2, 3].map((place) => at(place / 6, applied(place, [place], { group: null }))),
    ...[0, 1, 2, 3].map((place) =>
      at(0.3 + (place * 5) / 24 + (seed % 12) / 20, { do: 'takeOver', ingress: place } as const),
    ),
  ]
}

export const IN_FLIGHT: Partial<Scenario> = { aws: QUICK, foreign: [[0, 1, 2, 3]], rates: { 'kube delay': 0.9 } }

/** An object goes and comes back before the grace of its certificate is over, and whether the watch tells of that is left to chance. */
export function comesBackUnheard(ingress: number, seed: number): readonly Step[] {
  return [
    at(0, applied(ingress, [2])),
    at(20, { do: 'delete', ingress }),
    // Whatever it writes on the object would be heard.
    at(22.5, { do: 'lbcRestart', downMs: 60 * MINUTE }),
    at(24 + (seed % 5) / 10, applied(ingress, [2])),
  ]
}

export const UNHEARD: Partial<Scenario> = { aws: QUICK, rates: { 'kube partial list': 0.5 } }

export const SIX_PLACES = [0, 1, 2, 3, 4, 5] as const

export const SIX: readonly Step[] = SIX_PLACES.map((place) => at(place / 60, applied(place, [place], { group: null })))

/** Six objects, all of which are deleted and not restored. */
export const ALL_GONE: readonly Step[] = [...SIX, at(20, { do: 'massDelete', restoreAfter: null })]

/** Two replicas in a world in which calls take long. */
export const TWO: Partial<Scenario> = { replicas: 2, rates: { 'aws delay': 0.3, 'kube delay': 0.3 }, retireAfter: 0 }

/** Somebody edits all the time, so that something is always being written. */
export function busy(seed: number): readonly Step[] {
  const edits = Array.from({ length: 40 }, (_, index): Step => {
    const ingress = (index + seed) % 4
    return at(1 + index / 4, {
      do: 'hosts',
      ingress,
      hosts: [[0], [0, 1], [1, 2], [2, 3], [5]][(index * 3 + seed) % 5] ?? [0],
    })
  })
  return [...[0, 1, 2, 3].map((place) => at(0, applied(place, [place]))), ...edits]
}

/** Now and then one of the two stands still for longer than its lease lasts. */
export function stopped(seed: number): readonly Step[] {
  const freezes = Array.from(
    { length: 10 },
    (_, index): Step =>
      at(0.5 + index + (seed % 7) / 20, { do: 'freeze', replica: 1 + ((index + seed) % 2), forMs: 40 * SECOND }),
  )
  return [...busy(seed), ...freezes]
}

/** Now and then one of the two is told to stop. */
export function told(seed: number): readonly Step[] {
  const stops = Array.from(
    { length: 10 },
    (_, index): Step =>
      at(0.5 + index + (seed % 7) / 20, { do: 'terminate', replica: 1 + ((index + seed) % 2), downMs: 10 * SECOND }),
  )
  return [...busy(seed), ...stops]
}
