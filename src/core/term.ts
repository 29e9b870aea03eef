import type { Certificate } from './certificate.ts'
import type { EpochMs } from './time.ts'
import { DAY } from './time.ts'

/** The last part of a certificate's life, in which its renewal is watched. */
export interface LastPart {
  /** From here on it is said when ACM will not be able to renew. */
  readonly watchFrom: EpochMs
  /** Whatever is not renewed by now is at risk, and names that can still be validated get a certificate of their own. */
  readonly alertFrom: EpochMs
  /** What nothing but ACM's silence keeps from being renewed is requested anew. */
  readonly replaceFrom: EpochMs
}

/**
 * 60, 30 and 15 days before the end, and of a life too short for that the last third, sixth and twelfth. ACM begins 45 days before the end
 * of 198 days, and 60 days before that of 395 (https://docs.aws.amazon.com/acm/latest/userguide/dns-renewal-validation.html); the
 * certificates of public authorities live at most 200 days since March 2026, 100 from 2027 and 47 from 2029 on (CA/Browser Forum, SC-081v3).
 */
export function lastPartOf(certificate: Certificate): LastPart | undefined {
  const { notAfter } = certificate
  if (notAfter === undefined) return undefined
  const life = notAfter - (certificate.notBefore ?? certificate.issuedAt ?? certificate.createdAt)
  const before = (share: number, days: number) => notAfter - Math.min(days * DAY, life * share)
  return { watchFrom: before(1 / 3, 60), alertFrom: before(1 / 6, 30), replaceFrom: before(1 / 12, 15) }
}
