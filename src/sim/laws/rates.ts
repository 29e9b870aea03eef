import type { Clock } from '../../clock.ts'
import type { LawBook } from './book.ts'

const SECOND = 1_000

/** ACM's documented rates, calls a second: https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html. It names no burst. */
const PER_SECOND: Readonly<Record<string, number>> = {
  RequestCertificate: 5,
  DescribeCertificate: 10,
  ListCertificates: 8,
  DeleteCertificate: 10,
  ListTagsForCertificate: 10,
  AddTagsToCertificate: 5,
  RemoveTagsFromCertificate: 5,
}

/** Q1: in no second does a process send more of one operation than AWS documents for the whole account. */
export class RateLaw {
  readonly #clock: Clock
  readonly #book: LawBook
  readonly #sent = new Map<string, number[]>()

  constructor(options: { clock: Clock; book: LawBook }) {
    this.#clock = options.clock
    this.#book = options.book
  }

  /** A call of a process's on its way to AWS. */
  sending(operation: string, accessKeyId: string): void {
    const most = PER_SECOND[operation]
    if (most === undefined) return
    const now = this.#clock.monotonic()
    const key = `${accessKeyId} ${operation}`
    const recent = [...(this.#sent.get(key) ?? []).filter((at) => now - at < SECOND), now]
    this.#sent.set(key, recent)
    this.#book.check('Q1', recent.length <= most, () => `${recent.length} calls of ${operation} were sent in a second`)
  }
}
