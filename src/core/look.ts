import { isOptedIn } from './claim.ts'
import type { Progress } from './progress.ts'
import type { Publication } from './publish.ts'
import { issuedOf } from './inventory.ts'
import { describedAt } from './observation.ts'
import { isAccountRead, needsZones } from './orientation.ts'
import { baseOf, type Name } from './names.ts'
import { recordPause, renewalLooks } from './renewal.ts'
import { recordKey, recordsOf } from './records.ts'
import { isSame, unprovenArns } from './remember.ts'
import type { Group, Member, Situation } from './situation.ts'
import { isAttached } from './situation.ts'
import type { DueLook } from './step.ts'
import { lookKey } from './step.ts'
import type { EpochMs } from './time.ts'
import { HOUR, MINUTE, SECOND } from './time.ts'
import type { Wishes } from './wishes.ts'
import type { Retirement } from './retire.ts'
import type { Arn } from './certificate.ts'
import type { Wish, WishKey } from './wish.ts'
import { roleFor } from './zone-role.ts'
import { authorityLooks } from './phases/authority.ts'

const SWEEP = 10 * MINUTE
const TAGS_SWEEP = HOUR
const ZONES = 5 * MINUTE

/** The pause after the newest thing that we wait for began: often at first, rarely when it takes long. */
function pauseAt(age: number, steps: readonly (readonly [upTo: number, pause: number])[], last: number): number {
  return steps.find(([upTo]) => age < upTo)?.[1] ?? last
}

/** One poll serves all pending certificates; how often, the youngest of them decides. */
function pollPause(age: number): number {
  return pauseAt(
    age,
    [
      [2 * MINUTE, 5 * SECOND],
      [10 * MINUTE, 15 * SECOND],
      [HOUR, MINUTE],
    ],
    5 * MINUTE,
  )
}

/** A private CA signs in seconds. */
function signaturePause(age: number): number {
  return pauseAt(
    age,
    [
      [15 * SECOND, SECOND],
      [MINUTE, 3 * SECOND],
    ],
    pollPause(age),
  )
}

function listenerPause(age: number): number {
  return pauseAt(
    age,
    [
      [30 * SECOND, 2 * SECOND],
      [2 * MINUTE, 5 * SECOND],
      [15 * MINUTE, 15 * SECOND],
      [HOUR, MINUTE],
    ],
    5 * MINUTE,
  )
}

/** What a plan has found out before it decides what to look at. */
interface PlanOf {
  readonly situation: Situation
  readonly wishes: Wishes
  readonly progress: ReadonlyMap<WishKey, Progress>
  readonly publications: ReadonlyMap<string, Publication>
  readonly retirements: ReadonlyMap<Arn, Retirement>
}

/** What to look at next, and when, as a pure function of what is known. */
export function planLooks(options: PlanOf): readonly DueLook[] {
  const { situation, progress, publications, retirements } = options
  if (situation.settings.region === undefined) return []
  return onceEach([
    ...accountLooks(situation, progress),
    ...[...progress.values()].flatMap((entry) => entry.looks ?? []),
    ...[...retirements.values()].flatMap((entry) => entry.looks),
    ...[...publications.values()].flatMap((entry) => entry.looks),
    ...authorityLooks(waitingWishes(progress), situation),
    ...zoneLooks(situation),
    ...recordLooks(situation, progress),
    ...renewalLooks(situation),
    ...unknownArnLooks(situation),
    ...doubtfulTagLooks(situation),
    ...loadBalancerLooks(options),
  ])
}

/** Wishes without an issued certificate. */
function waitingWishes(progress: ReadonlyMap<WishKey, Progress>): readonly Wish[] {
  return [...progress.values()].flatMap(({ wish, own }) => (own?.certificate.status === 'ISSUED' ? [] : [wish]))
}

/** What several need is looked at once, when the first of them needs it. */
function onceEach(looks: readonly DueLook[]): readonly DueLook[] {
  const earliest = new Map<string, DueLook>()
  for (const due of looks) {
    const key = lookKey(due.look)
    if (due.dueAt < (earliest.get(key)?.dueAt ?? Number.POSITIVE_INFINITY)) earliest.set(key, due)
  }
  return [...earliest.values()]
}

