import type { OwnCertificate } from './inventory.ts'
import type { Observation } from './observation.ts'
import type { NeededRecord } from './records.ts'
import { recordKey, recordsOf } from './records.ts'
import type { Situation } from './situation.ts'
import type { Step } from './step.ts'
import type { EpochMs } from './time.ts'
import { DAY, MINUTE } from './time.ts'

/** How often a record was found gone that was there before, since this process began. */
export interface Losses {
  readonly count: number
  /** The last time. */
  readonly at: EpochMs
}

/** Once may be a mistake of somebody's; what is put back and goes again is a program's doing. */
const REPEATEDLY = 2

/** What was seen, or written, less than this before may not show yet. */
const LAG = MINUTE

/** The losses once these records were found absent. */
export function countLosses(
  { recordLosses, records }: Pick<Observation, 'recordLosses' | 'records'>,
  absent: readonly string[],
  at: EpochMs,
): Observation['recordLosses'] {
  const lost = absent.filter((key) => {
    const before = records.get(key)
    return before?.value.kind === 'cname' && before.at + LAG <= at
  })
  if (lost.length === 0) return recordLosses
  const counted = new Map(recordLosses)
  for (const key of lost) counted.set(key, { count: (counted.get(key)?.count ?? 0) + 1, at })
  return counted
}

/** Says of a served certificate that one of its records is deleted again and again: until that has not happened for a day. */
export function unlessVanishing(step: Step, own: OwnCertificate, situation: Situation): Step {
  if (step.verdict.state !== 'Ready') return step
  const record = recordsOf(own.certificate.arn, own.key, situation).find((each) => vanishes(each, situation))
  if (!record) return step
  const message = `${step.verdict.message.replace(/\.$/, '')}, but its validation record ${record.name} was deleted repeatedly and is put back each time, so that the renewal may miss it; where external-dns does that, run it with --policy=upsert-only, or with --registry=txt and a --txt-owner-id of its own, so that it deletes only what it wrote.`
  return { ...step, verdict: { state: 'Ready', reason: 'RecordsVanish', message } }
}

function vanishes(record: NeededRecord, { observation, zones, now }: Situation): boolean {
  const zone = zones.zoneFor(record.of)
  const losses = zone.kind === 'zone' ? observation.recordLosses.get(recordKey(zone.id, record.name)) : undefined
  return losses !== undefined && losses.count >= REPEATEDLY && now - losses.at < DAY
}
