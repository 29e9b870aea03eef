import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import { Acm } from './acm.ts'
import { AcmPca } from './acm-pca.ts'
import { Calls, type CallsOptions } from './call.ts'
import { createClients, type ClientsOptions } from './clients.ts'
import { Elbv2 } from './elbv2.ts'
import { Quotas } from './quotas.ts'
import { RecordBatches } from './record-batch.ts'
import { Route53 } from './route53.ts'
import { Sts } from './sts.ts'
import { Tagging } from './tagging.ts'

export interface ServicesOptions extends ClientsOptions, Pick<CallsOptions, 'timeoutMs' | 'observe' | 'beforeChange'> {
  readonly clock: Clock
  readonly random: Random
  /** See {@link Quotas}. */
  readonly quotaShare?: number | undefined
  /** Ends what waits between two tries of a record batch. */
  readonly signal?: AbortSignal | undefined
}

/** Everything that we do in one region of AWS, with the credentials of one account, under one set of quotas. */
export interface Services {
  readonly region: string
  readonly acm: Acm
  readonly acmPca: AcmPca
  readonly route53: Route53
  readonly records: RecordBatches
  readonly elbv2: Elbv2
  readonly tagging: Tagging
  readonly sts: Sts
  readonly quotas: Quotas
  /** Closes the connections. */
  destroy(): void
}

/** Wires the adapters of one region. Sends nothing. */
export function createServices(options: ServicesOptions): Services {
  const { clock, random, signal } = options
  const clients = createClients(options)
  const quotas = new Quotas({ clock, share: options.quotaShare })
  const calls = new Calls({ ...options, quotas })
  const route53 = new Route53({ client: clients.route53, calls })
  return {
    region: options.region,
    acm: new Acm({ client: clients.acm, calls }),
    acmPca: new AcmPca({ client: clients.acmPca, calls }),
    route53,
    records: new RecordBatches({ route53, clock, random, signal }),
    elbv2: new Elbv2({ client: clients.elbv2, calls }),
    tagging: new Tagging({ client: clients.tagging, calls }),
    sts: new Sts({ client: clients.sts, calls }),
    quotas,
    destroy: () => clients.destroy(),
  }
}
