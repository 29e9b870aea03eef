/**
 * What nobody outside AWS knows for sure, or what was seen in two ways: each question with its two answers. The first answer named is the one
 * that a world has unless it is told otherwise. Whatever Certwright promises holds in either.
 */
export interface Readings {
  /** What error messages say: as they were quoted somewhere, or anything else. */
  readonly errorTexts: 'as quoted' | 'different'
  /** Whether a certificate that was just requested is not found, or is described without almost everything. Both were seen. */
  readonly youngCertificate: 'either' | 'not found' | 'bare'
  /** Whether certificates still say that they are for TLS clients too. */
  readonly extendedKeyUsage: 'server only' | 'server and client'
  /** Whether a certificate leaves the status INACTIVE again by itself, after an hour. */
  readonly inactive: 'for good' | 'for an hour'
  /** What a page token of ListCertificates rests on, and so what a certificate that comes in between does to the next page. */
  readonly pageToken: 'last certificate' | 'offset'
  /** Whether a certificate can be deleted while ACM has not noticed yet that a load balancer uses it. */
  readonly unnoticedUse: 'protects' | 'does not protect'
  /** What InUseBy shows of a certificate that is put back on a listener before ACM noticed that it had gone. */
  readonly reuse: 'without a gap' | 'with a gap'
  /** Which of its two forms Route 53 gives to InvalidChangeBatch. */
  readonly refusedBatch: 'ErrorResponse' | 'InvalidChangeBatch'
  /** How a load balancer refuses a certificate that was issued a moment ago. */
  readonly freshCertificate: 'CertificateNotFound' | 'UnsupportedCertificate'
  /** How load balancing refuses a certificate for a listener that does not encrypt. */
  readonly plainListener: 'ValidationError' | 'UnsupportedProtocol'
  /** The code under which load balancing throttles. */
  readonly loadBalancingThrottle: 'Throttling' | 'ThrottlingException'
  /** Whether a renewal moves IssuedAt. */
  readonly issuedAtOfRenewed: 'first issuance' | 'renewal'
}

export const defaultReadings: Readings = {
  errorTexts: 'as quoted',
  youngCertificate: 'either',
  extendedKeyUsage: 'server only',
  inactive: 'for good',
  pageToken: 'last certificate',
  unnoticedUse: 'protects',
  reuse: 'without a gap',
  refusedBatch: 'ErrorResponse',
  freshCertificate: 'CertificateNotFound',
  plainListener: 'ValidationError',
  loadBalancingThrottle: 'Throttling',
  issuedAtOfRenewed: 'first issuance',
}

/** The usual answers, but for these. */
export function readings(others: Partial<Readings>): { readonly readings: Readings } {
  return { readings: { ...defaultReadings, ...others } }
}
