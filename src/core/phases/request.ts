import type { FailureMeaning } from '../backoff.ts'
import { meaningOf, retryAt, VALIDATION_PERIOD } from '../backoff.ts'
import type { Arn } from '../certificate.ts'
import type { Claim } from '../claim.ts'
import { hash } from '../hash.ts'
import { INGRESS_CERTIFICATE_ANNOTATION, nameOf, NUDGE_ANNOTATION } from '../ingress.ts'
import type { OwnCertificate } from '../inventory.ts'
import { attemptOf, terminalOf } from '../inventory.ts'
import type { LedgerEntry } from '../ledger.ts'
import type { Failure } from '../observation.ts'
import { describedAt } from '../observation.ts'
import type { Places } from '../capacity.ts'
import { authorityObstacle } from './authority.ts'
import { fullVerdict, heldFreeUntil } from '../capacity.ts'
import { isGroupOriented } from '../orientation.ts'
import { TAG } from '../settings.ts'
import type { Member, Situation } from '../situation.ts'
import type { Step } from '../step.ts'
import type { EpochMs } from '../time.ts'
import { MINUTE, rfc3339, SECOND } from '../time.ts'
import type { Verdict } from '../verdict.ts'
import { listed } from '../verdict.ts'
import type { Wish } from '../wish.ts'
import { compare } from '../wish.ts'

/**
 * No certificate of this wish is pending or issued, or only one that ACM does not renew (`ending`): ask for one, wait to be allowed to, or
 * say why not.
 */
export function request(
  wish: Wish,
  situation: Situation,
  places: ReadonlyMap<string, Places>,
  ending?: OwnCertificate,
): Step {
  const object = nameOf((wish.claims[0] as Claim).ingress.ref)
  const names = listed(wish.names)
  const obstacle = obstacleTo(wish, situation, places)
  if (obstacle) return obstacle
  const unread = (situation.inventory.untagged.get(wish.names.join(',')) ?? []).filter(
    (certificate) => certificate.type !== 'IMPORTED',
  )
  if (unread.length > 0) {
    return {
      verdict: requesting(
        'ReadingTags',
        `A certificate for ${names} exists and its tags are read first, to see whether it is ours.`,
      ),
      looks: unread.map(({ arn }) => ({ look: { kind: 'tagsOf', arn }, dueAt: tagsDueAt(arn, situation) })),
    }
  }
  const next = nextAttempt(wish, situation, ending)
  if ('verdict' in next) return next
  const failure = situation.observation.failures.get(`key:${wish.key}`)
  const verdict = failure
    ? failureVerdict(failure, wish)
    : requesting(
        'RequestingCertificate',
        `A certificate for ${names} is being requested from ACM for Ingress ${object}.`,
      )
  const entry = situation.ledger.certificates?.get(wish.key)
  // The attempt is stored before it is used, so that whoever comes after a crash replays it instead of beginning another.
  if ((entry?.attempt ?? 0) < next.attempt) return { verdict, begin: next.attempt }
  return { verdict, actions: [{ kind: 'requestCertificate', wish, attempt: next.attempt }] }
}

/** How often the tags of a certificate are read that a cluster of our name but another identity holds. */
const CONFLICT_PAUSE = 5 * MINUTE

/** At once; where ACM says that there is no such certificate, again until that is proven. */
function tagsDueAt(arn: Arn, { observation, now }: Situation): EpochMs {
  const gone = observation.gone.get(arn)
  return gone ? gone.at + 30 * SECOND : now
}

