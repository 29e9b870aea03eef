import type { EpochMs } from '../../../clock.ts'
import { uuid } from '../../../random.ts'
import { partitionOf, type Call } from '../call.ts'
import { draw, type Environment } from '../environment.ts'
import { refuse } from '../error.ts'
import { History } from '../history.ts'
import type { Tags } from '../ledger.ts'
import { messages } from '../messages.ts'
import { statusOf, validationRecord, type Certificate, type CertificateStatus } from './certificate.ts'
import type { CertificateRequest } from './request.ts'

const YEAR_MS = 365 * 86_400_000

/** One account's ACM in one region. */
interface Shard {
  readonly certificates: Map<string, Certificate>
  readonly tokens: Map<string, { readonly arn: string; readonly at: EpochMs }>
  requests: EpochMs[]
}

type Caller = Pick<Call, 'account' | 'region' | 'at'> & { readonly by: string }

/** All certificates of the simulated AWS, by account and region. */
export class CertificateStore {
  readonly #environment: Environment
  readonly #shards = new Map<string, Shard>()
  #sequence = 0

  constructor(environment: Environment) {
    this.#environment = environment
  }

  /** The certificate with this ARN, unless it was deleted. */
  get(arn: string): Certificate | undefined {
    const certificate = this.#shard(accountAndRegion(arn)).certificates.get(arn)
    return certificate?.deletedAt === undefined ? certificate : undefined
  }

  /** The certificates of an account and region in the order of their creation, with the deleted ones that something may still show. */
  all(place: { account: string; region: string }): Certificate[] {
    const shard = this.#shard(place)
    this.#bury(shard)
    return [...shard.certificates.values()]
  }

