import type { EpochMs } from '../../clock.ts'
import type { Random } from '../../random.ts'
import type { WatchEvent } from './watch.ts'

export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'apply'
  | 'delete'
  | 'deletecollection'
  /** Discovery, health, version, schemas. */
  | 'other'

/** A request, as far as somebody who breaks requests wants to tell them apart. */
export interface KubeCall {
  readonly verb: Verb
  readonly path: string
  /** `ingresses.networking.k8s.io`, `secrets`; empty for what concerns no kind. */
  readonly collection: string
  readonly namespace: string
  readonly name: string
  readonly subresource: string
  readonly userAgent: string
  readonly at: EpochMs
}

/** What may befall a request before or after it is carried out. */
export type Fault =
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** The server answers with this code, for example 429, 500 or 503. */
  | { readonly kind: 'status'; readonly code: number; readonly retryAfterSeconds?: number }
  /** The connection breaks. */
  | { readonly kind: 'reset' }
  /** No answer comes until the caller gives up. */
  | { readonly kind: 'hang' }

/** What may befall an event of a watch on its way to the reader. */
export type WatchFault =
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'drop' }
  | { readonly kind: 'double' }
  /** The server ends the watch in order, before the event. */
  | { readonly kind: 'close' }
  /** The connection breaks, before the event. */
  | { readonly kind: 'reset' }
  /** An ERROR event with a Status of code 410 comes in its place, and ends the watch. */
  | { readonly kind: 'expire' }
  /** The connection goes silent. */
  | { readonly kind: 'hang' }

/** The hook through which a test breaks requests. An absent method, or `undefined`, breaks nothing. */
export interface Faults {
  before?(call: KubeCall): Fault | readonly Fault[] | undefined
  after?(call: KubeCall): Fault | readonly Fault[] | undefined
  event?(call: KubeCall, event: WatchEvent): WatchFault | readonly WatchFault[] | undefined
}

/** A broken connection, as a caller sees it: whether the request took effect is unknown. */
export class ConnectionReset extends Error {
  readonly code = 'ECONNRESET'

  constructor() {
    super('read ECONNRESET')
    this.name = 'ConnectionReset'
  }
}

/** @throws the signal's reason, once it is aborted. */
export function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** How often each fault befalls a request or an event: shares from 0 to 1. */
export interface FaultRates {
  readonly delay?: number
  readonly tooManyRequests?: number
  readonly serverError?: number
  readonly serverErrorAfter?: number
  readonly reset?: number
  readonly resetAfter?: number
  readonly eventDelay?: number
  readonly eventDouble?: number
  readonly watchClose?: number
  readonly watchReset?: number
  readonly watchExpire?: number
  /** The longest delay drawn, in milliseconds. */
  readonly longestDelay?: number
}

/** Breaks requests by chance, out of a seed, until it is healed. */
export class RandomFaults implements Faults {
  readonly #random: Random
  #rates: FaultRates

  constructor(options: { random: Random; rates: FaultRates }) {
    this.#random = options.random
    this.#rates = options.rates
  }

  /** From now on nothing breaks. */
  heal(): void {
    this.#rates = {}
  }

  before(): Fault[] {
    const rates = this.#rates
    return [
      ...this.#delay(rates.delay),
      ...this.#falls<Fault>(rates.tooManyRequests, { kind: 'status', code: 429, retryAfterSeconds: 1 }),
      ...this.#falls<Fault>(rates.serverError, { kind: 'status', code: 500 }),
      ...this.#falls<Fault>(rates.reset, { kind: 'reset' }),
    ]
  }

  after(): Fault[] {
    const rates = this.#rates
    return [
      ...this.#falls<Fault>(rates.serverErrorAfter, { kind: 'status', code: 500 }),
      ...this.#falls<Fault>(rates.resetAfter, { kind: 'reset' }),
    ]
  }

  event(): WatchFault[] {
    const rates = this.#rates
    return [
      ...this.#delay(rates.eventDelay),
      ...this.#falls<WatchFault>(rates.watchClose, { kind: 'close' }),
      ...this.#falls<WatchFault>(rates.watchReset, { kind: 'reset' }),
      ...this.#falls<WatchFault>(rates.watchExpire, { kind: 'expire' }),
      ...this.#falls<WatchFault>(rates.eventDouble, { kind: 'double' }),
    ]
  }

  #delay(rate: number | undefined): { kind: 'delay'; milliseconds: number }[] {
    const milliseconds = Math.ceil(this.#random.next() * (this.#rates.longestDelay ?? 5_000))
    return this.#falls(rate, { kind: 'delay', milliseconds })
  }

  #falls<T>(rate: number | undefined, fault: T): T[] {
    return rate !== undefined && this.#random.next() < rate ? [fault] : []
  }
}
