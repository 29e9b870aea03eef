import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import type { CallOptions, Calls } from './call.ts'
import { AwsError } from './errors.ts'

/** As whom our calls are made. */
export interface CallerIdentity {
  /** Twelve digits. */
  readonly account: string
  /** Of the user or of the session of a role. */
  readonly arn: string
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
}
