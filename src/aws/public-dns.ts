import { Resolver as DnsResolver } from 'node:dns/promises'
import { normaliseName } from '../core/names.ts'
import type { CaaRecord, Resolver } from '../world.ts'

/** The questions that are asked of `node:dns`. */
export type DnsQueries = Pick<DnsResolver, 'resolveNs' | 'resolveCname' | 'resolveCaa'>

/**
 * Public DNS through the resolvers of this machine. An absent name, and one without records of that type, gives `[]`; any other
 * failure (SERVFAIL, no resolver) is thrown as Node's error, with its `code`.
 */
export function publicDns(queries: DnsQueries = new DnsResolver({ timeout: 3_000, tries: 2 })): Resolver {
  return {
    nameServers: async (name) => (await orEmpty(queries.resolveNs(name))).map(normaliseName),
    canonicalNames: async (name) => (await orEmpty(queries.resolveCname(name))).map(normaliseName),
    certificationAuthorities: async (name) => (await orEmpty(queries.resolveCaa(name))).flatMap(caaRecords),
  }
}

async function orEmpty<Item>(answer: Promise<Item[]>): Promise<Item[]> {
  try {
    return await answer
  } catch (error) {
    const code = (error as { code?: unknown }).code
    if (code === 'ENOTFOUND' || code === 'ENODATA') return []
    throw error
  }
}

/** Node gives `{ critical: 0, issue: 'amazon.com' }`: the tag is the name of the field. */
function caaRecords(record: object): CaaRecord[] {
  const { critical = 0, ...tags } = record as { critical?: number } & Record<string, unknown>
  return Object.entries(tags).flatMap(([tag, value]) =>
    typeof value === 'string' && tag !== 'type' ? [{ critical: critical !== 0, tag: tag.toLowerCase(), value }] : [],
  )
}
