import type { EpochMs } from './time.ts'

/** The ARN of a private certificate authority: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html. */
const ARN = /^arn:([\w-]+):acm-pca:([\w-]+):(\d{12}):certificate-authority\/[\w-]+$/

/** Partitions by how the names of their regions begin: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
const PARTITIONS: readonly (readonly [prefix: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['eusc-', 'aws-eusc'],
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-iso-', 'aws-iso'],
]

/** What an authority's ARN must look like, for a sentence. */
export const AUTHORITY_FORM = 'arn:aws:acm-pca:REGION:ACCOUNT:certificate-authority/ID'

/**
 * Why ACM could not sign with the private CA of this ARN where the load balancers are in `region` (unknown: not judged), to follow "which";
 * `undefined` where nothing speaks against it. A CA signs in its own region only.
 */
export function problemOfAuthority(arn: string, region: string | undefined): string | undefined {
  const parts = ARN.exec(arn)
  if (!parts) return `is not the ARN of a private CA; write it like ${AUTHORITY_FORM}`
  const [, partition, ofRegion] = parts
  if (region === undefined) return undefined
  if (ofRegion !== region) return `is a private CA of region ${ofRegion}, and certificates are requested in ${region}`
  const expected = PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws'
  if (partition !== expected) return `is of partition ${partition}, and region ${region} is in ${expected}`
  return undefined
}

/** What is known of a private CA; what an answer leaves out is not known, and never held against it. */
export interface Authority {
  /** `NOT_FOUND` where there is none. */
  readonly status: string | undefined
  readonly usageMode: string | undefined
  readonly keyAlgorithm: string | undefined
  readonly notAfter: EpochMs | undefined
  /** When its status last changed. */
  readonly changedAt: EpochMs | undefined
  /** What `acm.amazonaws.com` was permitted to do; `undefined` where we may not know. */
  readonly renewalActions: readonly string[] | undefined
}

/** https://docs.aws.amazon.com/privateca/latest/userguide/assign-permissions.html: ACM renews with all three, or not at all. */
const RENEWAL_ACTIONS = ['IssueCertificate', 'GetCertificate', 'ListPermissions']

export function isRenewalAllowed(actions: readonly string[]): boolean {
  return RENEWAL_ACTIONS.every((action) => actions.includes(action))
}

/** `RSA` or `EC`: the key of a certificate must be of the family of its CA's. */
export function familyOf(keyAlgorithm: string): string {
  return keyAlgorithm.split('_')[0] ?? ''
}
