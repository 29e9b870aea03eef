import type { Environment } from '../environment.ts'
import { refuse } from '../error.ts'
import { messages } from '../messages.ts'
import { child, childText, type XmlElement } from '../wire/xml.ts'
import { isDomainName, isWithin, normalise, plain } from './names.ts'
import { recordKey, type RecordSet, type Zone } from './zone.ts'
import type { Change, Zones } from './zones.ts'

export interface RecordChange {
  readonly action: 'CREATE' | 'UPSERT' | 'DELETE'
  readonly record: RecordSet
}

const ACTIONS = ['CREATE', 'UPSERT', 'DELETE'] as const
const MOST_RECORDS = 1_000
const MOST_CHARACTERS = 32_000

/**
 * Reads the changes of a ChangeResourceRecordSetsRequest.
 * @throws AwsError InvalidInput.
 */
export function readChanges(root: XmlElement): { changes: RecordChange[]; comment: string | undefined } {
  const batch = child(root, 'ChangeBatch')
  const elements = child(batch, 'Changes')?.children ?? []
  if (elements.length === 0) throw refuse('InvalidInput', messages.invalidInput('Changes must not be empty'))
  return { changes: elements.map(readChange), comment: childText(batch, 'Comment') }
}

/**
 * Applies a batch to a zone: all of it, or nothing.
 * @throws AwsError InvalidChangeBatch with every reason, in the order of the changes.
 */
export function applyChanges(options: {
  environment: Environment
  zones: Zones
  zone: Zone
  changes: readonly RecordChange[]
  comment?: string | undefined
  by: string
}): Change {
  const { environment, zones, zone, changes, comment, by } = options
  checkSize(changes)
  const problems = findProblems(zone, changes, environment.settings.quotas.recordsPerZone)
  if (problems.length > 0) throw refuse('InvalidChangeBatch', `[${problems.join(', ')}]`)
  const change = zones.submit(zone, comment)
  for (const { action, record } of changes) {
    if (action === 'DELETE') zone.remove(record, change.submittedAt, change.insyncAt)
    else zone.put(record, change.submittedAt, change.insyncAt)
    environment.ledger.append({
      kind: 'recordChanged',
      at: change.submittedAt,
      by,
      account: zone.account,
      zoneId: zone.id,
      zoneName: plain(zone.name),
      action,
      name: plain(record.name),
      type: record.type,
      values: record.values,
      ttl: record.ttl ?? 0,
    })
  }
  return change
}

/** UPSERT counts twice in both limits. */
function checkSize(changes: readonly RecordChange[]): void {
  let records = 0
  let characters = 0
  for (const { action, record } of changes) {
    const weight = action === 'UPSERT' ? 2 : 1
    records += weight * Math.max(1, record.values.length)
    for (const value of record.values) characters += weight * value.length
  }
  if (records > MOST_RECORDS) throw refuse('InvalidChangeBatch', messages.tooManyRecords(MOST_RECORDS))
  if (characters > MOST_CHARACTERS) throw refuse('InvalidChangeBatch', messages.tooManyCharacters(MOST_CHARACTERS))
}

/** What keeps a batch from being applied: each change is judged against the zone as the changes before it leave it. */
function findProblems(zone: Zone, changes: readonly RecordChange[], limit: number): string[] {
  const problems: string[] = []
  const draft = new Draft(zone)
  for (const change of changes) {
    const problem = problemOf(draft, change)
    if (problem === undefined) draft.apply(change)
    else problems.push(problem)
  }
  if (draft.size > limit && problems.length === 0) problems.push(messages.tooManyRecords(limit))
  return problems
}

