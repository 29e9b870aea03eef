import {
  type ACMClient,
  AddTagsToCertificateCommand,
  type CertificateDetail as AcmDetail,
  type CertificateSummary as AcmSummary,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  ListCertificatesCommand,
  type ListCertificatesCommandInput,
  type ListCertificatesCommandOutput,
  ListTagsForCertificateCommand,
  RemoveTagsFromCertificateCommand,
  RequestCertificateCommand,
  type Tag,
} from '@aws-sdk/client-acm'
import type {
  Arn,
  Certificate,
  CertificateDetail,
  CertificateStatus,
  KeyAlgorithm,
  NameValidation,
  RenewalSummary,
  Tags,
  ValidationRecord,
} from '../core/certificate.ts'
import { type Name, normaliseName, normaliseNames } from '../core/names.ts'
import type { EpochMs } from '../core/time.ts'
import type { CallOptions, Calls } from './call.ts'
import { AwsError } from './errors.ts'
import { required } from './pages.ts'

export interface ListOptions extends CallOptions {
  /** Stop after the page on which a certificate older than this appears: enough to see all that are younger. */
  readonly since?: EpochMs | undefined
  /** At most so many pages of 1,000. */
  readonly pages?: number | undefined
}

export interface CertificateRequest {
  /** All names; `domainName` is one of them. */
  readonly names: readonly Name[]
  /** The name that becomes the common name: at most 64 octets. */
  readonly domainName: Name
  readonly keyAlgorithm: KeyAlgorithm
  /** The ARN of the private CA that signs; absent: Amazon does, once the names are proven by DNS. */
  readonly authority?: string | undefined
  /** 1 to 32 of `\w`: ACM knows it for an hour and gives the same certificate again, whatever else the request says. */
  readonly idempotencyToken: string
  readonly tags: Tags
}

/** Certificates of one account and region, in ACM. Every method throws AwsError. */
export class Acm {
  readonly #client: ACMClient
  readonly #calls: Calls
  /** How to ask this endpoint for its list: other implementations of ACM's API do not know every parameter. */
  #dialect: ListDialect = 'full'

  constructor(options: { client: ACMClient; calls: Calls }) {
    this.#client = options.client
    this.#calls = options.calls
  }

  /**
   * All certificates of all key types and states, newest first. `complete` only where every page was read.
   *
   * What an implementation leaves out is read in the way that can do least harm: no `InUse` is in use (it is never deleted), no name
   * list is `namesComplete: false`, no `Status` is pending, no `CreatedAt` is 1970, no `Type` is issued by Amazon. An endpoint that
   * rejects the sorting or the filter by key type is asked without them from then on.
   */
  async listCertificates(
    options: ListOptions = {},
  ): Promise<{ readonly certificates: readonly Certificate[]; readonly complete: boolean }> {
    const { since = Number.NEGATIVE_INFINITY, pages = Number.POSITIVE_INFINITY } = options
    const certificates = new Map<Arn, Certificate>()
    const tokens = new Set<string>()
    for (let token: string | undefined, page = 1; ; page++) {
      const answer = await this.#listPage(token, options)
      const shown = required('ListCertificates', answer.CertificateSummaryList).flatMap(
        (summary) => certificateOf(summary) ?? [],
      )
      // A certificate requested while we page pushes another onto the next page: it comes twice, once is enough.
      for (const certificate of shown) certificates.set(certificate.arn, certificate)
      token = answer.NextToken === '' ? undefined : answer.NextToken
      if (token === undefined) return { certificates: [...certificates.values()], complete: true }
      const reached = this.#dialect === 'full' && shown.some(({ createdAt }) => createdAt > 0 && createdAt < since)
      if (reached || page >= pages || tokens.has(token)) {
        return { certificates: [...certificates.values()], complete: false }
      }
      tokens.add(token)
    }
  }

