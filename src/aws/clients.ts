import { ACMClient, type ACMClientConfig } from '@aws-sdk/client-acm'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api'
import { Route53Client } from '@aws-sdk/client-route-53'
import { STSClient } from '@aws-sdk/client-sts'
import type { AwsAccess, Credentials } from '../world.ts'
import { AcmPcaClient } from './acm-pca-client.ts'
import { AwsError, CredentialsUnavailable } from './errors.ts'

/** The SDK's clients for one region (Route 53 has none: its own endpoint whatever the region of the partition). */
export interface Clients {
  readonly region: string
  readonly acm: ACMClient
  readonly acmPca: AcmPcaClient
  readonly route53: Route53Client
  readonly elbv2: ElasticLoadBalancingV2Client
  readonly tagging: ResourceGroupsTaggingAPIClient
  readonly sts: STSClient
  /** Closes the connections. */
  destroy(): void
}

export interface ClientsOptions {
  readonly access: Pick<AwsAccess, 'credentials' | 'requestHandler'>
  readonly region: string
  /** Certwright's, for the user agent: `certwright/0.1.0`. */
  readonly version: string
  /** After so long without a connection, or an answer, the platform's handler gives up. Default 5 s and 15 s. */
  readonly connectionTimeoutMs?: number
  readonly requestTimeoutMs?: number
}

/**
 * Makes the clients. With a `requestHandler` they read neither files nor environment, and a call takes no time but the handler's: the
 * embedded world owns everything. Without one they talk to the network as the environment says (`AWS_ENDPOINT_URL`, FIPS, dual stack).
 */
export function createClients(options: ClientsOptions): Clients {
  const { access, region, version } = options
  const config = {
    region,
    credentials: named(access.credentials),
    // Retries are ours, on our clock: the SDK would repeat ACM's LimitExceededException as if it were a throttle.
    maxAttempts: 1,
    retryMode: 'standard',
    customUserAgent: [['certwright', version]] as [string, string][],
    ...(access.requestHandler === undefined ? onTheNetwork(options) : inProcess(access.requestHandler)),
  }
  const clients = {
    acm: new ACMClient(config),
    acmPca: new AcmPcaClient(config),
    route53: new Route53Client(config),
    elbv2: new ElasticLoadBalancingV2Client(config),
    tagging: new ResourceGroupsTaggingAPIClient(config),
    sts: new STSClient(config),
  }
  return {
    region,
    ...clients,
    destroy: () => {
      for (const client of Object.values(clients)) client.destroy()
    },
  }
}

/** `requestTimeout` alone only warns. */
function onTheNetwork(options: ClientsOptions) {
  return {
    requestHandler: {
      connectionTimeout: options.connectionTimeoutMs ?? 5_000,
      requestTimeout: options.requestTimeoutMs ?? 15_000,
      throwOnRequestTimeout: true,
    },
  }
}

/** Each of these would otherwise be looked for in the environment and in the files under `~/.aws` at a client's first call. */
function inProcess(requestHandler: NonNullable<AwsAccess['requestHandler']>) {
  return {
    // Its `abortSignal` may also be a type of the SDK's own from before the platform had one; we pass the platform's only.
    requestHandler: requestHandler as unknown as NonNullable<ACMClientConfig['requestHandler']>,
    defaultsMode: 'standard' as const,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    ignoreConfiguredEndpointUrls: true,
    userAgentAppId: '',
    authSchemePreference: [],
    disableClockSkewCorrection: false,
  }
}

/** The SDK calls the provider in the middle of a call: without a name of its own its failure would look like AWS's answer to that call. */
function named(credentials: Credentials): Credentials {
  return async () => {
    try {
      return await credentials()
    } catch (cause) {
      // What AWS answered to a call for credentials says more.
      if (cause instanceof AwsError) throw cause
      throw new CredentialsUnavailable(cause)
    }
  }
}
