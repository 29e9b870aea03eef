import type { Action } from './action.ts'
import { assignPlaces } from './capacity.ts'
import type { Arn } from './certificate.ts'
import { fallbackOf, MOST_WAITED_FOR, waitedFor, whileWaiting } from './fallback.ts'
import type { KeepReason } from './keep.ts'
import { keep } from './keep.ts'
import type { ClaimEntry, LedgerEntry } from './ledger.ts'
import { planLooks } from './look.ts'
import { areWishesKnown, isAccountRead, isOriented } from './orientation.ts'
import type { Name } from './names.ts'
import type { Progress } from './progress.ts'
import { tend } from './phases/attach.ts'
import { claimStep, progressOf } from './progress.ts'
import type { Use } from './budget.ts'
import { withinBudget, withinPolicy } from './budget.ts'
import { planNudges } from './nudge.ts'
import type { Violation } from './policy.ts'
import { problemOfPolicy, violationsIn } from './policy.ts'
import { planPublications } from './publish.ts'
import { entryFor, isSame, isUsed } from './remember.ts'
import type { Retirement } from './retire.ts'
import { retire } from './retire.ts'
import { takeTurns } from './rotation.ts'
import type { Member, PlanInput, Situation } from './situation.ts'
import { assess } from './situation.ts'
import type { DueLook, Step } from './step.ts'
import type { EpochMs } from './time.ts'
import { HOUR } from './time.ts'
import type { Verdict } from './verdict.ts'
import { listed, shownApart, standing } from './verdict.ts'
import type { WishKey } from './wish.ts'
import type { Wishes } from './wishes.ts'
import { deriveWishes } from './wishes.ts'

/** What to do now, what to look at and when, where everything stands, and when to think again if nothing happens before. */
export interface Plan {
  /** User-visible work first: what publishes, then what requests and proves, then what reports, then what removes. */
  readonly actions: readonly Action[]
  readonly looks: readonly DueLook[]
  /** By the UID of the object. */
  readonly claims: ReadonlyMap<string, ClaimEntry>
  readonly certificates: ReadonlyMap<WishKey, LedgerEntry>
  readonly kept: ReadonlyMap<Arn, KeepReason>
  /** How much of the year's requests is used up; absent where nobody counts or nothing is known. */
  readonly use: Use | undefined
  /** Names that their namespace may not have, whether that is enforced or only said. */
  readonly violations: readonly Violation[]
  /** Looks apart, each of which has its own time. */
  readonly wakeAt: EpochMs
}

/** The longest rest: what time alone changes is asked for more precisely. */
const LONGEST_REST = HOUR

/** Turns claims into wishes, compares them with what is observed, and gives the difference. Pure: the same input, the same plan. */
export function plan(input: PlanInput): Plan {
  const situation = assess(input)
  const wishes = situation.complete ? deriveWishes(situation) : NO_WISHES
  const places = assignPlaces(situation, wishes)
  const publications = planPublications(situation, wishes, places)
  const asked = new Map<WishKey, Progress>()
  for (const wish of wishes.byKey.values()) asked.set(wish.key, progressOf(wish, situation, places))
  const { progress, counting, use } = withinBudget(takeTurns(withinPolicy(asked, situation), situation), situation)
  const nudges = planNudges(situation, publications)
  const kept = keep(situation, wishes, publications)
  const retirements = retire(situation, kept)
  const steps = new Map<Member, Step>()
  if (situation.complete) {
    for (const member of situation.members) {
      const publication = publications.get(member.claim.ingress.ref.uid)
      const step = claimStep({ member, wishes, progress, publication, places, situation })
      if (step) steps.set(member, step)
    }
  }
  const claims = claimEntries(steps, wishes, progress, situation)
  const certificates = ledgerEntries({ situation, wishes, progress, retirements, claims })
  const looks = planLooks({ situation, wishes, progress, publications, retirements })
  const actions: Action[] = []
  for (const { action } of publications.values()) if (action) actions.push(action)
  if (counting) actions.push(counting)
  for (const { action } of nudges) if (action) actions.push(action)
  for (const entry of progress.values()) if (entry.actions) actions.push(...entry.actions)
  actions.push(...tendKept(situation, kept, progress))
  actions.push(...rememberActions(situation, certificates))
  actions.push(...reportActions(situation, claims), ...policyActions(situation))
  for (const { action } of retirements.values()) if (action) actions.push(action)
  let wakeAt = input.now + LONGEST_REST
  for (const waiting of [nudges, progress.values(), steps.values(), retirements.values()])
    for (const { wakeAt: at } of waiting) if (at !== undefined && at > input.now) wakeAt = Math.min(wakeAt, at)
  // What has expired leaves at once.
  for (const { certificate } of situation.inventory.own.values())
    if ((certificate.notAfter ?? 0) > input.now) wakeAt = Math.min(wakeAt, certificate.notAfter ?? wakeAt)
  return {
    actions,
    looks,
    claims,
    certificates,
    kept,
    use,
    violations: violationsIn(situation),
    wakeAt,
  }
}