function accountLooks({ observation, now }: Situation, progress: ReadonlyMap<WishKey, Progress>): DueLook[] {
  const { certificates } = observation
  const looks: DueLook[] = []
  const pending = [...progress.values()].flatMap(({ own }) =>
    own?.certificate.status === 'PENDING_VALIDATION' ? [own] : [],
  )
  const sweep = certificates?.complete ? observation.certificatesSweptAt + SWEEP : now
  if (pending.length > 0 && certificates) {
    const oldest = Math.min(...pending.map((own) => own.certificate.createdAt))
    const pauses = pending.map(({ issuer, certificate: { createdAt } }) =>
      issuer.kind === 'private' ? signaturePause(now - createdAt) : pollPause(now - createdAt),
    )
    const dueAt = certificates.at + Math.min(...pauses)
    // A minute of slack, since our clock and ACM's may differ.
    looks.push(
      dueAt < sweep
        ? { look: { kind: 'certificates', since: oldest - MINUTE }, dueAt }
        : { look: { kind: 'certificates', since: undefined }, dueAt: sweep },
    )
  } else looks.push({ look: { kind: 'certificates', since: undefined }, dueAt: sweep })
  looks.push({
    look: { kind: 'tags' },
    dueAt: observation.tagsSweptAt === undefined ? now : observation.tagsSweptAt + TAGS_SWEEP,
  })
  return looks
}

/** All zones every five minutes, and at once when an object changed since the last look and a name of it has none. */
function zoneLooks(situation: Situation): DueLook[] {
  const { observation, now, zones, members, settings } = situation
  if (!needsZones(situation)) return []
  const looks: DueLook[] = []
  const seenAt = new Map([
    [undefined, observation.zones?.at],
    ...settings.zoneRoles.map(({ suffix }) => [suffix, observation.zonesByRole.get(suffix)?.at] as const),
  ])
  const due = new Map([...seenAt].map(([role, at]) => [role, at === undefined ? now : at + ZONES]))
  for (const { claim } of members) {
    if (claim.request.kind !== 'wanted' || claim.request.issuer.kind === 'private') continue
    for (const name of claim.request.names) {
      const answer = zones.zoneFor(name)
      const role = roleFor(name, settings.zoneRoles)?.suffix
      const at = seenAt.get(role)
      if (answer.kind === 'none' && at !== undefined && (observation.groupChangedAt.get(claim.group) ?? 0) >= at)
        due.set(role, Math.min(due.get(role) ?? now, at + SECOND))
      if (answer.kind === 'unknown' && answer.delegation !== undefined)
        looks.push({ look: { kind: 'delegation', zone: answer.delegation }, dueAt: now })
      if (answer.kind === 'ambiguous') {
        const seen = observation.delegations.get(answer.zone)
        looks.push({ look: { kind: 'delegation', zone: answer.zone }, dueAt: (seen?.at ?? 0) + ZONES })
      }
    }
  }
  return [...[...due].map(([role, dueAt]) => ({ look: { kind: 'zones' as const, role }, dueAt })), ...looks]
}

/** A missing record is found within `--record-check-interval`, and within about a minute where ACM waits for it. */
function recordLooks(situation: Situation, progress: ReadonlyMap<WishKey, Progress>): DueLook[] {
  const { observation, settings, zones, inventory, now } = situation
  const looks: DueLook[] = []
  const waiting = [...progress.values()].filter(({ own }) => own?.certificate.status === 'PENDING_VALIDATION').length
  const urgent = Math.max(MINUTE, (waiting * SECOND) / 2)
  const byZone = new Map<string, Map<string, DueRecord>>()
  for (const own of inventory.own.values()) {
    if (own.issuer.kind === 'private') continue
    const { status, arn, createdAt } = own.certificate
    if (status !== 'ISSUED' && status !== 'PENDING_VALIDATION') continue
    const pause = Math.min(settings.recordCheckInterval, status === 'ISSUED' ? Number.POSITIVE_INFINITY : urgent)
    const records = recordsOf(arn, own.key, situation)
    const isKnown = (name: Name) => records.some((record) => record.of === baseOf(name))
    if (status === 'ISSUED' && !own.certificate.names.every(isKnown)) {
      // The ledger was lost, or it was issued before ACM gave them all: which records its renewal needs only ACM knows.
      const last = describedAt(observation, arn)
      looks.push({ look: { kind: 'describe', arn }, dueAt: last === undefined ? now : last + HOUR })
    }
    for (const record of records) {
      const answer = zones.zoneFor(record.of)
      if (answer.kind !== 'zone') continue
      const seen = observation.records.get(recordKey(answer.id, record.name))
      if (!seen && status === 'PENDING_VALIDATION') continue
      const dueAt = seen ? seen.at + Math.min(pause, recordPause(own, record.of, situation)) : createdAt
      let names = byZone.get(answer.id)
      if (!names) byZone.set(answer.id, (names = new Map()))
      const other = names.get(record.name)
      if (!other || dueAt < other.dueAt) names.set(record.name, { dueAt, urgent: status === 'PENDING_VALIDATION' })
    }
  }
  for (const [zone, names] of byZone) looks.push(recordLook(zone, names))
  return looks
}

