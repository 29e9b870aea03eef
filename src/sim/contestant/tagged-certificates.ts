import {
  type ACMClient,
  type CertificateSummary,
  ListCertificatesCommand,
  ListTagsForCertificateCommand,
} from '@aws-sdk/client-acm'
import type { SdkCalls } from './sdk-calls.ts'

export type Tags = Readonly<Record<string, string>>

/** A certificate of the account, with its tags. */
export interface TaggedCertificate {
  readonly arn: string
  readonly names: readonly string[]
  readonly status: string
  readonly createdAt: number
  readonly tags: Tags
}

const CACHE_MS = 60_000

/**
 * Whose certificates these are, as the reference finds out: it reads the tags of every certificate of the account and region, one call each and
 * one after the other, and again once they are a minute old. One that somebody deletes meanwhile fails the look.
 */
export class TaggedCertificates {
  readonly #acm: ACMClient
  readonly #calls: SdkCalls
  readonly #tags = new Map<string, { readonly tags: Tags; readonly until: number }>()
  /** All groups wait for one another here. */
  #lock: Promise<unknown> = Promise.resolve()

  constructor(options: { acm: ACMClient; calls: SdkCalls }) {
    this.#acm = options.acm
    this.#calls = options.calls
  }

  /** Those that carry all these tags, in any order. @throws what the SDK throws. */
  async list(wanted: Tags): Promise<TaggedCertificate[]> {
    const summaries = await this.#summaries()
    const turn = this.#lock.then(() => this.#readAll(summaries))
    this.#lock = turn.catch(() => {})
    const tagged = await turn
    const own = tagged.filter(({ tags }) => Object.entries(wanted).every(([key, value]) => tags[key] === value))
    return this.#calls.shuffled(own)
  }

  async #summaries(): Promise<CertificateSummary[]> {
    const summaries: CertificateSummary[] = []
    let token: string | undefined
    do {
      const page = await this.#calls.send((options) =>
        this.#acm.send(new ListCertificatesCommand({ NextToken: token }), options),
      )
      summaries.push(...(page.CertificateSummaryList ?? []))
      token = page.NextToken
    } while (token !== undefined)
    return summaries
  }

  async #readAll(summaries: readonly CertificateSummary[]): Promise<TaggedCertificate[]> {
    const tagged: TaggedCertificate[] = []
    for (const summary of summaries) {
      const arn = summary.CertificateArn ?? ''
      tagged.push({
        arn,
        names: summary.SubjectAlternativeNameSummaries ?? [],
        status: summary.Status ?? '',
        createdAt: summary.CreatedAt?.getTime() ?? 0,
        tags: await this.#tagsOf(arn),
      })
    }
    return tagged
  }

  async #tagsOf(arn: string): Promise<Tags> {
    const now = this.#calls.now()
    const known = this.#tags.get(arn)
    if (known && known.until > now) return known.tags
    const answer = await this.#calls.send((options) =>
      this.#acm.send(new ListTagsForCertificateCommand({ CertificateArn: arn }), options),
    )
    const tags = Object.fromEntries((answer.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))
    this.#tags.set(arn, { tags, until: now + CACHE_MS })
    return tags
  }
}
