import type { Ingress } from '../core/ingress.ts'
import type { ClaimEntry } from '../core/ledger.ts'
import { conditionsOf } from '../core/conditions.ts'
import type { EpochMs } from '../core/time.ts'
import { parseInstant } from '../core/time.ts'
import type { NameVerdict, State } from '../core/verdict.ts'
import { acmCertificateName } from './acm-certificate.ts'
import { instant, type KubeCondition, summary, withTransitions } from './condition.ts'
import { GROUP, VERSION } from './crds.ts'
import type { KubeObject, Resource } from './resource.ts'

export const CERTIFICATE_CLAIMS: Resource = { group: GROUP, version: VERSION, plural: 'certificateclaims' }

/** A claim's entry with what only Kubernetes knows of its object. */
export interface StoredClaim {
  readonly entry: ClaimEntry
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation: number
  readonly conditions: readonly KubeCondition[]
}

interface Shape {
  readonly spec?: { readonly object?: { readonly uid?: string }; readonly names?: readonly string[] }
  readonly status?: {
    readonly objectUid?: string
    readonly state?: string
    readonly reason?: string
    readonly message?: string
    readonly since?: string
    readonly certificates?: readonly { readonly key?: string; readonly domain?: string; readonly arn?: string }[]
    readonly inUse?: boolean
    readonly expiresAt?: string
    readonly published?: readonly string[]
    readonly waitsFor?: readonly string[]
    readonly names?: readonly {
      readonly name?: string
      readonly state?: string
      readonly reason?: string
      readonly message?: string
    }[]
    readonly conditions?: readonly KubeCondition[]
  }
}

export function certificateClaimName(ingress: Ingress): string {
  return `ingress-${ingress.ref.name}`
}

/** What is applied: owned by the object that claims, so that it goes with it. */
export function toCertificateClaim(ingress: Ingress, entry: ClaimEntry): KubeObject {
  const { name, namespace, uid } = ingress.ref
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'CertificateClaim',
    metadata: {
      name: certificateClaimName(ingress),
      namespace,
      ownerReferences: [{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name, uid }],
    },
    spec: { object: { kind: 'Ingress', name, uid }, names: entry.wished, domains: summary(entry.wished) },
  }
}

/** What is applied to its status. */
export function toCertificateClaimStatus(options: {
  ingress: Ingress
  entry: ClaimEntry
  before: StoredClaim | undefined
  generation: number
  now: EpochMs
}): KubeObject {
  const { ingress, entry, before, generation, now } = options
  const { verdict } = entry
  const arns = entry.certificates.flatMap(({ arn }) => arn ?? [])
  const certificates = entry.certificates.map(({ key, domain, arn }) => ({
    name: acmCertificateName({ key, names: [domain] }),
    key,
    domain,
    arn,
  }))
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'CertificateClaim',
    metadata: { name: certificateClaimName(ingress), namespace: ingress.ref.namespace },
    status: {
      objectUid: entry.uid,
      state: verdict.state,
      reason: verdict.reason,
      message: verdict.message,
      since: instant(verdict.since),
      certificates,
      // Nearly always there is but one, and one field is what scripts read.
      certificate: certificates[0]?.name,
      key: certificates[0]?.key,
      arn: arns.length === 0 ? undefined : summary(arns),
      inUse: entry.inUse,
      expiresAt: instant(entry.expiresAt),
      published: entry.published,
      waitsFor: entry.waitsFor,
      names: entry.names,
      conditions: withTransitions({
        conditions: conditionsOf(verdict),
        before: before?.conditions ?? [],
        generation,
        now,
      }),
      observedGeneration: generation,
    },
  }
}

/**
 * Reads an entry back; without the UID of its object it is none. A status that is about another object of the same name, which was there
 * before, says nothing of this one: least of all what was published on it.
 */
export function fromCertificateClaim(raw: KubeObject): StoredClaim | undefined {
  const { spec, status: written } = raw as KubeObject & Shape
  const uid = spec?.object?.uid
  if (!uid) return undefined
  const status = written?.objectUid === uid ? written : undefined
  return {
    namespace: raw.metadata.namespace ?? '',
    name: raw.metadata.name ?? '',
    uid: raw.metadata.uid ?? '',
    resourceVersion: raw.metadata.resourceVersion ?? '',
    generation: raw.metadata.generation ?? 1,
    conditions: status?.conditions ?? [],
    entry: {
      uid,
      published: status?.published ?? [],
      waitsFor: status?.waitsFor ?? [],
      verdict: {
        state: (status?.state ?? 'Requesting') as State,
        reason: status?.reason ?? '',
        message: status?.message ?? '',
        since: parseInstant(status?.since) ?? 0,
      },
      names: (status?.names ?? []).map(
        ({ name = '', state, reason = '', message = '' }): NameVerdict => ({
          name,
          state: (state ?? 'Held') as State,
          reason,
          message,
        }),
      ),
      certificates: (status?.certificates ?? []).map(({ key = '', domain = '', arn }) => ({ key, domain, arn })),
      wished: spec.names ?? [],
      inUse: status?.inUse ?? false,
      expiresAt: parseInstant(status?.expiresAt),
    },
  }
}
