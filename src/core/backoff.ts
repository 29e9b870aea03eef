import type { CertificateStatus } from './certificate.ts'
import type { EpochMs } from './time.ts'
import { HOUR } from './time.ts'

/** What a failure of ACM's needs before another request makes sense. */
export type Remedy =
  /** Time: after 1 h, 2 h, 4 h … 32 h. */
  | 'time'
  /** Something outside the object: after a change of the object, or 72 h. */
  | 'outside'
  /** A change of the object, and nothing else. */
  | 'object'
  /** Nothing: the certificate served its time. */
  | 'none'

export interface FailureMeaning {
  /** The reason of the verdict. */
  readonly reason: string
  readonly remedy: Remedy
  /** What it means and what to do, to follow "ACM gave up on the certificate for …: ". */
  readonly advice: string
}

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html, FailureReason, and the troubleshooting guide. */
const FAILURES: Readonly<Record<string, FailureMeaning>> = {
  ADDITIONAL_VERIFICATION_REQUIRED: {
    reason: 'AdditionalVerificationRequired',
    remedy: 'object',
    advice:
      'ACM wants to know more about the domain; open a case with AWS Support, then edit the object to have it tried again',
  },
  DOMAIN_NOT_ALLOWED: {
    reason: 'DomainNotAllowedByAcm',
    remedy: 'object',
    advice: 'a name is on a list of unsafe domains; have it reviewed there, or take the name off the object',
  },
  INVALID_PUBLIC_DOMAIN: {
    reason: 'InvalidPublicDomain',
    remedy: 'object',
    advice: 'a name is under no public top-level domain; correct it on the object',
  },
  DOMAIN_VALIDATION_DENIED: {
    reason: 'DomainValidationDenied',
    remedy: 'object',
    advice: 'the owner of a domain denied the request; clear it with them, then edit the object',
  },
  NO_AVAILABLE_CONTACTS: {
    reason: 'NoAvailableContacts',
    remedy: 'object',
    advice: 'ACM validated by e-mail and found no contact; this is never requested by Certwright',
  },
  CAA_ERROR: {
    reason: 'CaaError',
    remedy: 'outside',
    advice: 'a CAA record forbids Amazon to issue; add "amazon.com" to the CAA records of the domain, or remove them',
  },
  SLR_NOT_FOUND: {
    reason: 'ServiceLinkedRoleMissing',
    remedy: 'outside',
    advice: 'the service-linked role AWSServiceRoleForCertificateManager is missing; create it',
  },
  PCA_ACCESS_DENIED: {
    reason: 'CertificateAuthorityAccessDenied',
    remedy: 'outside',
    advice:
      'the private CA refuses; allow acm-pca:IssueCertificate and acm-pca:GetCertificate on it to the controller, and share it where it is of another account',
  },
  PCA_INVALID_STATE: {
    reason: 'CertificateAuthorityInactive',
    remedy: 'outside',
    advice: 'the private CA is not active; enable it, or install its own certificate',
  },
  PCA_RESOURCE_NOT_FOUND: {
    reason: 'CertificateAuthorityNotFound',
    remedy: 'outside',
    advice: 'the private CA does not exist, or is deleted; restore it, or name another',
  },
  PCA_INVALID_ARN: {
    reason: 'CertificateAuthorityInvalid',
    remedy: 'object',
    advice: 'the ARN of the private CA is wrong; correct it on the object or in --default-certificate-authority',
  },
  PCA_INVALID_ARGS: {
    reason: 'CertificateAuthorityRejects',
    remedy: 'object',
    advice:
      'the private CA does not take the request; see that certwright.dev/key-algorithm is of the family of its own key (RSA or EC), or name another CA',
  },
  PCA_INVALID_DURATION: {
    reason: 'CertificateAuthorityTooShort',
    remedy: 'object',
    advice:
      'the private CA does not sign for the 13 months that ACM asks for, because it ends before or is for short-lived certificates; name another CA',
  },
  PCA_NAME_CONSTRAINTS_VALIDATION: {
    reason: 'NameConstraintsViolated',
    remedy: 'object',
    advice: 'the name constraints of the private CA forbid a name; take the name off the object, or name another CA',
  },
  PCA_LIMIT_EXCEEDED: {
    reason: 'CertificateAuthorityLimitExceeded',
    remedy: 'time',
    advice: 'a quota of the private CA is used up; ask AWS for a higher one, or wait: it is tried again',
  },
  PCA_REQUEST_FAILED: {
    reason: 'CertificateAuthorityFailed',
    remedy: 'time',
    advice: 'the private CA failed without a reason; it is tried again',
  },
  OTHER: { reason: 'AcmError', remedy: 'time', advice: 'ACM gave no reason; it is tried again' },
}

const TIMED_OUT: FailureMeaning = {
  reason: 'ValidationTimedOut',
  remedy: 'time',
  advice:
    'not all names were validated within 72 hours; see that public DNS delegates to the hosted zone and that the validation records resolve',
}

const ENDED: Readonly<Partial<Record<CertificateStatus, FailureMeaning>>> = {
  VALIDATION_TIMED_OUT: TIMED_OUT,
  EXPIRED: { reason: 'Expired', remedy: 'none', advice: 'it expired; another is requested' },
  REVOKED: { reason: 'Revoked', remedy: 'time', advice: 'it was revoked; another is requested' },
  INACTIVE: { reason: 'Inactive', remedy: 'time', advice: 'ACM says that it is inactive; another is requested' },
}

/** What a certificate's end means. An unknown reason of a later day is treated as transient, slowly. */
export function meaningOf(status: CertificateStatus, failureReason: string | undefined): FailureMeaning {
  const ended = ENDED[status]
  if (ended) return ended
  const known = failureReason === undefined ? undefined : FAILURES[failureReason]
  return (
    known ?? {
      reason: 'AcmError',
      remedy: 'time',
      advice: `ACM's reason is ${failureReason ?? 'not given'}; it is tried again`,
    }
  )
}

/** How long after the `attempt`th failure the next request follows: 1 h, 2 h, 4 h … 32 h. */
export function retryDelay(attempt: number): number {
  return Math.min(2 ** (Math.max(attempt, 1) - 1), 32) * HOUR
}

/** ACM keeps validating for 72 hours (https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html). */
export const VALIDATION_PERIOD = 72 * HOUR

/** When the next request may follow; `undefined`: not before the object changes. */
export function retryAt(options: {
  meaning: FailureMeaning
  attempt: number
  failedAt: EpochMs
  changed: boolean
}): EpochMs | undefined {
  const { meaning, attempt, failedAt, changed } = options
  switch (meaning.remedy) {
    case 'none':
      return failedAt
    case 'time':
      return failedAt + retryDelay(attempt)
    case 'outside':
      return failedAt + (changed ? editDelay(attempt) : VALIDATION_PERIOD)
    case 'object':
      return changed ? failedAt + editDelay(attempt) : undefined
  }
}

/**
 * An edit is tried at once, but an object that something edits every minute must not use up ACM's yearly quota: with these figures at
 * most ten requests on the first day and four a day after.
 */
function editDelay(attempt: number): number {
  return attempt <= 5 ? 0 : 6 * HOUR
}
