import {
  ChangeResourceRecordSetsCommand,
  GetHostedZoneCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53'
import type { ValidationRecord } from '../core/certificate.ts'
import { type Name, normaliseName } from '../core/names.ts'
import type { RecordState, Zone } from '../core/observation.ts'
import type { CallOptions, Calls } from './call.ts'
import { pagesByToken, repeated, required } from './pages.ts'

/**
 * Seconds that resolvers may keep a validation record. Its value never changes, so a short time buys nothing, and a long one would keep
 * a record that somebody deleted by mistake alive in caches and hide the mistake: Route 53's own usual 300.
 */
export const RECORD_TTL_SECONDS = 300

/** ListResourceRecordSets gives at most so many: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html */
const RECORDS_PER_PAGE = 300
/** A zone of which no listing has told the size: as if it held ten pages. */
const ASSUMED_RECORDS = 10 * RECORDS_PER_PAGE

/** Hosted zones and their records, in Route 53. Every method throws AwsError. */
export class Route53 {
  readonly #client: Route53Client
  readonly #calls: Calls
  /** How many records each zone held when it was last listed: what decides the cheaper way to read some. */
  readonly #recordCounts = new Map<string, number>()

  constructor(options: { client: Route53Client; calls: Calls }) {
    this.#client = options.client
    this.#calls = options.calls
  }

  /** Every hosted zone of the account, private ones too. All pages, or it throws. */
  async listZones(options: CallOptions = {}): Promise<readonly Zone[]> {
    const zones = await pagesByToken('ListHostedZones', (Marker) =>
      this.#calls
        .send('ListHostedZones', options, (http) => this.#client.send(new ListHostedZonesCommand({ Marker }), http))
        .then((answer) => ({ page: required('ListHostedZones', answer.HostedZones), next: answer.NextMarker })),
    )
    return zones.flatMap((zone) => {
      if (zone.Id === undefined || zone.Name === undefined) return []
      const id = zone.Id.replace(/^\/?hostedzone\//, '')
      if (zone.ResourceRecordSetCount !== undefined) this.#recordCounts.set(id, zone.ResourceRecordSetCount)
      return [{ id, name: decodeName(zone.Name), private: zone.Config?.PrivateZone ?? false }]
    })
  }

  /** The name servers of a public zone's delegation set, lower-case, without trailing dots. Empty for a private zone. */
  async nameServersOf(zoneId: string, options: CallOptions = {}): Promise<readonly string[]> {
    const answer = await this.#calls.send('GetHostedZone', options, (http) =>
      this.#client.send(new GetHostedZoneCommand({ Id: zoneId }), http),
    )
    return (answer.DelegationSet?.NameServers ?? []).map(normaliseName)
  }

  /**
   * What stands at each of `names` (normalised) in the zone: one call a name, or the whole zone where that is fewer calls. Complete, or
   * it throws.
   */
  async readRecords(
    options: { readonly zoneId: string; readonly names: readonly Name[] } & CallOptions,
  ): Promise<ReadonlyMap<Name, RecordState>> {
    const names = [...new Set(options.names)]
    const pages = Math.ceil((this.#recordCounts.get(options.zoneId) ?? ASSUMED_RECORDS) / RECORDS_PER_PAGE)
    const sets =
      names.length <= Math.max(1, pages)
        ? await Promise.all(names.map((name) => this.#setsAt(name, options)))
        : [await this.#allSets(options)]
    const byName = Map.groupBy(sets.flat(), (set) => decodeName(set.Name ?? ''))
    return new Map(names.map((name) => [name, stateOf(byName.get(name) ?? [])]))
  }

  /** Every set at one name: several types, several weights. */
  async #setsAt(name: Name, options: { readonly zoneId: string } & CallOptions): Promise<readonly ResourceRecordSet[]> {
    const sets: ResourceRecordSet[] = []
    for await (const page of this.#pages({ ...options, start: { StartRecordName: name, MaxItems: 10 } })) {
      const here = page.filter((set) => decodeName(set.Name ?? '') === name)
      sets.push(...here)
      // The listing starts at the name, or behind the place where it would stand: a set of another name ends what is at this one.
      if (here.length < page.length) break
    }
    return sets
  }

  async #allSets(options: { readonly zoneId: string } & CallOptions): Promise<readonly ResourceRecordSet[]> {
    const sets: ResourceRecordSet[] = []
    for await (const page of this.#pages({ ...options, start: { MaxItems: RECORDS_PER_PAGE } })) sets.push(...page)
    this.#recordCounts.set(options.zoneId, sets.length)
    return sets
  }

  async *#pages(
    options: {
      readonly zoneId: string
      readonly start: Omit<ListResourceRecordSetsCommandInput, 'HostedZoneId'>
    } & CallOptions,
  ): AsyncGenerator<readonly ResourceRecordSet[]> {
    const { zoneId, start } = options
    const places = new Set<string>()
    for (let next = start; ; ) {
      const answer = await this.#calls.send('ListResourceRecordSets', options, (http) =>
        this.#client.send(new ListResourceRecordSetsCommand({ ...next, HostedZoneId: zoneId }), http),
      )
      yield required('ListResourceRecordSets', answer.ResourceRecordSets)
      if (answer.IsTruncated !== true) return
      next = {
        MaxItems: start.MaxItems,
        StartRecordName: answer.NextRecordName,
        StartRecordType: answer.NextRecordType,
        StartRecordIdentifier: answer.NextRecordIdentifier,
      }
      const place = `${next.StartRecordName} ${next.StartRecordType} ${next.StartRecordIdentifier}`
      if (places.has(place)) throw repeated('ListResourceRecordSets', place)
      places.add(place)
    }
  }

  /**
   * Creates CNAMEs in one call: all, or none. Never overwrites: a record that is there makes it fail with the code `InvalidChangeBatch`.
   * @throws TypeError for anything but a validation record of ACM: no other change leaves this process.
   */
  async createRecords(
    options: { readonly zoneId: string; readonly records: readonly ValidationRecord[] } & CallOptions,
  ): Promise<void> {
    const { zoneId, records } = options
    for (const record of records) assertValidationRecord(record)
    await this.#calls.send('ChangeResourceRecordSets', options, (http) =>
      this.#client.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: zoneId,
          ChangeBatch: {
            Comment: 'certwright: validation of certificates',
            Changes: records.map(({ name, value }) => ({
              Action: 'CREATE',
              ResourceRecordSet: {
                Name: `${name}.`,
                Type: 'CNAME',
                TTL: RECORD_TTL_SECONDS,
                ResourceRecords: [{ Value: `${value}.` }],
              },
            })),
          },
        }),
        http,
      ),
    )
  }
}

