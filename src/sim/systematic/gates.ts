import { FOLLOWED, type Followed } from './step.ts'

const EXPIRED = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  reason: 'Expired',
  code: 410,
  message: 'too old resource version',
}

/** A gate for the events of watches: they pass, or wait, or the watch ends in their place. */
class Gate {
  #closed:
    | { readonly opened: Promise<'go on' | 'expired'>; readonly open: (how: 'go on' | 'expired') => void }
    | undefined

  close(): void {
    if (this.#closed) return
    let open: (how: 'go on' | 'expired') => void = () => {}
    const opened = new Promise<'go on' | 'expired'>((resolve) => {
      open = resolve
    })
    this.#closed = { opened, open }
  }

  open(how: 'go on' | 'expired'): void {
    const closed = this.#closed
    this.#closed = undefined
    closed?.open(how)
  }

  async *through(events: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const event of events) {
      const how = this.#closed ? await this.#closed.opened : 'go on'
      if (how === 'expired') {
        yield encode({ type: 'ERROR', object: EXPIRED })
        return
      }
      yield event
    }
  }
}

/** The gates of all collections that are followed, for one process. */
export class Gates {
  readonly #gates = new Map<string, Gate>(FOLLOWED.map((collection) => [collection, new Gate()]))

  of(collection: Followed): Gate {
    return this.#gates.get(collection) as Gate
  }

  close(): void {
    for (const gate of this.#gates.values()) gate.close()
  }

  open(how: 'go on' | 'expired'): void {
    for (const gate of this.#gates.values()) gate.open(how)
  }

  through(collection: string, events: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return this.#gates.get(collection)?.through(events) ?? events
  }
}

/** An event as the wire has it. */
export function encode(event: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(event)}\n`)
}
