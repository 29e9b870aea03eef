import type { EpochMs } from '../../clock.ts'

export type ServiceName = 'acm' | 'acm-pca' | 'route53' | 'elasticloadbalancing' | 'tagging' | 'sts'

/** One call as it reached the simulated AWS: who calls what, where. */
export interface Call {
  readonly service: ServiceName
  readonly operation: string
  readonly account: string
  readonly region: string
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string
  readonly accessKeyId: string
  /** The caller's ARN, as error messages and GetCallerIdentity name it. */
  readonly user: string
  readonly at: EpochMs
  /** How much older than usual the answer of a list is to be: 0, or what an injected fault says. */
  readonly staleBy: number
  /** How many items a page of a list has at most: `Infinity`, or what an injected fault says. */
  readonly pageLimit: number
}

/** The partition of a region, from its name. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  return 'aws'
}