/** What is kept though nothing wishes it must still be able to renew. */
function tendKept(
  situation: Situation,
  kept: ReadonlyMap<Arn, KeepReason>,
  progress: ReadonlyMap<WishKey, Progress>,
): Action[] {
  const actions: Action[] = []
  if (!situation.complete) return actions
  for (const own of situation.inventory.own.values()) {
    const { arn, status } = own.certificate
    if (status !== 'ISSUED' || !kept.has(arn) || progress.get(own.key)?.own?.certificate.arn === arn) continue
    actions.push(...(tend(own, situation).actions ?? []))
  }
  return actions
}

/** What is wrong with a policy is said on the policy, once for each version of it. */
function policyActions({ observation, settings }: Situation): readonly Action[] {
  if ((settings.policyMode ?? 'off') === 'off' || !observation.policies?.complete) return []
  return [...observation.policies.value.values()].flatMap((policy): Action[] => {
    const problem = problemOfPolicy(policy)
    const message = problem ?? `It allows ${listed(policy.domains)} in the namespaces that it selects.`
    const status = { generation: policy.generation, valid: problem === undefined, message }
    return isSame(status, policy.said) ? [] : [{ kind: 'reportPolicy', policy: policy.name, status }]
  })
}

const NO_WISHES: Wishes = { byKey: new Map(), resolutions: new Map() }

function claimEntries(
  steps: ReadonlyMap<Member, Step>,
  wishes: Wishes,
  progress: ReadonlyMap<WishKey, Progress>,
  situation: Situation,
): ReadonlyMap<string, ClaimEntry> {
  const entries = new Map<string, ClaimEntry>()
  const waits = new Map<string, readonly string[]>()
  const fallback = fallbackOf(situation)
  for (const [member, { verdict }] of steps) {
    const { group } = member.claim
    const { ref } = member.claim.ingress
    const before = situation.ledger.claims.get(ref.uid)
    // Not everything that it rests on was looked at: what was said last stands.
    if (before && !isOriented(member, situation)) {
      entries.set(ref.uid, before)
      continue
    }
    const resolution = wishes.resolutions.get(ref.uid)
    let waitsFor = waits.get(group)
    if (!waitsFor) waits.set(group, (waitsFor = waitedFor(situation.groups.get(group), situation)))
    const parts = (resolution?.keys ?? []).flatMap((key) => progress.get(key) ?? [])
    entries.set(ref.uid, {
      uid: ref.uid,
      published: publishedOn(member, before),
      verdict: standing(whileWaiting(verdict, waitsFor, fallback), before?.verdict, situation.now),
      waitsFor: waitsFor.slice(0, MOST_WAITED_FOR),
      names: shownApart(resolution?.leftOut ?? []),
      certificates: parts.map(({ wish, own }) => ({
        key: wish.key,
        domain: wish.names[0] as Name,
        arn: own?.certificate.arn,
      })),
      wished: parts.flatMap(({ wish }) => wish.names).sort(),
      inUse: parts.length > 0 && parts.every(({ own }) => own !== undefined && isUsed(own, situation)),
      expiresAt: earliest(parts.map(({ own }) => own?.certificate.notAfter)),
    })
  }
  for (const { claim } of situation.members) {
    const before = situation.ledger.claims.get(claim.ingress.ref.uid)
    if (claim.request.kind === 'unknown' && before) entries.set(before.uid, before)
  }
  return entries
}

