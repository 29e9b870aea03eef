import { ANY_SECRET, type Accounts, type Principal } from './accounts.ts'
import type { Call } from './call.ts'
import { AwsError, refuse } from './error.ts'
import { messages } from './messages.ts'
import type { QueryInput } from './wire/query.ts'
import { leaf, node } from './wire/xml.ts'

const ROLE_ARN = /^arn:[\w-]+:iam::\d{12}:role\/\S+$/

/** STS on the wire: AssumeRole and GetCallerIdentity. */
export class StsOperations {
  readonly #accounts: Accounts

  constructor(accounts: Accounts) {
    this.#accounts = accounts
  }

  run(call: Call, input: QueryInput, principal: Principal): { output: string } | 'unknown' {
    switch (call.operation) {
      case 'GetCallerIdentity':
        return {
          output: leaf('Arn', principal.arn) + leaf('UserId', principal.userId) + leaf('Account', principal.account),
        }
      case 'AssumeRole':
        return { output: this.#assumeRole(input, principal) }
      default:
        return 'unknown'
    }
  }

  #assumeRole(input: QueryInput, caller: Principal): string {
    const roleArn = input.text('RoleArn') ?? ''
    const sessionName = input.text('RoleSessionName') ?? ''
    const seconds = input.number('DurationSeconds') ?? 3_600
    if (!ROLE_ARN.test(roleArn)) throw refuse('ValidationError', messages.parameterRequired('RoleArn'))
    if (!/^[\w+=,.@-]{2,64}$/.test(sessionName))
      throw refuse('ValidationError', messages.parameterRequired('RoleSessionName'))
    if (!(seconds >= 900 && seconds <= 43_200)) throw refuse('ValidationError', messages.valueBetween(900, 43_200))
    const session = this.#accounts.assume({ roleArn, externalId: input.text('ExternalId'), sessionName, seconds })
    if (!session) {
      throw new AwsError({
        code: 'AccessDenied',
        message: messages.assumeRoleDenied(caller.arn, roleArn),
        statusCode: 403,
      })
    }
    return (
      node(
        'Credentials',
        leaf('AccessKeyId', session.accessKeyId),
        leaf('SecretAccessKey', ANY_SECRET),
        leaf('SessionToken', `session-of-${session.accessKeyId}`),
        leaf('Expiration', new Date(session.expiresAt ?? 0).toISOString()),
      ) + node('AssumedRoleUser', leaf('AssumedRoleId', session.userId), leaf('Arn', session.arn))
    )
  }
}
