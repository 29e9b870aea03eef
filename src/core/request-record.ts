import type { OwnCertificate } from './inventory.ts'
import { TAG } from './settings.ts'
import type { Situation } from './situation.ts'
import type { EpochMs } from './time.ts'
import { DAY } from './time.ts'
import type { Wish } from './wish.ts'
import { compare } from './wish.ts'

/** What is remembered of the certificates that this cluster requested: those that were deleted since count for ACM, too. */
export interface RequestRecord {
  /** How many on each day of the last year, the earliest first. */
  readonly days: readonly DayCount[]
  /** How many for each namespace: by day for today and yesterday, by month before. */
  readonly namespaces: readonly NamespaceCount[]
  /** Attempts that were counted and whose certificate was not seen yet: each is counted once, however often it is sent. */
  readonly open: readonly string[]
}

export interface DayCount {
  /** `2026-11-24`, in UTC. */
  readonly day: string
  readonly requests: number
}

export interface NamespaceCount {
  readonly namespace: string
  /** `2026-11-24`, or `2026-11`. */
  readonly period: string
  readonly requests: number
}

/** How long a request counts: https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html, "Number of ACM certificates per year (last 365 days)". */
const YEAR = 365 * DAY

/** Of a month only the namespaces that asked most are kept: any other had at most one request in as many. */
const MOST_NAMESPACES_A_MONTH = 20

/** Of a day: more namespaces than can ask within one that keeps to the rates are rare, and the object stays small. */
const MOST_NAMESPACES_A_DAY = 200

const NOTHING: RequestRecord = { days: [], namespaces: [], open: [] }

export function dayOf(at: EpochMs): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** When what was requested on a day ceases to count. The day is all that is kept, so its end decides. */
export function endOfCount(day: string): EpochMs {
  return Date.parse(day) + DAY + YEAR
}

/** Has a certificate that was requested then left the window of ACM's yearly quota? */
export function isOfThisYear(createdAt: EpochMs, now: EpochMs): boolean {
  return createdAt > now - YEAR
}

/** Who a request is charged to: the namespace of the oldest claim. */
export function namespaceOf(wish: Wish): string {
  return wish.claims[0]?.ingress.ref.namespace ?? ''
}

/** Names one attempt in the record: enough of the key that two never meet. */
export function attemptId(wish: Pick<Wish, 'key'>, attempt: number): string {
  return `${wish.key.slice(0, 12)}/${attempt}`
}

/** The requests of the last 365 days. */
export function requestsOfYear({ days }: RequestRecord, now: EpochMs): number {
  return days.reduce((sum, { day, requests }) => sum + (endOfCount(day) > now ? requests : 0), 0)
}

/** The requests of a namespace since a day or month, that included: `2026-11-23`, `2025-11`. */
export function requestsOfNamespace({ namespaces }: RequestRecord, namespace: string, since: string): number {
  return namespaces
    .filter((entry) => entry.namespace === namespace && entry.period >= since.slice(0, entry.period.length))
    .reduce((sum, { requests }) => sum + requests, 0)
}

/** Requests of one namespace at one time; without a namespace where nobody knows whose they were. */
interface Requests {
  readonly at: EpochMs
  readonly namespace: string | undefined
  readonly requests: number
}

/** The record with one more request for each of `namespaces`, and without what is too old to count. */
export function count(record: RequestRecord, namespaces: readonly string[], now: EpochMs): RequestRecord {
  return add(
    record,
    namespaces.map((namespace) => ({ at: now, namespace, requests: 1 })),
    now,
  )
}

function add(record: RequestRecord, more: readonly Requests[], now: EpochMs): RequestRecord {
  const days = new Map(record.days.map(({ day, requests }) => [day, requests]))
  for (const { at, requests } of more) days.set(dayOf(at), (days.get(dayOf(at)) ?? 0) + requests)
  const known = more.flatMap(({ at, namespace, requests }) =>
    namespace === undefined ? [] : [{ namespace, period: dayOf(at), requests }],
  )
  return {
    ...record,
    days: [...days]
      .map(([day, requests]) => ({ day, requests }))
      .filter(({ day }) => endOfCount(day) > now)
      .sort((a, b) => compare(a.day, b.day)),
    namespaces: fold([...record.namespaces, ...known], now),
  }
}

/** Sums up what is of one namespace and one period, turns days before yesterday into months, and keeps the largest of each period. */
function fold(counts: readonly NamespaceCount[], now: EpochMs): readonly NamespaceCount[] {
  const yesterday = dayOf(now - DAY)
  const oldest = dayOf(now - YEAR).slice(0, 7)
  const sums = new Map<string, NamespaceCount>()
  for (const { namespace, period: given, requests } of counts) {
    const period = given.length > 7 && given < yesterday ? given.slice(0, 7) : given
    if (period < oldest) continue
    const known = sums.get(`${period} ${namespace}`)?.requests ?? 0
    sums.set(`${period} ${namespace}`, { namespace, period, requests: known + requests })
  }
  return [...Map.groupBy(sums.values(), ({ period }) => period)]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([period, entries]) =>
      entries
        .sort((a, b) => b.requests - a.requests || compare(a.namespace, b.namespace))
        .slice(0, period.length > 7 ? MOST_NAMESPACES_A_DAY : MOST_NAMESPACES_A_MONTH),
    )
}

/**
 * What can be known where the record itself was lost: our own certificates, each on its day; where the tags of one say that more were
 * requested until then, the difference too; and what the ledger began that has no certificate any more.
 */
export function rebuild({ inventory, observation, ledger, now }: Situation): RequestRecord {
  const known: Requests[] = []
  let sum = 0
  for (const { certificate } of ofYear(inventory.own.values(), now)) {
    const { createdAt: at, arn } = certificate
    const tags = observation.tags.get(arn)?.value
    known.push({ at, namespace: tags?.[TAG.claim]?.split('/')[0], requests: 1 })
    sum += 1
    const told = Number(tags?.[TAG.requests] ?? 0)
    if (!Number.isSafeInteger(told) || told <= sum) continue
    known.push({ at, namespace: undefined, requests: told - sum })
    sum = told
  }
  for (const { attempt, attemptAt: at, attemptArn, claims, issuer } of ledger.certificates?.values() ?? []) {
    const isShown = attemptArn !== undefined && inventory.all.has(attemptArn)
    if (attempt > 0 && at !== undefined && isOfThisYear(at, now) && !isShown && issuer.kind === 'amazon')
      known.push({ at, namespace: claims[0]?.split('/')[0], requests: 1 })
  }
  return add(NOTHING, known, now)
}

/** Our public certificates of the last year, in the order in which they were requested. */
export function ofYear(own: Iterable<OwnCertificate>, now: EpochMs): readonly OwnCertificate[] {
  return [...own]
    .filter(({ certificate: { type, createdAt } }) => type === 'AMAZON_ISSUED' && isOfThisYear(createdAt, now))
    .sort((a, b) => a.certificate.createdAt - b.certificate.createdAt)
}
