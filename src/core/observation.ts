import type { Authority } from './authority.ts'
import type { Arn, Certificate, CertificateDetail, Tags } from './certificate.ts'
import type { Ingress, IngressClass, IngressClassParameters, Namespace } from './ingress.ts'
import type { Name } from './names.ts'
import type { CertificatePolicy } from './policy.ts'
import type { EpochMs } from './time.ts'
import type { Losses } from './vanishing.ts'

/** A fact with its age. */
export interface Seen<T> {
  readonly value: T
  /** When the look that brought it was begun: what happened later it cannot show. */
  readonly at: EpochMs
  /** Whether the look was whole: every page, no error. */
  readonly complete: boolean
}

/** A hosted zone of Route 53. */
export interface Zone {
  /** Without `/hostedzone/`. */
  readonly id: string
  readonly name: Name
  readonly private: boolean
}

/** What is at one name of a zone. */
export type RecordState =
  | { readonly kind: 'absent' }
  /** One CNAME with one value, lower-case, without trailing dot; `plain` unless it is weighted, routed or an alias. */
  | { readonly kind: 'cname'; readonly value: string; readonly plain: boolean }
  /** Records of other types, or a set that a CNAME cannot stand beside. */
  | { readonly kind: 'other'; readonly types: readonly string[] }
  /** Route 53 refused our CNAME for a reason that reading it again did not show. */
  | { readonly kind: 'rejected'; readonly message: string }

export interface LoadBalancer {
  readonly arn: string
  /** Lower-case: what an Ingress' status shows. */
  readonly dnsName: string
}

export interface Listener {
  readonly arn: string
  readonly port: number
  readonly protocol: string
  /** The default certificate first, then the others; each once. Empty for a listener without TLS. */
  readonly certificates: readonly Arn[]
}

/**
 * What looks at the listeners of one load balancer have shown since `since`: the last change of an object of its group that we know
 * of. A change clears `steady`, because the load balancer's controller may still be at work on an older state.
 */
export interface ListenerLooks {
  readonly listeners: readonly Listener[]
  /** When the last whole look was begun. */
  readonly at: EpochMs
  /** For each port with TLS and each ARN on it in the last look: when the unbroken run of looks that saw it there began. */
  readonly steady: ReadonlyMap<number, ReadonlyMap<Arn, EpochMs>>
}

/** Everything that we know of the world, each fact with its age. Immutable; made anew by `observe`. */
export interface Observation {
  /** Undefined until the cache has synced once: then nothing is known of what is wanted. */
  readonly ingresses: Seen<ReadonlyMap<string, Ingress>> | undefined
  readonly ingressClasses: Seen<ReadonlyMap<string, IngressClass>> | undefined
  /** By `group/name`; `complete` also where the CRD is known to be absent. */
  readonly ingressClassParameters: Seen<ReadonlyMap<string, IngressClassParameters>> | undefined
  /**
   * By name; `complete` while they are followed. Undefined until they were listed, or that failed: nothing that rests on the label of a
   * namespace which is not here is known.
   */
  readonly namespaces: Seen<ReadonlyMap<string, Namespace>> | undefined
  /** By name; `complete` while they are followed. Undefined where nobody follows them. */
  readonly policies?: Seen<ReadonlyMap<string, CertificatePolicy>> | undefined
  /** When an object of the group last changed in a way that matters, by group key. */
  readonly groupChangedAt: ReadonlyMap<string, EpochMs>

  readonly certificates: Seen<ReadonlyMap<Arn, Certificate>> | undefined
  /** When the last whole list of certificates was begun; `certificates.at` is also moved by shorter looks. */
  readonly certificatesSweptAt: EpochMs
  /** Tags of certificates, from a sweep or a single read. */
  readonly tags: ReadonlyMap<Arn, Seen<Tags>>
  /** The last whole sweep of tags; certificates created later by others may be missing from `tags`. */
  readonly tagsSweptAt: EpochMs | undefined
  /** When we last changed the tags of a certificate: what a sweep says of them lags behind. */
  readonly taggedAt: ReadonlyMap<Arn, EpochMs>
  readonly details: ReadonlyMap<Arn, Seen<CertificateDetail>>

