import {
  ACMClient,
  DescribeCertificateCommand,
  RequestCertificateCommand,
  type RequestCertificateCommandInput,
} from '@aws-sdk/client-acm'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api'
import { Route53Client } from '@aws-sdk/client-route-53'
import { STSClient } from '@aws-sdk/client-sts'
import { ANY_SECRET, DEFAULT_ACCESS_KEY_ID } from '../../../src/sim/aws/accounts.ts'
import type { AwsSettings } from '../../../src/sim/aws/settings.ts'
import { serveAws } from '../../../src/sim/aws/server.ts'
import { SimulatedAws } from '../../../src/sim/aws/world.ts'
import { VirtualClock } from '../../../src/sim/clock.ts'
import { seededRandom } from '../../../src/sim/random.ts'

/** The SDK's own clients, one a service, for one identity in one region. */
export interface AwsClients {
  readonly acm: ACMClient
  readonly route53: Route53Client
  readonly elbv2: ElasticLoadBalancingV2Client
  readonly tagging: ResourceGroupsTaggingAPIClient
  readonly sts: STSClient
}

export interface ClientOptions {
  readonly accessKeyId?: string
  readonly sessionToken?: string
  readonly region?: string
}

/** One world for one test, and a way to it. */
export interface AwsHarness extends AwsClients {
  readonly aws: SimulatedAws
  readonly clock: VirtualClock
  clients(options?: ClientOptions): AwsClients
  close(): Promise<void>
}

export type AwsHarnessFactory = (settings?: Partial<AwsSettings>) => Promise<AwsHarness>

/** The clients call the world in this process: no socket. */
export const inProcess: AwsHarnessFactory = async (settings) => {
  const { aws, clock } = makeWorld(settings)
  const clients = (options: ClientOptions = {}) =>
    makeClients({ ...configuration(options), requestHandler: aws.handler() })
  return { aws, clock, clients, ...clients(), close: async () => aws.close() }
}

/** The clients call the world over HTTP, with the SDK's own handler. */
export const overHttp: AwsHarnessFactory = async (settings) => {
  const { aws, clock } = makeWorld(settings)
  const server = await serveAws({ gateway: aws.gateway })
  const made: AwsClients[] = []
  const clients = (options: ClientOptions = {}) => {
    const fresh = makeClients({ ...configuration(options), endpoint: server.url })
    made.push(fresh)
    return fresh
  }
  const close = async () => {
    for (const group of made) for (const client of Object.values(group)) (client as ACMClient).destroy()
    aws.close()
    await server.close()
  }
  return { aws, clock, clients, ...clients(), close }
}

/** Throttling is off unless a test is about it: the clock stands still, so buckets would never fill. */
function makeWorld(settings: Partial<AwsSettings> | undefined): { aws: SimulatedAws; clock: VirtualClock } {
  const clock = new VirtualClock()
  return { aws: new SimulatedAws({ clock, random: seededRandom(7), settings: { rates: false, ...settings } }), clock }
}

function configuration({ accessKeyId = DEFAULT_ACCESS_KEY_ID, sessionToken, region = 'eu-central-1' }: ClientOptions) {
  const credentials = {
    accessKeyId,
    secretAccessKey: ANY_SECRET,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  }
  return { region, credentials, maxAttempts: 1 }
}

function makeClients(options: ReturnType<typeof configuration> & Record<string, unknown>): AwsClients {
  return {
    acm: new ACMClient(options),
    route53: new Route53Client(options),
    elbv2: new ElasticLoadBalancingV2Client(options),
    tagging: new ResourceGroupsTaggingAPIClient(options),
    sts: new STSClient(options),
  }
}

/** Gives a test its own world; with settings, one that behaves so. */
export type Enter = (settings?: Partial<AwsSettings>) => Promise<AwsHarness>

/** A DNS-validated request; gives the ARN. */
export async function request(
  { acm }: AwsClients,
  input: Partial<RequestCertificateCommandInput> = {},
): Promise<string> {
  const { CertificateArn } = await acm.send(
    new RequestCertificateCommand({ DomainName: 'app.example.com', ValidationMethod: 'DNS', ...input }),
  )
  if (CertificateArn === undefined) throw new Error('no ARN came back')
  return CertificateArn
}

export async function describeCertificate({ acm }: AwsClients, arn: string) {
  const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }))
  if (!Certificate) throw new Error('no detail came back')
  return Certificate
}

/** What a call failed with, as the SDK names it. */
export async function failureOf(call: Promise<unknown>): Promise<{ name: string; message: string }> {
  try {
    await call
  } catch (error) {
    if (error instanceof Error) return { name: error.name, message: error.message }
    throw error
  }
  throw new Error('the call was expected to fail, and did not')
}
