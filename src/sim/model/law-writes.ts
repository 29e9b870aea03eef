import type { Action, PublishAction } from '../../core/action.ts'
import { retryDelay, VALIDATION_PERIOD } from '../../core/backoff.ts'
import { isTerminal } from '../../core/certificate.ts'
import { listedArns } from '../../core/ingress.ts'
import { TAG } from '../../core/settings.ts'
import { SECOND } from '../../core/time.ts'
import type { WishKey } from '../../core/wish.ts'
import { isAttachedAnywhere, keyOf, validationRecord, zoneOf } from './acm.ts'
import { breach, premise } from './law-book.ts'
import { isBraked } from './law-retire.ts'
import { claimIn } from './memory.ts'
import type { Task } from './memory.ts'
import type { AcmCertificate, StoredObject, World } from './world.ts'
import { short, shorts } from './world.ts'

const FRESH = 10 * SECOND

/** S2, S5, S9, and that only issued certificates are published: after each write of an annotation. */
export function auditPublish(
  world: World,
  written: { task: Task; action: PublishAction; before: StoredObject; readAt: number },
): void {
  const { law, now } = world
  const { action, before } = written
  const { ingress, owner } = before
  const { name, uid } = ingress.ref
  const listed = listedArns(ingress)
  const known = law.published.get(uid)
  premise(law, 'S2')
  const certified =
    listed.every((arn) => known?.has(arn)) &&
    listed.some((arn) => [...world.tokens.values()].some((of) => of.arn === arn))
  if (listed.length > 0 && owner !== 'us' && owner !== 'both' && !certified)
    breach(law, 'S2', `${shorts(listed)} on ${name} is not ours, and we overwrote it`)
  if (ingress.deleting) breach(law, 'S2', `${name} is being deleted, and we wrote on it`)
  const claim = claimIn(ingress, world.scope.settings)
  if (claim.paused) breach(law, 'S2', `${name} is paused, and we wrote on it`)
  const [first] = listed
  if (first !== undefined && action.arns.length > 0) {
    premise(law, 'S9')
    if (action.arns.includes(first) && action.arns[0] !== first)
      breach(law, 'S9', `the default of ${name} changed from ${short(first)}, which stays listed`)
  }
  for (const arn of action.arns) {
    const status = world.certificates.get(arn)?.status
    if (!listed.includes(arn) && status === 'PENDING_VALIDATION')
      breach(
        law,
        'S1',
        `${short(arn)} is not issued and was published on ${name}: the load balancer's controller stops`,
      )
  }
  if (action.dropped.length > 0) {
    premise(law, 'S5')
    if (now - written.readAt > FRESH)
      breach(law, 'S5', `dropping rests on a read of ${(now - written.readAt) / SECOND} s ago`)
    const added = action.arns.filter((arn) => !listed.includes(arn))
    const alive = action.dropped.filter((arn) => world.certificates.get(arn)?.status === 'ISSUED')
    if (added.length > 0 && alive.length > 0)
      breach(law, 'S1', `one write on ${name} adds ${shorts(added)} and drops ${shorts(alive)}`)
  }
  law.published.set(uid, new Set([...(known ?? []), ...action.arns]))
  if (action.arns.length === 0) law.withdrawn.set(uid, claim.hosts)
}

