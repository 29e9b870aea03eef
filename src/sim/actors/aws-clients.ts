import { ACMClient, type ACMClientConfig } from '@aws-sdk/client-acm'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { Route53Client } from '@aws-sdk/client-route-53'
import type { RequestHandler } from '../../aws/handler.ts'

export interface AwsClients {
  readonly acm: ACMClient
  readonly elbv2: ElasticLoadBalancingV2Client
  readonly route53: Route53Client
}

/**
 * SDK clients of an actor. Everything that the SDK would look up in the environment or in files is given, so that no real I/O happens
 * while a virtual clock runs; nothing is retried here.
 */
export function createAwsClients(options: {
  region: string
  accessKeyId: string
  requestHandler: RequestHandler
}): AwsClients {
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
    disableClockSkewCorrection: false,
    ignoreConfiguredEndpointUrls: true,
    authSchemePreference: [],
    // The SDK's type also allows aborts of its own kind; it only ever passes the platform's.
    requestHandler: requestHandler as NonNullable<ACMClientConfig['requestHandler']>,
  }
  const endpoint = (service: string) => `https://${service}.amazonaws.com`
  return {
    acm: new ACMClient({ ...common, endpoint: endpoint(`acm.${region}`) }),
    elbv2: new ElasticLoadBalancingV2Client({ ...common, endpoint: endpoint(`elasticloadbalancing.${region}`) }),
    route53: new Route53Client({ ...common, endpoint: endpoint('route53') }),
  }
}