/** @throws TypeError for anything but a CNAME by which ACM proves a name, normalised. */
export function assertValidationRecord({ name, value }: ValidationRecord): void {
  if (!/^_[a-z0-9_.-]+$/.test(name) || !/^[a-z0-9_.-]+\.acm-validations\.aws$/.test(value)) {
    throw new TypeError(`not a validation record of ACM: ${name} CNAME ${value}`)
  }
}

/** Route 53 writes what is not a letter, digit, hyphen, underscore or dot as `\ooo`, octal: `\052.example.com.` is `*.example.com`. */
export function decodeName(text: string): Name {
  return normaliseName(
    text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8))),
  )
}

function stateOf(sets: readonly ResourceRecordSet[]): RecordState {
  const [first] = sets
  if (first === undefined) return { kind: 'absent' }
  const types = [...new Set(sets.map((set) => set.Type ?? 'unknown'))]
  if (types.length > 1 || first.Type !== 'CNAME') return { kind: 'other', types }
  const values = new Set(
    sets.map((set) => decodeName(set.ResourceRecords?.[0]?.Value ?? set.AliasTarget?.DNSName ?? '')),
  )
  // Whoever asks gets one or the other, by weight or place.
  if (values.size > 1) return { kind: 'other', types: [`CNAME by turns ${[...values].join(' or ')}`] }
  return { kind: 'cname', value: [...values][0] ?? '', plain: isPlain(first) }
}

/** One answer for everybody. Whatever routes answers by weight, place, health or network has a set identifier; an alias has no records. */
function isPlain(set: ResourceRecordSet): boolean {
  return (
    set.SetIdentifier === undefined &&
    set.HealthCheckId === undefined &&
    set.TrafficPolicyInstanceId === undefined &&
    set.ResourceRecords?.length === 1
  )
}
