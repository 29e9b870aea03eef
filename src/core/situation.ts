import type { Arn, Certificate } from './certificate.ts'
import type { Claim } from './claim.ts'
import { isOptedIn } from './claim.ts'
import { listedArns } from './ingress.ts'
import type { Inventory } from './inventory.ts'
import { isServing, takeInventory } from './inventory.ts'
import type { Ledger } from './ledger.ts'
import type { Name } from './names.ts'
import { anyCovers } from './names.ts'
import type { Listener, ListenerLooks, LoadBalancer, Observation } from './observation.ts'
import { once } from './once.ts'
import type { Settings } from './settings.ts'
import type { EpochMs } from './time.ts'
import { byAge, compare } from './wish.ts'
import { type ZoneIndex, zoneIndexOf } from './zones.ts'

export interface PlanInput {
  /** One for each Ingress that the cache holds. */
  readonly claims: readonly Claim[]
  readonly observation: Observation
  readonly ledger: Ledger
  readonly settings: Settings
  readonly now: EpochMs
}

/** Whose the certificate annotation of an object is. */
export type Annotation =
  | { readonly kind: 'empty' }
  /** `restored`: only the ledger says so, because `managedFields` were lost. */
  | { readonly kind: 'ours'; readonly restored: boolean }
  | { readonly kind: 'foreign' }

/** A claim with what is known about its object. */
export interface Member {
  readonly claim: Claim
  readonly listed: readonly Arn[]
  readonly annotation: Annotation
  /** Opted in, or still carrying an ARN of ours, and not being deleted: its hosts must not lose their TLS. */
  readonly live: boolean
}

/** The objects that share a load balancer. */
export interface Group {
  readonly key: string
  /** The oldest first; those being deleted too. */
  readonly members: readonly Member[]
  /** What serves them; empty before there is one. `undefined`: a host name that no look has shown yet. */
  readonly loadBalancers: readonly LoadBalancer[] | undefined
  readonly looks: readonly ListenerLooks[]
  /** Certificates, ours or not, that the last looks found on any listener of its load balancers. */
  readonly attached: ReadonlySet<Arn>
  readonly changedAt: EpochMs
}

/** Everything that is derived once for a plan. */
export interface Situation extends PlanInput {
  /** Every source has synced: what is wanted is known. */
  readonly complete: boolean
  readonly inventory: Inventory
  readonly zones: ZoneIndex
  readonly members: readonly Member[]
  readonly groups: ReadonlyMap<string, Group>
  /** Which objects list an ARN, anywhere in the cluster. */
  readonly listings: ReadonlyMap<Arn, readonly Member[]>
  /** What the last looks found on any listener. */
  readonly attached: ReadonlySet<Arn>
  /** Our certificates that are issued and not expired. */
  readonly ownServing: CoverIndex
  /** All such of the account, ours or not: what the load balancer's controller may discover. */
  readonly allServing: CoverIndex
}

export function assess(input: PlanInput): Situation {
  const { claims, observation, settings } = input
  const inventory = takeInventory(observation, settings)
  const members = claims.map((claim) => memberOf(claim, input, inventory)).sort((a, b) => byAge(a.claim, b.claim))
  const listings = new Map<Arn, Member[]>()
  for (const member of members) {
    for (const arn of member.listed) append(listings, arn, member)
  }
  const complete =
    observation.ingresses?.complete === true &&
    observation.ingressClasses?.complete === true &&
    observation.ingressClassParameters?.complete === true &&
    // Whether they may be read or not: without a permission the claims that rest on them are unknown, and all others go on.
    observation.namespaces !== undefined
  const zones = zoneIndexOf(observation, settings)
  const groups = groupsOf(members, observation)
  return {
    ...input,
    complete,
    inventory,
    zones,
    members,
    groups,
    listings,
    attached: new Set([...groups.values()].flatMap((group) => [...group.attached])),
    ...coverOf(inventory, input),
  }
}

type Cover = Pick<Situation, 'ownServing' | 'allServing'>

/** Until a certificate expires it is the inventory alone that says what serves. */
function coverOf(inventory: Inventory, { observation, now }: PlanInput): Cover {
  const known = COVERS.get(inventory)
  if (known && known.from <= now && now < known.until) return known.cover
  const serving = [...inventory.all.values()].filter(({ arn }) => isServing(observation, arn, now))
  const cover = {
    ownServing: new CoverIndex(serving.filter(({ arn }) => inventory.own.has(arn))),
    allServing: new CoverIndex(serving),
  }
  const until = serving.reduce((first, { notAfter }) => Math.min(first, notAfter ?? first), Number.POSITIVE_INFINITY)
  COVERS.set(inventory, { from: now, until, cover })
  return cover
}

const COVERS = new WeakMap<Inventory, { readonly from: EpochMs; readonly until: EpochMs; readonly cover: Cover }>()

