import type { Call } from './call.ts'
import { Gates } from './gates.ts'
import { type Disturbance, LEASE_MS, type Stage } from './stage.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** Long enough for the other process to lead, and to act. */
const OVER_THE_LEASE_MS = LEASE_MS + 45 * SECOND
const LONG_MS = 15 * MINUTE
/** A request that is slow, but not so slow that its sender gives it up: eight seconds. */
const SLOW_MS = 7_500

/** What befalls the first of two processes in one of its calls, while the other one stands by. */
export const TROUBLES = [
  /** It stands still until the other one leads and has acted: the call takes effect, and its answer waits. */
  'paused',
  /** The same for a quarter of an hour. */
  'paused long',
  /** The same, and the call takes effect as late as it may. */
  'paused in a slow call',
  /** It stands still until the other one leads and has acted; then that one dies, and it leads again. */
  'paused and back',
  /** It reaches AWS and not Kubernetes. */
  'cut off from Kubernetes',
  /** It reaches Kubernetes and not AWS. */
  'cut off from AWS',
] as const

export type Trouble = (typeof TROUBLES)[number]

/** Two processes, of which the one that leads gets into trouble in its `index`th call. */
export class Rivals implements Disturbance {
  struck = false
  readonly #index: number
  readonly #label: string
  readonly #trouble: Trouble
  readonly #gates = new Gates()
  #calls = 0
  #unreachable: 'aws' | 'kubernetes' | undefined

  constructor(options: { index: number; label: string; trouble: Trouble }) {
    this.#index = options.index
    this.#label = options.label
    this.#trouble = options.trouble
  }

  begin(stage: Stage): void {
    stage.later(SECOND, () => void stage.startProcess())
  }

  async call<Answer>(stage: Stage, call: Call, send: () => Promise<Answer>): Promise<Answer> {
    this.#judge(stage, call)
    if (call.by !== 1) return await send()
    if (this.#calls++ === this.#index) return await this.#strike(stage, call, send)
    return this.#unreachable === call.to ? await new Promise<never>(() => {}) : await send()
  }

  watch(_stage: Stage, by: number, collection: string, events: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return by === 1 ? this.#gates.through(collection, events) : events
  }

  /** S5, of what is sent: the court hears of it only when it arrives. */
  #judge({ court }: Stage, { by, kind, label }: Call): void {
    if (kind === 'change' || kind === 'ledger') court.fencing.sending(`replica-${by}`, label)
  }

  async #strike<Answer>(stage: Stage, call: Call, send: () => Promise<Answer>): Promise<Answer> {
    this.struck = true
    if (call.label !== this.#label)
      stage.book.broken('P', `the run is not the reference's: ${call.label} is sent, where ${this.#label} was`)
    stage.tell(() => `replica-1 is ${this.#trouble} in ${call.label}`)
    switch (this.#trouble) {
      case 'paused':
        this.#pause(stage, OVER_THE_LEASE_MS)
        return await send()
      case 'paused long':
        this.#pause(stage, LONG_MS)
        return await send()
      case 'paused and back':
        this.#pause(stage, OVER_THE_LEASE_MS)
        stage.later(OVER_THE_LEASE_MS + SECOND, () => stage.kill(2))
        return await send()
      case 'paused in a slow call': {
        this.#pause(stage, OVER_THE_LEASE_MS)
        const { clock } = stage
        await clock.sleepUntil(clock.now() + SLOW_MS)
        return await send()
      }
      case 'cut off from Kubernetes':
        return await this.#cut(stage, 'kubernetes', call, send)
      case 'cut off from AWS':
        return await this.#cut(stage, 'aws', call, send)
    }
  }

  #pause(stage: Stage, milliseconds: number): void {
    const process = stage.process(1)
    process?.freeze()
    stage.later(milliseconds, () => {
      stage.tell(() => 'replica-1 goes on')
      process?.thaw()
    })
  }

  /** The call itself arrives; its answer does not, where it would come over the line that is cut. */
  async #cut<Answer>(
    stage: Stage,
    from: 'aws' | 'kubernetes',
    call: Call,
    send: () => Promise<Answer>,
  ): Promise<Answer> {
    this.#unreachable = from
    if (from === 'kubernetes') this.#gates.close()
    stage.later(OVER_THE_LEASE_MS, () => {
      stage.tell(() => `replica-1 reaches ${from} again`)
      this.#unreachable = undefined
      this.#gates.open('go on')
    })
    const answer = await send()
    return call.to === from ? await new Promise<never>(() => {}) : answer
  }
}
