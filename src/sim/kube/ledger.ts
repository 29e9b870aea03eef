import type { EpochMs } from '../../clock.ts'
import type { KubeObject } from './object.ts'

export type WriteVerb = 'create' | 'update' | 'patch' | 'apply' | 'delete'

/** One write that took effect: who changed what, when. A write that changed nothing is none. */
export interface LedgerEntry {
  readonly at: EpochMs
  readonly verb: WriteVerb
  readonly userAgent: string
  readonly manager: string
  /** `ingresses.networking.k8s.io`, `secrets`. */
  readonly collection: string
  readonly namespace: string
  readonly name: string
  readonly subresource: string
  readonly before: KubeObject | undefined
  /** Undefined once the object is gone. */
  readonly after: KubeObject | undefined
}

/** The writes since the world began, in order; the oldest go once there are more than `limit`. */
export class Ledger {
  readonly #entries: LedgerEntry[] = []
  readonly #listeners = new Set<(entry: LedgerEntry) => void>()
  readonly #limit: number

  constructor(options: { readonly limit: number }) {
    this.#limit = options.limit
  }

  get entries(): readonly LedgerEntry[] {
    return this.#entries
  }

  append(entry: LedgerEntry): void {
    this.#entries.push(entry)
    if (this.#entries.length > this.#limit * 2) this.#entries.splice(0, this.#entries.length - this.#limit)
    for (const listener of this.#listeners) listener(entry)
  }

  /** @returns what ends the subscription. */
  subscribe(listener: (entry: LedgerEntry) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