  async #listPage(token: string | undefined, options: CallOptions): Promise<ListCertificatesCommandOutput> {
    for (let dialect = this.#dialect; ; ) {
      const input: ListCertificatesCommandInput = { ...dialects[dialect], MaxItems: 1_000, NextToken: token }
      try {
        const answer = await this.#calls.send('ListCertificates', options, (http) =>
          this.#client.send(new ListCertificatesCommand(input), http),
        )
        this.#dialect = dialect
        return answer
      } catch (error) {
        const simpler = simplerThan[dialect]
        if (token !== undefined || simpler === undefined || !isKind(error, 'invalid')) throw error
        dialect = simpler
      }
    }
  }

  /**
   * Right after the request the answer may be `notFound`, or a detail of which nearly everything is missing, for seconds. What is
   * missing is read as in {@link listCertificates}.
   */
  async describeCertificate(arn: Arn, options: CallOptions = {}): Promise<CertificateDetail | 'notFound'> {
    const answer = await orNotFound(
      this.#calls.send('DescribeCertificate', options, (http) =>
        this.#client.send(new DescribeCertificateCommand({ CertificateArn: arn }), http),
      ),
    )
    if (answer === 'notFound') return answer
    return detailOf(arn, required('DescribeCertificate', answer.Certificate))
  }

  /** Asks for a certificate, validated by DNS unless a private CA signs it, and gives its ARN. `ambiguous`: ask again with the same token. */
  async requestCertificate(request: CertificateRequest, options: CallOptions = {}): Promise<Arn> {
    const { names, domainName, keyAlgorithm, authority, idempotencyToken, tags } = request
    if (!/^\w{1,32}$/.test(idempotencyToken)) throw new TypeError(`not an idempotency token: ${idempotencyToken}`)
    if (!names.includes(domainName)) throw new TypeError(`${domainName} is not among the names ${names.join(', ')}`)
    const answer = await this.#calls.send('RequestCertificate', options, (http) =>
      this.#client.send(
        new RequestCertificateCommand({
          DomainName: domainName,
          SubjectAlternativeNames: [...names],
          // Left out it means EMAIL: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
          ...(authority === undefined ? { ValidationMethod: 'DNS' as const } : { CertificateAuthorityArn: authority }),
          KeyAlgorithm: keyAlgorithm,
          IdempotencyToken: idempotencyToken,
          ...(Object.keys(tags).length === 0 ? {} : { Tags: toTagList(tags) }),
        }),
        http,
      ),
    )
    if (answer.CertificateArn) return answer.CertificateArn
    throw new AwsError({
      kind: 'ambiguous',
      code: 'NoArn',
      detail: 'the answer names no certificate',
      operation: 'RequestCertificate',
    })
  }

  /** `conflict` while something uses the certificate. */
  async deleteCertificate(arn: Arn, options: CallOptions = {}): Promise<'deleted' | 'notFound'> {
    const answer = await orNotFound(
      this.#calls.send('DeleteCertificate', options, (http) =>
        this.#client.send(new DeleteCertificateCommand({ CertificateArn: arn }), http),
      ),
    )
    return answer === 'notFound' ? answer : 'deleted'
  }

  async listTags(arn: Arn, options: CallOptions = {}): Promise<Tags | 'notFound'> {
    const answer = await orNotFound(
      this.#calls.send('ListTagsForCertificate', options, (http) =>
        this.#client.send(new ListTagsForCertificateCommand({ CertificateArn: arn }), http),
      ),
    )
    return answer === 'notFound' ? answer : toTags(answer.Tags ?? [])
  }

  /** Adds the tags; one with the same key gets the new value. */
  async addTags(arn: Arn, tags: Tags, options: CallOptions = {}): Promise<void> {
    await this.#calls.send('AddTagsToCertificate', options, (http) =>
      this.#client.send(new AddTagsToCertificateCommand({ CertificateArn: arn, Tags: toTagList(tags) }), http),
    )
  }

  /** Takes tags away, whatever their values. */
  async removeTags(arn: Arn, keys: readonly string[], options: CallOptions = {}): Promise<void> {
    const Tags = keys.map((Key) => ({ Key }))
    await this.#calls.send('RemoveTagsFromCertificate', options, (http) =>
      this.#client.send(new RemoveTagsFromCertificateCommand({ CertificateArn: arn, Tags }), http),
    )
  }
}

type ListDialect = 'full' | 'unsorted' | 'bare'

/** Without `keyTypes` ACM shows RSA_1024 and RSA_2048 only. */
const Includes: NonNullable<ListCertificatesCommandInput['Includes']> = {
  keyTypes: ['RSA_1024', 'RSA_2048', 'RSA_3072', 'RSA_4096', 'EC_prime256v1', 'EC_secp384r1', 'EC_secp521r1'],
}

const dialects: Readonly<Record<ListDialect, ListCertificatesCommandInput>> = {
  full: { Includes, SortBy: 'CREATED_AT', SortOrder: 'DESCENDING' },
  unsorted: { Includes },
  bare: {},
}