  /**
   * Takes a request and gives the certificate, which is an old one where ACM recognises the request.
   * @throws AwsError LimitExceededException when a quota is used up.
   */
  request(request: CertificateRequest, caller: Caller): Certificate | { readonly arn: string } {
    const shard = this.#shard(caller)
    const known = this.#recognised(shard, request, caller.at)
    if (known !== undefined) return { arn: known }
    // What a private CA signs counts for neither quota (acm-limits).
    if (request.certificateAuthorityArn === undefined) {
      this.#checkQuotas(shard, caller.at)
      shard.requests.push(caller.at)
    }
    const certificate = this.#create(request, caller)
    shard.certificates.set(certificate.arn, certificate)
    if (request.token !== undefined) shard.tokens.set(request.token, { arn: certificate.arn, at: caller.at })
    const { arn, account, region, names } = certificate
    this.#environment.ledger.append({
      kind: 'certificateRequested',
      at: caller.at,
      by: caller.by,
      arn,
      account,
      region,
      names,
      token: request.token,
      keyAlgorithm: request.keyAlgorithm,
      authority: request.certificateAuthorityArn,
      tags: request.tags,
    })
    return certificate
  }

  /** Takes up a certificate that was imported. */
  add(certificate: Certificate, by: string): void {
    this.#shard(certificate).certificates.set(certificate.arn, certificate)
    const { arn, account, region, names, createdAt } = certificate
    this.#environment.ledger.append({ kind: 'certificateImported', at: createdAt, by, arn, account, region, names })
  }

  /** A new certificate that nothing knows of yet. */
  blank(request: CertificateRequest, caller: Caller): Certificate {
    return this.#create(request, caller)
  }

  setTags(certificate: Certificate, tags: Tags, by: string): void {
    const { clock, ledger, random, settings } = this.#environment
    const at = clock.now()
    certificate.tags = tags
    certificate.taggedAs.set(at + draw(random, settings.taggingDelay), tags)
    ledger.append({ kind: 'tagsChanged', at, by, arn: certificate.arn, tags })
  }

  delete(certificate: Certificate, by: string): void {
    const { clock, ledger, random, settings } = this.#environment
    const at = clock.now()
    certificate.deletedAt = at
    certificate.unlistedAt = at + draw(random, settings.deletedInList)
    certificate.untaggedAt = at + draw(random, settings.deletedInTagging)
    const { arn, account, region, names } = certificate
    ledger.append({ kind: 'certificateDeleted', at, by, arn, account, region, names, status: statusOf(certificate) })
  }

  /** Says that load balancers began or ceased to use certificates. */
  use(arn: string, loadBalancerArn: string, used: boolean): void {
    const certificate = this.#shard(accountAndRegion(arn)).certificates.get(arn)
    if (!certificate) return
    const { clock, random, settings } = this.#environment
    const at = clock.now()
    const usage = certificate.usage.get(loadBalancerArn)
    if (used) {
      const still = usage !== undefined && (usage.until === undefined || usage.until > at)
      const gapless = still && settings.readings.reuse === 'without a gap'
      certificate.usage.set(loadBalancerArn, { since: gapless ? usage.since : at + draw(random, settings.inUseNotice) })
    } else if (usage && usage.until === undefined) {
      certificate.usage.set(loadBalancerArn, { since: usage.since, until: at + draw(random, settings.inUseRelease) })
    }
  }

  #create(request: CertificateRequest, caller: Caller): Certificate {
    const { random, settings } = this.#environment
    const { account, region, at } = caller
    const describeDelay = draw(random, settings.describeDelay)
    const { youngCertificate } = settings.readings
    const status = new History<CertificateStatus>()
    status.set(at, 'PENDING_VALIDATION')
    const taggedAs = new History<Tags>()
    taggedAs.set(at + draw(random, settings.taggingDelay), request.tags)
    const arn = `arn:${partitionOf(region)}:acm:${region}:${account}:certificate/${uuid(random)}`
    const drawn = describeDelay > 0 && random.next() < 0.5
    const bareAtFirst = youngCertificate === 'either' ? drawn : youngCertificate === 'bare'
    return {
      sequence: ++this.#sequence,
      arn,
      account,
      region,
      domainName: request.domainName,
      names: request.names,
      type: request.certificateAuthorityArn === undefined ? 'AMAZON_ISSUED' : 'PRIVATE',
      keyAlgorithm: request.keyAlgorithm,
      validationMethod: request.validationMethod,
      certificateAuthorityArn: request.certificateAuthorityArn,
      exportable: request.exportable,
      createdAt: at,
      describedAt: at + describeDelay,
      bareAtFirst,
      listDelay: describeDelay + draw(random, settings.listDelay),
      status,
      domains:
        request.validationMethod === undefined
          ? []
          : request.names.map((name) => ({
              name,
              record: request.validationMethod === 'DNS' ? validationRecord(account, name) : undefined,
              recordAt: at + Math.max(describeDelay, draw(random, settings.recordsDelay)),
              status: 'PENDING_VALIDATION',
            })),
      tags: request.tags,
      taggedAs,
      usage: new Map(),
    }
  }

  /** Traps 1 to 3 of RequestCertificate's idempotency: a token decides alone, and without one an equal request is taken for the same. */
  #recognised(shard: Shard, request: CertificateRequest, at: EpochMs): string | undefined {
    const { tokenLifetime, tokenOutlivesCertificate, tokenlessWindow } = this.#environment.settings
    for (const [token, memory] of shard.tokens) if (memory.at + tokenLifetime <= at) shard.tokens.delete(token)
    if (request.token !== undefined) {
      const memory = shard.tokens.get(request.token)
      return memory && (tokenOutlivesCertificate || this.get(memory.arn)) ? memory.arn : undefined
    }
    const names = [...request.names].sort().join()
    for (const certificate of shard.certificates.values()) {
      if (
        certificate.deletedAt === undefined &&
        certificate.createdAt + tokenlessWindow > at &&
        certificate.domainName === request.domainName &&
        [...certificate.names].sort().join() === names
      ) {
        return certificate.arn
      }
    }
    return undefined
  }

  #checkQuotas(shard: Shard, at: EpochMs): void {
    const { quotas } = this.#environment.settings
    shard.requests = shard.requests.filter((instant) => instant > at - YEAR_MS)
    if (shard.requests.length >= quotas.requestsPerYear) {
      throw refuse('LimitExceededException', messages.yearlyLimit(quotas.requestsPerYear))
    }
    let present = 0
    for (const { deletedAt, type } of shard.certificates.values())
      if (deletedAt === undefined && type !== 'PRIVATE') present++
    if (present >= quotas.certificates) throw refuse('LimitExceededException', messages.certificateLimit)
  }

  #shard({ account, region }: { account: string; region: string }): Shard {
    const key = `${account}/${region}`
    let shard = this.#shards.get(key)
    if (!shard) {
      shard = { certificates: new Map(), tokens: new Map(), requests: [] }
      this.#shards.set(key, shard)
    }
    return shard
  }

  /** Forgets deleted certificates that no list shows any more, not even a stale one. */
  #bury(shard: Shard): void {
    const horizon = this.#environment.clock.now() - 3_600_000
    for (const [arn, { unlistedAt, untaggedAt }] of shard.certificates) {
      if (Math.max(unlistedAt ?? Infinity, untaggedAt ?? Infinity) < horizon) shard.certificates.delete(arn)
    }
  }
}

/** The account and region in an ARN; empty texts where it is none. */
export function accountAndRegion(arn: string): { account: string; region: string } {
  const [, , , region = '', account = ''] = arn.split(':')
  return { account, region }
}
