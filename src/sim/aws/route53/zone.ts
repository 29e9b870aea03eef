import type { EpochMs } from '../../../clock.ts'
import { History } from '../history.ts'
import { orderKey } from './names.ts'

export interface RecordSet {
  /** Normalised. */
  readonly name: string
  readonly type: string
  readonly ttl: number | undefined
  readonly values: readonly string[]
  readonly setIdentifier?: string | undefined
  /** An alias instead of values: kept and given back, resolved by nobody. */
  readonly alias?:
    | { readonly hostedZoneId: string; readonly dnsName: string; readonly evaluateTargetHealth: boolean }
    | undefined
}

interface Entry {
  readonly key: string
  /** As the API shows it, from the moment of the change. */
  readonly current: History<RecordSet | undefined>
  /** As public DNS shows it, from INSYNC on. */
  readonly served: History<RecordSet | undefined>
}

/** A hosted zone of the simulated Route 53. */
export class Zone {
  readonly id: string
  /** Normalised. */
  readonly name: string
  readonly account: string
  readonly isPrivate: boolean
  readonly callerReference: string
  readonly comment: string | undefined
  readonly nameServers: readonly string[]
  readonly createdAt: EpochMs
  /** Whether the parent zone names this one's name servers: only then the world sees what is in it. */
  delegated: boolean
  /** Names and types that nobody may change: `name type`. */
  readonly protections = new Set<string>()
  readonly #entries = new Map<string, Entry>()
  readonly #byName = new Map<string, Entry[]>()
  #size = 0

  constructor(options: {
    id: string
    name: string
    account: string
    isPrivate: boolean
    delegated: boolean
    callerReference: string
    comment: string | undefined
    nameServers: readonly string[]
    createdAt: EpochMs
  }) {
    this.id = options.id
    this.name = options.name
    this.account = options.account
    this.isPrivate = options.isPrivate
    this.delegated = options.delegated
    this.callerReference = options.callerReference
    this.comment = options.comment
    this.nameServers = options.nameServers
    this.createdAt = options.createdAt
    const soa = `${options.nameServers[0] ?? 'ns'}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`
    const nameServers = options.nameServers.map((server) => `${server}.`)
    this.put({ name: this.name, type: 'NS', ttl: 172_800, values: nameServers }, options.createdAt, options.createdAt)
    this.put({ name: this.name, type: 'SOA', ttl: 900, values: [soa] }, options.createdAt, options.createdAt)
  }

  /** The record sets as the API shows them at `asOf`, in Route 53's order. */
  recordSets(asOf: EpochMs = Infinity): RecordSet[] {
    return [...this.#entries.values()]
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ current }) => current.at(asOf))
      .filter((record) => record !== undefined)
  }

  get(name: string, type: string, setIdentifier?: string): RecordSet | undefined {
    return this.#entries.get(recordKey({ name, type, setIdentifier }))?.current.latest
  }

  /** The record sets of one name, of every type. */
  named(name: string): RecordSet[] {
    return (this.#byName.get(name) ?? []).map(({ current }) => current.latest).filter((record) => record !== undefined)
  }

  /** What public DNS would answer at `instant`, a wildcard included. */
  served(name: string, type: string, instant: EpochMs): RecordSet | undefined {
    const exact = this.#entries.get(recordKey({ name, type }))?.served.at(instant)
    if (exact) return exact
    for (let rest = name; rest.length > this.name.length; rest = rest.slice(rest.indexOf('.') + 1)) {
      const parent = rest.slice(rest.indexOf('.') + 1)
      const wildcard = this.#entries.get(recordKey({ name: `\\052.${parent}`, type }))?.served.at(instant)
      if (wildcard) return wildcard
    }
    return undefined
  }

  put(record: RecordSet, at: EpochMs, servedFrom: EpochMs): void {
    this.#set(record, record, at, servedFrom)
  }

  remove(record: Pick<RecordSet, 'name' | 'type' | 'setIdentifier'>, at: EpochMs, servedUntil: EpochMs): void {
    this.#set(record, undefined, at, servedUntil)
  }

  /** How many record sets the zone has. */
  get size(): number {
    return this.#size
  }

  #set(
    identity: Pick<RecordSet, 'name' | 'type' | 'setIdentifier'>,
    value: RecordSet | undefined,
    at: EpochMs,
    servedFrom: EpochMs,
  ): void {
    const key = recordKey(identity)
    let entry = this.#entries.get(key)
    if (!entry) {
      entry = { key, current: new History(), served: new History() }
      this.#entries.set(key, entry)
      const namesakes = this.#byName.get(identity.name)
      if (namesakes) namesakes.push(entry)
      else this.#byName.set(identity.name, [entry])
    }
    this.#size += Number(value !== undefined) - Number(entry.current.latest !== undefined)
    entry.current.set(at, value)
    entry.served.set(servedFrom, value)
  }
}

/** Identifies and orders record sets: labels from the right, then type, then set identifier. */
export function recordKey({
  name,
  type,
  setIdentifier = '',
}: Pick<RecordSet, 'name' | 'type' | 'setIdentifier'>): string {
  return `${orderKey(name)}\u0000${type}\u0000${setIdentifier}`
}
