import { defaultReadings, type Readings } from './readings.ts'

/** A range in milliseconds from which a delay is drawn, both ends included. */
export type Span = readonly [shortest: number, longest: number]

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A token bucket. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** How the simulated AWS behaves. All times in milliseconds. Where a default comes from is said beside it. */
export interface AwsSettings {
  /** From "ACM sees the record in public DNS" to "issued". Usually 1–5 min after the record is public (dns-validation). */
  readonly issuance: Span
  /** How often ACM looks for the records of a young certificate; the older it gets, the rarer: a twentieth of its age, at most 5 min. */
  readonly validationPoll: number
  /** A certificate without success is given up after this time: 72 h (dns-validation). */
  readonly validationTimeout: number
  /** Validity of a public certificate: 198 days since 18 February 2026. */
  readonly validity: number
  /** How long before its end ACM begins to renew a certificate of that validity: 45 days (managed renewal). */
  readonly renewalLead: number
  /** Validity of a certificate that a private CA signs through ACM: 395 days (private certificates). */
  readonly privateValidity: number
  /** How long before its end ACM begins to renew a private one: about 60 days, after 11 of 13 months (private certificates). */
  readonly privateRenewalLead: number
  /** How long a renewal takes for which nothing is missing. */
  readonly renewal: Span
  /** How often ACM tries again where something was missing: hourly (managed renewal). */
  readonly renewalRetry: number
  /** A private CA's answer. */
  readonly privateIssuance: Span
  /** Δ1: until then a new certificate is not found, or described without almost everything. */
  readonly describeDelay: Span
  /** Δ2: until then a new certificate is described without its validation records; drawn for each name. */
  readonly recordsDelay: Span
  /** Δ3: how far ListCertificates is behind DescribeCertificate. */
  readonly listDelay: Span
  /** Δ4: how long ACM says "in use" after the last load balancer let go: 10 s to 30 min were seen. */
  readonly inUseRelease: Span
  /** How long ACM takes to notice that a load balancer uses a certificate. */
  readonly inUseNotice: Span
  /** Δ5: how long a deleted certificate stays in ListCertificates. */
  readonly deletedInList: Span
  /** Δ5: how long a deleted certificate stays in the tagging API: minutes to hours. */
  readonly deletedInTagging: Span
  /** Δ6: how far GetResources is behind the tags. */
  readonly taggingDelay: Span
  /** How long ACM remembers an idempotency token: 1 h (RequestCertificate). */
  readonly tokenLifetime: number
  /** Whether a token still answers with the ARN of its certificate after that was deleted. */
  readonly tokenOutlivesCertificate: boolean
  /** For how long a request without a token gives back the certificate of an equal one; 0 turns it off. */
  readonly tokenlessWindow: number
  readonly quotas: {
    /** Certificates in an account and region, expired and revoked ones included. */
    readonly certificates: number
    /** Requests in 365 days; deleting does not give them back. */
    readonly requestsPerYear: number
    readonly namesPerCertificate: number
    /** Certificates on a load balancer, the default ones not counted. */
    readonly certificatesPerLoadBalancer: number
    readonly hostedZones: number
    readonly recordsPerZone: number
  }
  /** Whether calls are throttled by the documented rates. */
  readonly rates: boolean
  /** How many seconds' worth of calls ACM takes at once: its rates are documented without a burst. */
  readonly acmBurst: number
  /** Route 53's second bucket, which counts single record changes of an account. It exists since July 2026; its numbers are not published. */
  readonly recordChanges: Rate
  /** From ChangeResourceRecordSets to public DNS and INSYNC: typically up to 60 s. */
  readonly dnsPropagation: Span
  /** Whether a new public zone is delegated at once, where no other zone of its name is. */
  readonly delegateNewZones: boolean
  /** How long a load balancer does not know a certificate that was just issued: about 10 s. */
  readonly listenerSeesCertificate: Span
  /** How far DescribeListeners and DescribeListenerCertificates are behind what was changed. */
  readonly listenerDescribeDelay: number
  /** How long a new load balancer stays `provisioning`. */
  readonly loadBalancerProvisioning: Span
  /** How long a call takes, half of it before its effect. 0 answers without any time passing. */
  readonly latency: Span
  /** The answers to what is not known of AWS. */
  readonly readings: Readings
}

export const defaultSettings: AwsSettings = {
  issuance: [90 * SECOND, 150 * SECOND],
  validationPoll: 15 * SECOND,
  validationTimeout: 72 * HOUR,
  validity: 198 * DAY,
  renewalLead: 45 * DAY,
  privateValidity: 395 * DAY,
  privateRenewalLead: 60 * DAY,
  renewal: [1 * MINUTE, 60 * MINUTE],
  renewalRetry: 1 * HOUR,
  privateIssuance: [1 * SECOND, 5 * SECOND],
  describeDelay: [0, 2 * SECOND],
  recordsDelay: [5 * SECOND, 15 * SECOND],
  listDelay: [1 * SECOND, 5 * SECOND],
  inUseRelease: [10 * SECOND, 4 * MINUTE],
  inUseNotice: [0, 5 * SECOND],
  deletedInList: [0, 5 * SECOND],
  deletedInTagging: [1 * MINUTE, 60 * MINUTE],
  taggingDelay: [1 * SECOND, 60 * SECOND],
  tokenLifetime: 1 * HOUR,
  tokenOutlivesCertificate: true,
  tokenlessWindow: 1 * HOUR,
  quotas: {
    certificates: 2_500,
    requestsPerYear: 5_000,
    namesPerCertificate: 10,
    certificatesPerLoadBalancer: 25,
    hostedZones: 500,
    recordsPerZone: 10_000,
  },
  rates: true,
  acmBurst: 1,
  recordChanges: { burst: 1_000, perSecond: 100 },
  dnsPropagation: [5 * SECOND, 60 * SECOND],
  delegateNewZones: true,
  listenerSeesCertificate: [0, 10 * SECOND],
  listenerDescribeDelay: 0,
  loadBalancerProvisioning: [0, 0],
  latency: [0, 0],
  readings: defaultReadings,
}

/** Settings without any delay but that of issuance (`issuance` ms): a world that answers at once, for demos and for tests of other things. */
export function promptSettings(issuance: number): Partial<AwsSettings> {
  const none: Span = [0, 0]
  return {
    issuance: [issuance, issuance],
    validationPoll: Math.max(200, Math.min(15 * SECOND, issuance / 5)),
    describeDelay: none,
    recordsDelay: none,
    listDelay: none,
    inUseRelease: none,
    inUseNotice: none,
    deletedInList: none,
    deletedInTagging: none,
    taggingDelay: none,
    dnsPropagation: none,
    listenerSeesCertificate: none,
  }
}
