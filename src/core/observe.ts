import type { Arn, Certificate, CertificateDetail, CertificateStatus, Tags } from './certificate.ts'
import { isTerminal } from './certificate.ts'
import type { Listener, ListenerLooks, Observation, RecordState } from './observation.ts'
import { recordKey } from './records.ts'
import type { EpochMs } from './time.ts'
import { MINUTE } from './time.ts'
import { countLosses } from './vanishing.ts'

/** A list may lag behind what was created by this long before its absence there means anything. */
const LIST_LAG = 10 * MINUTE

/** "Not found" must have been the answer for this long. */
const GONE_AFTER = 2 * MINUTE

/** A list of certificates: `since` where it only went back to those created since. */
export function mergeCertificates(
  observation: Observation,
  look: { certificates: readonly Certificate[]; complete: boolean; since: EpochMs | undefined; at: EpochMs },
): Observation {
  const known = observation.certificates?.value ?? new Map<Arn, Certificate>()
  const merged = new Map<Arn, Certificate>()
  const whole = look.complete && look.since === undefined
  const sawIssued = new Set(observation.sawIssued)
  for (const certificate of look.certificates) {
    const before = known.get(certificate.arn)
    const status = before ? later(before.status, certificate.status) : certificate.status
    if (before?.status === 'PENDING_VALIDATION' && status === 'ISSUED') sawIssued.add(certificate.arn)
    merged.set(certificate.arn, { ...certificate, status, ...bestNames(before, certificate) })
  }
  const missing = new Set(whole ? [] : observation.missing)
  for (const [arn, certificate] of known) {
    if (merged.has(arn)) continue
    const absent = whole && certificate.createdAt + LIST_LAG < look.at
    if (absent && !observation.tags.has(arn)) continue
    // Perhaps ours: a list that lacks it proves nothing; it is asked for by name, and goes when ACM says that it does not exist.
    merged.set(arn, certificate)
    if (absent) missing.add(arn)
  }
  const complete = whole || observation.certificates?.complete === true
  return {
    ...observation,
    sawIssued,
    missing,
    certificates: { value: merged, at: look.at, complete },
    certificatesSweptAt: whole ? look.at : observation.certificatesSweptAt,
  }
}

/** Facts lag: what was seen further on in its life does not go back. */
function later(before: CertificateStatus, now: CertificateStatus): CertificateStatus {
  if (now === 'PENDING_VALIDATION') return before
  if (now === 'ISSUED' && isTerminal(before)) return before
  return now
}

function bestNames(before: Certificate | undefined, now: Certificate): Pick<Certificate, 'names' | 'namesComplete'> {
  const best = !now.namesComplete && before?.namesComplete ? before : now
  return { names: best.names, namesComplete: best.namesComplete }
}

/** One DescribeCertificate. Right after a request it may lack nearly everything. */
export function mergeDetail(observation: Observation, detail: CertificateDetail, at: EpochMs): Observation {
  const { arn } = detail
  const before = observation.certificates?.value.get(arn)
  const earlier = observation.details.get(arn)?.value
  const names = before?.namesComplete && !detail.namesComplete ? before.names : detail.names
  const status = before ? later(before.status, detail.status) : detail.status
  const merged: CertificateDetail = {
    ...detail,
    status,
    names,
    namesComplete: detail.namesComplete || before?.namesComplete === true,
    createdAt: before?.createdAt ?? detail.createdAt,
    validations: detail.validations.length > 0 ? detail.validations : (earlier?.validations ?? []),
  }
  const { validations: _, failureReason: __, inUseBy: ___, renewal: ____, authority: _____, ...summary } = merged
  const unusedSince = new Map(observation.unusedSince)
  if (detail.inUse || detail.inUseBy.length > 0) unusedSince.delete(arn)
  else if (!unusedSince.has(arn)) unusedSince.set(arn, at)
  const isAwaited = detail.renewal?.status === 'PENDING_VALIDATION'
  const renewalAwaitedSince = isAwaited
    ? new Map([[arn, at], ...observation.renewalAwaitedSince])
    : without(observation.renewalAwaitedSince, arn)
  const sawIssued =
    before?.status === 'PENDING_VALIDATION' && status === 'ISSUED'
      ? new Set([...observation.sawIssued, arn])
      : observation.sawIssued
  return {
    ...observation,
    unusedSince,
    renewalAwaitedSince,
    sawIssued,
    gone: without(observation.gone, arn),
    details: new Map(observation.details).set(arn, { value: merged, at, complete: true }),
    certificates: withCertificate(observation, summary),
  }
}

/** ACM says that there is no such certificate. */
export function mergeNotFound(observation: Observation, arn: Arn, at: EpochMs): Observation {
  const since = observation.gone.get(arn)?.since ?? at
  return markGone(observation, arn, { since, at, proven: at - since >= GONE_AFTER })
}

/** We deleted it, and ACM confirmed. */
export function mergeDeleted(observation: Observation, arn: Arn, at: EpochMs): Observation {
  return markGone(observation, arn, { since: at, at, proven: true })
}

