import type { Action } from './action.ts'
import { isTerminal } from './certificate.ts'
import type { Claim } from './claim.ts'
import { nameOf } from './ingress.ts'
import type { Failure } from './observation.ts'
import { limitOf, wishVerdict } from './policy.ts'
import { ObjectBuckets, SPARE_OF_OBJECT } from './object-buckets.ts'
import type { Progress } from './progress.ts'
import type { RequestRecord } from './request-record.ts'
import {
  attemptId,
  count,
  dayOf,
  endOfCount,
  isOfThisYear,
  namespaceOf,
  ofYear,
  rebuild,
  requestsOfNamespace,
  requestsOfYear,
} from './request-record.ts'
import type { BudgetSettings } from './settings.ts'
import { ACCOUNT_SHARE, TAG } from './settings.ts'
import type { Situation } from './situation.ts'
import type { EpochMs } from './time.ts'
import { DAY, rfc3339 } from './time.ts'
import type { Verdict } from './verdict.ts'
import { listed } from './verdict.ts'
import type { Wish, WishKey } from './wish.ts'

/** The share of the account's certificates at which no more are requested: what others need at once must still fit. */
const CERTIFICATES_SHARE = 0.9

/** How many requests are counted ahead of being sent: enough that the rate is used, few enough that a newcomer's turn comes in seconds. */
const MOST_AHEAD = 12

/** More are counted only when so few are left, so that one write counts several. */
const FEW_AHEAD = 6

/** The record stays a small object even where nothing can be requested at all. */
const MOST_OPEN = 1_000

export interface Admission {
  readonly progress: ReadonlyMap<WishKey, Progress>
  /** Counts what was admitted: before it is stored, nothing of it is requested. */
  readonly counting: Extract<Action, { kind: 'countRequests' }> | undefined
  readonly use: Use | undefined
}

/** How much of the year is used up, as far as can be known. */
export interface Use {
  /** This cluster's requests of the last 365 days. */
  readonly own: number
  /** The account's, as far as its certificates show them. */
  readonly account: number
  /** The account's certificates that count for its quota. */
  readonly certificates: number
  /** How many requests this cluster may make in 365 days. */
  readonly budget: number
}

/**
 * A filter on what the wishes want to request: what the budgets allow is counted first and requested then, namespace by namespace in turn,
 * and the rest is held with the reason. What was counted is never held.
 */
export function withinBudget(asked: ReadonlyMap<WishKey, Progress>, situation: Situation): Admission {
  const { budget } = situation.settings
  const candidates = [...asked.values()].flatMap((progress) => {
    const attempt = attemptOf(progress)
    return attempt === undefined || progress.wish.issuer.kind !== 'amazon' ? [] : [{ progress, attempt }]
  })
  const { requests } = situation.ledger
  if (!budget) return { progress: asked, counting: undefined, use: undefined }
  const failure = requestsFailure(situation)
  if (!requests || failure) {
    const held = candidates.map(({ progress: of }): [WishKey, Progress] => [
      of.wish.key,
      hold(of, failure ? unavailable(of.wish, failure) : of.verdict),
    ])
    return { progress: new Map([...asked, ...held]), counting: undefined, use: undefined }
  }
  const lost = requests.record !== undefined && !requests.stored
  const record = requests.record ?? (candidates.length > 0 ? rebuild(situation) : undefined)
  if (!record) return { progress: asked, counting: undefined, use: undefined }
  const desk = new Desk({ budget, record, situation, asked })
  const progress = new Map(asked)
  const open: string[] = []
  const waiting: { readonly progress: Progress; readonly id: string; readonly rank: number }[] = []
  const ranks = new Map<string, number>()
  for (const { progress: of, attempt } of candidates) {
    const id = attemptId(of.wish, attempt)
    const namespace = namespaceOf(of.wish)
    const rank = ranks.get(namespace) ?? 0
    ranks.set(namespace, rank + 1)
    if (record.open.includes(id)) {
      open.push(id)
      progress.set(of.wish.key, numbered(of, desk.use.own))
    } else waiting.push({ progress: of, id, rank })
  }
  const ahead = candidates.filter(
    ({ progress: of, attempt }) => open.includes(attemptId(of.wish, attempt)) && !isRefused(of, situation),
  )
  const room = ahead.length > FEW_AHEAD ? 0 : Math.min(MOST_AHEAD - ahead.length, MOST_OPEN - open.length)
  const admitted: string[] = []
  for (const { progress: of, id } of waiting.sort((a, b) => a.rank - b.rank)) {
    const refusal = desk.refusalOf(of.wish)
    if (refusal) progress.set(of.wish.key, { ...hold(of, refusal.verdict), wakeAt: refusal.at })
    else if (admitted.length < room) {
      desk.charge(of.wish)
      admitted.push(namespaceOf(of.wish))
      open.push(id)
      progress.set(of.wish.key, unsent(of))
    } else progress.set(of.wish.key, { ...unsent(of), begin: undefined })
  }
  const use = desk.use
  if (admitted.length === 0 && !lost) return { progress, counting: undefined, use }
  const counted = { ...count(record, admitted, situation.now), open }
  return { progress, counting: { kind: 'countRequests', record: counted, used: use.own, budget: use.budget }, use }
}

