import { LAWS, type Law } from '../laws/book.ts'
import type { Recovery } from './pairs.ts'
import { parseId, type Point } from './study.ts'
import type { Visited } from './scopes.ts'
import type { Done, Played } from './worker.ts'

interface Row {
  readonly study: string
  readonly story: string
  readonly effects: number
  readonly same: number
  readonly points: readonly Point[]
}

/** How much of one broken run is said. */
const MOST_FAULTS = 6

/** What the runs of a batch came to: each broken one at once, the table at the end. */
export class Report {
  readonly #most: number
  readonly #rows: Row[] = []
  readonly #rowOf = new Map<string, Row>()
  readonly #spent = new Map<Row, number>()
  readonly #broken = new Map<Row, number>()
  readonly #recoveries = new Map<string, Recovery>()
  readonly #premises = new Map<Law, number>()
  readonly #scopes = new Map<string, Visited>()

  /** @param most how many broken runs of one row are told in full. */
  constructor(most: number) {
    this.#most = most
  }

  addRow(row: Row): void {
    this.#rows.push(row)
    for (const { id } of row.points) this.#rowOf.set(id, row)
  }

  get ids(): readonly string[] {
    return [...this.#rowOf.keys()]
  }

  get broken(): number {
    const scopes = [...this.#scopes.values()].filter(({ faults }) => faults.length > 0).length
    return [...this.#broken.values()].reduce((sum, count) => sum + count, scopes)
  }

  /** The single deaths that ended well, in the order of their points. */
  get recoveries(): readonly Recovery[] {
    return this.ids.flatMap((id) => this.#recoveries.get(id) ?? [])
  }

  note(done: Done): void {
    if ('played' in done) this.#notePlayed(done.played)
    else this.#noteVisited(done.scope, done.visited)
  }

  #noteVisited(scope: string, visited: Visited): void {
    this.#scopes.set(scope, visited)
    if (visited.faults.length > 0) console.log(`when ${scope}:\n    ${visited.faults.join('\n    ')}`)
  }

  #notePlayed({ id, faults, premises, milliseconds, laterWrites }: Played): void {
    const row = this.#rowOf.get(id)
    if (!row) throw new Error(`nobody asked for ${id}`)
    for (const [law, times] of premises) this.#premises.set(law, (this.#premises.get(law) ?? 0) + times)
    this.#spent.set(row, (this.#spent.get(row) ?? 0) + milliseconds)
    if (faults.length === 0) {
      if (parseId(id).study === 'crash') this.#recoveries.set(id, { id, writes: laterWrites })
      return
    }
    const broken = (this.#broken.get(row) ?? 0) + 1
    this.#broken.set(row, broken)
    if (broken > this.#most) return
    console.log(`${id}: ${row.points.find((point) => point.id === id)?.what ?? ''}`)
    for (const fault of faults.slice(0, MOST_FAULTS)) console.log(`    ${fault}`)
    console.log(`    again, with its story: make crash-points REPLAY="${id}"`)
  }

  print(): void {
    if (this.#rows.length > 0) this.#printRows()
    if (this.#scopes.size > 0) this.#printScopes()
  }

  #printRows(): void {
    console.log('study     story            effects  points  the same  runs  ms a run  broken')
    for (const row of this.#rows) {
      const runs = row.points.length
      const perRun = Math.round((this.#spent.get(row) ?? 0) / Math.max(1, runs))
      const columns = [
        row.study.padEnd(9),
        `${row.story.padEnd(16)} ${String(row.effects).padStart(7)}`,
        String(runs + row.same).padStart(7),
        String(row.same).padStart(9),
        String(runs).padStart(5),
        String(perRun).padStart(9),
        String(this.#broken.get(row) ?? 0).padStart(7),
      ]
      console.log(columns.join(' '))
    }
    console.log('\nlaw   premise held')
    for (const law of LAWS) {
      const times = this.#premises.get(law)
      if (times !== undefined) console.log(`${law.padEnd(5)} ${String(times).padStart(12)}`)
    }
    const sum = (of: (row: Row) => number) => this.#rows.reduce((total, row) => total + of(row), 0)
    const runs = sum(({ points }) => points.length)
    console.log(`\n${runs + sum(({ same }) => same)} points in ${runs} runs, ${this.broken} broken`)
  }

  #printScopes(): void {
    console.log('\nscope                                                     states  schedules up to')
    let all = 0
    for (const [scope, { states, depth, complete }] of this.#scopes) {
      all += states
      console.log(`${scope.padEnd(56)} ${String(states).padStart(7)}  ${complete ? 'all of them' : `${depth} moves`}`)
    }
    console.log(`${all} states of ${this.#scopes.size} scopes`)
  }
}
