import type { Random } from '../../random.ts'
import type { Call } from './call.ts'

/** What may befall a call before it is carried out. */
export type FaultBefore =
  /** It takes this much longer to arrive. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** The service says that calls come too fast. */
  | { readonly kind: 'throttle' }
  | { readonly kind: 'serverError'; readonly statusCode?: 500 | 503 }
  /** The connection breaks; nothing was done. */
  | { readonly kind: 'reset' }
  /** The caller's policy does not allow it. */
  | { readonly kind: 'accessDenied' }
  | { readonly kind: 'expiredCredentials' }
  /** A list or description shows what was true this much earlier. */
  | { readonly kind: 'stale'; readonly milliseconds: number }
  /** A page of a list has no more items than this, whatever was asked for. */
  | { readonly kind: 'shortPage'; readonly items: number }

/** What may befall a call after it was carried out, so that the caller cannot tell what happened. */
export type FaultAfter =
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'serverError'; readonly statusCode?: 500 | 503 }

/** The hook through which a test breaks calls. An absent method, or `undefined`, breaks nothing. */
export interface Faults {
  before?(call: Call): FaultBefore | readonly FaultBefore[] | undefined
  after?(call: Call): FaultAfter | readonly FaultAfter[] | undefined
}

/** How often each fault befalls a call: shares from 0 to 1. */
export interface FaultRates {
  readonly throttle?: number
  readonly serverError?: number
  readonly serverErrorAfter?: number
  readonly reset?: number
  readonly resetAfter?: number
  readonly accessDenied?: number
  readonly expiredCredentials?: number
  readonly stale?: number
  readonly delay?: number
  /** The longest delay and staleness drawn, in milliseconds. */
  readonly longestDelay?: number
  readonly longestStale?: number
}

/** Breaks calls by chance, out of a seed, until it is healed. */
export class RandomFaults implements Faults {
  readonly #random: Random
  #rates: FaultRates

  constructor(options: { random: Random; rates: FaultRates }) {
    this.#random = options.random
    this.#rates = options.rates
  }

  get rates(): FaultRates {
    return this.#rates
  }

  /** From now on nothing breaks. */
  heal(): void {
    this.#rates = {}
  }

  before(_call: Call): FaultBefore[] {
    const rates = this.#rates
    const faults: FaultBefore[] = []
    if (this.#falls(rates.delay)) faults.push({ kind: 'delay', milliseconds: this.#upTo(rates.longestDelay ?? 5_000) })
    if (this.#falls(rates.stale)) faults.push({ kind: 'stale', milliseconds: this.#upTo(rates.longestStale ?? 60_000) })
    if (this.#falls(rates.throttle)) faults.push({ kind: 'throttle' })
    if (this.#falls(rates.serverError)) faults.push({ kind: 'serverError' })
    if (this.#falls(rates.reset)) faults.push({ kind: 'reset' })
    if (this.#falls(rates.accessDenied)) faults.push({ kind: 'accessDenied' })
    if (this.#falls(rates.expiredCredentials)) faults.push({ kind: 'expiredCredentials' })
    return faults
  }

  after(_call: Call): FaultAfter[] {
    const rates = this.#rates
    const faults: FaultAfter[] = []
    if (this.#falls(rates.delay)) faults.push({ kind: 'delay', milliseconds: this.#upTo(rates.longestDelay ?? 5_000) })
    if (this.#falls(rates.resetAfter)) faults.push({ kind: 'reset' })
    if (this.#falls(rates.serverErrorAfter)) faults.push({ kind: 'serverError' })
    return faults
  }

  #falls(rate: number | undefined): boolean {
    return rate !== undefined && rate > 0 && this.#random.next() < rate
  }

  #upTo(longest: number): number {
    return Math.round(this.#random.next() * longest)
  }
}