/** What forbids a request now, whatever the attempt. */
function obstacleTo(wish: Wish, situation: Situation, places: ReadonlyMap<string, Places>): Step | undefined {
  const { inventory, observation, settings, ledger } = situation
  const names = listed(wish.names)
  const conflict = inventory.conflicts.get(wish.key)
  if (conflict) {
    return {
      verdict: held(
        'ClusterIdentityConflict',
        `The certificate ${conflict.arn} for ${names} carries the name of this cluster, "${settings.cluster}", but the owner ${conflict.owner} where this cluster is ${settings.owner}; give each cluster a --cluster-name of its own, or, if that one is no more, take over what it left with certwright adopt --owner ${conflict.owner}.`,
      ),
      // Whoever settles it changes its tags, and the next whole sweep of them may be an hour away.
      looks: [
        {
          look: { kind: 'tagsOf', arn: conflict.arn },
          dueAt: (observation.tags.get(conflict.arn)?.at ?? situation.now) + CONFLICT_PAUSE,
        },
      ],
    }
  }
  if (wish.claims.every((claim) => claim.paused)) {
    return {
      verdict: {
        state: 'Deferred',
        reason: 'Paused',
        message: `Every Ingress that wishes a certificate for ${names} is paused; remove certwright.dev/paused to go on.`,
      },
    }
  }
  if (ledger.certificates === undefined)
    return {
      verdict: held('LedgerUnavailable', ledgerMessage(names, observation.failures.get('watch:acmcertificates'))),
    }
  const unwritable = observation.failures.get(`ledger:${wish.key}`)
  if (unwritable && (ledger.certificates.get(wish.key)?.attempt ?? 0) === 0) {
    return {
      verdict: held('LedgerUnavailable', ledgerMessage(names, unwritable)),
      begin: 1,
    }
  }
  if (!observation.certificates?.complete || observation.tagsSweptAt === undefined) {
    const failure = observation.failures.get('look:certificates') ?? observation.failures.get('look:tags')
    if (failure) return { verdict: failureVerdict(failure, wish) }
    return {
      verdict: requesting(
        'ReadingAccount',
        `The certificates of the account are read before one for ${names} is requested.`,
      ),
    }
  }
  if (!wish.claims.some((claim) => isGroupOriented(claim.group, situation))) {
    const said = ledger.certificates.get(wish.key)?.shown.verdict
    const message = `What the load balancers carry is read before a certificate for ${names} is requested.`
    return { verdict: said ?? requesting('ReadingLoadBalancers', message) }
  }
  const unfit = authorityObstacle(wish, situation)
  if (unfit) return unfit
  if (wish.claims.every((claim) => places.get(claim.group)?.waiting.has(wish.key))) {
    const claim = wish.claims[0] as Claim
    const member = situation.members.find((other) => other.claim === claim) as Member
    const of = places.get(claim.group)
    return {
      verdict: fullVerdict({ wish, member, places: of, situation }),
      wakeAt: heldFreeUntil(of, situation),
    }
  }
  return undefined
}

/** Tags are seen by all within a minute; until then a new certificate may look like a stranger's. */
const TAGS_SETTLE = 2 * MINUTE

/** The attempt grows only when its certificate was seen terminal or gone, or ending; otherwise the same one is replayed. */
function nextAttempt(
  wish: Wish,
  situation: Situation,
  ending: OwnCertificate | undefined,
): { readonly attempt: number } | Step {
  const { inventory, ledger, observation, now } = situation
  const entry = ledger.certificates?.get(wish.key)
  const terminal = terminalOf(inventory, wish.key, now)
  const begun = entry?.attempt ?? 0
  const newest = Math.max(begun, terminal?.attempt ?? 0, ending?.attempt ?? 0)
  // Where the ledger was lost, ACM may still remember the token and answer with a certificate that is gone by now.
  const gone = goneAttempt(wish, situation)
  if (newest > 0 && gone >= newest) return { attempt: gone + 1 }
  if (newest === 0) return { attempt: 1 }
  if (ending && ending.attempt >= newest) return { attempt: ending.attempt + 1 }
  if (terminal && terminal.attempt >= newest) return afterFailure(wish, terminal, entry, situation)
  const arn = entry?.attemptArn
  if (arn === undefined) return { attempt: newest }
  if (observation.gone.get(arn)?.proven) return { attempt: newest + 1 }
  const tags = observation.tags.get(arn)
  if (tags && inventory.all.has(arn)) {
    // Its tags are not ours: somebody took them, unless they were read before they were to be seen everywhere.
    const settledAt = (entry?.attemptAt ?? 0) + TAGS_SETTLE
    if (tags.at >= settledAt) return { attempt: newest + 1 }
    const message = `The tags of the certificate ${arn} for ${listed(wish.names)}, which was requested a moment ago, are read again.`
    const dueAt = Math.min(settledAt, tags.at + 15 * SECOND)
    return { verdict: requesting('ReadingTags', message), looks: [{ look: { kind: 'tagsOf', arn }, dueAt }] }
  }
  return {
    verdict: requesting(
      'WaitingForAcm',
      `ACM has accepted the request for ${listed(wish.names)} and does not show the certificate ${arn} yet.`,
    ),
    looks: [
      {
        look: { kind: 'describe', arn },
        dueAt: (describedAt(observation, arn) ?? 0) + 5 * SECOND,
      },
    ],
  }
}

/** The highest attempt of the wish whose certificate is proven gone; 0 where there is none. */
function goneAttempt({ key }: Wish, { observation, settings }: Situation): number {
  let highest = 0
  for (const [arn, { proven }] of observation.gone) {
    const tags = observation.tags.get(arn)?.value
    if (proven && tags?.[TAG.key] === key && tags[TAG.owner] === settings.owner)
      highest = Math.max(highest, attemptOf(tags))
  }
  return highest
}

