import type { EpochMs } from '../../../clock.ts'
import { leaf, node } from '../wire/xml.ts'
import type { RecordSet, Zone } from './zone.ts'
import type { Change } from './zones.ts'

export function hostedZoneXml(zone: Zone): string {
  return node(
    'HostedZone',
    leaf('Id', `/hostedzone/${zone.id}`),
    leaf('Name', zone.name),
    leaf('CallerReference', zone.callerReference),
    node('Config', leaf('Comment', zone.comment), leaf('PrivateZone', zone.isPrivate)),
    leaf('ResourceRecordSetCount', zone.size),
  )
}

/** Private zones have none. */
export function delegationSetXml(zone: Zone): string {
  if (zone.isPrivate) return ''
  return node('DelegationSet', node('NameServers', ...zone.nameServers.map((server) => leaf('NameServer', server))))
}

export function changeInfoXml(change: Change, now: EpochMs): string {
  return node(
    'ChangeInfo',
    leaf('Id', `/change/${change.id}`),
    leaf('Status', now >= change.insyncAt ? 'INSYNC' : 'PENDING'),
    leaf('SubmittedAt', new Date(change.submittedAt).toISOString()),
    leaf('Comment', change.comment),
  )
}

export function recordSetXml(record: RecordSet): string {
  const { alias } = record
  return node(
    'ResourceRecordSet',
    leaf('Name', record.name),
    leaf('Type', record.type),
    leaf('SetIdentifier', record.setIdentifier),
    leaf('TTL', record.ttl),
    record.values.length === 0
      ? ''
      : node('ResourceRecords', ...record.values.map((value) => node('ResourceRecord', leaf('Value', value)))),
    alias
      ? node(
          'AliasTarget',
          leaf('HostedZoneId', alias.hostedZoneId),
          leaf('DNSName', alias.dnsName),
          leaf('EvaluateTargetHealth', alias.evaluateTargetHealth),
        )
      : '',
  )
}