/** The attempt that would be requested now, or stored in order to be. */
function attemptOf({ begin, actions }: Progress): number | undefined {
  if (begin !== undefined) return begin
  return actions?.find((action) => action.kind === 'requestCertificate')?.attempt
}

function numbered(progress: Progress, ordinal: number): Progress {
  const actions = progress.actions?.map((action) =>
    action.kind === 'requestCertificate' ? { ...action, ordinal } : action,
  )
  return { ...progress, ...(actions && { actions }) }
}

/** Nothing is requested for it; what is done for a certificate that it has goes on, and is what is said of it. */
function hold(progress: Progress, verdict: Verdict): Progress {
  const isServed = progress.own?.certificate.status === 'ISSUED'
  return { ...unsent(progress), verdict: isServed ? progress.verdict : verdict, begin: undefined }
}

function unsent(progress: Progress): Progress {
  return { ...progress, actions: (progress.actions ?? []).filter(({ kind }) => kind !== 'requestCertificate') }
}

/**
 * What a namespace may not have is not requested for it, whatever it is that wants it: the successor of a certificate that is served, too.
 * What is wished otherwise has lost such names before.
 */
export function withinPolicy(
  asked: ReadonlyMap<WishKey, Progress>,
  situation: Situation,
): ReadonlyMap<WishKey, Progress> {
  if (situation.settings.policyMode !== 'enforce') return asked
  const progress = new Map(asked)
  for (const [key, of] of asked) {
    const verdict = attemptOf(of) === undefined ? undefined : wishVerdict(of.wish, situation)
    if (verdict) progress.set(key, hold(of, verdict))
  }
  return progress
}

/** Was the last answer one that says for certain that nothing came of it? Then it has used up nothing. */
function isRefused({ wish }: Progress, { observation }: Situation): boolean {
  const failure = observation.failures.get(`key:${wish.key}`)
  return failure !== undefined && ['denied', 'credentials', 'invalid', 'quota'].includes(failure.kind)
}

/** Why the record of requests cannot be read or written, where a person must mend that. */
function requestsFailure({ observation, ledger }: Situation): Failure | undefined {
  const failure = ledger.requests
    ? observation.failures.get('requests')
    : observation.failures.get('watch:requestbudgets')
  return failure && ['denied', 'notFound', 'invalid'].includes(failure.kind) ? failure : undefined
}

interface Refusal {
  readonly verdict: Verdict
  /** When time alone lifts it. */
  readonly at: EpochMs | undefined
}

/** What may still be requested, wish by wish, in one plan. */
class Desk {
  readonly #budget: BudgetSettings
  readonly #record: RequestRecord
  readonly #situation: Situation
  readonly #others: readonly EpochMs[]
  readonly #buckets: ObjectBuckets
  readonly #charged = new Map<string, number>()
  #use: Use

