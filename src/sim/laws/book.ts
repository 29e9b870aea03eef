/** The laws that the whole program is held to, from the worlds' own ledgers. What each says stands where it is checked. */
export const LAWS = [
  'S1',
  'S2',
  'S3',
  'S4',
  'S5',
  'S6',
  'S7',
  'S8',
  'S9',
  'D1',
  'D2',
  'D3',
  'D4',
  'Q1',
  'Q2',
  'R1',
  'O1',
  'A1',
  'L1',
  'L2',
  'L3',
  'L4',
  'L5',
  'L6',
  'L7',
  'L8',
  'L9',
  'P',
] as const

/** `P`: the program itself must not break. */
export type Law = (typeof LAWS)[number]

/** What must happen in the end, or be put right in time: it is asked when the storm is over. */
const IN_THE_END = /^(L\d|D3|D4)$/

export interface Breach {
  readonly law: Law
  readonly sentence: string
  /** Milliseconds since the run began. */
  readonly at: number
}

/** What the laws found in one run: the first breach, since what follows may be its consequence, and how often each premise held. */
export class LawBook {
  readonly premises = new Map<Law, number>()
  breach: Breach | undefined
  readonly #elapsed: () => number
  readonly #isStormy: () => boolean

  /** Of what must never happen, only premises under fault count: while `isStormy`. What must happen in the end comes after. */
  constructor(elapsed: () => number, isStormy: () => boolean = () => true) {
    this.#elapsed = elapsed
    this.#isStormy = isStormy
  }

  /** Something happened of which this law has something to say. */
  premise(law: Law, times = 1): void {
    if (!IN_THE_END.test(law) && !this.#isStormy()) return
    this.premises.set(law, (this.premises.get(law) ?? 0) + times)
  }

  /** @param sentence what happened, to what. */
  broken(law: Law, sentence: string): void {
    this.breach ??= { law, sentence, at: this.#elapsed() }
  }

  /** Counts the premise, and breaks the law unless `holds`. */
  check(law: Law, holds: boolean, sentence: () => string): void {
    this.premise(law)
    if (!holds) this.broken(law, sentence())
  }
}
