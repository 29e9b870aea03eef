import { type ACMClient, DeleteCertificateCommand } from '@aws-sdk/client-acm'
import { DeleteLoadBalancerCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  ChangeResourceRecordSetsCommand,
  DeleteHostedZoneCommand,
  ListResourceRecordSetsCommand,
  type Change,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53'
import type { AwsClients } from '../aws/harness.ts'
import type { Made } from '../aws/site.ts'

/** Everything that a run made, whether or not it is still there. */
export class Inventory implements Made {
  readonly certificates = new Set<string>()
  readonly hostedZones = new Set<string>()
  readonly loadBalancers = new Set<string>()
  /** Of zones that were there before: name and type. */
  readonly records = new Map<string, { readonly zoneId: string; readonly name: string; readonly type: string }>()
  /** How many records were written, those in zones of the run included. */
  written = 0

  certificate(arn: string): void {
    this.certificates.add(arn)
  }

  hostedZone(id: string): void {
    this.hostedZones.add(id)
  }

  loadBalancer(arn: string): void {
    this.loadBalancers.add(arn)
  }

  record(zoneId: string, { Action, ResourceRecordSet: set }: Change): void {
    if (Action === 'DELETE') return
    this.written += 1
    if (this.hostedZones.has(zoneId)) return
    const [name, type] = [set?.Name ?? '', set?.Type ?? '']
    this.records.set(`${zoneId} ${name} ${type}`, { zoneId, name, type })
  }
}

/** A batch of DELETEs that Route 53 takes. */
const MOST_CHANGES = 500

/**
 * Takes everything away again that is still there.
 * @returns what is left, each with why, in words for people.
 */
export async function cleanUp(options: {
  inventory: Inventory
  clients: AwsClients
  /** Does something until it succeeds, for as long as a load balancer may hold on to its certificates. */
  patiently: (what: string, attempt: () => Promise<boolean>) => Promise<void>
}): Promise<string[]> {
  const { inventory, clients, patiently } = options
  const left: string[] = []
  const take = async (what: string, attempt: () => Promise<unknown>) => {
    try {
      await attempt()
    } catch (error) {
      if (!isGone(error)) left.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  for (const LoadBalancerArn of inventory.loadBalancers)
    await take(LoadBalancerArn, () => clients.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn })))
  for (const { zoneId, name, type } of inventory.records.values())
    await take(`the record ${name} ${type}`, () => deleteRecord(clients, zoneId, name, type))
  for (const id of inventory.hostedZones) await take(`the hosted zone ${id}`, () => deleteZone(clients, id))
  for (const arn of inventory.certificates)
    await take(arn, () => patiently(`${arn} is deleted`, () => deleteCertificate(clients.acm, arn)))
  return left
}

async function deleteCertificate(acm: ACMClient, CertificateArn: string): Promise<boolean> {
  try {
    await acm.send(new DeleteCertificateCommand({ CertificateArn }))
    return true
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceInUseException') return false
    throw error
  }
}

async function recordsAt(clients: AwsClients, HostedZoneId: string, from?: { name: string; type: string }) {
  const start = from === undefined ? {} : { StartRecordName: from.name, StartRecordType: from.type as 'CNAME' }
  const { ResourceRecordSets = [] } = await clients.route53.send(
    new ListResourceRecordSetsCommand({ HostedZoneId, ...start }),
  )
  return ResourceRecordSets
}

async function deleteRecord(clients: AwsClients, zoneId: string, name: string, type: string): Promise<void> {
  const plain = (text = '') => text.toLowerCase().replace(/\.$/, '')
  const found = (await recordsAt(clients, zoneId, { name, type })).filter(
    (set) => plain(set.Name) === plain(name) && set.Type === type,
  )
  await deleteSets(clients, zoneId, found)
}

async function deleteSets(
  clients: AwsClients,
  HostedZoneId: string,
  sets: readonly ResourceRecordSet[],
): Promise<void> {
  if (sets.length === 0) return
  const Changes = sets.map((ResourceRecordSet) => ({ Action: 'DELETE' as const, ResourceRecordSet }))
  await clients.route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }))
}

/** Empties a zone, and deletes it. */
async function deleteZone(clients: AwsClients, Id: string): Promise<void> {
  for (;;) {
    const own = (await recordsAt(clients, Id)).filter(({ Type }) => Type !== 'NS' && Type !== 'SOA')
    if (own.length === 0) break
    await deleteSets(clients, Id, own.slice(0, MOST_CHANGES))
  }
  await clients.route53.send(new DeleteHostedZoneCommand({ Id }))
}

function isGone(error: unknown): boolean {
  return error instanceof Error && ['ResourceNotFoundException', 'NoSuchHostedZone'].includes(error.name)
}
