import type { PublishAction } from './action.ts'
import type { Places } from './capacity.ts'
import { discovered, isBlind, looksAtAwaited, looksAtListeners } from './carry.ts'
import type { Arn } from './certificate.ts'
import { isOptedIn } from './claim.ts'
import { coverFor } from './cover.ts'
import { fallbackOf } from './fallback.ts'
import { fingerprintOf } from './ingress.ts'
import { isDead, issuedOf } from './inventory.ts'
import { mayLeave, othersLose, staying } from './leave.ts'
import { standAside } from './left-to-controller.ts'
import { anyCovers } from './names.ts'
import { fading } from './renewal.ts'
import { isGroupOriented } from './orientation.ts'
import { isAccountRead } from './orientation.ts'
import type { Group, Member, Situation } from './situation.ts'
import { serves } from './situation.ts'
import type { DueLook } from './step.ts'
import type { WishKey } from './wish.ts'
import { MINUTE } from './time.ts'
import type { Wishes } from './wishes.ts'

/** What one object's annotation should come to, and the one step that may be taken towards it now. */
export interface Publication {
  /** Our certificates that this object needs and does not list yet. */
  readonly additions: readonly Arn[]
  readonly action: PublishAction | undefined
  /** An addition is left out because the load balancer holds no more. */
  readonly full: boolean
  /** It lists an ARN that is on its way out. */
  readonly leaving: boolean
  /** Opted out, and the ARN stays because nothing else covers a host. */
  readonly stuck: boolean
  /** What must be looked at before the step may be taken. */
  readonly looks: readonly DueLook[]
}

const NONE: readonly Arn[] = []

const NOTHING: Publication = { additions: [], action: undefined, full: false, leaving: false, stuck: false, looks: [] }

/** Which certificates each object should list: make before break, by coverage. By the UID of the object. */
export function planPublications(
  situation: Situation,
  wishes: Wishes,
  places: ReadonlyMap<string, Places>,
): ReadonlyMap<string, Publication> {
  const publications = new Map<string, Publication>()
  if (!situation.complete) return publications
  const rooms = new Map<string, Set<Arn>>()
  const dropping = new Set<string>()
  for (const member of situation.members) {
    const group = situation.groups.get(member.claim.group)
    const of = places.get(member.claim.group)
    let room = rooms.get(member.claim.group)
    if (!room) rooms.set(member.claim.group, (room = new Set(of?.held)))
    const publication = publicationOf({
      member,
      group,
      situation,
      wishes,
      room,
      places: of,
      mayDrop: !dropping.has(member.claim.group),
    })
    if (publication.action && publication.action.dropped.length > 0) dropping.add(member.claim.group)
    publications.set(member.claim.ingress.ref.uid, publication)
  }
  return publications
}

interface Context {
  readonly member: Member
  readonly group: Group | undefined
  readonly situation: Situation
  readonly wishes: Wishes
  /** What the load balancer holds, with what this plan has added so far. */
  readonly room: Set<Arn>
  readonly places: Places | undefined
  /** Departures on one load balancer happen one at a time. */
  readonly mayDrop: boolean
}

function publicationOf(context: Context): Publication {
  const { member, group } = context
  const { claim, annotation } = member
  if (claim.ingress.deleting || annotation.kind === 'foreign' || !claim.inScope) return NOTHING
  const mayWithdraw = annotation.kind === 'ours' && !claim.paused
  if (!claim.loadBalanced || !group) return mayWithdraw && claim.handedOver ? withdraw(context) : NOTHING
  if (claim.request.kind === 'unknown') return NOTHING
  if (!isOptedIn(claim)) return mayWithdraw ? optOut(context, group) : NOTHING
  if (claim.servedBy !== undefined) return NOTHING
  if (claim.request.kind === 'declined' && claim.request.verdict.state === 'Deferred') return NOTHING
  const aside = standAside(member, context.situation)
  if (aside) return { ...NOTHING, looks: aside.looks }
  const additions = additionsOf(context)
  if (claim.paused) return { ...NOTHING, additions }
  if (claim.httpsPorts.length === 0) return NOTHING
  return annotation.kind === 'empty' ? begin(context, group, additions) : change(context, group, additions)
}