  /** Certificates that this process saw pending before it saw them issued: no need to ask again before publishing. */
  readonly sawIssued: ReadonlySet<Arn>
  /** Since when every DescribeCertificate has said that nothing uses it. */
  readonly unusedSince: ReadonlyMap<Arn, EpochMs>
  /** Since when every DescribeCertificate has said that ACM waits for names to be validated anew. */
  readonly renewalAwaitedSince: ReadonlyMap<Arn, EpochMs>
  /** Certificates, perhaps ours, that the last whole list lacked: to be asked for by name. */
  readonly missing: ReadonlySet<Arn>
  /** Certificates that ACM says do not exist. */
  readonly gone: ReadonlyMap<Arn, Gone>

  /** Private CAs, by their ARN. */
  readonly authorities: ReadonlyMap<string, Seen<Authority>>

  readonly zones: Seen<readonly Zone[]> | undefined
  /** The zones that are reached through the role of a suffix, by that suffix. */
  readonly zonesByRole: ReadonlyMap<Name, Seen<readonly Zone[]>>
  /** For names of which several public zones exist: the id of the one that public DNS delegates to, where there is one. */
  readonly delegations: ReadonlyMap<Name, Seen<string | undefined>>
  /** By `zone id/record name`. */
  readonly records: ReadonlyMap<string, Seen<RecordState>>

  /** Records that were deleted by others, by `zone id/record name`. */
  readonly recordLosses: ReadonlyMap<string, Losses>
  readonly loadBalancers: Seen<ReadonlyMap<string, LoadBalancer>> | undefined
  /** By load balancer ARN. */
  readonly listeners: ReadonlyMap<string, ListenerLooks>

  /** The last failure of each lane and of each look (`look:…`), until it succeeds. */
  readonly failures: ReadonlyMap<string, Failure>
}

/** "Not found" soon after a request means nothing: proven only when it was the answer for two minutes, or when we deleted it. */
export interface Gone {
  readonly since: EpochMs
  readonly at: EpochMs
  readonly proven: boolean
}

/** When ACM last answered for this certificate, be it that there is none; `undefined`: never. */
export function describedAt({ details, gone }: Observation, arn: Arn): EpochMs | undefined {
  return gone.get(arn)?.at ?? details.get(arn)?.at
}

/** Why a call failed, classified once, at the edge, by code. */
export interface Failure {
  readonly kind: FailureKind
  /** AWS's or Kubernetes' own code, for people. */
  readonly code: string
  readonly message: string
  /** Since when it fails without a success between. */
  readonly since: EpochMs
  readonly at: EpochMs
}

export type FailureKind =
  | 'throttled'
  | 'transient'
  | 'denied'
  | 'credentials'
  | 'notFound'
  | 'conflict'
  | 'invalid'
  | 'quota'
  | 'unsupported'
  | 'ambiguous'

export const emptyObservation: Observation = {
  ingresses: undefined,
  ingressClasses: undefined,
  ingressClassParameters: undefined,
  namespaces: undefined,
  groupChangedAt: new Map(),
  certificates: undefined,
  certificatesSweptAt: 0,
  tags: new Map(),
  tagsSweptAt: undefined,
  taggedAt: new Map(),
  details: new Map(),
  sawIssued: new Set(),
  unusedSince: new Map(),
  renewalAwaitedSince: new Map(),
  missing: new Set(),
  gone: new Map(),
  authorities: new Map(),
  zones: undefined,
  zonesByRole: new Map(),
  delegations: new Map(),
  records: new Map(),
  recordLosses: new Map(),
  loadBalancers: undefined,
  listeners: new Map(),
  failures: new Map(),
}
