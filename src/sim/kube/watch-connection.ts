import type { Clock } from '../../clock.ts'
import type { Faults, KubeCall, WatchFault } from './faults.ts'
import { ConnectionReset, never } from './faults.ts'
import { jsonTextOf } from './json.ts'
import { expired } from './status.ts'
import type { WatchEvent } from './watch.ts'

/** Why a connection ended that ended in order. */
const ENDED = new Error('the watch was ended')

/** One open watch: its events as bytes, with what befalls them on the way. */
export class WatchConnection {
  readonly call: KubeCall
  readonly #clock: Clock
  readonly #faults: () => Faults
  readonly #controller = new AbortController()
  readonly #onEnd: () => void

  constructor(options: {
    call: KubeCall
    clock: Clock
    /** The reader's. */
    signal: AbortSignal
    faults: () => Faults
    onEnd: () => void
  }) {
    const { signal } = options
    this.call = options.call
    this.#clock = options.clock
    this.#faults = options.faults
    const onAbort = () => this.end(signal.reason as Error)
    this.#onEnd = () => {
      signal.removeEventListener('abort', onAbort)
      options.onEnd()
    }
    signal.addEventListener('abort', onAbort, { once: true })
  }

  /** For whoever makes the events: no more are wanted. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Ends the watch: in order, or with `error` for the reader. */
  end(error: Error = ENDED): void {
    if (this.#controller.signal.aborted) return
    this.#onEnd()
    this.#controller.abort(error)
  }

  /** The body of the answer. Leaving it ends the watch, even while a read waits. */
  read(events: AsyncIterable<WatchEvent>): AsyncIterable<Uint8Array> {
    const lines = this.#lines(events)
    const iterator: AsyncIterableIterator<Uint8Array> = {
      next: () => lines.next(),
      return: async () => {
        this.end()
        return await lines.return(undefined)
      },
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }

  async *#lines(events: AsyncIterable<WatchEvent>): AsyncGenerator<Uint8Array, undefined> {
    try {
      for await (const event of events) {
        const told = await this.#befall(event)
        for (const each of told.events) yield line(each)
        if (told.ends) return
      }
    } catch (error) {
      if (error !== ENDED) throw error
    } finally {
      this.end()
    }
  }

  /** What becomes of an event on its way. @throws ConnectionReset, or the reason for which the watch ended. */
  async #befall(event: WatchEvent): Promise<{ events: WatchEvent[]; ends: boolean }> {
    const faults = [this.#faults().event?.(this.call, event) ?? []].flat() as readonly WatchFault[]
    let events = [event]
    for (const fault of faults) {
      switch (fault.kind) {
        case 'delay':
          await this.#clock.sleepUntil(this.#clock.now() + fault.milliseconds, this.signal)
          break
        case 'drop':
          events = []
          break
        case 'double':
          events = [...events, event]
          break
        case 'close':
          return { events: [], ends: true }
        case 'reset':
          throw new ConnectionReset()
        case 'expire':
          return { events: [{ type: 'ERROR', object: expired('too old resource version').status() }], ends: true }
        case 'hang':
          return await never(this.signal)
        default:
          fault satisfies never
      }
    }
    return { events, ends: false }
  }
}

const encoder = new TextEncoder()

function line({ type, object }: WatchEvent): Uint8Array {
  return encoder.encode(`{"type":"${type}","object":${jsonTextOf(object)}}\n`)
}
