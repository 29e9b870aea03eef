import type { OwnCertificate } from './inventory.ts'
import { issuedOf, terminalOf } from './inventory.ts'
import { nameOf } from './ingress.ts'
import type { CertificateEntry, LedgerEntry } from './ledger.ts'
import { failureFingerprint } from './phases/request.ts'
import type { Progress } from './progress.ts'
import { unlessAtRisk } from './renewal.ts'
import { entryOf, recordsOf } from './records.ts'
import type { Retirement } from './retire.ts'
import { isDeletedLately } from './retire.ts'
import type { Situation } from './situation.ts'
import type { Arn } from './certificate.ts'
import { HOUR } from './time.ts'
import type { Verdict } from './verdict.ts'
import { listed, standing } from './verdict.ts'
import { managedTagKeys } from './tags.ts'
import type { Wish, WishKey } from './wish.ts'

/** How long an entry outlives its certificate: as long as ACM remembers the token of a request. */
const OUTLIVES = HOUR

/**
 * Certificates that an entry remembers and that nothing proves to be gone: a list that lacks them is no reason to forget the entry. One
 * that is idle was proven so before.
 */
export function unprovenArns(entry: LedgerEntry, { observation }: Situation): readonly Arn[] {
  if (entry.idleSince !== undefined) return []
  const arns = new Set(entry.certificates.map(({ arn }) => arn))
  if (entry.attemptArn !== undefined) arns.add(entry.attemptArn)
  return [...arns].filter((arn) => !observation.gone.get(arn)?.proven)
}

/** What the ledger should say of a key; `undefined`: nothing any more. */
export function entryFor(options: {
  key: WishKey
  progress: Progress | undefined
  retirements: ReadonlyMap<Arn, Retirement>
  /** Where the claims stand, for what people see. */
  attached: Verdict | undefined
  situation: Situation
}): LedgerEntry | undefined {
  const { key, progress, retirements, attached, situation } = options
  const { inventory, ledger, now } = situation
  const before = ledger.certificates?.get(key)
  const own = inventory.byKey.get(key) ?? []
  const wish = progress?.wish
  const absent = !wish && own.length === 0 && (before === undefined || unprovenArns(before, situation).length === 0)
  const idleSince = absent ? (before?.idleSince ?? now) : undefined
  if (idleSince !== undefined && now - idleSince >= OUTLIVES) return undefined
  const model = wish ?? before ?? described(own[0])
  if (!model) return undefined
  const current = progress?.own ?? own.findLast((entry) => !retirements.has(entry.certificate.arn)) ?? own.at(-1)
  const attempt = Math.max(before?.attempt ?? 0, progress?.begin ?? 0, ...own.map((entry) => entry.attempt))
  const begun = attempt > (before?.attempt ?? 0)
  const ofAttempt = own.find((entry) => entry.attempt === attempt)
  const failed = wish && !issuedOf(inventory, key, now) ? terminalOf(inventory, key, now) : undefined
  const verdict =
    attached ??
    progress?.verdict ??
    (current && retirements.get(current.certificate.arn)?.verdict) ??
    keptVerdict(current, model.names, situation)
  return {
    key,
    names: model.names,
    issuer: model.issuer,
    keyAlgorithm: model.keyAlgorithm,
    region: before?.region ?? situation.settings.region ?? '',
    claims: wish ? [...new Set(wish.claims.map((claim) => nameOf(claim.ingress.ref)))] : (before?.claims ?? []),
    attempt,
    attemptAt: begun ? (ofAttempt?.certificate.createdAt ?? now) : before?.attemptAt,
    attemptArn: ofAttempt?.certificate.arn ?? (begun ? undefined : before?.attemptArn),
    failure: failed ? failureOf(failed, before, progress as Progress, situation) : before?.failure,
    certificates: [
      ...(before?.certificates ?? []).filter((entry) => isDeletedLately(entry, situation)),
      ...own.map((entry) => certificateEntry(entry, wish, retirements, situation)),
    ],
    idleSince,
    shown: {
      verdict: standing(verdict, before?.shown.verdict, now),
      arn: current?.certificate.arn,
      inUse: current !== undefined && isUsed(current, situation),
      expiresAt: current?.certificate.notAfter,
    },
    retireApproved: before?.retireApproved ?? false,
  }
}

/** ACM's word lags; what a listener was seen with is in use. */
export function isUsed({ certificate }: OwnCertificate, { attached }: Situation): boolean {
  return certificate.inUse || attached.has(certificate.arn)
}

function described(
  own: OwnCertificate | undefined,
): Pick<LedgerEntry, 'names' | 'issuer' | 'keyAlgorithm'> | undefined {
  if (!own) return undefined
  return {
    names: own.certificate.names,
    issuer: own.issuer,
    keyAlgorithm: own.certificate.keyAlgorithm as LedgerEntry['keyAlgorithm'],
  }
}

function certificateEntry(
  own: OwnCertificate,
  wish: Wish | undefined,
  retirements: ReadonlyMap<Arn, Retirement>,
  situation: Situation,
): CertificateEntry {
  const { arn } = own.certificate
  const records = recordsOf(arn, own.key, situation)
  const before = entryOf(arn, own.key, situation)
  return {
    arn,
    attempt: own.attempt,
    records: records.length > 0 ? records : (before?.records ?? []),
    tags: managedTagKeys(own, wish, situation),
    unwanted: retirements.get(arn)?.unwanted,
  }
}

/** The first sight of a failure is kept: when, and what the claims looked like, since their change lifts what time does not. */
function failureOf(
  failed: OwnCertificate,
  before: LedgerEntry | undefined,
  { wish }: Progress,
  situation: Situation,
): LedgerEntry['failure'] {
  const { arn } = failed.certificate
  if (before?.failure?.arn === arn) return before.failure
  return { arn, at: situation.now, fingerprint: failureFingerprint(wish, situation) }
}

function keptVerdict(current: OwnCertificate | undefined, names: readonly string[], situation: Situation): Verdict {
  if (!current)
    return {
      state: 'Retiring',
      reason: 'Gone',
      message: `The certificate for ${listed(names)} is gone and nothing wants another; this object follows it within an hour.`,
    }
  const { arn, status } = current.certificate
  if (status !== 'ISSUED') {
    return {
      state: 'Issuing',
      reason: 'Kept',
      message: `The certificate ${arn} for ${listed(names)} is kept because a name on it is still wanted.`,
    }
  }
  const message = `The certificate ${arn} for ${listed(names)} is kept because something may still be served with it.`
  return unlessAtRisk({ verdict: { state: 'Ready', reason: 'Kept', message } }, current, situation).verdict
}

/** Structural equality of plain values: whether a write would change anything. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b)) return false
    return a.length === b.length && a.every((value, index) => isSame(value, b[index]))
  }
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key in left) if (!isSame(left[key], right[key])) return false
  // What only one of them has counts as undefined in the other.
  for (const key in right) if (right[key] !== undefined && !(key in left)) return false
  return true
}
