import { resolveNs } from 'node:dns/promises'
import { ACMClient } from '@aws-sdk/client-acm'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api'
import { GetHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { systemClock } from '../../../src/clock.ts'
import type { AwsClients, ClientOptions } from '../aws/harness.ts'
import { Site } from '../aws/site.ts'
import type { Inventory } from './inventory.ts'
import type { Options } from './options.ts'

const SECOND = 1_000

/** Who calls, and the zone in which names are made up. */
export interface Account {
  readonly account: string
  readonly caller: string
  readonly zone: { readonly id: string; readonly name: string }
  clients(options?: ClientOptions): AwsClients
}

/**
 * Finds out whose account it is, and whether the zone can be used.
 * @throws Error with a sentence for people where it cannot.
 */
export async function connect(options: Options): Promise<Account> {
  const { region, endpoint } = options
  const clients = (other: ClientOptions = {}): AwsClients => {
    const { accessKeyId, sessionToken } = other
    const stranger = accessKeyId && { accessKeyId, secretAccessKey: 'nobody’s', ...(sessionToken && { sessionToken }) }
    const config = {
      region: other.region ?? region,
      credentials: stranger || fromNodeProviderChain(),
      maxAttempts: 5,
      ...(endpoint === undefined ? {} : { endpoint }),
    }
    return {
      acm: new ACMClient(config),
      route53: new Route53Client(config),
      elbv2: new ElasticLoadBalancingV2Client(config),
      tagging: new ResourceGroupsTaggingAPIClient(config),
      sts: new STSClient(config),
    }
  }
  const { sts, route53 } = clients()
  const identity = await sts.send(new GetCallerIdentityCommand({})).catch((error: Error) => {
    const what = error.name === 'CredentialsProviderError' ? 'there are no' : 'AWS does not know these'
    throw new Error(`${what} credentials; give others (${error.name}: ${error.message})`)
  })
  const { HostedZone, DelegationSet } = await route53
    .send(new GetHostedZoneCommand({ Id: options.zone }))
    .catch((error: Error) => {
      throw new Error(`the hosted zone ${options.zone} cannot be read; name another (${error.name}: ${error.message})`)
    })
  const name = (HostedZone?.Name ?? '').replace(/\.$/, '')
  if (HostedZone?.Config?.PrivateZone) throw new Error(`the hosted zone ${name} is private; name a public one`)
  if (endpoint === undefined) await checkDelegation(name, DelegationSet?.NameServers ?? [])
  return { account: identity.Account ?? '', caller: identity.Arn ?? '', zone: { id: options.zone, name }, clients }
}

/** ACM sees nothing of a zone that the world does not ask. */
async function checkDelegation(name: string, servers: readonly string[]): Promise<void> {
  const asked = await resolveNs(name).catch(() => [])
  const known = new Set(servers.map((server) => server.toLowerCase()))
  if (!asked.some((server) => known.has(server.toLowerCase().replace(/\.$/, '')))) {
    throw new Error(`the hosted zone ${name} is not delegated to, so that no certificate would be issued; name another`)
  }
}

/** The account as a place to try facts on. */
export function siteOf(options: { account: Account; options: Options; inventory: Inventory; run: string }): Site {
  const { account, inventory, run } = options
  const { region, subnets, endpoint, patience } = options.options
  return new Site({
    account: account.account,
    region,
    zone: account.zone,
    subnets,
    // Whoever plays AWS on this machine is quicker than AWS.
    pauses: endpoint === undefined ? { first: SECOND, longest: 15 * SECOND } : { first: 100, longest: SECOND },
    patience,
    pass: (milliseconds) => systemClock.sleepUntil(systemClock.now() + milliseconds),
    now: () => systemClock.now(),
    clients: (other) => account.clients(other),
    made: inventory,
    run,
  })
}
