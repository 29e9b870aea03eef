import type { EpochMs } from '../../clock.ts'
import type { Call, ServiceName } from './call.ts'
import type { Readings } from './readings.ts'
import type { AwsSettings, Rate } from './settings.ts'

/** ACM's documented rates (acm-limits); the burst is not documented. */
const ACM_PER_SECOND: Readonly<Record<string, number>> = {
  RequestCertificate: 5,
  DescribeCertificate: 10,
  ListCertificates: 8,
  DeleteCertificate: 10,
  GetCertificate: 10,
  ListTagsForCertificate: 10,
  AddTagsToCertificate: 5,
  RemoveTagsFromCertificate: 5,
  ImportCertificate: 1,
}

/** AWS Private CA's own quotas are told by Service Quotas only; these are lower than any that was seen. */
const PCA_PER_SECOND: Readonly<Record<string, number>> = { DescribeCertificateAuthority: 5, ListPermissions: 5 }

const ROUTE53_ACCOUNT: Rate = { burst: 50, perSecond: 10 }
const ROUTE53_OPERATION: Readonly<Record<string, Rate>> = {
  CreateHostedZone: { burst: 40, perSecond: 2 },
  DeleteHostedZone: { burst: 40, perSecond: 5 },
}
const ELB_READ: Rate = { burst: 40, perSecond: 10 }
const ELB_WRITE: Rate = { burst: 20, perSecond: 3 }
const TAGGING: Rate = { burst: 15, perSecond: 15 }

interface Draw {
  readonly key: string
  readonly rate: Rate
  readonly tokens: number
}

/** Token buckets by account, region and operation, as AWS documents them. */
export class Rates {
  readonly #buckets = new Map<string, { tokens: number; at: EpochMs }>()

  /** Takes one token from each bucket that `call` draws on; `false` where one of them is empty. */
  admit(call: Call, { acmBurst }: Pick<AwsSettings, 'acmBurst'>): boolean {
    const place = `${call.account}/${call.service === 'route53' ? '' : call.region}/${call.service}`
    return this.#take(
      call.at,
      bucketsOf(call, acmBurst).map(({ name, rate }) => ({ key: `${place}/${name}`, rate, tokens: 1 })),
    )
  }

  /** Takes a token for each of `count` record changes from the account's bucket; `false` where there are not so many. */
  admitRecordChanges(call: Call, count: number, rate: Rate): boolean {
    return this.#take(call.at, [{ key: `${call.account}//route53/record changes`, rate, tokens: count }])
  }

  #take(at: EpochMs, draws: readonly Draw[]): boolean {
    const filled = draws.map(({ key, rate, tokens }) => {
      const bucket = this.#buckets.get(key) ?? { tokens: rate.burst, at }
      const present = Math.min(rate.burst, bucket.tokens + (Math.max(0, at - bucket.at) * rate.perSecond) / 1_000)
      return { key, present, tokens }
    })
    const admitted = filled.every(({ present, tokens }) => present >= tokens)
    for (const { key, present, tokens } of filled) {
      this.#buckets.set(key, { tokens: admitted ? present - tokens : present, at })
    }
    return admitted
  }
}

/** The code under which each service says that a call came too soon. */
export function throttlingCode(service: ServiceName, { loadBalancingThrottle }: Readings): string {
  switch (service) {
    case 'acm':
    case 'acm-pca':
      return 'ThrottlingException'
    case 'tagging':
      return 'ThrottledException'
    case 'elasticloadbalancing':
      return loadBalancingThrottle
    case 'route53':
    case 'sts':
      return 'Throttling'
  }
}

function bucketsOf(call: Call, acmBurst: number): { name: string; rate: Rate }[] {
  const { service, operation } = call
  switch (service) {
    case 'acm':
    case 'acm-pca': {
      const perSecond = (service === 'acm' ? ACM_PER_SECOND : PCA_PER_SECOND)[operation]
      return perSecond === undefined ? [] : [{ name: operation, rate: { burst: perSecond * acmBurst, perSecond } }]
    }
    case 'route53':
      return [
        { name: '', rate: ROUTE53_ACCOUNT },
        { name: operation, rate: ROUTE53_OPERATION[operation] ?? ROUTE53_ACCOUNT },
      ]
    case 'elasticloadbalancing': {
      const rate = operation.startsWith('Describe') ? ELB_READ : ELB_WRITE
      return [
        { name: '', rate: ELB_READ },
        { name: operation, rate },
      ]
    }
    case 'tagging':
      return [{ name: operation, rate: TAGGING }]
    case 'sts':
      return []
  }
}
