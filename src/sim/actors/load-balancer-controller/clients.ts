import { ACMClient, type ACMClientConfig } from '@aws-sdk/client-acm'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { RequestHandler } from '../../../aws/handler.ts'

export interface Clients {
  readonly acm: ACMClient
  readonly elbv2: ElasticLoadBalancingV2Client
}

/**
 * SDK clients of the actor's own. Everything that the SDK would look up in the environment or in files is given, so that no real I/O
 * happens while a virtual clock runs; retries are the queue's.
 */
export function createClients(options: {
  region: string
  accessKeyId: string
  requestHandler: RequestHandler
}): Clients {
  const { region, accessKeyId, requestHandler } = options
  const common = {
    region,
    credentials: { accessKeyId, secretAccessKey: 'not-verified-by-the-simulation' },
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard' as const,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: async () => undefined,
    authSchemePreference: [],
    // The SDK's type also allows aborts of its own kind; it only ever passes the platform's.
    requestHandler: requestHandler as NonNullable<ACMClientConfig['requestHandler']>,
  }
  return {
    acm: new ACMClient({ ...common, endpoint: `https://acm.${region}.amazonaws.com` }),
    elbv2: new ElasticLoadBalancingV2Client({
      ...common,
      endpoint: `https://elasticloadbalancing.${region}.amazonaws.com`,
    }),
  }
}
