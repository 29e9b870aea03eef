/** The services that we talk to, named by the prefix of their IAM actions. */
export type Service = 'acm' | 'acm-pca' | 'route53' | 'elasticloadbalancing' | 'tag' | 'sts'

/** What AWS grants: `rate` calls a second sustained, `burst` at once. */
export interface DocumentedQuota {
  readonly rate: number
  /** Absent where the documentation names a rate only. */
  readonly burst?: number
}

interface OperationFacts {
  readonly service: Service
  /** Whether it changes the world: an answer that was lost then leaves open whether it happened. */
  readonly mutating: boolean
  /** The bucket that it draws from: its own, or one that it shares. */
  readonly bucket: string
  readonly quota: DocumentedQuota
}

function acm(bucket: string, rate: number, mutating = false): OperationFacts {
  return { service: 'acm', mutating, bucket, quota: { rate } }
}

function acmPca(bucket: string): OperationFacts {
  return { service: 'acm-pca', mutating: false, bucket, quota: { rate: 5 } }
}

/** All operations of one account draw from one bucket of the same size as each operation's own: so one bucket stands for both. */
function route53(mutating = false): OperationFacts {
  return { service: 'route53', mutating, bucket: 'route53', quota: { rate: 10, burst: 50 } }
}

/** Reads share the account's bucket, which is as large as each one's own. */
function elbv2(): OperationFacts {
  return {
    service: 'elasticloadbalancing',
    mutating: false,
    bucket: 'elasticloadbalancing',
    quota: { rate: 10, burst: 40 },
  }
}

/**
 * Every operation that Certwright calls, with its quota for one account and region (Route 53: one account).
 * - ACM: https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html, "API rate quotas": calls a second, no burst named.
 * - Route 53: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html, "Route 53 API quotas": 50, refilled at 10/s.
 * - ELBv2: https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/api-throttling.html: non-mutating 40, refilled at 10/s.
 * - Tagging: https://docs.aws.amazon.com/general/latest/gr/arg.html, "Service quotas": 15/s.
 * - AWS Private CA, STS: no number of AWS's is anywhere near what we need; 5/s is ours.
 */
export const operations = {
  RequestCertificate: acm('RequestCertificate', 5, true),
  DescribeCertificate: acm('DescribeCertificate', 10),
  ListCertificates: acm('ListCertificates', 8),
  DeleteCertificate: acm('DeleteCertificate', 10, true),
  ListTagsForCertificate: acm('ListTagsForCertificate', 10),
  AddTagsToCertificate: acm('AddTagsToCertificate', 5, true),
  RemoveTagsFromCertificate: acm('RemoveTagsFromCertificate', 5, true),
  DescribeCertificateAuthority: acmPca('DescribeCertificateAuthority'),
  ListPermissions: acmPca('ListPermissions'),
  ListHostedZones: route53(),
  GetHostedZone: route53(),
  ListResourceRecordSets: route53(),
  ChangeResourceRecordSets: route53(true),
  DescribeLoadBalancers: elbv2(),
  DescribeListeners: elbv2(),
  DescribeListenerCertificates: elbv2(),
  GetResources: { service: 'tag', mutating: false, bucket: 'GetResources', quota: { rate: 15 } },
  AssumeRole: { service: 'sts', mutating: false, bucket: 'AssumeRole', quota: { rate: 5 } },
  GetCallerIdentity: { service: 'sts', mutating: false, bucket: 'GetCallerIdentity', quota: { rate: 5 } },
} as const satisfies Record<string, OperationFacts>

export type Operation = keyof typeof operations

/** What is known of an operation. */
export function factsOf(operation: Operation): OperationFacts {
  return operations[operation]
}

/** The IAM action that allows an operation: `acm:RequestCertificate`. */
export function actionOf(operation: Operation): string {
  return `${operations[operation].service}:${operation}`
}
