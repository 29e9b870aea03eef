import type { Name } from './names.ts'
import { baseOf } from './names.ts'
import type { Observation, Zone } from './observation.ts'
import type { Settings } from './settings.ts'
import { roleFor } from './zone-role.ts'

/** Which hosted zone answers for a name. */
export type ZoneAnswer =
  | { readonly kind: 'zone'; readonly id: string }
  | { readonly kind: 'none' }
  /** Several public zones of one name, and public DNS delegates to none of them, or nobody could say. */
  | { readonly kind: 'ambiguous'; readonly zone: Name; readonly ids: readonly string[] }
  /** Not looked yet, or out of reach. `delegation` names the zone whose delegation must be looked up. */
  | { readonly kind: 'unknown'; readonly delegation: Name | undefined }

/** The public zones by name: the index over which the longest suffix is found. */
export class ZoneIndex {
  readonly #observation: Observation
  readonly #pins: Settings['hostedZones']
  readonly #roles: Settings['zoneRoles']
  /** Of our own account, under `undefined`, and of those that are reached through a role, by its suffix. */
  readonly #public = new Map<Name | undefined, ReadonlyMap<Name, readonly Zone[]>>()
  readonly #answers = new Map<Name, ZoneAnswer>()

  constructor(observation: Observation, settings: Settings) {
    this.#observation = observation
    this.#pins = settings.hostedZones
    this.#roles = settings.zoneRoles
    const byName = (zones: readonly Zone[]) =>
      Map.groupBy(
        zones.filter((zone) => !zone.private),
        (zone) => zone.name,
      )
    this.#public.set(undefined, byName(observation.zones?.value ?? []))
    for (const [suffix, { value }] of observation.zonesByRole) this.#public.set(suffix, byName(value))
  }

  /** The most specific public zone for a name, in the account that has its zones; a wildcard is proven at its base. */
  zoneFor(name: Name): ZoneAnswer {
    let answer = this.#answers.get(name)
    if (!answer) this.#answers.set(name, (answer = this.#find(name)))
    return answer
  }

  #find(name: Name): ZoneAnswer {
    const role = roleFor(name, this.#roles)?.suffix
    const known = this.#public.get(role)
    for (let suffix: Name | undefined = baseOf(name); suffix !== undefined; suffix = parentOf(suffix)) {
      const pin = this.#pins[suffix]
      if (pin !== undefined) return { kind: 'zone', id: pin }
      const zones = known?.get(suffix)
      if (zones) return this.#choose(suffix, zones)
    }
    const { zones, zonesByRole } = this.#observation
    const seen = role === undefined ? zones : zonesByRole.get(role)
    return seen?.complete ? { kind: 'none' } : { kind: 'unknown', delegation: undefined }
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
  const { zones, zonesByRole, delegations, failures } = observation
  const known = zones && INDICES.get(zones)
  const isSame = known?.delegations === delegations && known.zonesByRole === zonesByRole
  if (isSame && known.failures === failures && known.settings === settings) return known.index
  const index = new ZoneIndex(observation, settings)
  if (zones) INDICES.set(zones, { zonesByRole, delegations, failures, settings, index })
  return index
}

const INDICES = new WeakMap<
  NonNullable<Observation['zones']>,
  Pick<Observation, 'zonesByRole' | 'delegations' | 'failures'> & {
    readonly settings: Settings
    readonly index: ZoneIndex
  }
>()

function parentOf(name: Name): Name | undefined {
  const dot = name.indexOf('.')
  return dot < 0 ? undefined : name.slice(dot + 1)
}