function memberOf(claim: Claim, input: PlanInput, inventory: Inventory): Member {
  const { ingress } = claim
  const listed = listedArns(ingress)
  const ours = listed.some((arn) => inventory.own.has(arn))
  const handedOut = listed.some((arn) => arn === input.settings.fallbackCertificate)
  const wasPublished = (arn: Arn) => input.ledger.claims.get(ingress.ref.uid)?.published.includes(arn) === true
  const annotation: Annotation =
    listed.length === 0
      ? { kind: 'empty' }
      : ingress.annotationIsOurs
        ? { kind: 'ours', restored: false }
        : (ours || handedOut) && listed.every(wasPublished)
          ? { kind: 'ours', restored: true }
          : { kind: 'foreign' }
  const carries = listed.length > 0 && (ours || ingress.annotationIsOurs)
  return { claim, listed, annotation, live: !ingress.deleting && claim.loadBalanced && (isOptedIn(claim) || carries) }
}

/** Somebody else chose the certificates of this object: in its annotation, or in the parameters of its class. */
export function isServedElsewhere({ claim, annotation }: Member): boolean {
  return annotation.kind === 'foreign' || claim.servedBy !== undefined
}

function groupsOf(members: readonly Member[], observation: Observation): Map<string, Group> {
  const byKey = new Map<string, Member[]>()
  for (const member of members) if (member.claim.loadBalanced) append(byKey, member.claim.group, member)
  const byHostname = new Map<string, LoadBalancer>()
  for (const loadBalancer of observation.loadBalancers?.value.values() ?? [])
    byHostname.set(loadBalancer.dnsName, loadBalancer)
  const groups = new Map<string, Group>()
  for (const [key, ofGroup] of byKey) {
    const hostnames = new Set(ofGroup.flatMap((member) => member.claim.ingress.hostnames))
    const found = [...hostnames].map((hostname) => byHostname.get(hostname))
    const loadBalancers = found.filter((entry) => entry !== undefined)
    const looks = loadBalancers
      .map((entry) => observation.listeners.get(entry.arn))
      .filter((entry) => entry !== undefined)
    groups.set(key, {
      key,
      members: ofGroup,
      loadBalancers: loadBalancers.length === found.length ? loadBalancers : undefined,
      looks,
      attached: new Set(looks.flatMap((entry) => [...carriedBy(entry).all])),
      changedAt: observation.groupChangedAt.get(key) ?? Number.POSITIVE_INFINITY,
    })
  }
  return groups
}

/** Every load balancer of the group is known and was looked at. */
function isSeen(group: Group): boolean {
  return (
    group.loadBalancers !== undefined &&
    group.loadBalancers.length > 0 &&
    group.looks.length === group.loadBalancers.length
  )
}

/** Did the last look find this ARN on every one of these ports, on every load balancer of the group? */
export function isAttached(group: Group, ports: readonly number[], arn: Arn): boolean {
  return (
    isSeen(group) &&
    group.looks.every((looks) => ports.every((port) => carriedBy(looks).byPort.get(port)?.has(arn) === true))
  )
}

/**
 * Have two looks at least `--settle` apart, both newer than the last change of any object of the group, and all between them, found
 * this ARN on every one of these ports?
 */
export function isSettled(group: Group, ports: readonly number[], arn: Arn, settings: Settings): boolean {
  return (
    isSeen(group) &&
    group.looks.every((looks) =>
      ports.every((port) => {
        const since = looks.steady.get(port)?.get(arn)
        return since !== undefined && since > group.changedAt && looks.at - since >= settings.settle
      }),
    )
  )
}

interface Carried {
  readonly all: ReadonlySet<Arn>
  readonly byPort: ReadonlyMap<number, ReadonlySet<Arn>>
}

/** The certificates that a look found on a load balancer. */
function carriedBy(looks: ListenerLooks): Carried {
  return once(CARRIED, looks, () => {
    const byPort = Map.groupBy(looks.listeners, ({ port }) => port)
    const arnsOf = (listeners: readonly Listener[]) => new Set(listeners.flatMap(({ certificates }) => certificates))
    return {
      all: arnsOf(looks.listeners),
      byPort: new Map([...byPort].map(([port, listeners]) => [port, arnsOf(listeners)])),
    }
  })
}

const CARRIED = new WeakMap<ListenerLooks, Carried>()

/** Known to be issued, not expired, and covering the host. */
export function serves(situation: Situation, arn: Arn, host: Name): boolean {
  const { inventory, observation, now } = situation
  const certificate = inventory.all.get(arn)
  return certificate !== undefined && anyCovers(certificate.names, host) && isServing(observation, arn, now)
}

/** Finds the certificates that cover a host without walking through all of them. */
export class CoverIndex {
  readonly #byName = new Map<Name, Certificate[]>()

  constructor(certificates: readonly Certificate[]) {
    const sorted = certificates.toSorted((a, b) => a.createdAt - b.createdAt || compare(a.arn, b.arn))
    for (const certificate of sorted) for (const name of certificate.names) append(this.#byName, name, certificate)
  }

  /** Those on which the host itself stands, then those with its wildcard; of each the oldest first. */
  covering(host: Name): readonly Certificate[] {
    const exact = this.#byName.get(host) ?? []
    const dot = host.indexOf('.')
    const wildcard = dot > 0 ? (this.#byName.get(`*${host.slice(dot)}`) ?? []) : []
    return host.startsWith('*.') ? exact : [...exact, ...wildcard]
  }

  /** All that cover at least one of the hosts, each once. */
  coveringAny(hosts: readonly Name[]): readonly Certificate[] {
    if (hosts.length === 0) return []
    return [...new Set(hosts.flatMap((host) => this.covering(host)))]
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key)
  if (values) values.push(value)
  else map.set(key, [value])
}
