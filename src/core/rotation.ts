import { isHealthy } from './certificate.ts'
import type { Issuer } from './claim.ts'
import type { OwnCertificate } from './inventory.ts'
import type { Progress } from './progress.ts'
import type { Situation } from './situation.ts'
import type { EpochMs } from './time.ts'
import { MINUTE } from './time.ts'
import type { Wish, WishKey } from './wish.ts'
import { byAge, compare } from './wish.ts'

/** One that no load balancer took up for so long does not hold up the others any more. */
const PATIENCE = 15 * MINUTE

/**
 * Where the issuer of many certificates changed, a few at a time are requested, the oldest claims first; the next follows when a load balancer
 * serves one of them. Who is under way is read from what exists, so that whoever comes after a crash goes on.
 */
export function takeTurns(
  progress: ReadonlyMap<WishKey, Progress>,
  situation: Situation,
): ReadonlyMap<WishKey, Progress> {
  const predecessors = Map.groupBy(situation.inventory.own.values(), ({ certificate }) => certificate.names.join(','))
  const rotating = [...progress.values()].filter(({ wish }) => hasPredecessor(wish, predecessors, situation))
  const underWay = rotating.map((entry) => untilWhen(entry, situation)).filter((until) => until > situation.now)
  const candidates = rotating.filter(({ begin }) => begin !== undefined).sort((a, b) => order(a.wish, b.wish))
  if (candidates.length === 0) return progress
  const free = Math.max(0, situation.settings.rotationConcurrency - underWay.length)
  const wakeAt = Math.min(...underWay)
  const turns = new Map(progress)
  for (const entry of candidates.slice(free)) {
    const { done, total } = countOf(entry.wish.issuer, progress, situation)
    // In ten steps: each that is told is a write for each that waits.
    const step = Math.max(1, Math.ceil(total / 10))
    const names = entry.wish.names.length > 1 ? `${entry.wish.names[0]} and more` : entry.wish.names[0]
    turns.set(entry.wish.key, {
      ...entry,
      begin: undefined,
      wakeAt: Number.isFinite(wakeAt) ? wakeAt : undefined,
      verdict: {
        state: 'Requesting',
        reason: 'WaitingForTurn',
        message: `The certificate for ${names} waits for its turn to be signed by another issuer: ${done - (done % step)} of ${total} are served, ${situation.settings.rotationConcurrency} at a time (--rotation-concurrency).`,
      },
    })
  }
  return turns
}

/** Is a certificate of the same names there that another issuer signed? What nothing serves yet waits for nobody. */
function hasPredecessor(
  { names, issuer, interim }: Wish,
  own: ReadonlyMap<string, readonly OwnCertificate[]>,
  { now }: Situation,
): boolean {
  if (interim) return false
  const same = own.get(names.join(',')) ?? []
  return same.some((other) => idOf(other.issuer) !== idOf(issuer) && isHealthy(other.certificate, now))
}

/** Until when this one takes a place: while it is asked for or signed, until it is served; 0 where it takes none. */
function untilWhen({ wish, own, begin, verdict }: Progress, { attached, inventory, ledger }: Situation): EpochMs {
  if (own?.certificate.status === 'ISSUED') {
    const { arn, issuedAt, createdAt } = own.certificate
    return attached.has(arn) ? 0 : (issuedAt ?? createdAt) + PATIENCE
  }
  // An attempt that was begun and that no certificate is known of yet may be with ACM already.
  const known = Math.max(0, ...(inventory.byKey.get(wish.key) ?? []).map(({ attempt }) => attempt))
  const open = begin === undefined && (ledger.certificates?.get(wish.key)?.attempt ?? 0) > known
  const asked = own !== undefined || (open && verdict.state !== 'Held' && verdict.state !== 'Deferred')
  // What the CA itself is at fault for would befall the others as well.
  const refused = verdict.state === 'Failed' && verdict.reason.startsWith('CertificateAuthority')
  return asked || refused ? Number.POSITIVE_INFINITY : 0
}

/** How many of an issuer's certificates are served, of those that are wished. */
export function countOf(
  issuer: Issuer,
  progress: ReadonlyMap<WishKey, Progress>,
  { attached }: Situation,
): { readonly done: number; readonly total: number } {
  const wished = [...progress.values()].filter(({ wish }) => !wish.interim && idOf(wish.issuer) === idOf(issuer))
  const served = wished.filter(({ own }) => own?.certificate.status === 'ISSUED' && attached.has(own.certificate.arn))
  return { done: served.length, total: wished.length }
}

function order(a: Wish, b: Wish): number {
  const [oldest, other] = [a.claims[0], b.claims[0]]
  return (oldest && other ? byAge(oldest, other) : 0) || compare(a.key, b.key)
}

function idOf(issuer: Issuer): string {
  return issuer.kind === 'private' ? issuer.authority : 'amazon'
}
