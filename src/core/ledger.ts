import type { Arn, KeyAlgorithm, ValidationRecord } from './certificate.ts'
import type { Issuer } from './claim.ts'
import type { Name } from './names.ts'
import type { RequestRecord } from './request-record.ts'
import type { EpochMs } from './time.ts'
import type { NameVerdict, StandingVerdict } from './verdict.ts'
import type { WishKey } from './wish.ts'

/** What must be remembered, because it is costly to learn again or known to nobody else. */
export interface Ledger {
  /** Undefined until the cache of the ledger's objects has synced. */
  readonly certificates: ReadonlyMap<WishKey, LedgerEntry> | undefined
  /** By the UID of the object that claims. */
  readonly claims: ReadonlyMap<string, ClaimEntry>
  /** Absent until it is known whether there is a record of past requests. */
  readonly requests?: RequestLedger | undefined
}

export interface RequestLedger {
  readonly record: RequestRecord | undefined
  /** False where somebody deleted the object that we read it from. */
  readonly stored: boolean
}

/** One per wish key, kept in an `ACMCertificate`. */
export interface LedgerEntry {
  readonly key: WishKey
  readonly names: readonly Name[]
  readonly issuer: Issuer
  readonly keyAlgorithm: KeyAlgorithm
  readonly region: string
  /** `namespace/name` of the claims that last wished it, oldest first. */
  readonly claims: readonly string[]
  /** The highest attempt ever begun; 0 before the first. It is stored before it is used. */
  readonly attempt: number
  readonly attemptAt: EpochMs | undefined
  /** The certificate of that attempt, once ACM has answered. */
  readonly attemptArn: Arn | undefined
  /** The fingerprint of the claims when the last certificate was seen to have failed: a change of it lifts hopeless failures. */
  readonly failure: { readonly arn: Arn; readonly at: EpochMs; readonly fingerprint: string } | undefined
  readonly certificates: readonly CertificateEntry[]
  /** Since when no certificate of this key exists and none is wished: the entry outlives them by an hour. */
  readonly idleSince: EpochMs | undefined
  /** What people see; never decided upon. */
  readonly shown: ShownCertificate
  /** A person has approved that this be retired though the brake is on. Read only. */
  readonly retireApproved: boolean
}

export interface ShownCertificate {
  readonly verdict: StandingVerdict
  readonly arn: Arn | undefined
  readonly inUse: boolean
  readonly expiresAt: EpochMs | undefined
}

export interface CertificateEntry {
  readonly arn: Arn
  readonly attempt: number
  readonly records: readonly (ValidationRecord & { readonly of: Name })[]
  /** Keys of the tags that were put on it for its claims, sorted: what may be taken away again. */
  readonly tags: readonly string[]
  readonly unwanted: Unwanted | undefined
}

export interface Unwanted {
  readonly since: EpochMs
  /** `replaced`: all its live names are served by another; `namesGone`: some ceased to be live, which is what the brake counts. */
  readonly because: 'replaced' | 'namesGone'
  /** Held by the brake until a person approves. Never released by time. */
  readonly braked: boolean
  /** When the approval was first seen: the grace period starts then. */
  readonly releasedAt: EpochMs | undefined
}

/** One per object that claims, kept in its `CertificateClaim`. */
export interface ClaimEntry {
  readonly uid: string
  /** The ARNs that we ever had in the annotation, the last ones last: how we know our own work when `managedFields` were lost. */
  readonly published: readonly Arn[]
  readonly verdict: StandingVerdict
  readonly names: readonly NameVerdict[]
  /** Objects as `namespace/name`, the first few, because of which the load balancer's controller builds nothing for the group. */
  readonly waitsFor: readonly string[]
  /** The certificates that the claim comes to, issued or not: several where its names are too many for one. */
  readonly certificates: readonly ClaimCertificate[]
  readonly wished: readonly Name[]
  /** All of them are. */
  readonly inUse: boolean
  /** The first of them. */
  readonly expiresAt: EpochMs | undefined
}

export interface ClaimCertificate {
  readonly key: WishKey
  /** The first name of the wish. */
  readonly domain: Name
  readonly arn: Arn | undefined
}
