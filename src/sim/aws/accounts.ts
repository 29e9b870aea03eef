import type { Clock, EpochMs } from '../../clock.ts'
import type { Random } from '../../random.ts'
import type { AwsRequest } from '../../aws/handler.ts'
import { AwsError } from './error.ts'
import { messages } from './messages.ts'
import { header, type Protocol } from './wire/protocol.ts'

/** Who holds an access key. */
export interface Principal {
  readonly accessKeyId: string
  readonly account: string
  readonly arn: string
  readonly userId: string
  /** Of temporary credentials. */
  readonly expiresAt?: EpochMs
}

export interface Role {
  readonly arn: string
  readonly externalId?: string | undefined
}

export const DEFAULT_ACCOUNT = '111122223333'
export const DEFAULT_ACCESS_KEY_ID = 'AKIDCERTWRIGHT'
/** Signatures are not verified; a client wants something to sign with. */
export const ANY_SECRET = 'not-verified-by-the-simulation'

/** The accounts, access keys and roles of the simulated AWS. */
export class Accounts {
  readonly #clock: Clock
  readonly #random: Random
  readonly #principals = new Map<string, Principal>()
  readonly #roles = new Map<string, Role>()

  constructor(options: { clock: Clock; random: Random }) {
    this.#clock = options.clock
    this.#random = options.random
    this.createAccessKey({ accessKeyId: DEFAULT_ACCESS_KEY_ID, account: DEFAULT_ACCOUNT, userName: 'certwright' })
  }

  /** Lets `accessKeyId` call as the user `userName` of `account`. */
  createAccessKey(options: { accessKeyId: string; account?: string; userName: string }): Principal {
    const account = options.account ?? DEFAULT_ACCOUNT
    const principal: Principal = {
      accessKeyId: options.accessKeyId,
      account,
      arn: `arn:aws:iam::${account}:user/${options.userName}`,
      userId: `AIDA${options.accessKeyId.slice(4).padEnd(16, '0')}`,
    }
    this.#principals.set(principal.accessKeyId, principal)
    return principal
  }

  /** Makes `arn` a role that anybody who knows its external ID may assume. */
  createRole(role: Role): void {
    this.#roles.set(role.arn, role)
  }

  /** Takes a role away, or only the trust in whoever assumed it: `sessions` ends what it gave, too. */
  deleteRole(arn: string, { sessions = false } = {}): void {
    this.#roles.delete(arn)
    if (!sessions) return
    const [, , , , account = '', resource = ''] = arn.split(':')
    const assumed = `arn:aws:sts::${account}:assumed-role/${resource.split('/').at(-1)}/`
    for (const [key, principal] of this.#principals)
      if (principal.arn.startsWith(assumed)) this.#principals.set(key, { ...principal, expiresAt: this.#clock.now() })
  }

  /** Temporary credentials of a role, or `undefined` where the caller may not have them. */
  assume(options: {
    roleArn: string
    externalId: string | undefined
    sessionName: string
    seconds: number
  }): Principal | undefined {
    const role = this.#roles.get(options.roleArn)
    const [, , , , account = '', resource = ''] = options.roleArn.split(':')
    if (!role || (role.externalId !== undefined && role.externalId !== options.externalId)) return undefined
    const accessKeyId = `ASIA${this.#random.hex(8).toUpperCase()}`
    const roleName = resource.split('/').at(-1) ?? ''
    const principal: Principal = {
      accessKeyId,
      account,
      arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${options.sessionName}`,
      userId: `AROA${roleName.toUpperCase().slice(0, 16).padEnd(16, '0')}:${options.sessionName}`,
      expiresAt: this.#clock.now() + options.seconds * 1_000,
    }
    this.#forgetExpired()
    this.#principals.set(accessKeyId, principal)
    return principal
  }

  /**
   * Who signed a request, and for which region and service.
   * @throws AwsError in the form of `protocol` when nobody did, the key is unknown, or its time is over.
   */
  authenticate(request: AwsRequest, protocol: Protocol): { principal: Principal; region: string; service: string } {
    const authorization = header(request, 'authorization') ?? ''
    const match = /Credential=([^/\s,]+)\/\d{8}\/([^/\s,]+)\/([^/\s,]+)\/aws4_request/.exec(authorization)
    const json = protocol === 'json'
    if (!match) {
      throw json
        ? new AwsError({ code: 'MissingAuthenticationTokenException', message: messages.missingToken })
        : new AwsError({ code: 'MissingAuthenticationToken', message: messages.missingToken, statusCode: 403 })
    }
    const [, accessKeyId = '', region = '', service = ''] = match
    const principal = this.#principals.get(accessKeyId)
    if (!principal) {
      throw json
        ? new AwsError({ code: 'UnrecognizedClientException', message: messages.invalidToken })
        : new AwsError({ code: 'InvalidClientTokenId', message: messages.invalidToken, statusCode: 403 })
    }
    if (principal.expiresAt !== undefined && principal.expiresAt <= this.#clock.now()) throw expiredToken(protocol)
    return { principal, region, service }
  }

  /** A key stays known for a day after its end, to be told that it is expired; then it is forgotten. */
  #forgetExpired(): void {
    const before = this.#clock.now() - 86_400_000
    for (const [key, { expiresAt }] of this.#principals) {
      if (expiresAt !== undefined && expiresAt < before) this.#principals.delete(key)
    }
  }
}

/** How a call with credentials whose time is over is answered. */
export function expiredToken(protocol: Protocol): AwsError {
  return protocol === 'json'
    ? new AwsError({ code: 'ExpiredTokenException', message: messages.expiredToken })
    : new AwsError({ code: 'ExpiredToken', message: messages.expiredToken, statusCode: 403 })
}
