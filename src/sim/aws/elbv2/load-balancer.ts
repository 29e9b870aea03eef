import type { EpochMs } from '../../../clock.ts'
import { History } from '../history.ts'
import type { Tags } from '../ledger.ts'

export interface Action {
  readonly type: string
  readonly targetGroupArn?: string | undefined
}

export interface Listener {
  readonly arn: string
  readonly loadBalancerArn: string
  readonly createdAt: EpochMs
  protocol: string
  port: number
  sslPolicy: string | undefined
  actions: readonly Action[]
  tags: Tags
  /** The default certificate; `undefined` where the protocol has none. */
  readonly defaultCertificate: History<string | undefined>
  /** The certificate list (SNI), the default not counted. */
  readonly certificates: History<readonly string[]>
}

export interface LoadBalancer {
  readonly arn: string
  readonly account: string
  readonly region: string
  readonly name: string
  readonly type: 'application' | 'network'
  readonly scheme: string
  readonly ipAddressType: string
  readonly subnets: readonly string[]
  readonly securityGroups: readonly string[]
  readonly dnsName: string
  readonly createdAt: EpochMs
  readonly activeAt: EpochMs
  tags: Tags
  readonly listeners: Map<string, Listener>
}

export function emptyListener(options: {
  arn: string
  loadBalancerArn: string
  protocol: string
  port: number
  createdAt: EpochMs
}): Listener {
  const defaultCertificate = new History<string | undefined>()
  const certificates = new History<readonly string[]>()
  defaultCertificate.set(options.createdAt, undefined)
  certificates.set(options.createdAt, [])
  return { ...options, sslPolicy: undefined, actions: [], tags: {}, defaultCertificate, certificates }
}

/** Every certificate that a listener presents, each once. */
export function certificatesOf(listener: Listener): Set<string> {
  const all = new Set(listener.certificates.latest)
  const standard = listener.defaultCertificate.latest
  if (standard !== undefined) all.add(standard)
  return all
}
