/** How a fact of AWS is known. None of it is our own word: we say where it can be read, or that it cannot. */
export type Mark =
  /** AWS says so: its documentation, or the service model that its SDK is made from. */
  | 'documented'
  /** Others saw it: recordings, issues, programs that work against AWS. */
  | 'observed by others'
  /** Nobody says, or it was seen in two ways: Certwright must be right in either. */
  | 'open'

export interface Source {
  readonly mark: Mark
  /** Addresses, or the names of pages and files; of an open question, what is not known. */
  readonly where: readonly string[]
}

export function documented(...where: readonly [string, ...string[]]): Source {
  return { mark: 'documented', where }
}

export function observed(...where: readonly [string, ...string[]]): Source {
  return { mark: 'observed by others', where }
}

const DOCS = 'https://docs.aws.amazon.com'

/** A page of the API reference of a service, by its operation or type. */
export const api = {
  acm: (name: string) => documented(`${DOCS}/acm/latest/APIReference/API_${name}.html`),
  route53: (name: string) => documented(`${DOCS}/Route53/latest/APIReference/API_${name}.html`),
  elbv2: (name: string) => documented(`${DOCS}/elasticloadbalancing/latest/APIReference/API_${name}.html`),
  tagging: (name: string) => documented(`${DOCS}/resourcegroupstagging/latest/APIReference/API_${name}.html`),
  sts: (name: string) => documented(`${DOCS}/STS/latest/APIReference/API_${name}.html`),
} as const

/** Pages of AWS's guides. */
export const guide = {
  quotas: documented(`${DOCS}/acm/latest/userguide/acm-limits.html`),
  dnsValidation: documented(`${DOCS}/acm/latest/userguide/dns-validation.html`),
  managedRenewal: documented(`${DOCS}/acm/latest/userguide/managed-renewal.html`),
  renewalByDns: documented(`${DOCS}/acm/latest/userguide/dns-renewal-validation.html`),
  caa: documented(`${DOCS}/acm/latest/userguide/setup-caa.html`),
  caaTrouble: documented(`${DOCS}/acm/latest/userguide/troubleshooting-caa.html`),
  characteristics: documented(`${DOCS}/acm/latest/userguide/acm-certificate-characteristics.html`),
  acmConditionKeys: documented(`${DOCS}/service-authorization/latest/reference/list_awscertificatemanager.html`),
  tags: documented(`${DOCS}/tag-editor/latest/userguide/tagging.html`),
  dnsLimits: documented(`${DOCS}/Route53/latest/DeveloperGuide/DNSLimitations.html`),
  domainNameFormat: documented(`${DOCS}/Route53/latest/DeveloperGuide/DomainNameFormat.html`),
  delegation: documented(`${DOCS}/Route53/latest/DeveloperGuide/SOA-NSrecords.html`),
  albLimits: documented(`${DOCS}/elasticloadbalancing/latest/application/load-balancer-limits.html`),
  albCertificates: documented(`${DOCS}/elasticloadbalancing/latest/application/https-listener-certificates.html`),
  elbThrottling: documented(`${DOCS}/elasticloadbalancing/latest/userguide/api-throttling.html`),
  temporaryCredentials: documented(`${DOCS}/IAM/latest/UserGuide/id_credentials_temp.html`),
} as const

const ISSUES = 'https://github.com'

/** What others saw, by the place where they tell of it. */
export const seen = {
  /** Answers recorded against AWS. */
  recording: observed('localstack/localstack: tests/aws/services/acm/test_acm.snapshot.json'),
  terraform: (number: number) => observed(`${ISSUES}/hashicorp/terraform-provider-aws/issues/${number}`),
  terraformCode: observed('hashicorp/terraform-provider-aws: internal/service/acm/certificate.go'),
  cdk: (number: number) => observed(`${ISSUES}/aws/aws-cdk/issues/${number}`),
  loadBalancerController: (number: number) =>
    observed(`${ISSUES}/kubernetes-sigs/aws-load-balancer-controller/issues/${number}`),
  convox: observed(`${ISSUES}/convox/rack/issues/2387`),
  refinebio: observed(`${ISSUES}/AlexsLemonade/refinebio/issues/2914`),
  boto3: (number: number) => observed(`${ISSUES}/boto/boto3/issues/${number}`),
  cdkd: observed('go-to-k/cdkd: a comment on idempotency tokens'),
} as const

/** Both: the first mark counts. */
export function and(first: Source, ...others: readonly Source[]): Source {
  return { mark: first.mark, where: [first, ...others].flatMap(({ where }) => where) }
}
