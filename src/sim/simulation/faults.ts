import type { Call } from '../aws/call.ts'

const SERVICES = ['acm', 'route53', 'elb', 'tags'] as const

/** Those of AWS befall the controller; those of Kubernetes too, unless said otherwise. */
const AT_AWS = [
  'throttle',
  '5xx before',
  '5xx after',
  'reset before',
  'reset after',
  'time-out before',
  'time-out after',
  'stale',
] as const

type AwsFault = `${(typeof SERVICES)[number]} ${(typeof AT_AWS)[number]}`

const OTHERS = [
  'route53 changes throttle',
  'aws denied',
  'aws credentials expired',
  'aws delay',
  'kube delay',
  'kube 429',
  'kube 5xx before',
  'kube 5xx after',
  'kube 409',
  'kube reset before',
  'kube reset after',
  'kube hang',
  'kube partial list',
  'kube empty list',
  'watch delay',
  'watch drop',
  'watch double',
  'watch close',
  'watch reset',
  'watch 410',
  'watch hang',
  'crash before sending',
  'crash after sending',
  'crash after the effect',
  'crash before storing',
  'SIGTERM in a call',
] as const

/** Those that come with a theme only. */
const OF_THEMES = ['aws short page', 'kube edit in a write'] as const

export type FaultName = AwsFault | (typeof OTHERS)[number] | (typeof OF_THEMES)[number]

/** Faults that befall calls and events by chance, at a rate: any seed may draw them. */
export const FAULTS: readonly FaultName[] = [
  ...SERVICES.flatMap((service) => AT_AWS.map((fault): AwsFault => `${service} ${fault}`)),
  ...OTHERS,
]

export type Rates = Readonly<Partial<Record<FaultName, number>>>

/** The usual shares of calls that a fault befalls. */
export function ratesOf(name: FaultName): readonly [number, number, number] {
  if (name.startsWith('watch')) return [0.02, 0.1, 0.3]
  if (name.startsWith('crash') || name.startsWith('SIGTERM')) return [0.005, 0.02, 0.06]
  if (name === 'kube hang' || name === 'aws denied' || name.includes('time-out')) return [0.002, 0.01, 0.05]
  return [0.01, 0.05, 0.2]
}

export function serviceOf({ service }: Pick<Call, 'service'>): (typeof SERVICES)[number] {
  switch (service) {
    case 'acm':
    case 'route53':
      return service
    case 'elasticloadbalancing':
      return 'elb'
    case 'acm-pca':
      return 'acm'
    case 'tagging':
    case 'sts':
      return 'tags'
  }
}

/** What the controller was shown, or told, otherwise than it was: seen in the answers that it got, whatever was configured. */
export const SEEN = [
  'ACM: a new certificate is not found yet',
  'ACM: a new certificate is described bare',
  'ACM: no validation record is shown yet',
  'ACM: a part of the validation records is shown',
  'ACM: a certificate is missing from the list',
  'ACM: a deleted certificate is still listed',
  'ACM: a status lags',
  'ACM: use is not noticed yet',
  'ACM: use is still shown',
  'ACM: validation timed out',
  'ACM: a quota is reached',
  'Route 53: PriorRequestNotComplete',
  'Route 53: InvalidChangeBatch',
  'Route 53: slow INSYNC',
  'Route 53: zones on two pages',
  'Route 53: a record is missing from the list',
  'ELB: a listener is shown as it was',
  'ELB: CertificateNotFound just after issuance',
  'ELB: the listener is full',
  'tags: a certificate is not shown yet',
  'tags: a deleted certificate is still shown',
  'paused over the lease',
] as const

export type Seen = (typeof SEEN)[number]

/** What is done on purpose, as it is counted. */
const DEEDS = [
  'apply',
  'hosts',
  'move',
  'ask',
  'delete',
  'empty',
  'recreate',
  'takeOver',
  'pause',
  'group',
  'class',
  'massDelete',
  'corrupt',
  'badName',
  'steal',
  'flap',
  'manyHosts',
  'approve',
  'annotate',
  'restart',
  'kill',
  'terminate',
  'freeze',
  'freezeInWrite',
  'deaf',
  'jump',
  'apiDown',
  'compact',
  'resetWatches',
  'lbcPause',
  'lbcRestart',
  'lbcSlow',
  'balancerGone',
  'failDomain CAA_ERROR',
  'failDomain OTHER',
  'failDomain DOMAIN_NOT_ALLOWED',
  'failDomain ADDITIONAL_VERIFICATION_REQUIRED',
  'failDomain INVALID_PUBLIC_DOMAIN',
  'failDomain DOMAIN_VALIDATION_DENIED',
  'failDomain SLR_NOT_FOUND',
  'neverValidates',
  'zoneGone',
  'zoneTwin private',
  'zoneTwin public',
  'subZone private',
  'subZone public',
  'zoneBusy',
  'manyZones',
  'lowerQuota',
  'deleteRecord',
  'overwriteRecord',
  'deleteCertificate',
  'detach',
  'a tag added',
  'our tags taken away',
  'duplicate without tags',
  'duplicate of another owner',
  'revoke',
  'expire',
  'loseLedger',
  'kube API server down',
] as const

/** Stale answers are counted by what they showed. */
const COUNTED = FAULTS.filter((name) => !name.endsWith(' stale'))

/** All classes of faults: each is hit in any batch that is large enough. */
export const CLASSES: readonly string[] = [...COUNTED, ...OF_THEMES, ...SEEN, ...DEEDS]
