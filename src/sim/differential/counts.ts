import { INTERIM_AFTER } from '../../core/wishes.ts'
import { isController } from '../laws/view.ts'
import type { Stage } from '../simulation/stage.ts'

/** How often each thing was done, by what it was done to. */
export type Tally = ReadonlyMap<string, number>

/** What the controller did to the world, and the load balancer's controller on its word, from AWS's own ledger. */
export interface Counts {
  /** By the names of the certificate. */
  readonly requests: Tally
  readonly deletes: Tally
  /** By the name of the record. */
  readonly records: Tally
  /** Of certificates of ours, by their names: on any listener. */
  readonly attachments: Tally
  readonly detachments: Tally
  /** What others took away, so that it had to be done again: certificates that ended or were deleted, by their names. */
  readonly lostCertificates: Tally
  /** Records that others deleted or changed, with a zone or alone, by their names. */
  readonly lostRecords: Tally
  /** Certificates of ours that others took off a listener, by their names. */
  readonly lostAttachments: Tally
  /** Certificates that were not issued within ten minutes, by their names: they may have had an interim one beside them. */
  readonly late: Tally
}

const LBC_KEY = 'AKIDLOADBALANCERCTL'

export function countsOf({ world, court }: Stage): Counts {
  const maps = {
    requests: new Map<string, number>(),
    deletes: new Map<string, number>(),
    records: new Map<string, number>(),
    attachments: new Map<string, number>(),
    detachments: new Map<string, number>(),
    lostCertificates: new Map<string, number>(),
    lostRecords: new Map<string, number>(),
    lostAttachments: new Map<string, number>(),
    late: new Map<string, number>(),
  }
  const requestedAt = new Map<string, number>()
  const standing = new Map<string, Set<string>>()
  const label = (names: readonly string[]) => [...names].sort().join('+')
  for (const event of world.aws.events.all) {
    const ours = isController(event.by)
    switch (event.kind) {
      case 'certificateRequested':
        if (ours) add(maps.requests, label(event.names))
        requestedAt.set(event.arn, event.at)
        break
      case 'certificateIssued':
        if (event.at - (requestedAt.get(event.arn) ?? event.at) >= INTERIM_AFTER) add(maps.late, label(event.names))
        break
      case 'certificateDeleted':
        if (ours) add(maps.deletes, label(event.names))
        else if (court.view.isOurs(event.arn)) add(maps.lostCertificates, label(event.names))
        break
      case 'certificateFailed':
      case 'certificateTimedOut':
      case 'certificateRevoked':
      case 'certificateExpired':
        if (court.view.isOurs(event.arn)) add(maps.lostCertificates, label(event.names))
        break
      case 'recordChanged': {
        if (!event.name.startsWith('_')) break
        const names = standing.get(event.zoneId) ?? new Set()
        standing.set(event.zoneId, names)
        if (ours) add(maps.records, event.name)
        else if (names.has(event.name)) add(maps.lostRecords, event.name)
        if (event.action === 'DELETE') names.delete(event.name)
        else names.add(event.name)
        break
      }
      case 'hostedZoneDeleted':
        for (const name of standing.get(event.zoneId) ?? []) add(maps.lostRecords, name)
        standing.delete(event.zoneId)
        break
      case 'listenerCertificateAdded':
        if (court.view.isOurs(event.certificateArn))
          add(maps.attachments, label(court.view.namesOf(event.certificateArn)))
        break
      case 'listenerCertificateRemoved':
        if (!court.view.isOurs(event.certificateArn)) break
        add(maps.detachments, label(court.view.namesOf(event.certificateArn)))
        if (event.by !== LBC_KEY) add(maps.lostAttachments, label(court.view.namesOf(event.certificateArn)))
        break
      case 'call':
      case 'certificateImported':
      case 'certificateRenewed':
      case 'certificateRenewalFailed':
      case 'hostedZoneCreated':
      case 'listenerCreated':
      case 'listenerDeleted':
      case 'loadBalancerCreated':
      case 'loadBalancerDeleted':
      case 'tagsChanged':
    }
  }
  return maps
}

function add(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}