interface DueRecord {
  readonly dueAt: EpochMs
  readonly urgent: boolean
}

/**
 * What is due soon after goes along, and when one record is due that nobody waits for, all such: one look a zone and interval, however many
 * records were written at whatever times.
 */
function recordLook(zone: string, names: ReadonlyMap<string, DueRecord>): DueLook {
  let dueAt = Number.POSITIVE_INFINITY
  for (const entry of names.values()) dueAt = Math.min(dueAt, entry.dueAt)
  const entries = [...names]
  const isDue = (entry: DueRecord) => entry.dueAt <= dueAt + MINUTE
  const all = entries.some(([, entry]) => !entry.urgent && isDue(entry))
  const due = entries.filter(([, entry]) => isDue(entry) || (all && !entry.urgent)).map(([name]) => name)
  return { look: { kind: 'records', zone, names: due.sort() }, dueAt }
}

/**
 * A sweep shows only what carries our tags: one of ours that the last one lacked is asked for its tags by name, since somebody may have
 * taken them away, or the sweep lags.
 */
function doubtfulTagLooks({ observation, inventory, now }: Situation): DueLook[] {
  const sweptAt = observation.tagsSweptAt ?? 0
  return (
    [...inventory.own.keys()]
      // One that may be gone is asked after already.
      .filter((arn) => (observation.tags.get(arn)?.at ?? sweptAt) < sweptAt && !observation.gone.has(arn))
      .map((arn) => ({ look: { kind: 'tagsOf', arn }, dueAt: now }))
  )
}

/** ARNs in annotations of ours, or in the ledger, of which something is not known. */
function unknownArnLooks(situation: Situation): DueLook[] {
  const { observation, members, inventory, ledger, now } = situation
  const looks: DueLook[] = []
  const asked = new Set<Arn>()
  // One "not found" is asked again by itself: the lists may go on showing a certificate, or be too young to lack it.
  const doubted = [...observation.gone].flatMap(([arn, { proven }]) => (!proven && inventory.own.has(arn) ? [arn] : []))
  for (const arn of new Set([...observation.missing, ...doubted])) {
    if (observation.gone.get(arn)?.proven) continue
    asked.add(arn)
    const last = observation.gone.get(arn)
    const dueAt = last ? last.at + 30 * SECOND : (observation.details.get(arn)?.at ?? 0) + SWEEP
    looks.push({ look: { kind: 'describe', arn }, dueAt })
  }
  const listed = members.flatMap((member) => (member.annotation.kind === 'ours' ? member.listed : []))
  // Where the account was read and shows none of a key, what the ledger remembers of it is asked for by name.
  const remembered = isAccountRead(observation)
    ? [...(ledger.certificates?.values() ?? [])].flatMap((entry) =>
        inventory.byKey.has(entry.key) ? [] : unprovenArns(entry, situation),
      )
    : []
  for (const arn of [...listed, ...remembered]) {
    if (asked.has(arn) || observation.gone.get(arn)?.proven) continue
    asked.add(arn)
    const dueAt = (observation.gone.get(arn)?.at ?? now - 30 * SECOND) + 30 * SECOND
    if (!inventory.all.has(arn)) looks.push({ look: { kind: 'describe', arn }, dueAt })
    else if (!observation.tags.has(arn)) looks.push({ look: { kind: 'tagsOf', arn }, dueAt })
  }
  return looks
}

/**
 * A load balancer on which something is attaching, replacing or retiring is looked at often; the others in turn, so that all of them
 * together cost a fixed number of calls an hour. At start a few are looked at, and those that something waits for; the others in turn.
 */
