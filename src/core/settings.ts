import type { Arn, Tags } from './certificate.ts'
import type { Name } from './names.ts'
import type { ZoneRole } from './zone-role.ts'
import type { PolicyMode } from './policy.ts'

/** What decisions depend on beside the world. Durations in milliseconds. */
export interface Settings {
  /** `--cluster-name`: whose certificates are ours. */
  readonly cluster: string
  /** 12 hexadecimal digits of the SHA-256 of the UID of `kube-system`: tells this cluster from another of the same name. */
  readonly owner: string
  /** Undefined where none is configured: then nothing is asked of AWS, and every claim says so. */
  readonly region: string | undefined
  readonly maxNamesPerCertificate: number
  readonly certificatesPerLoadBalancer: number
  readonly retireAfter: number
  readonly retireBrake: boolean
  readonly recordCheckInterval: number
  readonly settle: number
  /** Zones that an administrator pinned, by name. */
  readonly hostedZones: Readonly<Record<Name, string>>
  /** Where the zones of some names are in other accounts. */
  readonly zoneRoles: readonly ZoneRole[]
  readonly watchNamespace: string | undefined
  readonly ingressClass: string | undefined
  readonly lbcAnnotations: boolean
  /** Whether `CertificatePolicy` objects decide which names a namespace may have; absent: off. */
  readonly policyMode?: PolicyMode | undefined
  /** How many certificates may be requested; absent: as many as ACM gives. */
  readonly budget?: BudgetSettings | undefined
  /** Tags of every certificate, unless its claims say otherwise. */
  readonly defaultTags: Tags
  /** The private CA that signs where an object names no other; `undefined`: Amazon. */
  readonly defaultAuthority: string | undefined
  /** ARNs of the private CAs that objects may name; empty: any. */
  readonly allowedAuthorities: readonly string[]
  /** How many certificates are replaced at a time where their issuer changed. */
  readonly rotationConcurrency: number
  /** Published where a group has nothing of its own yet; undefined: nothing is. */
  readonly fallbackCertificate: Arn | undefined
}

/** What may be used of the account's quotas. */
export interface BudgetSettings {
  /** Public certificates that the account may request in 365 days, those that were deleted since included. */
  readonly yearlyRequestsQuota: number
  /** Public certificates that the account may have at a time, those that expired or were revoked included. */
  readonly certificatesQuota: number
  readonly requestBudget: RequestBudget
  /** The part of this cluster's requests that one namespace may have, in (0, 1]. */
  readonly namespaceShare: number
}

/** At which share of the account's yearly quota to stop; or how many requests of a year are this cluster's. */
export type RequestBudget =
  | { readonly kind: 'share'; readonly share: number }
  | { readonly kind: 'count'; readonly count: number }

/** Requests of the account, ours and others', stay under this share of the yearly quota where `--request-budget` is a number. */
export const ACCOUNT_SHARE = 0.8

export const TAG = {
  cluster: 'certwright.dev/cluster',
  owner: 'certwright.dev/owner',
  key: 'certwright.dev/key',
  attempt: 'certwright.dev/attempt',
  claim: 'certwright.dev/claim',
  /** The ARN of the private CA that signs it; absent where Amazon does. Lists of certificates do not tell. */
  authority: 'certwright.dev/certificate-authority',
  /** The how-manieth request of this cluster's in 365 days it was: should everything else be lost that counted them. */
  requests: 'certwright.dev/requests',
  /** `retain` where the certificate stays when nobody wants it any more. */
  deletionPolicy: 'certwright.dev/deletion-policy',
  /** `true` where a person gave the certificate into our care: it stays when nobody wants it any more. We never take this tag away. */
  adopted: 'certwright.dev/adopted',
} as const
