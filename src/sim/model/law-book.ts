import type { Arn } from '../../core/certificate.ts'
import type { EpochMs } from '../../core/time.ts'
import type { WishKey } from '../../core/wish.ts'

export const LAWS = [
  'S1',
  'S2',
  'S3',
  'S4',
  'S5',
  'S6',
  'S7',
  'S8',
  'S9',
  'D1',
  'D2',
  'D3',
  'D4',
  'Q2',
  'L1',
  'L2',
  'L3',
  'L5',
  'L6',
  'M',
] as const

/** `M`: the model itself must come to rest. */
export type Law = (typeof LAWS)[number]

export interface Breach {
  readonly law: Law
  readonly sentence: string
}

/** What the laws remember of the past: the world's own account of it, never the controller's. */
export interface LawBook {
  /** `group|port|host`, and since when: served, so it must stay. */
  served: Map<string, EpochMs>
  /** How many certificates of a key were requested, and how many came to an end by ACM's doing or were deleted. */
  requested: Map<WishKey, number>
  ended: Map<WishKey, number>
  tokens: Map<string, string>
  /** ARNs that we ever wrote into the annotation of an object, by its UID. */
  published: Map<string, ReadonlySet<Arn>>
  /** Reads by which ACM told us that nothing uses a certificate: the first and the last of an unbroken run. */
  unusedReads: Map<Arn, { readonly first: EpochMs; readonly last: EpochMs }>
  /** When plans were last made, for a few seconds, on an up-to-date view in which the certificate had to stay. */
  wantedAt: Map<Arn, EpochMs>
  /** Since when each plan on such a view saw that. */
  wantedSince: Map<Arn, EpochMs>
  /** Since when it need not stay, and whether because a name of it ceased to be live. */
  unwanted: Map<Arn, { readonly since: EpochMs; readonly namesGone: boolean }>
  approved: Set<Arn>
  /** Objects whose annotation we withdrew because they opted out: their hosts must be covered after the next reconcile. */
  withdrawn: Map<string, readonly string[]>
  /** The version that each object got by the last edit of a user's. */
  edited: Map<string, number>
  writes: number
  breach: Breach | undefined
  /** How often each law's premise held. Shared by all copies of a world. */
  readonly premises: Map<Law, number>
}

export function newLawBook(): LawBook {
  return {
    served: new Map(),
    requested: new Map(),
    ended: new Map(),
    tokens: new Map(),
    published: new Map(),
    unusedReads: new Map(),
    wantedAt: new Map(),
    wantedSince: new Map(),
    unwanted: new Map(),
    approved: new Set(),
    withdrawn: new Map(),
    edited: new Map(),
    writes: 0,
    breach: undefined,
    premises: new Map(),
  }
}

export function cloneLawBook(book: LawBook): LawBook {
  return {
    ...book,
    served: new Map(book.served),
    requested: new Map(book.requested),
    ended: new Map(book.ended),
    tokens: new Map(book.tokens),
    published: new Map(book.published),
    unusedReads: new Map(book.unusedReads),
    wantedAt: new Map(book.wantedAt),
    wantedSince: new Map(book.wantedSince),
    unwanted: new Map(book.unwanted),
    approved: new Set(book.approved),
    withdrawn: new Map(book.withdrawn),
    edited: new Map(book.edited),
  }
}

export function premise(book: LawBook, law: Law, times = 1): void {
  book.premises.set(law, (book.premises.get(law) ?? 0) + times)
}

/** The first breach is the one that counts: what follows may be its consequence. */
export function breach(book: LawBook, law: Law, sentence: string): void {
  book.breach ??= { law, sentence }
}
