import type { Certificate } from './acm/certificate.ts'
import type { CertificateStore } from './acm/store.ts'
import type { Call } from './call.ts'
import type { LoadBalancers } from './elbv2/load-balancers.ts'
import { refuse } from './error.ts'
import type { Tags } from './ledger.ts'
import { messages } from './messages.ts'
import type { JsonInput } from './wire/json.ts'

interface Resource {
  readonly arn: string
  readonly type: string
  readonly tags: Tags
}

const LARGEST_PAGE = 100
const TOKEN_LIFETIME_MS = 15 * 60_000

/** The Resource Groups Tagging API on the wire: GetResources, over certificates and load balancers. */
export class TaggingOperations {
  readonly #certificates: CertificateStore
  readonly #loadBalancers: LoadBalancers

  constructor(options: { certificates: CertificateStore; loadBalancers: LoadBalancers }) {
    this.#certificates = options.certificates
    this.#loadBalancers = options.loadBalancers
  }

  run(call: Call, input: JsonInput): { output: unknown } | 'unknown' {
    return call.operation === 'GetResources' ? { output: this.#getResources(call, input) } : 'unknown'
  }

  #getResources(call: Call, input: JsonInput): unknown {
    const size = Math.min(input.integer('ResourcesPerPage', [1, LARGEST_PAGE]) ?? LARGEST_PAGE, call.pageLimit)
    const arns = input.texts('ResourceARNList')
    const types = input.texts('ResourceTypeFilters')
    const filters = input.structures('TagFilters') ?? []
    const token = input.text('PaginationToken') || undefined
    if (arns && (types || filters.length > 0 || token !== undefined)) {
      throw refuse('InvalidParameterException', messages.arnListAlone)
    }
    const after = token === undefined ? undefined : readToken(token, call.at)
    const wanted = filters.map((filter) => ({ key: filter.requiredText('Key'), values: filter.texts('Values') ?? [] }))
    const found = this.#resources(call)
      .filter(({ arn }) => !arns || arns.includes(arn))
      .filter(({ type }) => !types || types.some((filter) => type === filter || type.startsWith(`${filter}:`)))
      .filter(({ tags }) => wanted.every((filter) => matches(tags, filter)))
      .filter(({ arn }) => after === undefined || arn > after)
      .sort((a, b) => (a.arn < b.arn ? -1 : 1))
    const page = found.slice(0, size)
    const last = page.at(-1)
    return {
      // At the end the token is empty, not absent.
      PaginationToken: found.length > size && last ? writeToken(last.arn, call.at) : '',
      ResourceTagMappingList: page.map(({ arn, tags }) => ({
        ResourceARN: arn,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      })),
    }
  }

  /** What is tagged, or was, as the tagging API has heard of it. */
  #resources(call: Call): Resource[] {
    const now = call.at - call.staleBy
    const certificates = this.#certificates.all(call).flatMap((certificate) => {
      const tags = seen(certificate, now)
      return tags ? [{ arn: certificate.arn, type: 'acm:certificate', tags }] : []
    })
    const loadBalancers = this.#loadBalancers
      .in(call)
      .filter(({ tags }) => Object.keys(tags).length > 0)
      .map(({ arn, tags }) => ({ arn, type: 'elasticloadbalancing:loadbalancer', tags }))
    return [...certificates, ...loadBalancers]
  }
}

/** The tags that the tagging API shows of a certificate; `undefined` while it does not show it at all. */
function seen({ taggedAs, untaggedAt }: Certificate, now: number): Tags | undefined {
  if (untaggedAt !== undefined && untaggedAt <= now) return undefined
  const tags = taggedAs.at(now)
  return tags && Object.keys(tags).length > 0 ? tags : undefined
}

/** A filter without values asks for the key alone. */
function matches(tags: Tags, { key, values }: { key: string; values: readonly string[] }): boolean {
  const value = tags[key]
  return value !== undefined && (values.length === 0 || values.includes(value))
}

function writeToken(arn: string, at: number): string {
  return Buffer.from(`${at} ${arn}`).toString('base64')
}

function readToken(token: string, now: number): string {
  const match = /^(\d+) (\S+)$/.exec(Buffer.from(token, 'base64').toString('utf8'))
  if (!match || Number(match[1]) + TOKEN_LIFETIME_MS < now) {
    throw refuse('PaginationTokenExpiredException', messages.paginationTokenExpired)
  }
  return match[2] ?? ''
}
