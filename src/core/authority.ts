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
