import type { DeleteAction } from './action.ts'
import type { Arn } from './certificate.ts'
import type { OwnCertificate } from './inventory.ts'
import type { KeepReason } from './keep.ts'
import type { CertificateEntry, Unwanted } from './ledger.ts'
import type { Name } from './names.ts'
import { anyCovers } from './names.ts'
import { describedAt } from './observation.ts'
import { entryOf } from './records.ts'
import type { Situation } from './situation.ts'
import type { DueLook } from './step.ts'
import type { EpochMs } from './time.ts'
import { HOUR, MINUTE, rfc3339, SECOND } from './time.ts'
import { isAdopted, isRetained } from './tags.ts'
import type { Verdict } from './verdict.ts'
import { listed } from './verdict.ts'

/** Where an unwanted certificate stands on its way out. */
export interface Retirement {
  readonly unwanted: Unwanted
  readonly verdict: Verdict
  readonly action: DeleteAction | undefined
  readonly looks: readonly DueLook[]
  readonly wakeAt: EpochMs | undefined
}

/** ACM must have said twice that nothing uses it, this far apart. */
const BETWEEN_LOOKS = MINUTE

/** The brake counts what became unwanted within this time, deleted meanwhile or not. */
const BRAKE_WINDOW = HOUR

/** For every certificate of ours that need not stay: brake, grace, two looks, delete. */
export function retire(situation: Situation, kept: ReadonlyMap<Arn, KeepReason>): ReadonlyMap<Arn, Retirement> {
  const unwanted = [...situation.inventory.own.values()].filter((own) => !kept.has(own.certificate.arn))
  const marks = brake(unwanted, situation)
  return new Map(
    unwanted.map((own) => [
      own.certificate.arn,
      retirementOf(own, marks.get(own.certificate.arn) as Unwanted, situation),
    ]),
  )
}

/**
 * Marks each with since when and why it is unwanted. When more than max(3, 10 %) of our certificates became unwanted within an hour
 * because their names ceased to be live, the brake holds them: until a person approves, never until time has passed.
 */
function brake(unwanted: readonly OwnCertificate[], situation: Situation): ReadonlyMap<Arn, Unwanted> {
  const { now, settings, inventory } = situation
  const live = new Set(situation.members.filter((member) => member.live).flatMap((member) => member.claim.hosts))
  const marks = new Map<Arn, Unwanted>()
  for (const own of unwanted) marks.set(own.certificate.arn, mark(own, live, situation))
  if (!settings.retireBrake) return new Map([...marks].map(([arn, entry]) => [arn, { ...entry, braked: false }]))
  const recent = [...marks].filter(([arn, entry]) => isCounted(entry, now) && !isRetained(arn, situation))
  const deleted = deletedLately(situation)
  if (recent.length + deleted > Math.max(3, (inventory.own.size + deleted) / 10)) {
    for (const [arn, entry] of recent) marks.set(arn, { ...entry, braked: true })
  }
  return marks
}

/** Does the brake still count this one though it is gone? */
export function isDeletedLately({ arn, unwanted }: CertificateEntry, { inventory, now }: Situation): boolean {
  return !inventory.own.has(arn) && unwanted !== undefined && isCounted(unwanted, now)
}

/** Does the brake count this one: it became unwanted lately because its names went, and nobody has approved of that? */
function isCounted({ because, releasedAt, since }: Unwanted, now: EpochMs): boolean {
  return because === 'namesGone' && releasedAt === undefined && since > now - BRAKE_WINDOW
}

/** How many of those that the brake counts are deleted already: a short grace period must not let them go a few at a time. */
function deletedLately(situation: Situation): number {
  return [...(situation.ledger.certificates?.values() ?? [])]
    .flatMap((entry) => entry.certificates)
    .filter((entry) => isDeletedLately(entry, situation)).length
}

function mark(own: OwnCertificate, live: ReadonlySet<Name>, situation: Situation): Unwanted {
  const { now, ledger } = situation
  const before = entryOf(own.certificate.arn, own.key, situation)?.unwanted
  if (!before) {
    const because = [...live].some((host) => anyCovers(own.certificate.names, host)) ? 'replaced' : 'namesGone'
    return { since: now, because, braked: false, releasedAt: undefined }
  }
  const approved = ledger.certificates?.get(own.key)?.retireApproved === true
  return before.braked && approved ? { ...before, braked: false, releasedAt: now } : before
}

