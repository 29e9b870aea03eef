import type { Services } from '../aws/services.ts'
import type { Priority } from '../aws/quotas.ts'
import type { Clock, EpochMs } from '../clock.ts'
import {
  mergeCertificates,
  mergeDetail,
  mergeListeners,
  mergeNotFound,
  mergeRecords,
  mergeTags,
  mergeTagSweep,
} from '../core/observe.ts'
import type { Look } from '../core/step.ts'
import { roleForRecord } from '../core/zone-role.ts'
import type { Resolver } from '../world.ts'
import type { Facts } from './facts.ts'

export interface Eyes {
  readonly clock: Clock
  readonly services: Services
  readonly dns: Resolver
  readonly facts: Facts
}

/** Performs one look and merges what it brought. A look that fails, or is not whole, changes nothing. */
export async function performLook(
  look: Look,
  eyes: Eyes,
  signal: AbortSignal,
  priority: Priority = priorityOf(look),
): Promise<void> {
  const { clock, services, facts } = eyes
  const at = clock.now()
  const options = { signal, priority }
  switch (look.kind) {
    case 'certificates': {
      const { certificates, complete } = await services.acm.listCertificates({
        ...options,
        ...(look.since === undefined ? {} : { since: look.since }),
      })
      facts.update((observation) => mergeCertificates(observation, { certificates, complete, since: look.since, at }))
      return
    }
    case 'tags': {
      const tags = await services.tagging.certificateTags({ ...options, cluster: facts.settings.cluster })
      facts.update((observation) => mergeTagSweep(observation, tags, at))
      return
    }
    case 'tagsOf': {
      const tags = await services.acm.listTags(look.arn, options)
      facts.update((observation) =>
        tags === 'notFound'
          ? mergeNotFound(observation, look.arn, at)
          : mergeTags(observation, new Map([[look.arn, tags]]), at),
      )
      return
    }
    case 'describe': {
      const detail = await services.acm.describeCertificate(look.arn, options)
      facts.update((observation) =>
        detail === 'notFound' ? mergeNotFound(observation, look.arn, at) : mergeDetail(observation, detail, at),
      )
      return
    }
    case 'zones': {
      const { role } = look
      const value = await services.dns(role).route53.listZones(options)
      const seen = { value, at, complete: true }
      facts.update((observation) =>
        role === undefined
          ? { ...observation, zones: seen }
          : { ...observation, zonesByRole: new Map(observation.zonesByRole).set(role, seen) },
      )
      return
    }
    case 'authority': {
      const value = await services.acmPca.describeAuthority(look.authority, options)
      const seen = { value, at, complete: true }
      facts.update((observation) => ({
        ...observation,
        authorities: new Map(observation.authorities).set(look.authority, seen),
      }))
      return
    }
    case 'delegation':
      return lookAtDelegation(look.zone, eyes, at, signal)
    case 'records': {
      const role = roleForRecord(look.names[0] ?? '', facts.settings.zoneRoles)?.suffix
      const records = await services.dns(role).route53.readRecords({ zoneId: look.zone, names: look.names, ...options })
      facts.update((observation) => mergeRecords(observation, look.zone, records, at))
      return
    }
    case 'loadBalancers': {
      const found = await services.elbv2.describeLoadBalancers(options)
      const value = new Map(found.map((loadBalancer) => [loadBalancer.arn, loadBalancer]))
      facts.update((observation) => ({ ...observation, loadBalancers: { value, at, complete: true } }))
      return
    }
    case 'listeners': {
      const listeners = await services.elbv2.describeListeners(look.loadBalancer, options)
      facts.update((observation) =>
        mergeListeners(observation, {
          loadBalancer: look.loadBalancer,
          listeners,
          at,
          changedAt: changedAt(look.loadBalancer, facts),
        }),
      )
      return
    }
  }
}

/** Sweeps give way to what somebody waits for. */
function priorityOf(look: Look): Priority {
  switch (look.kind) {
    case 'certificates':
      return look.since === undefined ? 'background' : 'interactive'
    case 'tags':
    case 'records':
      return 'background'
    case 'tagsOf':
    case 'describe':
    case 'zones':
    case 'authority':
    case 'delegation':
    case 'loadBalancers':
    case 'listeners':
      return 'interactive'
  }
}

/** The last change of any object of the groups that this load balancer serves. */
function changedAt(loadBalancer: string, facts: Facts): EpochMs {
  const { observation, claims } = facts.input()
  const hostname = observation.loadBalancers?.value.get(loadBalancer)?.dnsName
  let latest = 0
  for (const claim of claims) {
    if (hostname === undefined || !claim.ingress.hostnames.includes(hostname)) continue
    latest = Math.max(latest, observation.groupChangedAt.get(claim.group) ?? 0)
  }
  return latest
}

/** Several public zones share a name: the one whose name servers public DNS delegates to answers. */
async function lookAtDelegation(
  zone: string,
  { services, dns, facts }: Eyes,
  at: EpochMs,
  signal: AbortSignal,
): Promise<void> {
  const delegated = new Set(await dns.nameServers(zone))
  const { zones, zonesByRole } = facts.observation
  const accounts = [[undefined, zones] as const, ...zonesByRole]
  const candidates = accounts.flatMap(([role, seen]) =>
    (seen?.value ?? []).flatMap(({ id, name, private: hidden }) => (name === zone && !hidden ? [{ id, role }] : [])),
  )
  const answering: string[] = []
  for (const candidate of candidates) {
    const servers = await services.dns(candidate.role).route53.nameServersOf(candidate.id, { signal })
    if (servers.some((server) => delegated.has(server))) answering.push(candidate.id)
  }
  const value = answering.length === 1 ? answering[0] : undefined
  facts.update((observation) => ({
    ...observation,
    delegations: new Map(observation.delegations).set(zone, { value, at, complete: true }),
  }))
}
