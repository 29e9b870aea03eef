import type { Arn, CertificateStatus, Tags } from '../../core/certificate.ts'
import type { Ingress } from '../../core/ingress.ts'
import type { ClaimEntry, LedgerEntry } from '../../core/ledger.ts'
import type { Name } from '../../core/names.ts'
import type { EpochMs } from '../../core/time.ts'
import type { WishKey } from '../../core/wish.ts'
import type { LawBook } from './law-book.ts'
import { cloneLawBook, newLawBook } from './law-book.ts'
import type { Memory } from './memory.ts'
import { cloneMemory, newMemory } from './memory.ts'
import { HOSTS } from './scope.ts'
import type { Scope } from './scope.ts'

/** A certificate in the model's ACM: what is true of it, and how much of that its answers show yet. */
export interface AcmCertificate {
  readonly arn: Arn
  readonly names: readonly Name[]
  readonly tags: Tags
  readonly ours: boolean
  readonly token: string | undefined
  readonly status: CertificateStatus
  readonly failureReason: string | undefined
  readonly createdAt: EpochMs
  readonly validated: readonly Name[]
  /** What lists and descriptions say; it lags. */
  readonly shownStatus: CertificateStatus
  readonly shownInUse: boolean
  readonly listed: boolean
  readonly describable: boolean
  readonly recordsShown: boolean
}

/** Whose the certificate annotation is in `metadata.managedFields`. */
export type AnnotationOwner = 'us' | 'other' | 'both' | 'nobody'

export interface StoredObject {
  readonly ingress: Ingress
  readonly owner: AnnotationOwner
}

export type WatchEvent =
  | { readonly kind: 'set'; readonly ingress: Ingress }
  | { readonly kind: 'delete'; readonly ingress: Ingress }

/** One load balancer: for each port the default certificate first, then the others. */
export interface Balancer {
  readonly arn: string
  readonly dnsName: string
  readonly listeners: ReadonlyMap<number, readonly Arn[]>
}

/** What a reconcile of the load balancer's controller is to come to, from what it saw when it started. */
export interface Reconcile {
  readonly startedAt: EpochMs
  readonly desired: ReadonlyMap<number, readonly Arn[]>
  readonly deleting: readonly string[]
  readonly active: readonly string[]
}

export interface GroupState {
  readonly dirty: boolean
  readonly run: Reconcile | undefined
  readonly retryAt: EpochMs
  readonly failures: number
}

/** What does not work for now, even in good weather. */
export interface Holds {
  /** Letters of names that do not validate. */
  readonly names: string
  /** The load balancer's controller does nothing that it is not told to. */
  readonly lbc: boolean
  /** The watch brings nothing. */
  readonly watch: boolean
  /** ACM's word on what is in use stays as it is. */
  readonly inUse: boolean
  /** Lists and sweeps of ACM come back empty. */
  readonly lists: boolean
}

export const NO_HOLDS: Holds = { names: '', lbc: false, watch: false, inUse: false, lists: false }

/** Everything there is. Values in the maps are never changed in place, so that a copy of the maps is a copy of the world. */
export interface World {
  readonly scope: Scope
  now: EpochMs
  version: number
  uids: number
  objects: Map<string, StoredObject>
  events: WatchEvent[]
  ledger: Map<WishKey, LedgerEntry>
  claims: Map<string, ClaimEntry>
  certificates: Map<Arn, AcmCertificate>
  serials: Map<string, number>
  /** Name → id. */
  zones: Map<Name, string>
  /** `zone/name` → value of the CNAME. */
  records: Map<string, string>
  /** What a token was first used for; ACM answers with it even if that was deleted since. */
  tokens: Map<string, { readonly arn: Arn; readonly at: EpochMs }>
  holds: Holds
  balancers: Map<string, Balancer>
  groups: Map<string, GroupState>
  memory: Memory
  law: LawBook
  /** Sentences, where somebody wants to read them. */
  story: string[] | undefined
}

export const START: EpochMs = Date.UTC(2026, 10, 24, 9)

export function emptyWorld(scope: Scope, story?: string[]): World {
  return {
    scope,
    now: START,
    version: 1,
    uids: 0,
    objects: new Map(),
    events: [],
    ledger: new Map(),
    claims: new Map(),
    certificates: new Map(),
    serials: new Map(),
    zones: new Map([
      ['example.com', 'Z1'],
      ['other.example', 'Z2'],
    ]),
    records: new Map(),
    tokens: new Map(),
    holds: NO_HOLDS,
    balancers: new Map(),
    groups: new Map(),
    memory: newMemory(),
    law: newLawBook(),
    story,
  }
}

export function cloneWorld(world: World): World {
  return {
    ...world,
    objects: new Map(world.objects),
    events: [...world.events],
    ledger: new Map(world.ledger),
    claims: new Map(world.claims),
    certificates: new Map(world.certificates),
    serials: new Map(world.serials),
    zones: new Map(world.zones),
    records: new Map(world.records),
    tokens: new Map(world.tokens),
    balancers: new Map(world.balancers),
    groups: new Map(world.groups),
    memory: cloneMemory(world.memory),
    law: cloneLawBook(world.law),
    story: world.story && [...world.story],
  }
}

/** A world that does not come to rest tells the same again and again. */
const LONGEST_STORY = 400

export function tell(world: World, sentence: () => string): void {
  const { story } = world
  if (!story || story.length > LONGEST_STORY) return
  const line = sentence()
  if (story.slice(-8).some((other) => other.endsWith(line)) && story.length > 300) return
  story.push(`${String(Math.round((world.now - START) / 1000)).padStart(6)} s  ${line}`)
}

/** `arn:…:certificate/ab-1` → `ab-1`. */
export function short(arn: Arn): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}

export function shorts(arns: Iterable<Arn>): string {
  return `{${[...arns].map(short).join(', ')}}`
}

export function isBad(world: World, name: Name): boolean {
  const base = name.replace('*.', '')
  const letters = world.scope.bad + world.holds.names
  return letters.split('').some((letter) => HOSTS[letter]?.replace('*.', '') === base)
}