/** S3, S4 and Q2: after each RequestCertificate. */
export function auditRequest(
  world: World,
  sent: { certificate: AcmCertificate; token: string; key: WishKey; isNew: boolean; attempt: number },
): void {
  const { law, now } = world
  const { certificate, token, key, isNew } = sent
  const others = [...world.certificates.values()].filter(
    (other) => other.ours && other.arn !== certificate.arn && keyOf(other) === key,
  )
  premise(law, 'S4')
  const meant = `${key} ${certificate.names.join()}`
  if (keyOf(certificate) !== key || certificate.tags[TAG.key] !== key)
    breach(law, 'S4', `${short(certificate.arn)} has another key than its names`)
  if ((law.tokens.get(token) ?? meant) !== meant) breach(law, 'S4', `one token was used for two certificates`)
  law.tokens.set(token, meant)
  if (!isNew) return
  const requested = (law.requested.get(key) ?? 0) + 1
  law.requested.set(key, requested)
  premise(law, 'S3')
  const alive = others.find((other) => !isTerminal(other.status))
  if (alive)
    breach(
      law,
      'S3',
      `${short(certificate.arn)} was requested beside ${short(alive.arn)} (${alive.status}), for the same names`,
    )
  if (requested > 1 + (law.ended.get(key) ?? 0))
    breach(law, 'S3', `${requested} requests for the same names, and ${law.ended.get(key) ?? 0} came to an end`)
  const failed = others.filter((other) => isTerminal(other.status)).sort((a, b) => b.createdAt - a.createdAt)[0]
  if (failed?.status !== 'VALIDATION_TIMED_OUT') return
  premise(law, 'Q2')
  const earliest = failed.createdAt + VALIDATION_PERIOD + retryDelay(Number(failed.tags[TAG.attempt]))
  if (now < earliest)
    breach(law, 'Q2', `${short(certificate.arn)} was requested ${(earliest - now) / SECOND} s too early`)
}

/** D1 and D2: before each record. */
export function auditRecord(world: World, action: Extract<Action, { kind: 'createRecord' }>): void {
  const { law } = world
  premise(law, 'D2')
  if (world.records.has(`${action.zone}/${action.name}`)) premise(law, 'D1')
  if (!action.name.startsWith('_') || !action.value.endsWith('.acm-validations.aws'))
    breach(law, 'D2', `${action.name} is no validation record`)
  const names = [...world.certificates.values()].flatMap((certificate) => certificate.names)
  const meant = names.find((name) => validationRecord(name).name === action.name)
  if (meant === undefined || validationRecord(meant).value !== action.value) {
    if (meant !== undefined) breach(law, 'D2', `${action.name} was given another value than ACM's`)
    return
  }
  const zone = zoneOf(world, meant)
  if ([...world.zones.values()].includes(action.zone) && zone !== action.zone)
    breach(law, 'D2', `${action.name} was written into ${action.zone}, and ${zone} answers for it`)
}

/** S2, S5, S6 and S7: before each deletion. */
export function auditDelete(world: World, sent: { task: Task; certificate: AcmCertificate }): void {
  const { law, now } = world
  const { task, certificate } = sent
  const { arn } = certificate
  const name = short(arn)
  const { retireAfter } = world.scope.settings
  const apart = Math.min(60 * SECOND, retireAfter)
  premise(law, 'S6')
  premise(law, 'S5')
  if (!certificate.ours || certificate.tags[TAG.key] !== keyOf(certificate)) breach(law, 'S2', `${name} is not ours`)
  if (now - task.readAt > FRESH)
    breach(law, 'S5', `deleting ${name} rests on a read of ${(now - task.readAt) / SECOND} s ago`)
  if (task.neededAtRead !== undefined) breach(law, 'S6', `${name} is deleted though ${task.neededAtRead}`)
  const reads = law.unusedReads.get(arn)
  if (!reads || reads.last - reads.first < apart || now - reads.last > FRESH)
    breach(law, 'S6', `${name} is deleted without two reads that say that it is not in use`)
  const wanted = law.wantedAt.get(arn)
  if (wanted !== undefined && now - wanted < retireAfter)
    breach(law, 'S6', `${name} is deleted ${(now - wanted) / SECOND} s after it was last wanted`)
  if (isBraked(world, arn)) breach(law, 'S7', `${name} is deleted in a mass retirement that nobody approved`)
}

/** Whether a listener carries it, at the last look before a deletion. */
export function attachedReason(world: World, arn: string): string | undefined {
  return isAttachedAnywhere(world, arn) ? 'a listener carries it' : undefined
}