function retirementOf(own: OwnCertificate, unwanted: Unwanted, situation: Situation): Retirement {
  const { now, settings, observation } = situation
  const { arn } = own.certificate
  const names = listed(own.certificate.names)
  const nothing = { unwanted, action: undefined, looks: [], wakeAt: undefined }
  if (isRetained(arn, situation)) {
    const why = isAdopted(observation.tags.get(arn)?.value ?? {}) ? 'it was adopted' : 'its deletion policy is "retain"'
    const message = `Nothing wants the certificate ${arn} for ${names} any more, and it stays because ${why}; delete it in ACM when it is no longer of use.`
    return { ...nothing, verdict: retiring('Retained', message) }
  }
  if (unwanted.braked) {
    const message = `Many certificates became unwanted within an hour, so ${arn} for ${names} is kept until a person approves its retirement: kubectl annotate acmcert NAME certwright.dev/retire-approved=true.`
    return { ...nothing, verdict: retiring('Braked', message) }
  }
  const dueAt = (unwanted.releasedAt ?? unwanted.since) + settings.retireAfter
  const stored = entryOf(arn, own.key, situation)?.unwanted
  const apart = Math.min(BETWEEN_LOOKS, settings.retireAfter)
  const grace = retiring(
    'GracePeriod',
    `Nothing wants the certificate ${arn} for ${names} any more; it is deleted after ${rfc3339(dueAt)}.`,
  )
  if (!stored) return { ...nothing, verdict: grace }
  if (dueAt - apart > now) return { ...nothing, verdict: grace, wakeAt: dueAt - apart }
  const detail = observation.details.get(arn)
  const users = usersOf(arn, situation)
  const since = observation.unusedSince.get(arn)
  const look = { kind: 'describe', arn } as const
  if (users.length > 0) {
    const message = `The certificate ${arn} for ${names} is due to be deleted and still in use by ${users.join(', ')}; it goes when they let it go.`
    return {
      ...nothing,
      verdict: retiring('StillInUse', message),
      looks: [{ look, dueAt: (describedAt(observation, arn) ?? 0) + pauseWhileInUse(now - dueAt) }],
    }
  }
  if (dueAt > now || since === undefined || detail === undefined || now - since < apart) {
    const wakeAt = Math.max(dueAt, (since ?? now) + apart)
    const shown = situation.ledger.certificates?.get(own.key)?.shown.verdict
    // Before ACM was asked who uses it, what was said last stands.
    const due = detail === undefined && shown?.state === 'Retiring' ? shown : retiring('Deleting', deleting(arn, names))
    return {
      ...nothing,
      verdict: dueAt > now ? grace : due,
      looks: since === undefined ? [{ look, dueAt: (describedAt(observation, arn) ?? 0) + 10 * SECOND }] : [],
      wakeAt,
    }
  }
  return {
    ...nothing,
    verdict: retiring('Deleting', deleting(arn, names)),
    action: { kind: 'deleteCertificate', arn, key: own.key, unwantedSince: unwanted.since },
  }
}

/** ACM needs seconds to half an hour to notice that a load balancer let go; after that it is somebody else's. */
function pauseWhileInUse(overdue: number): number {
  if (overdue < 5 * MINUTE) return 15 * SECOND
  return overdue < HOUR ? MINUTE : 10 * MINUTE
}

/** Who uses it, as ACM and the listeners say. */
function usersOf(arn: Arn, situation: Situation): readonly string[] {
  const users = new Set(situation.observation.details.get(arn)?.value.inUseBy)
  for (const group of situation.groups.values()) {
    if (group.attached.has(arn)) for (const loadBalancer of group.loadBalancers ?? []) users.add(loadBalancer.arn)
  }
  return [...users].sort()
}

function deleting(arn: Arn, names: string): string {
  return `The certificate ${arn} for ${names} is being deleted: nothing wants or uses it.`
}

function retiring(reason: string, message: string): Verdict {
  return { state: 'Retiring', reason, message }
}
