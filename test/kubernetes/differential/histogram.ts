import type { Result } from './encounter.ts'
import { VERBS, type Verb, verbOf } from './operation.ts'

/** Below these a batch proves too little: the share of each verb, and of the operations that end in an error. */
export const LEAST_SHARE_OF_A_VERB = 0.03
export const LEAST_SHARE_OF_ERRORS = 0.2

/** Counts operations by verb and outcome. */
export class Histogram {
  readonly #counts = new Map<Verb, Map<string, number>>()
  #all = 0
  #errors = 0

  add({ operation, outcome, isError }: Result): void {
    const row = this.#counts.get(verbOf(operation)) ?? new Map<string, number>()
    this.#counts.set(verbOf(operation), row.set(outcome, (row.get(outcome) ?? 0) + 1))
    this.#all++
    if (isError) this.#errors++
  }

  get operations(): number {
    return this.#all
  }

  /** What a batch proves too little about; empty where all is well. */
  get shortcomings(): string[] {
    const rare = VERBS.filter((verb) => this.#share(verb) < LEAST_SHARE_OF_A_VERB).map(
      (verb) =>
        `${verb} is ${percent(this.#share(verb))} of all operations, less than ${percent(LEAST_SHARE_OF_A_VERB)}`,
    )
    const errors = this.#errors / this.#all
    return errors < LEAST_SHARE_OF_ERRORS
      ? [...rare, `${percent(errors)} of the operations end in an error, less than ${percent(LEAST_SHARE_OF_ERRORS)}`]
      : rare
  }

  /** One line a verb: how many, their share, and what came of them. */
  toString(): string {
    const rows = VERBS.map((verb) => {
      const outcomes = [...(this.#counts.get(verb) ?? [])].sort(([left], [right]) => (left < right ? -1 : 1))
      const parts = outcomes.map(([outcome, count]) => `${outcome}: ${count}`)
      return `${verb.padEnd(22)} ${String(this.#total(verb)).padStart(7)} ${percent(this.#share(verb)).padStart(7)}  ${parts.join(', ')}`
    })
    return [
      `${'operation'.padEnd(22)} ${'count'.padStart(7)} ${'share'.padStart(7)}  outcomes`,
      ...rows,
      `${'all'.padEnd(22)} ${String(this.#all).padStart(7)} ${percent(1).padStart(7)}  errors: ${this.#errors} (${percent(this.#errors / this.#all)})`,
    ].join('\n')
  }

  #total(verb: Verb): number {
    return [...(this.#counts.get(verb)?.values() ?? [])].reduce((sum, count) => sum + count, 0)
  }

  #share(verb: Verb): number {
    return this.#all === 0 ? 0 : this.#total(verb) / this.#all
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
