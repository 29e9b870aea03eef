import { LAWS, type Breach, type Law } from '../laws/book.ts'
import type { Played } from './batch.ts'
import { type Probe, PROBES } from './probes.ts'

/** How often something came about, in how many seeds, and in which one first. */
export interface Count {
  readonly times: number
  readonly seeds: number
  readonly first: number | undefined
}

/** What a batch comes to: the same for the same seeds, whoever played them. */
export interface BatchOutcome {
  readonly from: number
  readonly seeds: number
  readonly broken: readonly (Breach & { readonly seed: number })[]
  readonly faults: Readonly<Record<string, Count>>
  readonly laws: Readonly<Record<Law, Count>>
  readonly probes: Readonly<Record<Probe, Count>>
}

/** Adds up outcomes. */
export class Tally {
  readonly #broken: (Breach & { readonly seed: number })[] = []
  readonly #faults = new Map<string, Count>()
  readonly #laws = new Map<string, Count>()
  readonly #probes = new Map<string, Count>()
  readonly #from: number
  #seeds = 0

  constructor(from: number) {
    this.#from = from
  }

  add(seed: number, { premises, hits, probes, breach }: Pick<Played, 'premises' | 'hits' | 'probes' | 'breach'>): void {
    this.#seeds += 1
    if (breach) this.#broken.push({ seed, ...breach })
    for (const [law, times] of premises) note(this.#laws, law, times, seed)
    for (const [probe, times] of probes) note(this.#probes, probe, times, seed)
    for (const [what, times] of hits) note(this.#faults, what, times, seed)
  }

  /** The run itself broke down: that is the program's fault until shown otherwise. */
  thrown(seed: number, text: string): void {
    this.add(seed, {
      premises: new Map(),
      hits: new Map(),
      probes: new Map(),
      breach: { law: 'P', sentence: text, at: 0 },
    })
  }

  breachOf(seed: number): Breach | undefined {
    return this.#broken.find((broken) => broken.seed === seed)
  }

  get outcome(): BatchOutcome {
    const none: Count = { times: 0, seeds: 0, first: undefined }
    return {
      from: this.#from,
      seeds: this.#seeds,
      broken: [...this.#broken],
      faults: sorted(this.#faults),
      laws: Object.fromEntries(LAWS.map((law) => [law, this.#laws.get(law) ?? none])) as Record<Law, Count>,
      probes: Object.fromEntries(PROBES.map((probe) => [probe, this.#probes.get(probe) ?? none])) as Record<
        Probe,
        Count
      >,
    }
  }
}

function note(counts: Map<string, Count>, what: string, times: number, seed: number): void {
  if (times === 0) return
  const { times: before, seeds, first } = counts.get(what) ?? { times: 0, seeds: 0, first: undefined }
  counts.set(what, { times: before + times, seeds: seeds + 1, first: first ?? seed })
}

function sorted(counts: ReadonlyMap<string, Count>): Record<string, Count> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}
