import type { Authority } from '../core/authority.ts'
import type { AcmPcaClient } from './acm-pca-client.ts'
import type { CallOptions, Calls } from './call.ts'
import { AwsError } from './errors.ts'

const ACM = 'acm.amazonaws.com'

/** What can be known of the private CAs that sign for us. */
export class AcmPca {
  readonly #client: AcmPcaClient
  readonly #calls: Calls

  constructor(options: { client: AcmPcaClient; calls: Calls }) {
    this.#client = options.client
    this.#calls = options.calls
  }

  /**
   * A private CA as it is now; its permissions stay unknown where we may not read them, or this endpoint does not have them.
   * @throws AwsError where the CA itself cannot be looked at.
   */
  async describeAuthority(arn: string, options: CallOptions = {}): Promise<Authority> {
    try {
      const answer = await this.#calls.send('DescribeCertificateAuthority', options, (http) =>
        this.#client.describeCertificateAuthority(arn, http),
      )
      const { CertificateAuthority: found } = answer
      return {
        status: found?.Status,
        usageMode: found?.UsageMode,
        keyAlgorithm: found?.CertificateAuthorityConfiguration?.KeyAlgorithm,
        notAfter: found?.NotAfter?.getTime(),
        changedAt: found?.LastStateChangeAt?.getTime(),
        renewalActions: await this.#renewalActions(arn, options),
      }
    } catch (error) {
      if (error instanceof AwsError && error.kind === 'notFound') return ABSENT
      throw error
    }
  }

  async #renewalActions(arn: string, options: CallOptions): Promise<readonly string[] | undefined> {
    const actions = new Set<string>()
    try {
      for (let token: string | undefined, page = 0; page < MOST_PAGES; page++) {
        const asked = token
        const answer = await this.#calls.send('ListPermissions', options, (http) =>
          this.#client.listPermissions(arn, asked, http),
        )
        if (!answer.Permissions) return undefined
        for (const { Principal, Actions = [] } of answer.Permissions)
          if (Principal === ACM) for (const action of Actions) actions.add(action)
        token = answer.NextToken || undefined
        if (token === undefined) break
      }
    } catch (error) {
      if (error instanceof AwsError && PASSING.includes(error.kind)) throw error
      return undefined
    }
    return [...actions].sort()
  }
}

/** A CA has few permissions, one for each service that it may be used by. */
const MOST_PAGES = 10

/** Failures after which the same is asked again; others say that it is not for us to know. */
const PASSING: readonly AwsError['kind'][] = ['throttled', 'transient', 'credentials']

const ABSENT: Authority = {
  status: 'NOT_FOUND',
  usageMode: undefined,
  keyAlgorithm: undefined,
  notAfter: undefined,
  changedAt: undefined,
  renewalActions: undefined,
}
