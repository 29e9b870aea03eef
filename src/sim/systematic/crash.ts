import { type Call, isWrite } from './call.ts'
import type { Disturbance, Stage } from './stage.ts'

const SECOND = 1_000

/** When, in the life of a request, its process dies. */
export const MOMENTS = [
  /** Before it is sent. */
  'before',
  /** It was sent and never arrives; the process lives on for a while without an answer. */
  'lost',
  /** It was sent; it takes effect when the process is dead and the next one is there. */
  'late',
  /** It has taken effect; no answer has come. */
  'after',
  /** The answer has come; the process dies before it stores anything in the ledger. */
  'unstored',
] as const

export type Moment = (typeof MOMENTS)[number]

/** Where a process dies. */
export interface Strike {
  /** The number of the process. */
  readonly process: number
  /** Which of its writes, from 0, and what that is, where it is known beforehand. */
  readonly write: number
  readonly label: string | undefined
  readonly moment: Moment
}

/** How long a process that waits for the answer to a lost request goes on with all else. */
const LIVES_ON_MS = 2 * SECOND
/** How long a request that is late is under way: shorter than its time-out, as the lease demands. */
const LATE_MS = 5 * SECOND
const RESTART_MS = 2 * SECOND
/** Where nothing more is stored, the process dies all the same. */
const UNSTORED_MS = 15 * SECOND

/** Kills processes at given writes, and starts another one after each. */
export class Crash implements Disturbance {
  readonly #strikes: readonly Strike[]
  readonly #writes = new Map<number, number>()
  /** Processes that die at their next write to the ledger. */
  readonly #forgetful = new Set<number>()
  #fell = 0

  constructor(strikes: readonly Strike[]) {
    this.#strikes = strikes
  }

  get struck(): boolean {
    return this.#fell === this.#strikes.length
  }

  async call<Answer>(stage: Stage, call: Call, send: () => Promise<Answer>): Promise<Answer> {
    if (!isWrite(call)) return await send()
    const { by, kind, label } = call
    if (this.#forgetful.has(by) && kind === 'ledger') this.#die(stage, by)
    const write = this.#writes.get(by) ?? 0
    this.#writes.set(by, write + 1)
    const strike = this.#strikes.find((candidate) => candidate.process === by && candidate.write === write)
    if (!strike) return await send()
    if (strike.label !== undefined && strike.label !== label)
      stage.book.broken('P', `the run is not the reference's: ${label} is sent, where ${strike.label} was`)
    stage.tell(() => `${label} is struck: ${strike.moment}`)
    switch (strike.moment) {
      case 'before':
        return this.#die(stage, by)
      case 'lost':
        stage.later(LIVES_ON_MS, () => this.#kill(stage, by))
        return await new Promise<never>(() => {})
      case 'late':
        stage.later(LATE_MS, () => {
          stage.tell(() => `${label} arrives`)
          void send().catch(() => {})
        })
        return this.#die(stage, by)
      case 'after':
        await send()
        return this.#die(stage, by)
      case 'unstored': {
        const answer = await send()
        this.#forgetful.add(by)
        stage.later(UNSTORED_MS, () => this.#kill(stage, by))
        return answer
      }
    }
  }

  #die(stage: Stage, by: number): never {
    this.#kill(stage, by)
    throw new Error('the process is dead')
  }

  #kill(stage: Stage, by: number): void {
    if (stage.process(by) === undefined) return
    this.#fell += 1
    stage.kill(by)
    stage.later(RESTART_MS, () => void stage.startProcess())
  }
}