/**
 * The object's own issued certificate, and for hosts that neither it nor what is listed covers, the smallest set of our issued
 * certificates that does, whoever they were made for; likewise for hosts that only a certificate covers which cannot be renewed. Before the
 * account was read, what is listed may be all that it needs.
 */
function additionsOf({ member, situation, wishes }: Context): readonly Arn[] {
  const { claim } = member
  const own = ownOf({ member, situation, wishes }).issued
  const held = [...member.listed, ...own]
  const cover = isAccountRead(situation.observation) ? coverFor(claim.hosts, held, situation) : NONE
  return [...new Set([...own, ...cover])].filter((arn) => !member.listed.includes(arn))
}

/** The object's own certificates that are issued, and whether those are all that it is to have. */
function ownOf({ member, situation, wishes }: Pick<Context, 'member' | 'situation' | 'wishes'>) {
  const keys = wishes.resolutions.get(member.claim.ingress.ref.uid)?.keys ?? []
  const issued = keys.flatMap((key) => issuedOf(situation.inventory, key, situation.now)?.certificate.arn ?? [])
  return { issued, all: keys.length > 0 && issued.length === keys.length }
}

/** Takes what there is room for: what is served is never displaced, and no place is taken that is kept free for another. */
function admit(context: Context, arns: readonly Arn[]): { readonly admitted: readonly Arn[]; readonly full: boolean } {
  const { room, places, situation } = context
  const { inventory, settings } = situation
  const isIn = (key: WishKey) => inventory.byKey.get(key)?.some((own) => room.has(own.certificate.arn)) === true
  const admitted = arns.filter((arn) => {
    if (room.has(arn)) return true
    const keptFree = [...(places?.entering ?? [])].filter(
      (key) => key !== inventory.own.get(arn)?.key && !isIn(key),
    ).length
    if (room.size + keptFree >= settings.certificatesPerLoadBalancer) return false
    room.add(arn)
    return true
  })
  return { admitted, full: admitted.length < arns.length }
}

/** A load balancer may be there before its host name stands on an object: its controller writes it once it has built all of the group. */
const UNTOLD = 5 * MINUTE

/** The annotation is empty: publishing ends the controller's discovery for this object, so what discovery serves is carried over. */
function begin(context: Context, group: Group, additions: readonly Arn[]): Publication {
  const { admitted, full } = admit(context, additions)
  const mayLend = admitted.length === 0 && isAccountRead(context.situation.observation)
  const lent = mayLend ? lendable(context, group, full) : undefined
  if (admitted.length === 0 && lent === undefined) return { ...NOTHING, additions, full }
  const looks = [...looksAtListeners(context, group), ...(lent === undefined ? [] : looksAtAwaited(context))]
  if (looks.length > 0) return { ...NOTHING, additions, full, looks }
  const first = lent === undefined ? admitted : [lent]
  const carried = admit(context, discovered(context, group, first))
  // What discovery serves is not known: none of what it may serve is left out.
  if (carried.full && isBlind(context, group)) return { ...NOTHING, additions, full: true }
  const toldAt = group.changedAt + UNTOLD
  if (carried.full && group.looks.length === 0 && context.situation.now < toldAt)
    return { ...NOTHING, additions, full: true, looks: [{ look: { kind: 'loadBalancers' }, dueAt: toldAt }] }
  return { ...NOTHING, additions, full, action: write(context, [...first, ...carried.admitted]) }
}

/**
 * The controller builds nothing for a group of which a member has no certificate: lend it one that the group has. Nor does it where
 * discovery finds one certificate more than the load balancer holds.
 */
function lendable(context: Context, group: Group, full: boolean): Arn | undefined {
  const { member, situation } = context
  const { hosts } = member.claim
  const isFound = hosts.length > 0 && hosts.every((host) => situation.allServing.covering(host).length > 0)
  if (isFound && !full) return undefined
  const listed = group.members
    .filter((other) => other !== member && !other.claim.ingress.deleting)
    .flatMap((other) => other.listed)
  const lent = listed.find((arn) => {
    const own = situation.inventory.own.get(arn)
    return own !== undefined && own.certificate.names.some((name) => serves(situation, arn, name))
  })
  return lent ?? fallbackFor(context)
}