function afterFailure(
  wish: Wish,
  terminal: OwnCertificate,
  entry: LedgerEntry | undefined,
  situation: Situation,
): { readonly attempt: number } | Step {
  const { now, observation } = situation
  const { certificate, attempt } = terminal
  const detail = observation.details.get(certificate.arn)
  if (certificate.status === 'FAILED' && detail?.value.failureReason === undefined) {
    const last = describedAt(observation, certificate.arn)
    const dueAt = last === undefined ? now : last + MINUTE
    const look = { look: { kind: 'describe' as const, arn: certificate.arn }, dueAt }
    return { verdict: reasonUnknown(certificate.arn, wish), looks: [look] }
  }
  const expired = certificate.status === 'ISSUED'
  const meaning = meaningOf(expired ? 'EXPIRED' : certificate.status, detail?.value.failureReason)
  const recorded = entry?.failure?.arn === certificate.arn ? entry.failure : undefined
  const failedAt = recorded?.at ?? earliestFailure(certificate.createdAt, meaning)
  const changed = recorded !== undefined && recorded.fingerprint !== failureFingerprint(wish, situation)
  const at = retryAt({ meaning, attempt, failedAt, changed })
  if (at !== undefined && at <= now) return { attempt: attempt + 1 }
  // Whoever reads why may edit the object at once: what it looked like before that edit must be stored by then.
  const storable = !observation.failures.has(`ledger:${wish.key}`)
  if (recorded === undefined && storable) return { verdict: reasonUnknown(certificate.arn, wish), wakeAt: at }
  const next =
    at === undefined
      ? 'nothing more is requested until the object changes'
      : `the next request follows at ${rfc3339(at)}`
  const message = `ACM gave up on the certificate for ${listed(wish.names)}: ${meaning.advice} (${next}).`
  return { verdict: failed(meaning.reason, message), wakeAt: at }
}

function reasonUnknown(arn: Arn, wish: Wish): Verdict {
  const names = listed(wish.names)
  return failed('ReasonUnknown', `ACM gave up on the certificate ${arn} for ${names}, and its reason is being read.`)
}

/** Where the ledger was lost, the failure is placed as early as it can have been: the wait is never longer than it would have been. */
function earliestFailure(createdAt: EpochMs, meaning: FailureMeaning): EpochMs {
  return meaning.reason === 'ValidationTimedOut' ? createdAt + VALIDATION_PERIOD : createdAt
}

/** What of the claims makes a hopeless failure worth another try: any edit of an object, except our own of its annotations. */
export function claimsFingerprint(claims: readonly Claim[]): string {
  const parts = claims.map(({ ingress }) => {
    const annotations = Object.entries(ingress.annotations).filter(([key]) => !OURS.includes(key))
    return JSON.stringify([ingress.ref.uid, ingress.generation, annotations.sort(([a], [b]) => compare(a, b))])
  })
  return hash(JSON.stringify(parts.sort(compare)), 16)
}

/** The annotations that we write. */
const OURS: readonly string[] = [INGRESS_CERTIFICATE_ANNOTATION, NUDGE_ANNOTATION]

/** As {@link claimsFingerprint}, and what is known of the private CA: once somebody mended that, waiting helps nobody. */
export function failureFingerprint({ claims, issuer }: Wish, { observation }: Situation): string {
  const ofClaims = claimsFingerprint(claims)
  const authority = issuer.kind === 'private' ? observation.authorities.get(issuer.authority)?.value : undefined
  return authority ? hash(JSON.stringify([ofClaims, authority]), 16) : ofClaims
}

/** Why a call failed, as a verdict on what it was for. */
export function failureVerdict(failure: Failure, wish: Wish): Verdict {
  const names = listed(wish.names)
  switch (failure.kind) {
    case 'denied':
      return held(
        'AccessDenied',
        `AWS refuses what a certificate for ${names} needs: ${failure.message}; add a statement that allows it to the controller's IAM policy.`,
      )
    case 'credentials':
      return held(
        'CredentialsUnavailable',
        `There are no valid AWS credentials for what ${names} needs (${failure.message}); give the controller's service account a role.`,
      )
    case 'quota':
      return held(
        'QuotaReached',
        `ACM refuses another certificate for ${names}: ${failure.message}; delete unused certificates or ask AWS for a higher quota.`,
      )
    case 'invalid':
      return failed(
        'RequestRejected',
        `ACM rejects the request for ${names}: ${failure.message}; correct the names on the object.`,
      )
    case 'throttled':
    case 'transient':
    case 'ambiguous':
    case 'conflict':
    case 'notFound':
    case 'unsupported':
      return requesting('Retrying', `The request for ${names} has failed (${failure.code}) and is tried again.`)
  }
}

function ledgerMessage(names: string, failure: Failure | undefined): string {
  const because = failure ? ` (${failure.message})` : ''
  return `The ACMCertificate objects cannot be read or written${because}, so nothing new is requested for ${names}; install the CRDs with "certwright crds | kubectl apply -f -" and allow the controller to use them.`
}

function requesting(reason: string, message: string): Verdict {
  return { state: 'Requesting', reason, message }
}

function held(reason: string, message: string): Verdict {
  return { state: 'Held', reason, message }
}

function failed(reason: string, message: string): Verdict {
  return { state: 'Failed', reason, message }
}
