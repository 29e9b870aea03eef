import type { AwsEvent } from '../aws/ledger.ts'
import type { LedgerEntry } from '../kube/ledger.ts'

/** One change of the worlds, by whomever, in the order in which they come: what a view can be behind. */
export type Step = {
  /** From 0. */
  readonly index: number
  /** Milliseconds since the story began. */
  readonly at: number
  readonly what: string
} & (
  | {
      readonly of: 'kubernetes'
      readonly collection: Followed
      /** `default/shop`. */
      readonly key: string
      /** The version of the whole server after it. */
      readonly version: number
      readonly state: 'there' | 'being deleted' | 'gone'
    }
  | {
      readonly of: 'aws'
      /** The operations whose answers show it. */
      readonly shownBy: readonly string[]
    }
)

/** The collections that the controller follows and that change in a story. */
export const FOLLOWED = ['ingresses', 'acmcertificates', 'certificateclaims'] as const

export type Followed = (typeof FOLLOWED)[number]

/** @returns undefined for what no view of the controller's shows. */
export function stepOfKube(entry: LedgerEntry, place: { index: number; at: number }): Step | undefined {
  const { collection, namespace, name, verb, manager, subresource, before, after } = entry
  const followed = FOLLOWED.find((candidate) => collection.startsWith(`${candidate}.`))
  if (!followed) return undefined
  const version = Number((after ?? before)?.metadata.resourceVersion)
  const key = `${namespace}/${name}`
  const what = `${manager}: ${verb} ${followed} ${key} ${subresource}`.trimEnd()
  return { ...place, what, of: 'kubernetes', collection: followed, key, version, state: stateOf(after) }
}

function stateOf(object: LedgerEntry['after']): 'there' | 'being deleted' | 'gone' {
  if (!object) return 'gone'
  return object.metadata.deletionTimestamp === undefined ? 'there' : 'being deleted'
}

const CERTIFICATE = ['ListCertificates', 'DescribeCertificate', 'GetResources', 'ListTagsForCertificate']
const LISTENER = ['DescribeLoadBalancers', 'DescribeListeners', 'DescribeListenerCertificates']

/** As {@link stepOfKube}. */
export function stepOfAws(event: AwsEvent, place: { index: number; at: number }): Step | undefined {
  const shownBy = shows(event)
  return shownBy && { ...place, what: `${event.by}: ${event.kind}`, of: 'aws', shownBy }
}

const ZONE = ['ListHostedZones']
const RECORD = ['ListResourceRecordSets']

/** By how the name of what happened begins, the longest first. Use by a load balancer is what ACM tells, too. */
const SHOWN_BY: readonly (readonly [string, readonly string[]])[] = [
  ['listenerCertificate', [...LISTENER, 'ListCertificates', 'DescribeCertificate']],
  ['listener', LISTENER],
  ['loadBalancer', LISTENER],
  ['certificate', CERTIFICATE],
  ['tags', CERTIFICATE],
  ['hostedZone', ZONE],
  ['record', RECORD],
]

function shows({ kind }: AwsEvent): readonly string[] | undefined {
  return SHOWN_BY.find(([beginning]) => kind.startsWith(beginning))?.[1]
}