const simplerThan: Readonly<Record<ListDialect, ListDialect | undefined>> = {
  full: 'unsorted',
  unsorted: 'bare',
  bare: undefined,
}

function certificateOf(summary: AcmSummary): Certificate | undefined {
  if (!summary.CertificateArn) return undefined
  return {
    ...commonOf(summary),
    arn: summary.CertificateArn,
    names: normaliseNames(present([summary.DomainName, ...(summary.SubjectAlternativeNameSummaries ?? [])])),
    namesComplete:
      summary.SubjectAlternativeNameSummaries !== undefined && summary.HasAdditionalSubjectAlternativeNames !== true,
    inUse: summary.InUse ?? true,
  }
}

function detailOf(arn: Arn, detail: AcmDetail): CertificateDetail {
  return {
    ...commonOf(detail),
    arn: detail.CertificateArn ?? arn,
    names: normaliseNames(present([detail.DomainName, ...(detail.SubjectAlternativeNames ?? [])])),
    namesComplete: detail.SubjectAlternativeNames !== undefined,
    inUse: detail.InUseBy === undefined || detail.InUseBy.length > 0,
    inUseBy: detail.InUseBy ?? [],
    authority: detail.CertificateAuthorityArn,
    failureReason: detail.FailureReason,
    validations: (detail.DomainValidationOptions ?? []).flatMap((option) => validationOf(option) ?? []),
    renewal: renewalOf(detail.RenewalSummary),
  }
}

function renewalOf(summary: AcmDetail['RenewalSummary']): RenewalSummary | undefined {
  if (summary?.RenewalStatus === undefined) return undefined
  return {
    status: summary.RenewalStatus,
    reason: summary.RenewalStatusReason,
    updatedAt: summary.UpdatedAt?.getTime(),
    unproven: (summary.DomainValidationOptions ?? []).flatMap(({ DomainName, ValidationStatus }) =>
      DomainName === undefined || ValidationStatus === 'SUCCESS' ? [] : [normaliseName(DomainName)],
    ),
  }
}

/** What a summary and a detail say in the same words. */
function commonOf(source: AcmSummary | AcmDetail) {
  return {
    status: statusOf(source.Status),
    type: source.Type ?? 'AMAZON_ISSUED',
    // ACM takes RSA_2048 and says RSA-2048.
    keyAlgorithm: (source.KeyAlgorithm ?? 'RSA_2048').replaceAll('-', '_'),
    createdAt: source.CreatedAt?.getTime() ?? 0,
    issuedAt: source.IssuedAt?.getTime(),
    notBefore: source.NotBefore?.getTime(),
    notAfter: source.NotAfter?.getTime(),
    renewalEligible: source.RenewalEligibility === 'ELIGIBLE',
  }
}

const statuses: ReadonlySet<string> = new Set<CertificateStatus>([
  'PENDING_VALIDATION',
  'ISSUED',
  'INACTIVE',
  'EXPIRED',
  'VALIDATION_TIMED_OUT',
  'REVOKED',
  'FAILED',
])

function statusOf(status: string | undefined): CertificateStatus {
  if (status === undefined) return 'PENDING_VALIDATION'
  return statuses.has(status) ? (status as CertificateStatus) : 'INACTIVE'
}

function validationOf(option: NonNullable<AcmDetail['DomainValidationOptions']>[number]): NameValidation | undefined {
  if (option.DomainName === undefined) return undefined
  return {
    name: normaliseName(option.DomainName),
    status: option.ValidationStatus ?? 'PENDING_VALIDATION',
    record: recordOf(option.ResourceRecord),
    ...(option.ValidationMethod === 'EMAIL' && { byEmail: true }),
  }
}

function recordOf(
  record: { Name?: string | undefined; Value?: string | undefined } | undefined,
): ValidationRecord | undefined {
  if (!record?.Name || !record.Value) return undefined
  return { name: normaliseName(record.Name), value: normaliseName(record.Value) }
}

function present(texts: readonly (string | undefined)[]): string[] {
  return texts.filter((text) => text !== undefined)
}

function toTagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}

function toTags(list: readonly Tag[]): Tags {
  return Object.fromEntries(list.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])))
}

function isKind(error: unknown, kind: AwsError['kind']): boolean {
  return error instanceof AwsError && error.kind === kind
}

function orNotFound<Output>(answer: Promise<Output>): Promise<Output | 'notFound'> {
  return answer.catch((error: unknown) => {
    if (isKind(error, 'notFound')) return 'notFound' as const
    throw error
  })
}
