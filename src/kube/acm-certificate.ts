import type { KeyAlgorithm } from '../core/certificate.ts'
import type { Issuer } from '../core/claim.ts'
import type { CertificateEntry, LedgerEntry } from '../core/ledger.ts'
import { parseInstant } from '../core/time.ts'
import type { State } from '../core/verdict.ts'
import { conditionsOf } from '../core/conditions.ts'
import type { EpochMs } from '../core/time.ts'
import { instant, type KubeCondition, summary, withTransitions } from './condition.ts'
import { GROUP, VERSION } from './crds.ts'
import type { KubeObject, Resource } from './resource.ts'

export const ACM_CERTIFICATES: Resource = { group: GROUP, version: VERSION, plural: 'acmcertificates' }

const RETIRE_APPROVED = `${GROUP}/retire-approved`

/** The ledger's entry with what only Kubernetes knows of its object. */
export interface StoredCertificate {
  readonly entry: LedgerEntry
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation: number
  readonly conditions: readonly KubeCondition[]
}

interface Shape {
  readonly spec?: {
    readonly key?: string
    readonly names?: readonly string[]
    readonly issuer?: string
    readonly keyAlgorithm?: string
    readonly region?: string
  }
  readonly status?: {
    readonly state?: string
    readonly reason?: string
    readonly message?: string
    readonly since?: string
    readonly arn?: string
    readonly inUse?: boolean
    readonly expiresAt?: string
    readonly claims?: readonly string[]
    readonly attempt?: number
    readonly attemptAt?: string
    readonly attemptArn?: string
    readonly failure?: { readonly arn?: string; readonly at?: string; readonly fingerprint?: string }
    readonly idleSince?: string
    readonly certificates?: readonly {
      readonly arn?: string
      readonly attempt?: number
      readonly records?: readonly {
        readonly name?: string
        readonly recordName?: string
        readonly recordValue?: string
      }[]
      readonly tags?: readonly string[]
      readonly unwantedSince?: string
      readonly unwantedBecause?: string
      readonly braked?: boolean
      readonly releasedAt?: string
    }[]
    readonly conditions?: readonly KubeCondition[]
  }
}

/** `shop-example-com-4f1c9a02be`: the first name, and enough of the key that two never meet. */
export function acmCertificateName(entry: Pick<LedgerEntry, 'key' | 'names'>): string {
  const first = (entry.names[0] ?? 'certificate').replace('*', 'wildcard').replaceAll('.', '-')
  return `${first.slice(0, 200).replace(/-+$/, '')}-${entry.key.slice(0, 10)}`
}

/** What is applied: the whole object without status. */
export function toAcmCertificate(entry: LedgerEntry): KubeObject {
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'ACMCertificate',
    metadata: { name: acmCertificateName(entry) },
    spec: {
      key: entry.key,
      names: entry.names,
      domains: summary(entry.names),
      issuer: issuerText(entry.issuer),
      keyAlgorithm: entry.keyAlgorithm,
      region: entry.region,
    },
  }
}

/** What is applied to its status. */
export function toAcmCertificateStatus(
  entry: LedgerEntry,
  before: StoredCertificate | undefined,
  generation: number,
  now: EpochMs,
): KubeObject {
  const { verdict } = entry.shown
  const conditions = conditionsOf(verdict)
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'ACMCertificate',
    metadata: { name: acmCertificateName(entry) },
    status: {
      state: verdict.state,
      reason: verdict.reason,
      message: verdict.message,
      since: instant(verdict.since),
      arn: entry.shown.arn,
      inUse: entry.shown.inUse,
      expiresAt: instant(entry.shown.expiresAt),
      claims: entry.claims,
      claimsSummary: summary(entry.claims),
      attempt: entry.attempt,
      attemptAt: instant(entry.attemptAt),
      attemptArn: entry.attemptArn,
      failure: entry.failure && { ...entry.failure, at: instant(entry.failure.at) },
      idleSince: instant(entry.idleSince),
      certificates: entry.certificates.map(toCertificate),
      conditions: withTransitions({ conditions, before: before?.conditions ?? [], generation, now }),
      observedGeneration: generation,
    },
  }
}

function toCertificate(certificate: CertificateEntry): object {
  const { unwanted } = certificate
  return {
    arn: certificate.arn,
    attempt: certificate.attempt,
    records: certificate.records.map((record) => ({
      name: record.of,
      recordName: record.name,
      recordValue: record.value,
    })),
    tags: certificate.tags,
    ...(unwanted && {
      unwantedSince: instant(unwanted.since),
      unwantedBecause: unwanted.because,
      braked: unwanted.braked,
      releasedAt: instant(unwanted.releasedAt),
    }),
  }
}

/** Reads an entry back. What somebody else wrote into it, or left out, is read as far as it makes sense; without a key it is none. */
export function fromAcmCertificate(raw: KubeObject): StoredCertificate | undefined {
  const { spec, status } = raw as KubeObject & Shape
  if (!spec?.key) return undefined
  const { failure } = status ?? {}
  const failedAt = parseInstant(failure?.at)
  return {
    name: raw.metadata.name ?? '',
    uid: raw.metadata.uid ?? '',
    resourceVersion: raw.metadata.resourceVersion ?? '',
    generation: raw.metadata.generation ?? 1,
    conditions: status?.conditions ?? [],
    entry: {
      key: spec.key,
      names: spec.names ?? [],
      issuer: issuerFrom(spec.issuer),
      keyAlgorithm: (spec.keyAlgorithm ?? 'RSA_2048') as KeyAlgorithm,
      region: spec.region ?? '',
      claims: status?.claims ?? [],
      attempt: status?.attempt ?? 0,
      attemptAt: parseInstant(status?.attemptAt),
      attemptArn: status?.attemptArn,
      failure:
        failure?.arn && failedAt !== undefined
          ? { arn: failure.arn, at: failedAt, fingerprint: failure.fingerprint ?? '' }
          : undefined,
      idleSince: parseInstant(status?.idleSince),
      certificates: (status?.certificates ?? []).flatMap(fromCertificate),
      shown: {
        verdict: {
          state: (status?.state ?? 'Requesting') as State,
          reason: status?.reason ?? '',
          message: status?.message ?? '',
          since: parseInstant(status?.since) ?? 0,
        },
        arn: status?.arn,
        inUse: status?.inUse ?? false,
        expiresAt: parseInstant(status?.expiresAt),
      },
      retireApproved: raw.metadata.annotations?.[RETIRE_APPROVED] === 'true',
    },
  }
}

function fromCertificate(
  stored: NonNullable<NonNullable<Shape['status']>['certificates']>[number],
): CertificateEntry[] {
  if (!stored.arn) return []
  const since = parseInstant(stored.unwantedSince)
  const records = (stored.records ?? []).flatMap(({ name, recordName, recordValue }) =>
    name && recordName && recordValue ? [{ of: name, name: recordName, value: recordValue }] : [],
  )
  const unwanted =
    since === undefined
      ? undefined
      : {
          since,
          because: stored.unwantedBecause === 'replaced' ? ('replaced' as const) : ('namesGone' as const),
          braked: stored.braked ?? false,
          releasedAt: parseInstant(stored.releasedAt),
        }
  return [{ arn: stored.arn, attempt: stored.attempt ?? 1, records, tags: stored.tags ?? [], unwanted }]
}

export function issuerText(issuer: Issuer): string {
  return issuer.kind === 'amazon' ? 'Amazon' : issuer.authority
}

function issuerFrom(text: string | undefined): Issuer {
  return text === undefined || text === 'Amazon' ? { kind: 'amazon' } : { kind: 'private', authority: text }
}
