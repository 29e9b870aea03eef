import { isObject } from '../kube/json.ts'
import type { LedgerEntry } from '../kube/ledger.ts'
import type { LawBook } from './book.ts'
import type { View } from './view.ts'

/**
 * L7: no certificate that serves comes within 14 days of its end without its having been said: the last fourteenth of a life, as it is of 198
 * days. It is said where the object of the certificate stands as `RenewalAtRisk`, or as ended.
 */
export class RenewalLaw {
  readonly #book: LawBook
  readonly #view: View
  /** Certificates whose renewal is said to be at risk. */
  readonly #said = new Set<string>()

  constructor(options: { book: LawBook; view: View }) {
    this.#book = options.book
    this.#view = options.view
  }

  /** After each write of an ACMCertificate. */
  ledger({ after, before }: LedgerEntry): void {
    const status = (after ?? before)?.status
    if (!isObject(status) || typeof status.arn !== 'string') return
    if (after && status.state === 'RenewalAtRisk') this.#said.add(status.arn)
    else this.#said.delete(status.arn)
  }

  /** Now and then. */
  look(now: number): void {
    for (const arn of this.#view.own) {
      const term = this.#view.termOf(arn)
      if (!term || !this.#view.isHealthy(arn) || !this.#view.isAttached(arn)) continue
      const left = term.notAfter - now
      if (left > (term.notAfter - term.notBefore) / 14) continue
      const isServing = this.#view.ingresses.some(
        (ingress) => this.#view.isLive(ingress) && ingress.listed.includes(arn) && ingress.asks === 'true',
      )
      if (!isServing) continue
      this.#book.check(
        'L7',
        this.#said.has(arn) || this.#isReplaced(arn, term.notAfter),
        () => `${this.#view.label(arn)} ends in ${Math.round(left / 60_000)} min, and nobody has said so`,
      )
    }
  }

  /** Another of the same names that lives on: the object speaks of that one. */
  #isReplaced(arn: string, notAfter: number): boolean {
    const names = this.#view.namesOf(arn).join()
    return this.#view.own.some(
      (other) =>
        this.#view.isHealthy(other) &&
        this.#view.namesOf(other).join() === names &&
        (this.#view.termOf(other)?.notAfter ?? 0) > notAfter,
    )
  }
}
