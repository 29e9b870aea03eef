import type { Name } from './names.ts'
import { baseOf } from './names.ts'
import type { Observation, Zone } from './observation.ts'
import type { Settings } from './settings.ts'

/** Which hosted zone answers for a name. */
export type ZoneAnswer =
  | { readonly kind: 'zone'; readonly id: string }
  | { readonly kind: 'none' }
  /** Several public zones of one name, and public DNS delegates to none of them, or nobody could say. */
  | { readonly kind: 'ambiguous'; readonly zone: Name; readonly ids: readonly string[] }
  /** Not looked yet. `delegation` names the zone whose delegation must be looked up. */
  | { readonly kind: 'unknown'; readonly delegation: Name | undefined }

/** The public zones by name: the index over which the longest suffix is found. */
export class ZoneIndex {
  readonly #observation: Observation
  readonly #pins: Settings['hostedZones']
  readonly #public = new Map<Name, Zone[]>()
  readonly #answers = new Map<Name, ZoneAnswer>()

  constructor(observation: Observation, settings: Settings) {
    this.#observation = observation
    this.#pins = settings.hostedZones
    for (const zone of observation.zones?.value ?? []) {
      if (zone.private) continue
      const zones = this.#public.get(zone.name)
      if (zones) zones.push(zone)
      else this.#public.set(zone.name, [zone])
    }
  }

  /** The most specific public zone for a name; a wildcard is proven at its base. */
  zoneFor(name: Name): ZoneAnswer {
    let answer = this.#answers.get(name)
    if (!answer) this.#answers.set(name, (answer = this.#find(name)))
    return answer
  }

  #find(name: Name): ZoneAnswer {
    for (let suffix: Name | undefined = baseOf(name); suffix !== undefined; suffix = parentOf(suffix)) {
      const pin = this.#pins[suffix]
      if (pin !== undefined) return { kind: 'zone', id: pin }
      const zones = this.#public.get(suffix)
      if (zones) return this.#choose(suffix, zones)
    }
    return this.#observation.zones?.complete ? { kind: 'none' } : { kind: 'unknown', delegation: undefined }
  }

  #choose(name: Name, zones: readonly Zone[]): ZoneAnswer {
    const [only, ...others] = zones
    if (only && others.length === 0) return { kind: 'zone', id: only.id }
    const delegation = this.#observation.delegations.get(name)
    // Where nobody can say, waiting would hold up the other names of an object for as long as that lasts.
    const failed = this.#observation.failures.has(`look:delegation:${name}`)
    if (!delegation && !failed) return { kind: 'unknown', delegation: name }
    const ids = zones.map((zone) => zone.id).sort()
    return delegation?.value !== undefined && ids.includes(delegation.value)
      ? { kind: 'zone', id: delegation.value }
      : { kind: 'ambiguous', zone: name, ids }
  }
}

/** The index of what is known now: as long as that is the same, so are the answers. */
export function zoneIndexOf(observation: Observation, settings: Settings): ZoneIndex {
  const { zones, delegations, failures } = observation
  const known = zones && INDICES.get(zones)
  if (known?.delegations === delegations && known.failures === failures && known.settings === settings)
    return known.index
  const index = new ZoneIndex(observation, settings)
  if (zones) INDICES.set(zones, { delegations, failures, settings, index })
  return index
}

const INDICES = new WeakMap<
  NonNullable<Observation['zones']>,
  Pick<Observation, 'delegations' | 'failures'> & { readonly settings: Settings; readonly index: ZoneIndex }
>()

function parentOf(name: Name): Name | undefined {
  const dot = name.indexOf('.')
  return dot < 0 ? undefined : name.slice(dot + 1)
}
