import type { AwsRequest } from '../../../aws/handler.ts'
import type { Call } from '../call.ts'
import type { Environment } from '../environment.ts'
import { refuse, AwsError } from '../error.ts'
import { messages } from '../messages.ts'
import { throttlingCode, type Rates } from '../rates.ts'
import type { RestOutput } from '../wire/protocol.ts'
import { child, childText, leaf, node, parseXml, type XmlElement } from '../wire/xml.ts'
import { applyChanges, readChanges } from './changes.ts'
import { normalise, orderKey } from './names.ts'
import { changeInfoXml, delegationSetXml, hostedZoneXml, recordSetXml } from './views.ts'
import { recordKey, type Zone } from './zone.ts'
import type { Zones } from './zones.ts'

/** A Route 53 call, told by its method and path. */
export interface Route {
  readonly operation: string
  /** The zone or change that the path names, without its prefix. */
  readonly id: string
}

const ROUTES: readonly { readonly method: string; readonly path: RegExp; readonly operation: string }[] = [
  { method: 'GET', path: /^\/hostedzone$/, operation: 'ListHostedZones' },
  { method: 'POST', path: /^\/hostedzone$/, operation: 'CreateHostedZone' },
  { method: 'GET', path: /^\/hostedzonesbyname$/, operation: 'ListHostedZonesByName' },
  { method: 'GET', path: /^\/hostedzone\/([^/]+)$/, operation: 'GetHostedZone' },
  { method: 'DELETE', path: /^\/hostedzone\/([^/]+)$/, operation: 'DeleteHostedZone' },
  { method: 'GET', path: /^\/hostedzone\/([^/]+)\/rrset$/, operation: 'ListResourceRecordSets' },
  { method: 'POST', path: /^\/hostedzone\/([^/]+)\/rrset$/, operation: 'ChangeResourceRecordSets' },
  { method: 'GET', path: /^\/change\/([^/]+)$/, operation: 'GetChange' },
]

/** What a method and path stand for; with or without a slash at the end. */
export function route(method: string, path: string): Route | undefined {
  const rest = path.replace(/^\/2013-04-01/, '').replace(/\/$/, '')
  for (const candidate of ROUTES) {
    const match = candidate.method === method ? candidate.path.exec(rest) : null
    if (match) return { operation: candidate.operation, id: decodeURIComponent(match[1] ?? '') }
  }
  return undefined
}

const ZONES_PER_PAGE = 100
const RECORDS_PER_PAGE = 300

/** Route 53 on the wire. */
export class Route53Operations {
  readonly #environment: Environment
  readonly #rates: Rates
  readonly #zones: Zones

  constructor(options: { environment: Environment; rates: Rates; zones: Zones }) {
    this.#environment = options.environment
    this.#rates = options.rates
    this.#zones = options.zones
  }

  run(call: Call, request: AwsRequest, { id, operation }: Route, body: string): RestOutput | 'unknown' {
    const query = (name: string) => text(request.query[name])
    switch (operation) {
      case 'ListHostedZones':
        return this.#listHostedZones(call, query)
      case 'ListHostedZonesByName':
        return this.#listHostedZonesByName(call, query)
      case 'CreateHostedZone':
        return this.#createHostedZone(call, parse(body))
      case 'GetHostedZone': {
        const zone = this.#zones.find(id, call.account)
        return { body: hostedZoneXml(zone) + delegationSetXml(zone) }
      }
      case 'DeleteHostedZone':
        return this.#deleteHostedZone(call, id)
      case 'ListResourceRecordSets':
        return this.#listResourceRecordSets(call, id, query)
      case 'ChangeResourceRecordSets':
        return this.#changeResourceRecordSets(call, id, body)
      case 'GetChange':
        return { body: changeInfoXml(this.#zones.change(id, call.account), call.at) }
      default:
        return 'unknown'
    }
  }

  #changeResourceRecordSets(call: Call, id: string, body: string): RestOutput {
    const zone = this.#zones.find(id, call.account)
    const { changes, comment } = readChanges(parse(body))
    const { rates, readings, recordChanges } = this.#environment.settings
    if (rates && !this.#rates.admitRecordChanges(call, changes.length, recordChanges)) {
      throw refuse(throttlingCode('route53', readings), messages.rateExceeded)
    }
    const by = call.accessKeyId
    const change = applyChanges({ environment: this.#environment, zones: this.#zones, zone, changes, comment, by })
    // The answer to a change always says PENDING, however quick the name servers are.
    return { body: changeInfoXml(change, Number.NEGATIVE_INFINITY) }
  }

  /** In the order of creation; a marker says with which zone to go on. */
  #listHostedZones(call: Call, query: (name: string) => string | undefined): RestOutput {
    const size = pageSize(query('maxitems'), Math.min(ZONES_PER_PAGE, call.pageLimit))
    const marker = query('marker')
    const zones = [...this.#zones.all].filter((zone) => visible(zone, call))
    const start = marker === undefined ? 0 : zones.findIndex((zone) => zone.id === marker)
    if (start < 0) throw refuse('InvalidInput', messages.invalidInput(`the marker ${marker} does not exist`))
    const page = zones.slice(start, start + size)
    const next = zones[start + size]
    return {
      body: [
        node('HostedZones', ...page.map(hostedZoneXml)),
        leaf('Marker', marker),
        leaf('IsTruncated', next !== undefined),
        leaf('NextMarker', next?.id),
        leaf('MaxItems', size),
      ].join(''),
    }
  }

  /** By name, labels from the right, from `dnsname` on: the first may be another zone than was asked for. */
  #listHostedZonesByName(call: Call, query: (name: string) => string | undefined): RestOutput {
    const size = pageSize(query('maxitems'), Math.min(ZONES_PER_PAGE, call.pageLimit))
    const name = query('dnsname')
    const id = query('hostedzoneid')
    const from = name === undefined ? '' : orderKey(normalise(name))
    const zones = this.#zones.ofAccount(call.account).filter((zone) => {
      const key = orderKey(zone.name)
      return visible(zone, call) && (key > from || (key === from && (id === undefined || zone.id >= id)))
    })
    const next = zones[size]
    return {
      body: [
        node('HostedZones', ...zones.slice(0, size).map(hostedZoneXml)),
        leaf('DNSName', name),
        leaf('HostedZoneId', id),
        leaf('IsTruncated', next !== undefined),
        leaf('NextDNSName', next?.name),
        leaf('NextHostedZoneId', next?.id),
        leaf('MaxItems', size),
      ].join(''),
    }
  }

