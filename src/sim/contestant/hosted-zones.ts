import {
  ChangeResourceRecordSetsCommand,
  type HostedZone,
  ListHostedZonesCommand,
  type Route53Client,
} from '@aws-sdk/client-route-53'
import type { SdkCalls } from './sdk-calls.ts'

const CACHE_MS = 5 * 60_000
const RECORD_TTL_S = 60

/** A validation record as DescribeCertificate gives it. */
export interface ValidationRecord {
  readonly domain: string
  readonly name: string
  readonly value: string
}

/** No hosted zone's name is a suffix of a host. */
export class NoHostedZone extends Error {}

/**
 * Validation records in Route 53 as the reference keeps them: the first page of zones counts, private ones too; the longest name wins, and of
 * equal ones the first; one call a record; what it wrote it deletes again, whoever else may need it.
 */
export class HostedZones {
  readonly #route53: Route53Client
  readonly #calls: SdkCalls
  #zones: { readonly all: readonly HostedZone[]; readonly until: number } | undefined

  constructor(options: { route53: Route53Client; calls: SdkCalls }) {
    this.#route53 = options.route53
    this.#calls = options.calls
  }

  /** @throws NoHostedZone */
  async zoneOf(host: string): Promise<string> {
    const name = `${host.replace(/^\*\./, '')}.`
    const zones = (await this.#list()).filter(
      (zone) => zone.Name !== undefined && (name === zone.Name || name.endsWith(`.${zone.Name}`)),
    )
    const [best] = zones.sort((a, b) => (b.Name ?? '').length - (a.Name ?? '').length)
    if (best?.Id === undefined) throw new NoHostedZone(`no hosted zone found for ${host}`)
    return best.Id
  }

  /** One that exists already is taken for this one. */
  async create(record: ValidationRecord): Promise<void> {
    try {
      await this.#change('CREATE', record)
    } catch (error) {
      if (!(error instanceof Error && /exist/.test(error.message))) throw error
    }
  }

  /** One that is gone, changed, or in no zone that is known is left. */
  async delete(record: ValidationRecord): Promise<void> {
    try {
      await this.#change('DELETE', record)
    } catch (error) {
      if (error instanceof NoHostedZone) return
      if (!(error instanceof Error && /not found|do not match the current values/.test(error.message))) throw error
    }
  }

  async #change(action: 'CREATE' | 'DELETE', { domain, name, value }: ValidationRecord): Promise<void> {
    const zone = await this.zoneOf(domain)
    const record = { Name: name, Type: 'CNAME' as const, TTL: RECORD_TTL_S, ResourceRecords: [{ Value: value }] }
    const request = {
      HostedZoneId: zone,
      ChangeBatch: { Changes: [{ Action: action, ResourceRecordSet: record }] },
    }
    await this.#calls.send((options) => this.#route53.send(new ChangeResourceRecordSetsCommand(request), options))
  }

  async #list(): Promise<readonly HostedZone[]> {
    const now = this.#calls.now()
    if (this.#zones && this.#zones.until > now) return this.#zones.all
    const page = await this.#calls.send((options) => this.#route53.send(new ListHostedZonesCommand({}), options))
    this.#zones = { all: page.HostedZones ?? [], until: now + CACHE_MS }
    return this.#zones.all
  }
}