function loadBalancerLooks(options: PlanOf): DueLook[] {
  const { situation } = options
  const { observation, groups, now } = situation
  const looks: DueLook[] = []
  let listDueAt = observation.loadBalancers ? observation.loadBalancers.at + SWEEP : now
  const due = new Map<string, EpochMs>()
  const quiet = new Map<string, EpochMs | undefined>()
  for (const group of groups.values()) {
    const holdsOurs = [...group.attached].some((arn) => situation.inventory.own.has(arn))
    if (!holdsOurs && !group.members.some((member) => member.live || member.annotation.kind === 'ours')) continue
    if (group.loadBalancers === undefined && observation.loadBalancers) {
      listDueAt = Math.min(
        listDueAt,
        observation.loadBalancers.at + pauseAt(now - group.changedAt, [[MINUTE, 5 * SECOND]], MINUTE),
      )
    }
    const busy = isBusy(group, options)
    for (const { arn } of group.loadBalancers ?? []) {
      const seen = observation.listeners.get(arn)
      // One that cannot be looked at must not hold up the turn of the others.
      if (!busy && !observation.failures.has(`look:listeners:${arn}`)) quiet.set(arn, seen?.at)
      else due.set(arn, seen ? seen.at + (busy ? listenerPause(now - group.changedAt) : SWEEP) : now)
    }
  }
  for (const arn of due.keys()) quiet.delete(arn)
  for (const [arn, dueAt] of inTurn(quiet, situation)) due.set(arn, dueAt)
  looks.push({ look: { kind: 'loadBalancers' }, dueAt: listDueAt })
  for (const [loadBalancer, dueAt] of due) looks.push({ look: { kind: 'listeners', loadBalancer }, dueAt })
  return looks
}

/** So many load balancers are looked at right away at start, as in most clusters all of them; of more, the others in turn. */
const AT_ONCE = 8

/**
 * In turn, and never more than one in half a sweep: the one that was not looked at for longest. First those that were never looked at, in
 * an order that stays the same, all of them within `--record-check-interval`.
 */
function inTurn(
  quiet: ReadonlyMap<string, EpochMs | undefined>,
  { observation, settings, now }: Situation,
): readonly (readonly [arn: string, dueAt: EpochMs])[] {
  let newest = 0
  let oldest: { readonly arn: string; readonly at: EpochMs } | undefined
  for (const [arn, at] of quiet) {
    if (at !== undefined && (!oldest || at < oldest.at)) oldest = { arn, at }
    newest = Math.max(newest, at ?? 0)
  }
  const unseen = [...quiet.keys()].filter((arn) => quiet.get(arn) === undefined).sort()
  const free = AT_ONCE - observation.listeners.size
  if (unseen.length > 0 && free > 0) return unseen.slice(0, free).map((arn) => [arn, now])
  const [first] = unseen
  if (first !== undefined) return [[first, newest + settings.recordCheckInterval / quiet.size]]
  return oldest ? [[oldest.arn, Math.max(oldest.at + SWEEP, newest + SWEEP / 2)]] : []
}

/** Is something on this load balancer attaching, leaving, or about to be retired? Where it was never looked at: does anything wait? */
function isBusy(group: Group, options: PlanOf): boolean {
  const { situation, publications, retirements } = options
  if ([...group.attached].some((arn) => retirements.get(arn)?.verdict.reason === 'StillInUse')) return true
  const seen = group.looks.length > 0
  return group.members.some((member) => {
    const publication = publications.get(member.claim.ingress.ref.uid)
    if (!publication) return false
    if (publication.leaving || publication.stuck || publication.action) return true
    if (!seen) return isAwaited(member, publication, options)
    if (!isOptedIn(member.claim) || member.annotation.kind !== 'ours') return false
    return member.listed.some(
      (arn) => situation.inventory.own.has(arn) && !isAttached(group, member.claim.httpsPorts, arn),
    )
  })
}

/** Before the first look: is there something to add, or does this object stand otherwise than we last said of it? */
function isAwaited(member: Member, { additions }: Publication, { situation, wishes }: PlanOf): boolean {
  const { observation, ledger, inventory, now } = situation
  if (additions.length > 0) return true
  // Before the account and the ledger were read nobody can tell; the first plan after that can.
  if (ledger.certificates === undefined || !isAccountRead(observation)) return false
  if (!member.live) return false
  const { request, ingress } = member.claim
  const said = ledger.claims.get(ingress.ref.uid)
  if (request.kind === 'unknown') return false
  if (request.kind === 'declined') return said?.verdict.reason !== request.verdict.reason
  const wasReady = said?.verdict.state === 'Ready' || said?.verdict.state === 'RenewalAtRisk'
  if (request.kind === 'none' || member.claim.paused || !wasReady || said.certificates.length === 0) return true
  const keys = wishes.resolutions.get(ingress.ref.uid)?.keys ?? []
  if (
    !isSame(
      keys,
      said.certificates.map(({ key }) => key),
    )
  )
    return true
  return keys.some((key) => {
    const issued = issuedOf(inventory, key, now)
    return issued === undefined || !member.listed.includes(issued.certificate.arn)
  })
}