function problemOf(draft: Draft, { action, record }: RecordChange): string | undefined {
  const { name, type } = record
  const { zone } = draft
  if (!isWithin(name, zone.name)) return messages.outsideZone(name, zone.name)
  if (zone.protections.has(`${name} ${type}`)) return messages.protectedRecord(name, type)
  const before = draft.changeOf(record)
  // Deleting and creating one set in one batch is how it is replaced; any other pair is a contradiction.
  if (before && !(before.action === 'DELETE' && action === 'CREATE')) return messages.changedTwice(name, type)
  const existing = draft.get(record)
  if (action === 'DELETE') {
    if (!existing) return messages.notFound(name, type)
    if (name === zone.name && (type === 'NS' || type === 'SOA')) return messages.apexRecordsStay(zone.name)
    return sameContent(existing, record) ? undefined : messages.valuesDiffer(name, type)
  }
  if (action === 'CREATE' && existing) return messages.alreadyExists(name, type)
  if (type === 'CNAME' && name === zone.name) return messages.apex(type, name, zone.name)
  // "You can't create a non-weighted resource record set that has the same values for the Name and Type elements" (ResourceRecordSet, Weight).
  const isRouted = (set: RecordSet) => set.setIdentifier !== undefined
  if (draft.named(name).some((set) => set.type === type && isRouted(set) !== isRouted(record)))
    return messages.alreadyExists(name, type)
  return conflictOf(zone, record, draft.named(name))
}

/** A zone with the changes of a batch laid over it, so that a large zone need not be copied for a small batch. */
class Draft {
  readonly zone: Zone
  size: number
  readonly #changes = new Map<string, RecordChange>()
  readonly #added = new Map<string, RecordSet[]>()

  constructor(zone: Zone) {
    this.zone = zone
    this.size = zone.size
  }

  changeOf(record: RecordSet): RecordChange | undefined {
    return this.#changes.get(recordKey(record))
  }

  get(record: RecordSet): RecordSet | undefined {
    const change = this.changeOf(record)
    if (!change) return this.zone.get(record.name, record.type, record.setIdentifier)
    return change.action === 'DELETE' ? undefined : change.record
  }

  named(name: string): RecordSet[] {
    return [...this.zone.named(name), ...(this.#added.get(name) ?? [])].filter(
      (record) => this.get(record) !== undefined,
    )
  }

  apply(change: RecordChange): void {
    const { action, record } = change
    const existed = this.get(record) !== undefined
    this.#changes.set(recordKey(record), change)
    this.size += Number(action !== 'DELETE') - Number(existed)
    if (action === 'DELETE') return
    const added = this.#added.get(record.name)
    if (added) added.push(record)
    else this.#added.set(record.name, [record])
  }
}

/** A CNAME bears no other type beside it. */
function conflictOf(zone: Zone, { name, type }: RecordSet, others: readonly RecordSet[]): string | undefined {
  for (const other of others) {
    if (other.type === type) continue
    if (type === 'CNAME') return messages.conflictWithOthers(type, name, zone.name)
    if (other.type === 'CNAME') return messages.conflict({ type, name, other: other.type, zone: zone.name })
  }
  return undefined
}

function sameContent(a: RecordSet, b: RecordSet): boolean {
  return (
    a.ttl === b.ttl &&
    [...a.values].sort().join('\n') === [...b.values].sort().join('\n') &&
    a.alias?.dnsName === b.alias?.dnsName
  )
}

function readChange(element: XmlElement): RecordChange {
  const given = childText(element, 'Action')
  const action = ACTIONS.find((candidate) => candidate === given)
  const set = child(element, 'ResourceRecordSet')
  const name = childText(set, 'Name')
  const type = childText(set, 'Type')
  if (!action || !set || !name || !type)
    throw refuse('InvalidInput', messages.invalidInput('a change needs Action, Name and Type'))
  if (!isDomainName(name)) throw refuse('InvalidInput', messages.invalidDomainName(name))
  const alias = child(set, 'AliasTarget')
  const ttl = childText(set, 'TTL')
  const values = (child(set, 'ResourceRecords')?.children ?? []).map((record) => childText(record, 'Value') ?? '')
  if (!alias && (ttl === undefined || values.length === 0)) {
    throw refuse(
      'InvalidInput',
      messages.invalidInput(`${type} ${name} needs a TTL and at least one value, or an alias target`),
    )
  }
  return {
    action,
    record: {
      name: normalise(name),
      type,
      ttl: ttl === undefined ? undefined : Number(ttl),
      values,
      setIdentifier: childText(set, 'SetIdentifier'),
      alias: alias && {
        hostedZoneId: childText(alias, 'HostedZoneId') ?? '',
        dnsName: normalise(childText(alias, 'DNSName') ?? ''),
        evaluateTargetHealth: childText(alias, 'EvaluateTargetHealth') === 'true',
      },
    },
  }
}