function markGone(
  observation: Observation,
  arn: Arn,
  gone: { since: EpochMs; at: EpochMs; proven: boolean },
): Observation {
  const marked = { ...observation, gone: new Map(observation.gone).set(arn, gone) }
  if (!gone.proven || !observation.certificates) return marked
  return {
    ...marked,
    details: without(observation.details, arn),
    unusedSince: without(observation.unusedSince, arn),
    renewalAwaitedSince: without(observation.renewalAwaitedSince, arn),
    certificates: { ...observation.certificates, value: without(observation.certificates.value, arn) },
  }
}

/** ACM has accepted a request of ours: known before any list shows it. */
export function mergeRequested(
  observation: Observation,
  certificate: Certificate,
  tags: Tags,
  at: EpochMs,
): Observation {
  if (observation.certificates?.value.has(certificate.arn))
    return mergeTags(observation, new Map([[certificate.arn, tags]]), at)
  return mergeTags(
    { ...observation, certificates: withCertificate(observation, certificate) },
    new Map([[certificate.arn, tags]]),
    at,
  )
}

/** Tags of some certificates, read one by one. */
export function mergeTags(observation: Observation, read: ReadonlyMap<Arn, Tags>, at: EpochMs): Observation {
  const tags = new Map(observation.tags)
  for (const [arn, value] of read) tags.set(arn, { value, at, complete: true })
  return { ...observation, tags }
}

/** We changed some tags of a certificate. */
export function mergeTagged(
  observation: Observation,
  change: { readonly arn: Arn; readonly set: Tags; readonly remove: readonly string[] },
  at: EpochMs,
): Observation {
  const before = observation.tags.get(change.arn)?.value ?? {}
  const kept = Object.entries(before).filter(([key]) => !change.remove.includes(key))
  const tagged = { ...observation, taggedAt: new Map(observation.taggedAt).set(change.arn, at) }
  return mergeTags(tagged, new Map([[change.arn, { ...Object.fromEntries(kept), ...change.set }]]), at)
}

/** A whole sweep of tags. It lags, and never shows certificates without tags: what it lacks is not thereby untagged. */
export function mergeTagSweep(observation: Observation, read: ReadonlyMap<Arn, Tags>, at: EpochMs): Observation {
  return { ...mergeTags(observation, read, at), tagsSweptAt: at }
}

/** A whole look at the listeners of one load balancer. What a listener carries counts as issued, once and for all. */
export function mergeListeners(
  observation: Observation,
  look: { loadBalancer: string; listeners: readonly Listener[]; at: EpochMs; changedAt: EpochMs },
): Observation {
  const before = observation.listeners.get(look.loadBalancer)
  const steady = new Map<number, ReadonlyMap<Arn, EpochMs>>()
  for (const listener of look.listeners) {
    if (listener.certificates.length === 0) continue
    const since = before?.steady.get(listener.port)
    const run = listener.certificates.map((arn): [Arn, EpochMs] => [
      arn,
      newer(since?.get(arn), look.changedAt) ?? look.at,
    ])
    steady.set(listener.port, new Map(run))
  }
  const looks: ListenerLooks = { listeners: look.listeners, at: look.at, steady }
  const merged = { ...observation, listeners: new Map(observation.listeners).set(look.loadBalancer, looks) }
  return issuedBySight(merged, look.listeners)
}

function newer(since: EpochMs | undefined, changedAt: EpochMs): EpochMs | undefined {
  return since !== undefined && since > changedAt ? since : undefined
}

function issuedBySight(observation: Observation, listeners: readonly Listener[]): Observation {
  const { certificates } = observation
  if (!certificates) return observation
  const pending = listeners
    .flatMap((listener) => listener.certificates)
    .map((arn) => certificates.value.get(arn))
    .filter((certificate) => certificate?.status === 'PENDING_VALIDATION')
  if (pending.length === 0) return observation
  const value = new Map(certificates.value)
  for (const certificate of pending) if (certificate) value.set(certificate.arn, { ...certificate, status: 'ISSUED' })
  return { ...observation, certificates: { ...certificates, value } }
}

/** An object of the group changed in a way that matters, or we wrote to one: looks begun before prove nothing of it. */
export function markGroupChanged(observation: Observation, group: string, at: EpochMs): Observation {
  return { ...observation, groupChangedAt: new Map(observation.groupChangedAt).set(group, at) }
}

export function mergeRecords(
  observation: Observation,
  zone: string,
  read: ReadonlyMap<string, RecordState>,
  at: EpochMs,
): Observation {
  const records = new Map(observation.records)
  for (const [name, value] of read) records.set(recordKey(zone, name), { value, at, complete: true })
  const absent = [...read].flatMap(([name, { kind }]) => (kind === 'absent' ? [recordKey(zone, name)] : []))
  return { ...observation, records, recordLosses: countLosses(observation, absent, at) }
}

function withCertificate(observation: Observation, certificate: Certificate): Observation['certificates'] {
  const { certificates } = observation
  // Before the first whole list there is nothing to add it to: the list will bring it.
  const value = new Map(certificates?.value).set(certificate.arn, certificate)
  return { value, at: certificates?.at ?? 0, complete: certificates?.complete ?? false }
}

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map
  const copy = new Map(map)
  copy.delete(key)
  return copy
}