/** Where the group has nothing of its own: the certificate that an administrator gave for that, if there is a place for it. */
function fallbackFor(context: Context): Arn | undefined {
  const fallback = fallbackOf(context.situation)
  if (fallback === undefined || 'problem' in fallback || !context.member.claim.listensForHttps) return undefined
  return admit(context, [fallback.arn]).admitted[0]
}

/** The annotation is ours: first what must come, then what may go, never both in one write. */
function change(context: Context, group: Group, additions: readonly Arn[]): Publication {
  const { member, situation } = context
  const { observation, now } = situation
  const dead = member.listed.filter((arn) => isDead(observation, arn, now))
  const alive = member.listed.filter((arn) => !dead.includes(arn))
  // What the load balancer holds must be known before one more is added: it may be full.
  const oriented = isGroupOriented(member.claim.group, situation)
  const { admitted, full } = admit(context, oriented ? additions : [])
  // A dead ARN serves nothing and makes the controller fail for the whole group: it leaves at once, as soon as another remains.
  if (admitted.length > 0) return { ...NOTHING, additions, full, action: write(context, [...alive, ...admitted]) }
  if (dead.length > 0 && alive.length > 0) return { ...NOTHING, additions, full, action: write(context, alive) }
  // Before the account was read, what the object lists may be its own.
  const lacksPlace = isAccountRead(observation) && (full || isWaiting(context))
  if (lacksPlace && isOnlyLent(context)) {
    // What it was lent is of no use to anybody else: with another one it can leave, and its place is free.
    const other = usedByOthers(context, group)
    if (other !== undefined) return { ...NOTHING, additions, full, action: write(context, [...alive, other]) }
  }
  const leaving = [...(additions.length === 0 ? unneeded(context) : []), ...(lacksPlace ? spare(member, group) : [])]
  const [next] = context.mayDrop ? leaving.filter((arn) => mayLeave({ arn, from: member, group, situation })) : []
  const action =
    next === undefined
      ? undefined
      : write(
          context,
          member.listed.filter((arn) => arn !== next),
        )
  return { ...NOTHING, additions, full, action, leaving: leaving.length > 0 }
}

/** Listed ARNs that the object does not need once its own certificate is issued; before that, those that cover none of its hosts. */
function unneeded({ member, situation, wishes }: Context): readonly Arn[] {
  const { claim, listed } = member
  const { issued, all } = ownOf({ member, situation, wishes })
  if (all) {
    const ending = issued.some((arn) => fading(situation).has(arn))
    const outlives = (arn: Arn) => ending && claim.hosts.some((host) => serves(situation, arn, host))
    const isListed = issued.every((arn) => listed.includes(arn))
    return isListed ? listed.filter((arn) => !issued.includes(arn) && !outlives(arn)) : NONE
  }
  const useful = listed.filter((arn) => claim.hosts.some((host) => serves(situation, arn, host)))
  return useful.length > 0 ? listed.filter((arn) => !useful.includes(arn)) : []
}

/**
 * Where there is no place for what the object needs, what nobody else lists makes one if it may leave, the last first: what is listed
 * before the others is the default certificate. The last ARN of an annotation never leaves.
 */
function spare(member: Member, group: Group): readonly Arn[] {
  if (member.listed.length === 1) return NONE
  const others = staying(group, member)
  return member.listed.filter((arn) => !others.some((other) => other.listed.includes(arn))).toReversed()
}

/** Is there no place for what the object is to have, so that it is not even requested? */
function isWaiting({ member, places, wishes }: Context): boolean {
  const keys = wishes.resolutions.get(member.claim.ingress.ref.uid)?.keys ?? []
  return keys.some((key) => places?.waiting.has(key))
}

