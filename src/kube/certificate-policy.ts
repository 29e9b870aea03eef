import type { CertificatePolicy, PolicyStatus } from '../core/policy.ts'
import type { EpochMs } from '../core/time.ts'
import { rfc3339 } from '../core/time.ts'
import type { KubeCondition } from './condition.ts'
import { GROUP, VERSION } from './crds.ts'
import type { KubeObject, Resource } from './resource.ts'

export const CERTIFICATE_POLICIES: Resource = { group: GROUP, version: VERSION, plural: 'certificatepolicies' }

/** A policy with what only Kubernetes knows of its object. */
export interface StoredPolicy extends CertificatePolicy {
  readonly uid: string
  readonly resourceVersion: string
  readonly conditions: readonly ValidCondition[]
}

/** Whether the policy can be honoured. */
type ValidCondition = Omit<KubeCondition, 'type'> & { readonly type: string }

interface Shape {
  readonly spec?: {
    readonly namespaceSelector?: {
      readonly matchLabels?: Readonly<Record<string, string>>
      readonly matchExpressions?: readonly {
        readonly key?: string
        readonly operator?: string
        readonly values?: readonly string[]
      }[]
    }
    readonly domains?: readonly string[]
    readonly wildcards?: boolean
    readonly maxCertificates?: number
    readonly maxRequestsPerDay?: number
  }
  readonly status?: { readonly conditions?: readonly ValidCondition[] }
}

/** Reads a policy as it is written: what is wrong with it is said by the core. Without a selector it speaks of every namespace. */
export function fromCertificatePolicy(raw: KubeObject): StoredPolicy {
  const { metadata, spec = {}, status } = raw as KubeObject & Shape
  const { matchLabels = {}, matchExpressions = [] } = spec.namespaceSelector ?? {}
  const conditions = status?.conditions ?? []
  const said = conditions.find(({ type }) => type === 'Valid')
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    generation: metadata.generation ?? 1,
    namespaceSelector: {
      matchLabels,
      matchExpressions: matchExpressions.map(({ key = '', operator = '', values = [] }) => ({ key, operator, values })),
    },
    domains: spec.domains ?? [],
    wildcards: spec.wildcards ?? false,
    maxCertificates: spec.maxCertificates,
    maxRequestsPerDay: spec.maxRequestsPerDay,
    conditions,
    said: said && {
      generation: said.observedGeneration ?? 0,
      valid: said.status === 'True',
      message: said.message,
    },
  }
}

/** What is applied to its status. */
export function toCertificatePolicyStatus(options: {
  before: StoredPolicy
  status: PolicyStatus
  now: EpochMs
}): KubeObject {
  const { before, now } = options
  const { generation, valid, message } = options.status
  const status = valid ? 'True' : 'False'
  const same = before.conditions.find((condition) => condition.type === 'Valid' && condition.status === status)
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'CertificatePolicy',
    metadata: { name: before.name },
    status: {
      observedGeneration: generation,
      conditions: [
        {
          type: 'Valid',
          status,
          observedGeneration: generation,
          lastTransitionTime: same?.lastTransitionTime ?? rfc3339(now),
          reason: valid ? 'Valid' : 'Invalid',
          message,
        },
      ],
    },
  }
}