function earliest(instants: readonly (EpochMs | undefined)[]): EpochMs | undefined {
  const known = instants.filter((at) => at !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** How many ARNs are remembered of an object: an annotation that an old backup brings back is known to be ours. */
const MOST_PUBLISHED = 50

/** Every ARN that we ever had in the annotation, the last ones last. */
function publishedOn(member: Member, before: ClaimEntry | undefined): readonly Arn[] {
  const earlier = before?.published ?? []
  const { annotation, listed } = member
  if (annotation.kind !== 'ours') return earlier
  const first = earlier.length - listed.length
  if (first >= 0 && listed.every((arn, index) => earlier.indexOf(arn) === first + index)) return earlier
  return [...earlier.filter((arn) => !member.listed.includes(arn)), ...member.listed].slice(-MOST_PUBLISHED)
}

function ledgerEntries(options: {
  situation: Situation
  wishes: Wishes
  progress: ReadonlyMap<WishKey, Progress>
  retirements: ReadonlyMap<Arn, Retirement>
  claims: ReadonlyMap<string, ClaimEntry>
}): ReadonlyMap<WishKey, LedgerEntry> {
  const { situation, progress, retirements, claims } = options
  const entries = new Map<WishKey, LedgerEntry>()
  if (!situation.complete || !situation.ledger.certificates) return entries
  const attached = attachedByKey(claims)
  const keys = new Set([
    ...progress.keys(),
    ...situation.inventory.byKey.keys(),
    ...situation.ledger.certificates.keys(),
  ])
  for (const key of keys) {
    const entry = entryFor({ key, progress: progress.get(key), retirements, attached: attached.get(key), situation })
    if (entry) entries.set(key, entry)
  }
  return entries
}

/** Where the claims of a key stand, once it is issued: the one that is least far decides. */
function attachedByKey(claims: ReadonlyMap<string, ClaimEntry>): ReadonlyMap<WishKey, Verdict> {
  const verdicts = new Map<WishKey, Verdict>()
  for (const { certificates, verdict } of claims.values()) {
    if (!['Ready', 'RenewalAtRisk', 'Attaching'].includes(verdict.state)) continue
    const { state, reason, message } = verdict
    for (const { key } of certificates)
      if (!verdicts.has(key) || state === 'Attaching') verdicts.set(key, { state, reason, message })
  }
  return verdicts
}

function rememberActions(situation: Situation, entries: ReadonlyMap<WishKey, LedgerEntry>): Action[] {
  const stored = situation.ledger.certificates
  if (!situation.complete || !stored || !isAccountRead(situation.observation) || !areWishesKnown(situation)) return []
  const actions: Action[] = []
  for (const [key, entry] of entries) if (!isSame(entry, stored.get(key))) actions.push({ kind: 'remember', entry })
  for (const key of stored.keys()) if (!entries.has(key)) actions.push({ kind: 'forget', key })
  return actions
}

function reportActions(situation: Situation, entries: ReadonlyMap<string, ClaimEntry>): Action[] {
  if (!situation.complete) return []
  const actions: Action[] = []
  for (const member of situation.members) {
    const { ingress, request } = member.claim
    const before = situation.ledger.claims.get(ingress.ref.uid)
    const entry = entries.get(ingress.ref.uid)
    // What asks for nothing and lists nothing may be the last of its kind, so that nothing is looked at for it any more.
    const isOver = request.kind === 'none' && member.listed.length === 0
    if (!isOver && !isOriented(member, situation)) continue
    if (entry && !isSame(entry, before)) actions.push({ kind: 'report', ingress, entry })
    if (!entry && before && !ingress.deleting) actions.push({ kind: 'unreport', uid: ingress.ref.uid })
  }
  return actions
}
