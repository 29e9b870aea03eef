import type { EpochMs } from '../../../clock.ts'
import { draw, type Environment } from '../environment.ts'
import { refuse, AwsError } from '../error.ts'
import { messages } from '../messages.ts'
import { isDomainName, normalise, orderKey, plain } from './names.ts'
import { Zone } from './zone.ts'

/** A change batch that was accepted. */
export interface Change {
  readonly id: string
  readonly account: string
  readonly submittedAt: EpochMs
  readonly insyncAt: EpochMs
  readonly comment: string | undefined
}

const CHANGE_MEMORY_MS = 86_400_000

/** All hosted zones, of all accounts, and the changes that are on their way to the name servers. */
export class Zones {
  readonly #environment: Environment
  readonly #zones = new Map<string, Zone>()
  readonly #changes = new Map<string, Change>()
  readonly #insync = new Map<string, EpochMs>()

  constructor(environment: Environment) {
    this.#environment = environment
  }

  get all(): IterableIterator<Zone> {
    return this.#zones.values()
  }

  get(id: string): Zone | undefined {
    return this.#zones.get(id)
  }

  /** @throws AwsError NoSuchHostedZone when the account has none of this ID. */
  find(id: string, account: string): Zone {
    const zone = this.#zones.get(id)
    if (zone?.account === account) return zone
    throw new AwsError({ code: 'NoSuchHostedZone', message: messages.noSuchHostedZone(id), statusCode: 404 })
  }

  /** An account's zones in the order of ListHostedZonesByName: labels from the right, then ID. */
  ofAccount(account: string): Zone[] {
    return [...this.#zones.values()]
      .filter((zone) => zone.account === account)
      .sort((a, b) => compare(orderKey(a.name), orderKey(b.name)) || compare(a.id, b.id))
  }

  /** @throws AwsError InvalidDomainName, HostedZoneAlreadyExists, TooManyHostedZones. */
  create(options: {
    name: string
    account: string
    isPrivate?: boolean
    delegated?: boolean | undefined
    callerReference?: string
    comment?: string | undefined
    by: string
  }): Zone {
    const { clock, ledger, random, settings } = this.#environment
    const { account, isPrivate = false, comment, by } = options
    const name = normalise(options.name)
    if (!isDomainName(name)) throw refuse('InvalidDomainName', messages.invalidDomainName(options.name))
    const callerReference = options.callerReference ?? random.hex(8)
    const siblings = this.ofAccount(account)
    if (siblings.some((zone) => zone.callerReference === callerReference)) {
      throw new AwsError({
        code: 'HostedZoneAlreadyExists',
        message: messages.hostedZoneAlreadyExists(callerReference),
        statusCode: 409,
      })
    }
    if (siblings.length >= settings.quotas.hostedZones) throw refuse('TooManyHostedZones', messages.tooManyHostedZones)
    const taken = [...this.#zones.values()].some((zone) => zone.name === name && zone.delegated)
    const number = () => Math.floor(random.next() * 2_048)
    const zone = new Zone({
      id: `Z${random.hex(10).toUpperCase()}`,
      name,
      account,
      isPrivate,
      delegated: !isPrivate && (options.delegated ?? (settings.delegateNewZones && !taken)),
      callerReference,
      comment,
      nameServers: ['com', 'net', 'org', 'co.uk'].map(
        (suffix) => `ns-${number()}.awsdns-${String(number() % 64).padStart(2, '0')}.${suffix}`,
      ),
      createdAt: clock.now(),
    })
    this.#zones.set(zone.id, zone)
    ledger.append({ kind: 'hostedZoneCreated', at: clock.now(), by, zoneId: zone.id, zoneName: plain(name), account })
    return zone
  }

  /** Takes a zone away, whatever is in it. */
  delete(zone: Zone, by: string): void {
    const { clock, ledger } = this.#environment
    this.#zones.delete(zone.id)
    this.#insync.delete(zone.id)
    ledger.append({
      kind: 'hostedZoneDeleted',
      at: clock.now(),
      by,
      zoneId: zone.id,
      zoneName: plain(zone.name),
      account: zone.account,
    })
  }

  /** Notes a change of a zone; changes of one zone reach the name servers in their order. */
  submit(zone: Pick<Zone, 'id' | 'account'>, comment: string | undefined): Change {
    const { clock, random, settings } = this.#environment
    const now = clock.now()
    const insyncAt = Math.max(now + draw(random, settings.dnsPropagation), this.#insync.get(zone.id) ?? 0)
    this.#insync.set(zone.id, insyncAt)
    for (const [id, change] of this.#changes) {
      if (change.submittedAt + CHANGE_MEMORY_MS >= now) break
      this.#changes.delete(id)
    }
    const change: Change = {
      id: `C${random.hex(10).toUpperCase()}`,
      account: zone.account,
      submittedAt: now,
      insyncAt,
      comment,
    }
    this.#changes.set(change.id, change)
    return change
  }

  /** @throws AwsError NoSuchChange. */
  change(id: string, account: string): Change {
    const change = this.#changes.get(id)
    if (change?.account === account) return change
    throw new AwsError({ code: 'NoSuchChange', message: messages.noSuchChange(id), statusCode: 404 })
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
