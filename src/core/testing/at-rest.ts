import { plan } from '../plan.ts'
import type { PlanInput } from '../situation.ts'
import type { Look } from '../step.ts'
import { HOUR, SECOND } from '../time.ts'
import { claim, detail, NOW, ours, recordOf, situation } from './situations.ts'
import type { SituationOptions } from './situations.ts'

/** `count` certificates, each issued, published and served, 25 on a load balancer; the ledger has been written. */
export function atRest(count: number, options: SituationOptions = {}): PlanInput {
  const held = Array.from({ length: count }, (_, index) => ours([`n${index}.example.com`]))
  const groupOf = (index: number) => `group/g${Math.floor(index / 25)}`
  const claims = held.map((entry, index) =>
    claim({ name: `i${index}`, hosts: entry.certificate.names, group: groupOf(index), lists: [entry] }),
  )
  const attached: Record<string, { 443: typeof held }> = {}
  held.forEach((entry, index) => (attached[groupOf(index)] ??= { 443: [] })[443].push(entry))
  const records = held.map((entry, index) => {
    const { name, value } = recordOf(entry.certificate.names[0] as string)
    // Read all over the last hour, as they were created.
    const at = NOW - SECOND - (index * HOUR) / count
    return [`Z1/${name}`, { value: { kind: 'cname', value, plain: true } as const, at, complete: true }] as const
  })
  const details = held.map((entry) => detail(entry))
  let input = situation({ claims, certificates: held, attached, details, ...options })
  input = { ...input, observation: { ...input.observation, records: new Map(records) } }
  // All that the first plan says at once: one by one each would copy the ledger.
  const { actions } = plan(input)
  const entries = actions.flatMap((action) => (action.kind === 'remember' ? [action.entry] : []))
  const reports = actions.flatMap((action) => (action.kind === 'report' ? [action.entry] : []))
  const ledger = {
    certificates: new Map(entries.map((entry) => [entry.key, entry])),
    claims: new Map(reports.map((entry) => [entry.uid, entry])),
  }
  return { ...input, ledger }
}

/** As a process knows it that has just started: the ledger and Kubernetes, and of AWS nothing that is not to be looked at again. */
export function restarted(input: PlanInput): PlanInput {
  const { certificates, zones, records } = input.observation
  const old = [...records].map(([key, record]) => [key, { ...record, at: 0 }] as const)
  return {
    ...input,
    observation: {
      ...input.observation,
      certificates: certificates && { ...certificates, at: 0, complete: false },
      certificatesSweptAt: 0,
      tagsSweptAt: undefined,
      details: new Map(),
      zones: zones && { ...zones, at: 0 },
      records: new Map(old),
      loadBalancers: undefined,
      listeners: new Map(),
    },
  }
}

/** The calls that a look costs at 2,500 certificates: pages of ListCertificates, GetResources, ListHostedZones, ListResourceRecordSets, and ELBv2. */
export function callsOf(look: Look): number {
  switch (look.kind) {
    case 'certificates':
      return look.since === undefined ? 3 : 1
    case 'tags':
      return 25
    case 'records':
      return Math.min(look.names.length, 9)
    case 'listeners':
      return 2
    case 'tagsOf':
    case 'describe':
    case 'zones':
    case 'authority':
    case 'delegation':
    case 'loadBalancers':
      return 1
  }
}
