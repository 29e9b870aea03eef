import type { Clock } from '../../clock.ts'
import { isObject } from '../kube/json.ts'
import type { LedgerEntry } from '../kube/ledger.ts'
import type { LawBook } from './book.ts'

const SECOND = 1_000

interface Term {
  readonly replica: string
  readonly holder: string
  readonly at: number
  readonly durationMs: number
}

/** How long a call may be on its way: so much longer must the lease last when a write is sent. */
const CALL_LIMIT_MS = 8 * SECOND
/** How old a read is that came in ten seconds ago and was as long on its way. */
const READ_MS = 20 * SECOND

/**
 * S5: a write is sent only while its sender's lease outlives the call, and takes effect only while it holds the lease, by the lease's own
 * record: nobody else took it, and the last renewal is not older than its duration. A deletion, and a write that takes an ARN out, rest on
 * reads that are at most ten seconds old.
 */
export class FencingLaw {
  readonly #clock: Clock
  readonly #book: LawBook
  #term: Term | undefined
  /** When each replica last read all Ingresses from the API server. */
  readonly #readAt = new Map<string, number>()
  /** How old the last read of all Ingresses was when a replica sent its last write on an object. */
  readonly #sentOn = new Map<string, number>()
  readonly onTerm: ((replica: string) => void) | undefined

  constructor(options: { clock: Clock; book: LawBook; onTerm?: (replica: string) => void }) {
    this.#clock = options.clock
    this.#book = options.book
    this.onTerm = options.onTerm
  }

  /** After each write of the lease. */
  lease({ after, userAgent }: LedgerEntry): void {
    const spec = after && isObject(after.spec) ? after.spec : {}
    const holder = typeof spec.holderIdentity === 'string' ? spec.holderIdentity : ''
    const duration = typeof spec.leaseDurationSeconds === 'number' ? spec.leaseDurationSeconds : 0
    const replica = replicaIn(userAgent)
    if (holder !== '' && holder !== this.#term?.holder) this.onTerm?.(replica)
    this.#term = { replica, holder, at: this.#clock.monotonic(), durationMs: duration * SECOND }
  }

  /** After each effect of a replica's. */
  write(replica: string, what: string): void {
    const term = this.#term
    if (!term) {
      this.#book.broken('S5', `${replica} wrote ${what} before anybody held the lease`)
      return
    }
    const now = this.#clock.monotonic()
    this.#book.check(
      'S5',
      term.holder !== '' && term.replica === replica,
      () => `${replica} wrote ${what} while ${term.holder === '' ? 'nobody' : term.replica} holds the lease`,
    )
    if (now - term.at > term.durationMs)
      this.#book.broken(
        'S5',
        `${replica} wrote ${what} ${(now - term.at - term.durationMs) / SECOND} s after its lease had ended`,
      )
  }

  /** When a replica sends a write. */
  sending(replica: string, what: string): void {
    const term = this.#term
    const left = term?.replica === replica ? term.at + term.durationMs - this.#clock.monotonic() : 0
    this.#book.check(
      'S5',
      left >= CALL_LIMIT_MS,
      () => `${replica} sends ${what} though its lease lasts only ${left / SECOND} s longer`,
    )
  }

  /** When a replica sends a write on the Ingress `key`. */
  sendingOn(replica: string, key: string): void {
    this.#sentOn.set(`${replica} ${key}`, this.#age(replica))
  }

  /** After a write on the Ingress `key` that takes something out of its annotation. */
  departure(replica: string, key: string): void {
    const age = this.#sentOn.get(`${replica} ${key}`) ?? Number.POSITIVE_INFINITY
    this.#book.check(
      'S5',
      age <= READ_MS,
      () => `${replica} takes an ARN from ${key} on a read of the Ingresses that was ${age / SECOND} s old`,
    )
  }

  #age(replica: string): number {
    return this.#clock.monotonic() - (this.#readAt.get(replica) ?? Number.NEGATIVE_INFINITY)
  }

  /** Who holds the lease by its own record. */
  get leader(): string | undefined {
    return this.#term?.holder === '' ? undefined : this.#term?.replica
  }

  /** Whether the last renewal is older than it holds. */
  get isOver(): boolean {
    return !this.#term || this.#clock.monotonic() - this.#term.at > this.#term.durationMs
  }

  noteRead(replica: string): void {
    this.#readAt.set(replica, this.#clock.monotonic())
  }

  /** When a deletion is sent. */
  deletion(replica: string): void {
    const age = this.#age(replica)
    this.#book.check(
      'S5',
      age <= 10 * SECOND,
      () => `${replica} deletes on a read of the Ingresses that is ${age / SECOND} s old`,
    )
  }
}

/** Replicas say in their user agent, or in their access key, which one they are. */
export function replicaIn(text: string): string {
  return /replica-\d+/i.exec(text)?.[0].toLowerCase() ?? text
}
