import type { Clock } from '../../../clock.ts'
import type { CaaRecord, Resolver } from '../../../world.ts'
import { isWithin, normalise, plain } from './names.ts'
import type { RecordSet, Zone } from './zone.ts'
import type { Zones } from './zones.ts'

/**
 * DNS as the internet sees it: what is in zones that are public and delegated, from the moment of INSYNC. Names come and go without a trailing
 * dot.
 */
export class PublicDns {
  readonly #clock: Clock
  readonly #zones: Zones

  constructor(options: { clock: Clock; zones: Zones }) {
    this.#clock = options.clock
    this.#zones = options.zones
  }

  canonicalNames(name: string): string[] {
    return values(this.#lookup(name, 'CNAME')).map((value) => plain(value.toLowerCase()))
  }

  certificationAuthorities(name: string): CaaRecord[] {
    return values(this.#lookup(name, 'CAA')).flatMap((value) => {
      const match = /^(\d+)\s+(\w+)\s+"?([^"]*)"?$/.exec(value.trim())
      const [, flags = '0', tag = '', content = ''] = match ?? []
      return match ? [{ critical: (Number(flags) & 128) !== 0, tag: tag.toLowerCase(), value: content }] : []
    })
  }

  /** Of a delegated zone, the servers that its parent names; else what is in the zone above. */
  nameServers(name: string): string[] {
    const zone = this.#authority(name)
    if (zone?.name === normalise(name)) return [...zone.nameServers]
    return values(this.#lookup(name, 'NS')).map((value) => plain(value.toLowerCase()))
  }

  /** The same as a resolver that one waits for. */
  resolver(): Resolver {
    return {
      nameServers: async (name) => this.nameServers(name),
      canonicalNames: async (name) => this.canonicalNames(name),
      certificationAuthorities: async (name) => this.certificationAuthorities(name),
    }
  }

  #lookup(name: string, type: string): RecordSet | undefined {
    const zone = this.#authority(name)
    if (!zone) return undefined
    const wanted = normalise(name)
    const now = this.#clock.now()
    if (this.#handedOn(zone, wanted, type, now)) return undefined
    return zone.served(wanted, type, now)
  }

  /** The zone whose servers answer for `name`: the delegated one with the longest suffix. */
  #authority(name: string): Zone | undefined {
    const wanted = normalise(name)
    let best: Zone | undefined
    for (const zone of this.#zones.all) {
      if (!zone.delegated || zone.isPrivate || !isWithin(wanted, zone.name)) continue
      if (!best || zone.name.length > best.name.length) best = zone
    }
    return best
  }

  /** Whether the zone hands the name on to servers outside this world, which nobody here can ask. */
  #handedOn(zone: Zone, name: string, type: string, now: number): boolean {
    for (let cut = name; cut.length > zone.name.length; cut = cut.slice(cut.indexOf('.') + 1)) {
      if (cut === name && type === 'NS') continue
      if (zone.served(cut, 'NS', now)?.name === cut) return true
    }
    return false
  }
}

function values(record: RecordSet | undefined): readonly string[] {
  return record?.values ?? []
}
