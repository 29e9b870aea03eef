import { AssumeRoleCommand, GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import type { EpochMs } from '../clock.ts'
import type { ZoneRole } from '../core/zone-role.ts'
import type { CallOptions, Calls } from './call.ts'
import { AwsError } from './errors.ts'

/** As whom our calls are made. */
export interface CallerIdentity {
  /** Twelve digits. */
  readonly account: string
  /** Of the user or of the session of a role. */
  readonly arn: string
}

/** Temporary credentials. */
export interface AssumedCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiresAt: EpochMs
}

/** Who we are, from the Security Token Service. */
export class Sts {
  readonly #client: STSClient
  readonly #calls: Calls

  constructor(options: { client: STSClient; calls: Calls }) {
    this.#client = options.client
    this.#calls = options.calls
  }

  /** No IAM permission is needed for it. @throws AwsError */
  async callerIdentity(options: CallOptions = {}): Promise<CallerIdentity> {
    const operation = 'GetCallerIdentity'
    const answer = await this.#calls.send(operation, options, (http) =>
      this.#client.send(new GetCallerIdentityCommand({}), http),
    )
    if (!answer.Account) {
      throw new AwsError({ kind: 'transient', code: 'NoAccount', detail: 'the answer names no account', operation })
    }
    return { account: answer.Account, arn: answer.Arn ?? '' }
  }

  /** For an hour, which is all that a role which was itself assumed may ask for. @throws AwsError */
  async assumeRole(role: ZoneRole, options: CallOptions = {}): Promise<AssumedCredentials> {
    const operation = 'AssumeRole'
    const { Credentials } = await this.#calls.send(operation, options, (http) =>
      this.#client.send(
        new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'certwright', ExternalId: role.externalId }),
        http,
      ),
    )
    if (!Credentials?.AccessKeyId || !Credentials.SecretAccessKey || !Credentials.SessionToken) {
      const detail = 'the answer has no credentials'
      throw new AwsError({ kind: 'transient', code: 'NoCredentials', detail, operation })
    }
    return {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
      expiresAt: Credentials.Expiration?.getTime() ?? 0,
    }
  }
}
