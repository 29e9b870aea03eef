import { DeleteCertificateCommand } from '@aws-sdk/client-acm'
import {
  AddListenerCertificatesCommand,
  RemoveListenerCertificatesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53'
import type { RequestHandler } from '../../aws/handler.ts'
import { type AwsClients, createAwsClients } from './aws-clients.ts'

/** Somebody with the AWS console who tidies up by hand what was still needed. */
export class Colleague {
  readonly #clients: AwsClients

  constructor(options: { aws: RequestHandler; region: string; accessKeyId: string }) {
    const { aws, region, accessKeyId } = options
    this.#clients = createAwsClients({ region, accessKeyId, requestHandler: aws })
  }

  /**
   * Deletes the CNAME of this name, given without a trailing dot.
   * @throws Error where no hosted zone has it.
   */
  async deleteRecord(name: string): Promise<void> {
    const { zoneId, record } = await this.#find(name)
    await this.#change(zoneId, 'DELETE', record)
  }

  /** Adds a weighted CNAME of this name: one of several that answer by turns. */
  async createWeightedRecord(name: string, value: string): Promise<void> {
    const { HostedZones = [] } = await this.#clients.route53.send(new ListHostedZonesCommand({}))
    const zone = HostedZones.find((candidate) => `${name}.`.endsWith(`.${candidate.Name}`))
    const set = { Name: name, Type: 'CNAME', TTL: 60, SetIdentifier: value, Weight: 1 } as const
    await this.#change(zone?.Id ?? '', 'CREATE', { ...set, ResourceRecords: [{ Value: value }] })
  }

  /** Gives the CNAME of this name another value. */
  async overwriteRecord(name: string, value: string): Promise<void> {
    const { zoneId, record } = await this.#find(name)
    await this.#change(zoneId, 'UPSERT', { ...record, ResourceRecords: [{ Value: value }] })
  }

  /** @throws ResourceInUseException while a load balancer uses it. */
  async deleteCertificate(arn: string): Promise<void> {
    await this.#clients.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
  }

  async detachCertificate(listenerArn: string, arn: string): Promise<void> {
    const request = { ListenerArn: listenerArn, Certificates: [{ CertificateArn: arn }] }
    await this.#clients.elbv2.send(new RemoveListenerCertificatesCommand(request))
  }

  async attachCertificate(listenerArn: string, arn: string): Promise<void> {
    const request = { ListenerArn: listenerArn, Certificates: [{ CertificateArn: arn }] }
    await this.#clients.elbv2.send(new AddListenerCertificatesCommand(request))
  }

  async #find(name: string): Promise<{ zoneId: string; record: ResourceRecordSet }> {
    const { HostedZones = [] } = await this.#clients.route53.send(new ListHostedZonesCommand({}))
    for (const zone of HostedZones) {
      if (!`${name}.`.endsWith(`.${zone.Name}`)) continue
      const { ResourceRecordSets = [] } = await this.#clients.route53.send(
        new ListResourceRecordSetsCommand({
          HostedZoneId: zone.Id,
          StartRecordName: name,
          StartRecordType: 'CNAME',
          MaxItems: 1,
        }),
      )
      const [record] = ResourceRecordSets
      if (record?.Name === `${name}.` && record.Type === 'CNAME') return { zoneId: zone.Id ?? '', record }
    }
    throw new Error(`no hosted zone has a CNAME ${name}`)
  }

  async #change(zoneId: string, action: 'CREATE' | 'DELETE' | 'UPSERT', record: ResourceRecordSet): Promise<void> {
    await this.#clients.route53.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: zoneId,
        ChangeBatch: { Changes: [{ Action: action, ResourceRecordSet: record }] },
      }),
    )
  }
}
