import type { Call } from '../call.ts'
import { refuse } from '../error.ts'
import { messages } from '../messages.ts'
import type { JsonInput } from '../wire/json.ts'
import { seconds } from '../wire/json.ts'
import type { PrivateAuthorities, PrivateAuthority } from './authorities.ts'

const ARN = /^arn:[\w+=/,.@-]+:acm-pca:[\w+=/,.@-]*:[0-9]+:certificate-authority\/[\w-]+$/

/** AWS Private CA on the wire: what can be asked about a CA. */
export class PcaOperations {
  readonly #authorities: PrivateAuthorities

  constructor(authorities: PrivateAuthorities) {
    this.#authorities = authorities
  }

  run(call: Call, input: JsonInput): { output: unknown } | 'unknown' {
    switch (call.operation) {
      case 'DescribeCertificateAuthority':
        return { output: { CertificateAuthority: this.#describe(this.#find(call, input)) } }
      case 'ListPermissions':
        return { output: { Permissions: permissionsOf(this.#find(call, input)) } }
      default:
        return 'unknown'
    }
  }

  #describe(authority: PrivateAuthority): Record<string, unknown> {
    return {
      Arn: authority.arn,
      OwnerAccount: authority.account,
      CreatedAt: seconds(authority.createdAt),
      LastStateChangeAt: seconds(authority.changedAt),
      Type: 'ROOT',
      Status: this.#authorities.statusOf(authority),
      NotBefore: seconds(authority.notBefore),
      NotAfter: seconds(authority.notAfter),
      CertificateAuthorityConfiguration: {
        KeyAlgorithm: authority.keyAlgorithm,
        SigningAlgorithm: authority.keyAlgorithm.startsWith('EC') ? 'SHA256WITHECDSA' : 'SHA256WITHRSA',
        Subject: { CommonName: 'Simulated private CA' },
      },
      UsageMode: authority.usageMode,
    }
  }

  #find(call: Call, input: JsonInput): PrivateAuthority {
    const arn = input.requiredText('CertificateAuthorityArn')
    if (!ARN.test(arn)) throw refuse('InvalidArnException', messages.invalidAuthorityArn(arn))
    const authority = this.#authorities.get(arn)
    if (authority?.region !== call.region) throw refuse('ResourceNotFoundException', messages.authorityNotFound(arn))
    return authority
  }
}

function permissionsOf({ arn, account, createdAt, permissions }: PrivateAuthority): readonly Record<string, unknown>[] {
  if (permissions.length === 0) return []
  return [
    {
      CertificateAuthorityArn: arn,
      CreatedAt: seconds(createdAt),
      Principal: 'acm.amazonaws.com',
      SourceAccount: account,
      Actions: permissions,
    },
  ]
}
