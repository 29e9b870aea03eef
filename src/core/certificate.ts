import type { Name } from './names.ts'
import type { EpochMs } from './time.ts'

/** Amazon Resource Name of a certificate. Region, account and partition are read from it, never from the configuration. */
export type Arn = string

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateSummary.html; what we do not know is `INACTIVE`: unusable. */
export type CertificateStatus =
  | 'PENDING_VALIDATION'
  | 'ISSUED'
  | 'INACTIVE'
  | 'EXPIRED'
  | 'VALIDATION_TIMED_OUT'
  | 'REVOKED'
  | 'FAILED'

export type KeyAlgorithm = 'RSA_2048' | 'EC_prime256v1' | 'EC_secp384r1'

export type Tags = Readonly<Record<string, string>>

/** A certificate as a list of the account shows it. */
export interface Certificate {
  readonly arn: Arn
  readonly status: CertificateStatus
  readonly type: 'AMAZON_ISSUED' | 'PRIVATE' | 'IMPORTED'
  /** Normalised, sorted, without duplicates. */
  readonly names: readonly Name[]
  /** A list shows at most 100 names; false where there are more than it showed. */
  readonly namesComplete: boolean
  /** As ACM says it, normalised to underscores (`RSA_2048`); may be one that we never request. */
  readonly keyAlgorithm: string
  readonly inUse: boolean
  /** When ACM says that it was requested; for one that no list has shown yet, when we sent the request. */
  readonly createdAt: EpochMs
  readonly issuedAt?: EpochMs | undefined
  /** Of the term that it serves now: a renewal moves both. */
  readonly notBefore?: EpochMs | undefined
  readonly notAfter?: EpochMs | undefined
  readonly renewalEligible: boolean
}

/** One name's proof, as DescribeCertificate shows it. */
export interface NameValidation {
  readonly name: Name
  readonly status: 'PENDING_VALIDATION' | 'SUCCESS' | 'FAILED'
  /** Absent for the first seconds after the request. */
  readonly record?: ValidationRecord | undefined
  /** Proven by an e-mail that a person answers, at each renewal again; by DNS otherwise. */
  readonly byEmail?: true
}

/** The CNAME that proves a name: the same for every certificate of the account, and for `*.x` and `x`. */
export interface ValidationRecord {
  /** Lower-case, without trailing dot: `_3f….example.com`. */
  readonly name: string
  /** Lower-case, without trailing dot: `_9a….acm-validations.aws`. */
  readonly value: string
}

/** How ACM's managed renewal goes: https://docs.aws.amazon.com/acm/latest/APIReference/API_RenewalSummary.html */
export interface RenewalSummary {
  readonly status: 'PENDING_AUTO_RENEWAL' | 'PENDING_VALIDATION' | 'SUCCESS' | 'FAILED'
  /** As FailureReason of a request. */
  readonly reason?: string | undefined
  /** When ACM last changed this. */
  readonly updatedAt?: EpochMs | undefined
  /** The names that were not validated anew. */
  readonly unproven: readonly Name[]
}

/** What only DescribeCertificate tells. */
export interface CertificateDetail extends Certificate {
  readonly validations: readonly NameValidation[]
  /** The ARN of the private CA that signs it; absent where Amazon does. */
  readonly authority?: string | undefined
  readonly failureReason?: string | undefined
  readonly inUseBy: readonly string[]
  /** Absent before ACM has begun the first renewal. */
  readonly renewal?: RenewalSummary | undefined
}

/** Served by a load balancer, and for how long: issued and not expired. */
export function isHealthy(certificate: Certificate, now: EpochMs): boolean {
  return certificate.status === 'ISSUED' && (certificate.notAfter === undefined || certificate.notAfter > now)
}

/** States that a certificate never leaves: only a new request helps. */
export function isTerminal(status: CertificateStatus): boolean {
  return status !== 'PENDING_VALIDATION' && status !== 'ISSUED'
}
