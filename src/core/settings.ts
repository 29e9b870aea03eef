import type { Tags } from './certificate.ts'
import type { Name } from './names.ts'

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
  readonly watchNamespace: string | undefined
  readonly ingressClass: string | undefined
  readonly lbcAnnotations: boolean
  /** Tags of every certificate, unless its claims say otherwise. */
  readonly defaultTags: Tags
  /** The private CA that signs where an object names no other; `undefined`: Amazon. */
  readonly defaultAuthority: string | undefined
  /** ARNs of the private CAs that objects may name; empty: any. */
  readonly allowedAuthorities: readonly string[]
}

export const TAG = {
  cluster: 'certwright.dev/cluster',
  owner: 'certwright.dev/owner',
  key: 'certwright.dev/key',
  attempt: 'certwright.dev/attempt',
  claim: 'certwright.dev/claim',
  /** The ARN of the private CA that signs it; absent where Amazon does. Lists of certificates do not tell. */
  authority: 'certwright.dev/certificate-authority',
  /** `retain` where the certificate stays when nobody wants it any more. */
  deletionPolicy: 'certwright.dev/deletion-policy',
} as const
