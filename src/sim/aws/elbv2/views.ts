import type { EpochMs } from '../../../clock.ts'
import type { Tags } from '../ledger.ts'
import { leaf, node } from '../wire/xml.ts'
import type { Listener, LoadBalancer } from './load-balancer.ts'

export function list(name: string, members: readonly string[]): string {
  return node(name, ...members.map((member) => node('member', member)))
}

export function loadBalancerXml(loadBalancer: LoadBalancer, now: EpochMs): string {
  const { region, securityGroups, subnets } = loadBalancer
  return [
    leaf('LoadBalancerArn', loadBalancer.arn),
    leaf('DNSName', loadBalancer.dnsName),
    leaf('CanonicalHostedZoneId', 'Z35SXDOTRQ7X7K'),
    leaf('CreatedTime', new Date(loadBalancer.createdAt).toISOString()),
    leaf('LoadBalancerName', loadBalancer.name),
    leaf('Scheme', loadBalancer.scheme),
    leaf('VpcId', 'vpc-0certwright'),
    node('State', leaf('Code', now >= loadBalancer.activeAt ? 'active' : 'provisioning')),
    leaf('Type', loadBalancer.type),
    list(
      'AvailabilityZones',
      subnets.map((subnet, index) => leaf('ZoneName', `${region}${'abc'[index % 3]}`) + leaf('SubnetId', subnet)),
    ),
    node('SecurityGroups', ...securityGroups.map((group) => leaf('member', group))),
    leaf('IpAddressType', loadBalancer.ipAddressType),
  ].join('')
}

/** Of the certificates, only the default is shown. */
export function listenerXml(listener: Listener, asOf: EpochMs): string {
  const standard = listener.defaultCertificate.at(asOf)
  return [
    leaf('ListenerArn', listener.arn),
    leaf('LoadBalancerArn', listener.loadBalancerArn),
    leaf('Port', listener.port),
    leaf('Protocol', listener.protocol),
    standard === undefined ? '' : list('Certificates', [leaf('CertificateArn', standard)]),
    leaf('SslPolicy', listener.sslPolicy),
    list(
      'DefaultActions',
      listener.actions.map((action) => leaf('Type', action.type) + leaf('TargetGroupArn', action.targetGroupArn)),
    ),
  ].join('')
}

export function listenerCertificateXml(arn: string, isDefault: boolean): string {
  return leaf('CertificateArn', arn) + leaf('IsDefault', isDefault)
}

export function tagsXml(tags: Tags): string {
  return list(
    'Tags',
    Object.entries(tags).map(([key, value]) => leaf('Key', key) + leaf('Value', value)),
  )
}
