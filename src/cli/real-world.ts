import { Resolver as SystemResolver } from 'node:dns/promises'
import { systemClock } from '../clock.ts'
import type { Transport } from '../kube/transport.ts'
import { systemRandom } from '../random.ts'
import type { AwsAccess, CaaRecord, Resolver, World } from '../world.ts'

/** The world outside: the system's clock and chance, the network, the credentials that the AWS SDK finds. */
export async function realWorld(options: { kube: Transport; region: string | undefined }): Promise<World> {
  const aws = await awsAccess(options.region)
  return { clock: systemClock, random: systemRandom, kube: options.kube, aws, dns: systemDns() }
}

async function awsAccess(given: string | undefined): Promise<AwsAccess> {
  const [{ fromNodeProviderChain }, region] = await Promise.all([
    import('@aws-sdk/credential-providers'),
    given ?? configuredRegion(),
  ])
  const provider = fromNodeProviderChain(region ? { clientConfig: { region } } : {})
  const credentials: AwsAccess['credentials'] = async () => {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await provider()
    return {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken ? { sessionToken } : {}),
      ...(expiration ? { expiration } : {}),
    }
  }
  return { region, credentials }
}

/** The region that the SDK would use by itself: `AWS_REGION`, then the profile's in the shared configuration file. */
async function configuredRegion(): Promise<string | undefined> {
  const { STSClient } = await import('@aws-sdk/client-sts')
  const client = new STSClient({})
  try {
    return await client.config.region()
  } catch {
    // The SDK throws where there is none; the world is then without a region until it is started again with one.
    return undefined
  } finally {
    client.destroy()
  }
}

function systemDns(): Resolver {
  const resolver = new SystemResolver({ timeout: 2_000, tries: 2 })
  return {
    nameServers: async (name) => (await orNone(resolver.resolveNs(name))).map(plain),
    canonicalNames: async (name) => (await orNone(resolver.resolveCname(name))).map(plain),
    certificationAuthorities: async (name) => (await orNone(resolver.resolveCaa(name))).map(caaRecord),
  }
}

/** A name that is not there, or has no such record, is an answer; anything else is a failure. */
async function orNone<T>(answers: Promise<T[]>): Promise<T[]> {
  try {
    return await answers
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTFOUND' || code === 'ENODATA') return []
    throw error
  }
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

/** Node tells the tag by the name of a property: https://nodejs.org/docs/latest-v24.x/api/dns.html#dnspromisesresolvecaahostname */
function caaRecord(record: { critical: number }): CaaRecord {
  const { critical, ...rest } = record
  const [[tag, value] = ['', '']] = Object.entries(rest as Record<string, string>).filter(([key]) => key !== 'type')
  return { critical: critical !== 0, tag, value }
}