  #createHostedZone(call: Call, root: XmlElement): RestOutput {
    const config = child(root, 'HostedZoneConfig')
    const zone = this.#zones.create({
      name: childText(root, 'Name') ?? '',
      account: call.account,
      isPrivate: childText(config, 'PrivateZone') === 'true' || child(root, 'VPC') !== undefined,
      callerReference: childText(root, 'CallerReference') ?? '',
      comment: childText(config, 'Comment'),
      by: call.accessKeyId,
    })
    const change = this.#zones.submit(zone, undefined)
    return {
      statusCode: 201,
      headers: { location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${zone.id}` },
      body: hostedZoneXml(zone) + changeInfoXml(change, Number.NEGATIVE_INFINITY) + delegationSetXml(zone),
    }
  }

  #deleteHostedZone(call: Call, id: string): RestOutput {
    const zone = this.#zones.find(id, call.account)
    if (zone.size > 2) throw refuse('HostedZoneNotEmpty', messages.hostedZoneNotEmpty)
    this.#zones.delete(zone, call.accessKeyId)
    return { body: changeInfoXml(this.#zones.submit(zone, undefined), Number.NEGATIVE_INFINITY) }
  }

  #listResourceRecordSets(call: Call, id: string, query: (name: string) => string | undefined): RestOutput {
    const zone = this.#zones.find(id, call.account)
    const size = pageSize(query('maxitems'), Math.min(RECORDS_PER_PAGE, call.pageLimit))
    const name = query('name')
    const type = query('type')
    if (type !== undefined && name === undefined)
      throw refuse('InvalidInput', messages.invalidInput('type without name'))
    const from =
      name === undefined ? '' : `${orderKey(normalise(name))}\u0000${type ?? ''}\u0000${query('identifier') ?? ''}`
    const records = zone.recordSets(call.at - call.staleBy).filter((record) => recordKey(record) >= from)
    const next = records[size]
    return {
      body: [
        node('ResourceRecordSets', ...records.slice(0, size).map(recordSetXml)),
        leaf('IsTruncated', next !== undefined),
        leaf('NextRecordName', next?.name),
        leaf('NextRecordType', next?.type),
        leaf('NextRecordIdentifier', next?.setIdentifier),
        leaf('MaxItems', size),
      ].join(''),
    }
  }
}

function visible(zone: Zone, call: Call): boolean {
  return zone.account === call.account && zone.createdAt <= call.at - call.staleBy
}

function parse(body: string): XmlElement {
  try {
    return parseXml(body)
  } catch (error) {
    throw new AwsError({
      code: 'InvalidInput',
      message: messages.invalidInput(error instanceof Error ? error.message : ''),
    })
  }
}

function pageSize(given: string | undefined, largest: number): number {
  if (given === undefined) return largest
  const size = Number(given)
  if (!Number.isInteger(size) || size < 1) throw refuse('InvalidInput', messages.invalidInput(`maxitems ${given}`))
  return Math.min(size, largest)
}

function text(value: string | readonly string[] | null | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
