import type { RequestHandler } from './aws/handler.ts'
import type { Clock } from './clock.ts'
import type { Transport } from './kube/transport.ts'
import type { Random } from './random.ts'

/** Public DNS, as resolvers of the internet see it. Names come and go without a trailing dot, lower-case. An absent name gives `[]`. */
export interface Resolver {
  nameServers(name: string): Promise<readonly string[]>
  canonicalNames(name: string): Promise<readonly string[]>
  certificationAuthorities(name: string): Promise<readonly CaaRecord[]>
}

export interface CaaRecord {
  readonly critical: boolean
  /** `issue`, `issuewild`, `iodef`, … */
  readonly tag: string
  readonly value: string
}

/** Credentials as the SDK wants them: a provider that refreshes itself. */
export type Credentials = () => Promise<{
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  expiration?: Date
}>

/** The door to AWS. Real SDK clients always; what differs between worlds is the handler under them. */
export interface AwsAccess {
  /** Undefined where none is configured yet: said, and tried again, not an end. */
  readonly region: string | undefined
  readonly credentials: Credentials
  /** Absent: the SDK's own, on the network. */
  readonly requestHandler?: RequestHandler | undefined
}

/** Everything outside this process. Whatever does not come in here cannot be simulated. */
export interface World {
  readonly clock: Clock
  readonly random: Random
  readonly kube: Transport
  readonly aws: AwsAccess
  readonly dns: Resolver
}
