import type { Arn, NameValidation, ValidationRecord } from './certificate.ts'
import type { CertificateEntry } from './ledger.ts'
import type { Name } from './names.ts'
import { baseOf } from './names.ts'
import type { RecordState } from './observation.ts'
import { once } from './once.ts'
import type { Situation } from './situation.ts'
import type { WishKey } from './wish.ts'

/** A validation record that a certificate needs, and the name that it proves. */
export type NeededRecord = ValidationRecord & { readonly of: Name }

/** Where one needed record stands. */
export type RecordStanding =
  | { readonly kind: 'right' }
  /** Not there, or never looked at: creating it is safe either way, since we never overwrite. */
  | { readonly kind: 'missing'; readonly zone: string }
  | { readonly kind: 'conflict'; readonly zone: string; readonly found: string }
  /** No zone of ours answers for the name any more, or none was found yet. */
  | { readonly kind: 'noZone' }

/** The records of a certificate, one for a name and its wildcard together; from ACM, else from the ledger. */
export function recordsOf(arn: Arn, key: WishKey, situation: Situation): readonly NeededRecord[] {
  const detail = situation.observation.details.get(arn)?.value
  const shown = detail === undefined ? NONE : shownRecords(detail.validations)
  return shown.length > 0 ? shown : sorted(entryOf(arn, key, situation)?.records ?? NONE)
}

function shownRecords(validations: readonly NameValidation[]): readonly NeededRecord[] {
  return once(SHOWN, validations, () =>
    sorted(validations.flatMap((entry) => (entry.record ? [{ ...entry.record, of: baseOf(entry.name) }] : []))),
  )
}

function sorted(records: readonly NeededRecord[]): readonly NeededRecord[] {
  return once(SORTED, records, () =>
    [...new Map(records.map((record) => [record.name, record])).values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  )
}

const NONE: readonly NeededRecord[] = []
const SHOWN = new WeakMap<readonly NameValidation[], readonly NeededRecord[]>()
const SORTED = new WeakMap<readonly NeededRecord[], readonly NeededRecord[]>()

export function entryOf(arn: Arn, key: WishKey, situation: Situation): CertificateEntry | undefined {
  return situation.ledger.certificates?.get(key)?.certificates.find((entry) => entry.arn === arn)
}

export function standingOf(record: NeededRecord, situation: Situation): RecordStanding {
  const answer = situation.zones.zoneFor(record.of)
  if (answer.kind !== 'zone') return { kind: 'noZone' }
  const zone = answer.id
  const seen = situation.observation.records.get(recordKey(zone, record.name))
  if (!seen) return { kind: 'missing', zone }
  return standingIn(seen.value, record, zone)
}

function standingIn(state: RecordState, record: NeededRecord, zone: string): RecordStanding {
  switch (state.kind) {
    case 'absent':
      return { kind: 'missing', zone }
    case 'cname':
      return state.value === record.value
        ? { kind: 'right' }
        : { kind: 'conflict', zone, found: `CNAME ${state.value}` }
    case 'other':
      return { kind: 'conflict', zone, found: state.types.join(', ') }
    case 'rejected':
      return { kind: 'conflict', zone, found: state.message }
  }
}

export function recordKey(zone: string, name: string): string {
  return `${zone}/${name}`
}

/** Only what ACM gives may be written: a CNAME under a label that begins with `_`, to a name of ACM's own. */
export function isValidationRecord(record: ValidationRecord): boolean {
  return record.name.startsWith('_') && record.value.endsWith('.acm-validations.aws')
}