/** Does nothing that the object lists serve a host of it, nor stand anywhere else? */
function isOnlyLent({ member, group, situation }: Context): boolean {
  const { claim, listed } = member
  return (
    listed.length === 1 &&
    !listed.some((arn) => claim.hosts.some((host) => serves(situation, arn, host))) &&
    !(group?.members ?? []).some((other) => other !== member && other.listed.some((arn) => listed.includes(arn)))
  )
}

/** A certificate of ours that serves another object of the group. */
function usedByOthers({ member, situation }: Context, group: Group): Arn | undefined {
  return staying(group, member)
    .flatMap(({ claim, listed }) => listed.filter((arn) => claim.hosts.some((host) => serves(situation, arn, host))))
    .find((arn) => situation.inventory.own.has(arn))
}

/** The class went away from the load balancer's controller: nothing is served by this annotation any more. */
function withdraw(context: Context): Publication {
  return { ...NOTHING, action: write(context, []) }
}

/**
 * Withdraws as soon as, for each host, an issued certificate exists that is not ours or that another claim wishes, so that discovery
 * finds it; and no other live name of the load balancer loses by it.
 */
function optOut(context: Context, group: Group): Publication {
  const { member, situation, wishes } = context
  const { inventory, observation, now } = situation
  // What is dead serves nothing, and makes the controller fail for the whole group.
  const alive = member.listed.filter((arn) => !isDead(observation, arn, now))
  if (alive.length < member.listed.length) return { ...NOTHING, action: write(context, alive) }
  // Before all tags were read, ours cannot be told from another's.
  if (!isAccountRead(observation)) return { ...NOTHING, stuck: true }
  const findable = (arn: Arn) => {
    const own = inventory.own.get(arn)
    return own === undefined || wishes.byKey.has(own.key)
  }
  // The controller's own feature leaves the load balancer as it is until its certificate is issued; where it is off, discovery finds ours.
  const covered =
    member.claim.createsCertificate ||
    member.claim.hosts.every((host) => situation.allServing.covering(host).some(({ arn }) => findable(arn)))
  if (!covered || othersLose({ from: member, group, situation })) return { ...NOTHING, stuck: true }
  return { ...NOTHING, stuck: !context.mayDrop, action: context.mayDrop ? write(context, []) : undefined }
}

function write({ member, group, situation }: Context, arns: readonly Arn[]): PublishAction {
  const { observation } = situation
  const dropped = member.listed.filter((arn) => !arns.includes(arn))
  return {
    kind: 'publish',
    ingress: member.claim.ingress,
    arns,
    dropped,
    group: member.claim.group,
    members: new Map(
      dropped.length === 0
        ? []
        : (group?.members ?? []).map(({ claim }) => [claim.ingress.ref.uid, fingerprintOf(claim.ingress)]),
    ),
    // Whoever emptied it still owns the empty value: without force each write would be a conflict, for ever.
    force: member.annotation.kind === 'empty' || (member.annotation.kind === 'ours' && member.annotation.restored),
    confirm: [
      ...arns.filter((arn) => !member.listed.includes(arn) && !observation.sawIssued.has(arn)),
      ...successors({ dropped, arns, group, situation }),
    ],
  }
}

/** What a departure relies on: the list of certificates may be minutes old, and a successor revoked since. */
function successors(options: {
  dropped: readonly Arn[]
  arns: readonly Arn[]
  group: Group | undefined
  situation: Situation
}): readonly Arn[] {
  const { dropped, arns, group, situation } = options
  const { all } = situation.inventory
  const leaving = dropped
    .filter((arn) => !isDead(situation.observation, arn, situation.now))
    .flatMap((arn) => all.get(arn)?.names ?? [])
  const members = (group?.members ?? []).filter((member) => member.live)
  const hosts = members.flatMap(({ claim }) => claim.hosts).filter((host) => anyCovers(leaving, host))
  const staying = new Set([...arns, ...members.flatMap(({ listed }) => listed).filter((arn) => !dropped.includes(arn))])
  return [...staying].filter((arn) => hosts.some((host) => serves(situation, arn, host)))
}
