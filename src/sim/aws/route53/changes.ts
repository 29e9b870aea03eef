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
  const changed = new Map<string, { record: RecordSet | undefined; action: RecordChange['action'] }>()
  const present = new Map(zone.recordSets().map((record) => [recordKey(record), record]))
  const byName = new Map<string, Set<string>>()
  for (const [key, { name }] of present) byName.set(name, (byName.get(name) ?? new Set()).add(key))

  for (const { action, record } of changes) {
    const { name, type } = record
    const key = recordKey(record)
    const before = changed.get(key)
    const existing = present.get(key)
    const problem = ((): string | undefined => {
      if (!isWithin(name, zone.name)) return messages.outsideZone(name, zone.name)
      // Deleting and creating one set in one batch is how it is replaced; any other pair is a contradiction.
      if (before && !(before.action === 'DELETE' && action === 'CREATE')) return messages.changedTwice(name, type)
      if (action === 'DELETE') {
        if (!existing) return messages.notFound(name, type)
        if (name === zone.name && (type === 'NS' || type === 'SOA')) return messages.apexRecordsStay(zone.name)
        return sameContent(existing, record) ? undefined : messages.valuesDiffer(name, type)
      }
      if (action === 'CREATE' && existing) return messages.alreadyExists(name, type)
      if (type === 'CNAME' && name === zone.name) return messages.apex(type, name, zone.name)
      return conflictOf(
        zone,
        record,
        [...(byName.get(name) ?? [])].map((other) => present.get(other)),
      )
    })()
    if (problem !== undefined) {
      problems.push(problem)
      continue
    }
    changed.set(key, { record, action })
    const keys = byName.get(name) ?? new Set()
    byName.set(name, keys)
    if (action === 'DELETE') {
      present.delete(key)
      keys.delete(key)
    } else {
      present.set(key, record)
      keys.add(key)
    }
  }
  if (present.size > limit && problems.length === 0) problems.push(messages.tooManyRecords(limit))
  return problems
}

/** A CNAME bears no other type beside it. */
function conflictOf(
  zone: Zone,
  { name, type }: RecordSet,
  others: readonly (RecordSet | undefined)[],
): string | undefined {
  for (const other of others) {
    if (!other || other.type === type) continue
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