  constructor(options: {
    budget: BudgetSettings
    record: RequestRecord
    situation: Situation
    asked: ReadonlyMap<WishKey, Progress>
  }) {
    const { budget, record, situation, asked } = options
    const { inventory, now } = situation
    this.#budget = budget
    this.#record = record
    this.#situation = situation
    const counting = [...inventory.all.values()].filter(({ type }) => type === 'AMAZON_ISSUED')
    this.#others = counting
      .filter(({ arn, createdAt }) => !inventory.own.has(arn) && isOfThisYear(createdAt, now))
      .map(({ createdAt }) => createdAt)
      .sort((a, b) => a - b)
    // Counted, and not seen in the account.
    const unseen = [...asked.values()].filter((progress) => {
      const attempt = attemptOf(progress)
      return attempt !== undefined && record.open.includes(attemptId(progress.wish, attempt))
    })
    const refused = unseen.filter((progress) => isRefused(progress, situation)).length
    const own = Math.max(requestsOfYear(record, now) - refused, ofYear(inventory.own.values(), now).length)
    const { requestBudget, yearlyRequestsQuota } = budget
    this.#use = {
      own,
      account: own + this.#others.length,
      certificates: counting.length + unseen.length - refused,
      budget:
        requestBudget.kind === 'count' ? requestBudget.count : Math.floor(requestBudget.share * yearlyRequestsQuota),
    }
    this.#buckets = new ObjectBuckets(
      [...asked.values()].map(({ wish }) => wish),
      situation,
    )
  }

  get use(): Use {
    return this.#use
  }

  charge(wish: Wish): void {
    const namespace = namespaceOf(wish)
    this.#charged.set(namespace, (this.#charged.get(namespace) ?? 0) + 1)
    const { own, account, certificates, budget } = this.#use
    this.#use = { own: own + 1, account: account + 1, certificates: certificates + 1, budget }
  }

  /** Why no certificate of this wish may be requested now. */
  refusalOf(wish: Wish): Refusal | undefined {
    return (
      this.#object(wish) ?? this.#year(wish) ?? this.#policy(wish) ?? this.#namespace(wish) ?? this.#certificates(wish)
    )
  }

  #object(wish: Wish): Refusal | undefined {
    const { now } = this.#situation
    const at = Math.min(...wish.claims.map((claim) => this.#buckets.nextOf(claim, wish)))
    if (at <= now) return undefined
    return {
      at,
      verdict: spent(
        `Ingress ${objectOf(wish)} has changed its names often, so a certificate for ${listed(wish.names)} waits until ${rfc3339(at)}; what is served stays served, and each object is given ${SPARE_OF_OBJECT} new certificates beside what it needs and one more every 6 hours.`,
      ),
    }
  }

  #namespace(wish: Wish): Refusal | undefined {
    const { now } = this.#situation
    const namespace = namespaceOf(wish)
    const most = Math.floor(this.#use.budget * this.#budget.namespaceShare)
    const since = dayOf(now - 364 * DAY)
    const used = requestsOfNamespace(this.#record, namespace, since) + (this.#charged.get(namespace) ?? 0)
    if (used < most) return undefined
    const first = this.#record.namespaces.find((entry) => entry.namespace === namespace)?.period ?? dayOf(now)
    const at = endOfCount(first) + (first.length > 7 ? 0 : 31 * DAY)
    return {
      at,
      verdict: spent(
        `Namespace ${namespace} has used up the ${most} requests that it may make in 365 days, so none is made for ${listed(wish.names)} of Ingress ${objectOf(wish)}; the next is possible at ${rfc3339(at)}, or sooner with a larger --namespace-request-share.`,
      ),
    }
  }

  #year(wish: Wish): Refusal | undefined {
    const { requestBudget, yearlyRequestsQuota } = this.#budget
    const { own, account, budget } = this.#use
    const mine = requestBudget.kind === 'count' && own >= budget
    const share = requestBudget.kind === 'share' ? requestBudget.share : ACCOUNT_SHARE
    const limit = Math.floor(share * yearlyRequestsQuota)
    if (!mine && account < limit) return undefined
    const at = mine ? this.#leaves(own - budget, []) : this.#leaves(account - limit, this.#others)
    // Nothing in it may change with each request of another: it would be written anew on every object that waits.
    const whose = mine
      ? `This cluster has made the ${budget} requests that --request-budget gives it in 365 days`
      : `The account may request ${yearlyRequestsQuota} certificates in 365 days, and ${limit} of them are used up`
    return {
      at,
      verdict: spent(
        `${whose}, so none is requested for ${listed(wish.names)} of Ingress ${objectOf(wish)}; the next is possible at ${rfc3339(at)}, or sooner ${mine ? 'with a larger --request-budget' : 'where AWS grants a higher quota and --yearly-requests-quota says so'}.`,
      ),
    }
  }

  /** When as many requests as there are `beyond` the limit, and one more, have ceased to count. */
  #leaves(beyond: number, others: readonly EpochMs[]): EpochMs {
    const { now } = this.#situation
    const leaving = [
      ...this.#record.days.map(({ day, requests }) => ({ at: endOfCount(day), requests })),
      ...others.map((createdAt) => ({ at: createdAt + 365 * DAY, requests: 1 })),
    ].sort((a, b) => a.at - b.at)
    let gone = 0
    for (const { at, requests } of leaving) {
      gone += at > now ? requests : 0
      if (gone > beyond) return at
    }
    return now + DAY
  }

  #policy(wish: Wish): Refusal | undefined {
    const { now, inventory, observation } = this.#situation
    const namespace = namespaceOf(wish)
    const charged = this.#charged.get(namespace) ?? 0
    const daily = limitOf('maxRequestsPerDay', namespace, this.#situation)
    if (daily && requestsOfNamespace(this.#record, namespace, dayOf(now)) + charged >= daily.most) {
      const at = Date.parse(dayOf(now)) + DAY
      const message = `CertificatePolicy ${daily.policy} gives namespace ${namespace} ${daily.most} requests a day, and they are made, so ${listed(wish.names)} of Ingress ${objectOf(wish)} waits until ${rfc3339(at)}; raise spec.maxRequestsPerDay there to go on now.`
      return { at, verdict: held('PolicyLimitReached', message) }
    }
    const most = limitOf('maxCertificates', namespace, this.#situation)
    if (!most) return undefined
    const having = [...inventory.own.values()].filter(
      ({ certificate: { arn, status } }) =>
        !isTerminal(status) && observation.tags.get(arn)?.value[TAG.claim]?.split('/')[0] === namespace,
    ).length
    if (having + charged < most.most) return undefined
    const message = `CertificatePolicy ${most.policy} gives namespace ${namespace} ${most.most} certificates, and it has them, so none is requested for ${listed(wish.names)} of Ingress ${objectOf(wish)}; remove some, or raise spec.maxCertificates there.`
    return { at: undefined, verdict: held('PolicyLimitReached', message) }
  }

  #certificates(wish: Wish): Refusal | undefined {
    const { certificatesQuota } = this.#budget
    const { certificates } = this.#use
    const limit = Math.floor(CERTIFICATES_SHARE * certificatesQuota)
    if (certificates < limit) return undefined
    return {
      at: undefined,
      verdict: held(
        'QuotaReached',
        `The account may have ${certificatesQuota} certificates at a time and has ${limit} or more, so none is requested for ${listed(wish.names)} of Ingress ${objectOf(wish)}; delete what is not in use, or ask AWS for a higher quota and raise --certificates-quota.`,
      ),
    }
  }
}

function objectOf(wish: Wish): string {
  return nameOf((wish.claims[0] as Claim).ingress.ref)
}

function unavailable(wish: Wish, { message }: Failure): Verdict {
  return held(
    'LedgerUnavailable',
    `The RequestBudget objects cannot be read or written (${message}), so nothing new is requested for ${listed(wish.names)}; install the CRDs with "certwright crds | kubectl apply -f -" and allow the controller to use them.`,
  )
}

function spent(message: string): Verdict {
  return held('RequestBudgetSpent', message)
}

function held(reason: string, message: string): Verdict {
  return { state: 'Held', reason, message }
}
