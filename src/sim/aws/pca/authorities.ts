import type { EpochMs } from '../../../clock.ts'
import { uuid } from '../../../random.ts'
import type { Certificate, FailureReason } from '../acm/certificate.ts'
import { partitionOf } from '../call.ts'
import type { Environment } from '../environment.ts'

/** https://docs.aws.amazon.com/privateca/latest/APIReference/API_CertificateAuthority.html, Status. */
export type AuthorityStatus =
  | 'CREATING'
  | 'PENDING_CERTIFICATE'
  | 'ACTIVE'
  | 'DELETED'
  | 'DISABLED'
  | 'EXPIRED'
  | 'FAILED'

/** A private CA as its administrator has it. */
export interface PrivateAuthority {
  readonly arn: string
  readonly account: string
  readonly region: string
  readonly createdAt: EpochMs
  readonly changedAt: EpochMs
  readonly status: AuthorityStatus
  readonly usageMode: 'GENERAL_PURPOSE' | 'SHORT_LIVED_CERTIFICATE'
  readonly keyAlgorithm: string
  readonly notBefore: EpochMs
  readonly notAfter: EpochMs
  /** What `acm.amazonaws.com` may do by CreatePermission: what managed renewal needs. */
  readonly permissions: readonly string[]
  /** Whether whoever requests certificates may have this CA sign them. */
  readonly mayIssue: boolean
  /** Name constraints: the domains under which it signs; empty: any. */
  readonly permits: readonly string[]
}

export type AuthorityChange = Partial<Omit<PrivateAuthority, 'arn' | 'account' | 'region' | 'createdAt' | 'changedAt'>>

const YEAR_MS = 365 * 86_400_000
/** https://docs.aws.amazon.com/privateca/latest/userguide/assign-permissions.html: all three, for issuance and renewal by ACM. */
export const RENEWAL_ACTIONS = ['IssueCertificate', 'GetCertificate', 'ListPermissions']

/** The private CAs of the simulated AWS, and what each says to a certificate that ACM asks it to sign. */
export class PrivateAuthorities {
  readonly #environment: Environment
  readonly #authorities = new Map<string, PrivateAuthority>()

  constructor(environment: Environment) {
    this.#environment = environment
  }

  /** A CA that is fit to sign, but for `options`. Gives its ARN. */
  create(options: { account: string; region: string } & AuthorityChange): string {
    const { clock, random } = this.#environment
    const { account, region } = options
    const now = clock.now()
    const arn = `arn:${partitionOf(region)}:acm-pca:${region}:${account}:certificate-authority/${uuid(random)}`
    this.#authorities.set(arn, {
      arn,
      createdAt: now,
      changedAt: now,
      status: 'ACTIVE',
      usageMode: 'GENERAL_PURPOSE',
      keyAlgorithm: 'RSA_2048',
      notBefore: now,
      notAfter: now + 10 * YEAR_MS,
      permissions: RENEWAL_ACTIONS,
      mayIssue: true,
      permits: [],
      ...options,
    })
    return arn
  }

  get(arn: string): PrivateAuthority | undefined {
    return this.#authorities.get(arn)
  }

  change(arn: string, change: AuthorityChange): void {
    const before = this.#authorities.get(arn)
    if (!before) throw new Error(`there is no private CA ${arn}`)
    this.#authorities.set(arn, { ...before, ...change, changedAt: this.#environment.clock.now() })
  }

  statusOf(authority: PrivateAuthority): AuthorityStatus {
    const isOver = authority.status === 'ACTIVE' && authority.notAfter <= this.#environment.clock.now()
    return isOver ? 'EXPIRED' : authority.status
  }

  /** Why the CA of a certificate does not sign it, in ACM's words; `undefined` where it does. */
  refusal(certificate: Certificate): FailureReason | undefined {
    const { clock, settings } = this.#environment
    const authority = this.#authorities.get(certificate.certificateAuthorityArn ?? '')
    if (!authority) return 'PCA_RESOURCE_NOT_FOUND'
    const status = this.statusOf(authority)
    if (status === 'DELETED') return 'PCA_RESOURCE_NOT_FOUND'
    if (status !== 'ACTIVE') return 'PCA_INVALID_STATE'
    if (!authority.mayIssue) return 'PCA_ACCESS_DENIED'
    // A CA for short-lived certificates signs for seven days at most, and none signs for longer than it is valid itself.
    if (authority.usageMode === 'SHORT_LIVED_CERTIFICATE') return 'PCA_INVALID_DURATION'
    if (authority.notAfter < clock.now() + settings.privateValidity) return 'PCA_INVALID_DURATION'
    if (familyOf(authority.keyAlgorithm) !== familyOf(certificate.keyAlgorithm)) return 'PCA_INVALID_ARGS'
    const { permits } = authority
    const isPermitted = (name: string) => permits.some((domain) => name === domain || name.endsWith(`.${domain}`))
    return permits.length === 0 || certificate.names.every(isPermitted) ? undefined : 'PCA_NAME_CONSTRAINTS_VALIDATION'
  }

  /** As {@link refusal}, of a renewal: ACM asks by itself, and needs the permission. */
  renewalRefusal(certificate: Certificate): FailureReason | undefined {
    const authority = this.#authorities.get(certificate.certificateAuthorityArn ?? '')
    const allowed = authority && RENEWAL_ACTIONS.every((action) => authority.permissions.includes(action))
    return this.refusal(certificate) ?? (allowed ? undefined : 'PCA_ACCESS_DENIED')
  }
}

function familyOf(keyAlgorithm: string): string {
  return keyAlgorithm.split('_')[0] ?? ''
}
