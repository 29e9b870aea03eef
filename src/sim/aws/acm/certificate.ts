import { createHash } from 'node:crypto'
import type { EpochMs } from '../../../clock.ts'
import type { Environment } from '../environment.ts'
import type { History } from '../history.ts'
import type { Tags } from '../ledger.ts'

export type CertificateStatus =
  | 'PENDING_VALIDATION'
  | 'ISSUED'
  | 'INACTIVE'
  | 'EXPIRED'
  | 'VALIDATION_TIMED_OUT'
  | 'REVOKED'
  | 'FAILED'

export type CertificateType = 'AMAZON_ISSUED' | 'PRIVATE' | 'IMPORTED'

export const FAILURE_REASONS = [
  'NO_AVAILABLE_CONTACTS',
  'ADDITIONAL_VERIFICATION_REQUIRED',
  'DOMAIN_NOT_ALLOWED',
  'INVALID_PUBLIC_DOMAIN',
  'DOMAIN_VALIDATION_DENIED',
  'CAA_ERROR',
  'PCA_LIMIT_EXCEEDED',
  'PCA_INVALID_ARN',
  'PCA_INVALID_STATE',
  'PCA_REQUEST_FAILED',
  'PCA_NAME_CONSTRAINTS_VALIDATION',
  'PCA_RESOURCE_NOT_FOUND',
  'PCA_INVALID_ARGS',
  'PCA_INVALID_DURATION',
  'PCA_ACCESS_DENIED',
  'SLR_NOT_FOUND',
  'OTHER',
] as const

export type FailureReason = (typeof FAILURE_REASONS)[number]

export const KEY_ALGORITHMS = [
  'RSA_1024',
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'EC_prime256v1',
  'EC_secp384r1',
  'EC_secp521r1',
] as const

export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number]

/** The CNAME that proves a domain; both ends without the trailing dot. */
export interface ValidationRecord {
  readonly name: string
  readonly value: string
}

export interface DomainValidation {
  readonly name: string
  /** Of a certificate that is validated by DNS. */
  readonly record: ValidationRecord | undefined
  /** Δ2: when it is described with its record. */
  readonly recordAt: EpochMs
  status: 'PENDING_VALIDATION' | 'SUCCESS' | 'FAILED'
  /** When ACM, having seen the record, will be content. */
  dueAt?: EpochMs | undefined
}

/** Use of a certificate by one load balancer, as ACM counts it: from `since`, until `until`. */
export interface Usage {
  readonly since: EpochMs
  readonly until?: EpochMs | undefined
}

/** From when to when a certificate is valid; a renewal begins another under the same ARN. */
export interface Term {
  readonly notBefore: EpochMs
  readonly notAfter: EpochMs
  readonly serial: string
}

/** What DescribeCertificate tells of the renewal of the term that is coming to its end, or of the last one. */
export interface Renewal {
  readonly status: 'PENDING_AUTO_RENEWAL' | 'PENDING_VALIDATION' | 'SUCCESS' | 'FAILED'
  readonly reason?: FailureReason | undefined
  readonly updatedAt: EpochMs
  /** Names whose records were not found. */
  readonly unproven: ReadonlySet<string>
}

/** A certificate in the simulated ACM. */
export interface Certificate {
  /** Grows with each request: the order of lists and what page tokens rest on. */
  readonly sequence: number
  readonly arn: string
  readonly account: string
  readonly region: string
  readonly domainName: string
  /** The domain name and the alternatives, in the order of the request, each once. */
  readonly names: readonly string[]
  readonly type: CertificateType
  readonly keyAlgorithm: KeyAlgorithm
  readonly validationMethod: 'DNS' | 'EMAIL' | undefined
  readonly certificateAuthorityArn: string | undefined
  readonly exportable: boolean
  readonly createdAt: EpochMs
  /** Δ1: when DescribeCertificate finds it, and whether until then it is described bare instead. */
  readonly describedAt: EpochMs
  readonly bareAtFirst: boolean
  /** Δ3: how far lists are behind. */
  readonly listDelay: number
  readonly status: History<CertificateStatus>
  readonly domains: readonly DomainValidation[]
  tags: Tags
  /** What the tagging API shows; `undefined` until it has heard of the certificate. */
  readonly taggedAs: History<Tags>
  failureReason?: FailureReason | undefined
  issuedAt?: EpochMs | undefined
  /** When load balancers have heard that it was issued. */
  attachableAt?: EpochMs | undefined
  revokedAt?: EpochMs | undefined
  notBefore?: EpochMs | undefined
  notAfter?: EpochMs | undefined
  serial?: string | undefined
  /** Until ListCertificates shows the new one: the term before the renewal at `at`. */
  superseded?: { readonly term: Term; readonly at: EpochMs } | undefined
  renewal?: Renewal | undefined
  deletedAt?: EpochMs | undefined
  /** Δ5: when a deleted certificate leaves the lists, and the tagging API. */
  unlistedAt?: EpochMs | undefined
  untaggedAt?: EpochMs | undefined
  readonly usage: Map<string, Usage>
  /** What was imported. */
  readonly imported?: { readonly certificatePem: string; readonly chainPem: string; readonly privateKeyPem: string }
}

/** The newest status of a certificate. */
export function statusOf(certificate: Certificate): CertificateStatus {
  return certificate.status.latest ?? 'PENDING_VALIDATION'
}

const DAY_MS = 86_400_000

/** A term that begins with the day of `at`, in UTC. */
export function newTerm(
  at: EpochMs,
  { type }: Pick<Certificate, 'type'>,
  { random, settings }: Pick<Environment, 'random' | 'settings'>,
): Term {
  const notBefore = Math.floor(at / DAY_MS) * DAY_MS
  return {
    notBefore,
    notAfter: notBefore + (type === 'PRIVATE' ? settings.privateValidity : settings.validity) - 1_000,
    serial: random.hex(16).replace(/(..)(?!$)/g, '$1:'),
  }
}

/** The load balancers that ACM says use `certificate` at `instant`. */
export function inUseBy(certificate: Certificate, instant: EpochMs): string[] {
  return [...certificate.usage]
    .filter(([, { since, until }]) => since <= instant && (until === undefined || until > instant))
    .map(([arn]) => arn)
}

/**
 * ACM's validation record of a name: a function of account and base domain only, so that a wildcard and its apex, all certificates,
 * regions and re-requests share one (dns-validation).
 */
export function validationRecord(account: string, name: string): ValidationRecord {
  const domain = name.replace(/^\*\./, '').toLowerCase()
  const hash = (part: string) => createHash('sha256').update(`${part}/${account}/${domain}`).digest('hex')
  const letters = [...hash('issuer').slice(0, 20).matchAll(/../g)]
    .map(([byte]) => String.fromCodePoint(97 + (Number.parseInt(byte, 16) % 26)))
    .join('')
  return {
    name: `_${hash('name').slice(0, 32)}.${domain}`,
    value: `_${hash('value').slice(0, 32)}.${letters}.acm-validations.aws`,
  }
}
