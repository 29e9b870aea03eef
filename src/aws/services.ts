import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import type { Name } from '../core/names.ts'
import type { ZoneRole } from '../core/zone-role.ts'
import { Acm } from './acm.ts'
import { AcmPca } from './acm-pca.ts'
import { AssumedRole } from './assumed-role.ts'
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
  /** Where the zones of some names are in other accounts. */
  readonly zoneRoles?: readonly ZoneRole[] | undefined
  /** Ends what waits between two tries of a record batch. */
  readonly signal?: AbortSignal | undefined
}

/** The hosted zones of one account. */
export interface Dns {
  readonly route53: Route53
  readonly records: RecordBatches
}

/** Everything that we do in one region of AWS, with the credentials of one account, under one set of quotas. */
export interface Services extends Dns {
  readonly region: string
  readonly acm: Acm
  readonly acmPca: AcmPca
  /** The zones that are reached through the role of a suffix; our own account's without one. */
  dns(suffix: Name | undefined): Dns
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
  const sts = new Sts({ client: clients.sts, calls })
  const others = (options.zoneRoles ?? []).map((role) => ({ suffix: role.suffix, ...dnsThrough(role, sts, options) }))
  const own: Dns = { route53, records: new RecordBatches({ route53, clock, random, signal }) }
  return {
    region: options.region,
    acm: new Acm({ client: clients.acm, calls }),
    acmPca: new AcmPca({ client: clients.acmPca, calls }),
    ...own,
    dns: (suffix) => others.find((other) => other.suffix === suffix) ?? own,
    elbv2: new Elbv2({ client: clients.elbv2, calls }),
    tagging: new Tagging({ client: clients.tagging, calls }),
    sts,
    quotas,
    destroy: () => {
      clients.destroy()
      for (const other of others) other.destroy()
    },
  }
}

/** Another account has quotas of its own. */
function dnsThrough(role: ZoneRole, sts: Sts, options: ServicesOptions): Dns & { destroy(): void } {
  const { clock, random, signal, access } = options
  const assumed = new AssumedRole({ sts, clock, role })
  const clients = createClients({ ...options, access: { ...access, credentials: assumed.credentials } })
  const calls = new Calls({
    ...options,
    quotas: new Quotas({ clock, share: options.quotaShare }),
    observe: (seen) => {
      if (seen.outcome === 'credentials' || seen.outcome === 'denied') assumed.forget()
      options.observe?.(seen)
    },
  })
  const route53 = new Route53({ client: clients.route53, calls })
  return { route53, records: new RecordBatches({ route53, clock, random, signal }), destroy: () => clients.destroy() }
}
