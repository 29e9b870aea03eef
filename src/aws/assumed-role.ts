import type { Clock } from '../clock.ts'
import { MINUTE } from '../core/time.ts'
import type { ZoneRole } from '../core/zone-role.ts'
import type { Credentials } from '../world.ts'
import type { AssumedCredentials, Sts } from './sts.ts'

/** So long before their end credentials are asked for anew: no call begins with what is about to end. */
const BEFORE_END = 5 * MINUTE

/** The credentials of a role that we assume, asked for when they are first needed and again before they end. */
export class AssumedRole {
  readonly #sts: Pick<Sts, 'assumeRole'>
  readonly #clock: Clock
  readonly #role: ZoneRole
  #current: Promise<AssumedCredentials> | undefined
  #until = 0

  constructor(options: { sts: Pick<Sts, 'assumeRole'>; clock: Clock; role: ZoneRole }) {
    this.#sts = options.sts
    this.#clock = options.clock
    this.#role = options.role
  }

  /** For the SDK. It rejects with the AwsError of AssumeRole. */
  readonly credentials: Credentials = async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await this.#fresh()
    // What has ended by the SDK's reckoning it asks for before each call: when they really end is judged here, on our clock.
    return { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(0) }
  }

  /** A call with them was refused: the session may have been revoked, so that the next call asks for others. */
  forget(): void {
    this.#current = undefined
  }

  #fresh(): Promise<AssumedCredentials> {
    if (this.#current && this.#clock.now() < this.#until) return this.#current
    const asked = this.#sts.assumeRole(this.#role)
    this.#current = asked
    this.#until = Number.POSITIVE_INFINITY
    asked.then(
      ({ expiresAt }) => {
        if (this.#current === asked) this.#until = expiresAt - BEFORE_END
      },
      () => {
        if (this.#current === asked) this.forget()
      },
    )
    return asked
  }
}
