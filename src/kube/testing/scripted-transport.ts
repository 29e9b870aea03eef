import type { KubeRequest, KubeResponse, Transport } from '../transport.ts'

/** How a test answers one request: a status with a JSON body, a stream that it feeds, or an error for the network. */
export type Answer = { status: number; body: unknown; headers?: Record<string, string> } | { stream: WatchFeed } | Error

/** A Transport for unit tests that answers from a function and keeps what it was asked. In process: no time passes in it. */
export class ScriptedTransport implements Transport {
  readonly requests: KubeRequest[] = []
  /** How many answers have been asked for and neither read to their end nor left. */
  open = 0
  readonly #answer: (request: KubeRequest) => Answer | 'silence'

  /** `silence`: the answer never comes, until the request's signal fires. */
  constructor(answer: (request: KubeRequest) => Answer | 'silence') {
    this.#answer = answer
  }

  async request(request: KubeRequest): Promise<KubeResponse> {
    request.signal.throwIfAborted()
    this.requests.push(request)
    const answer = this.#answer(request)
    if (answer === 'silence') return untilAborted(request.signal)
    if (answer instanceof Error) throw answer
    if ('stream' in answer) return { status: 200, headers: {}, body: this.#count(answer.stream.read(request.signal)) }
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
    return { status: answer.status, headers: answer.headers ?? {}, body: this.#count(once(text)) }
  }

  async *#count(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    this.open++
    try {
      yield* body
    } finally {
      this.open--
    }
  }
}

/** The body of a watch that a test writes while it is read. */
export class WatchFeed {
  #chunks: Uint8Array[] = []
  #ended: 'no' | 'clean' | Error = 'no'
  #wake = () => {}

  /** One event, as one line. */
  event(type: string, object: unknown): this {
    return this.text(`${JSON.stringify({ type, object })}\n`)
  }

  text(text: string): this {
    return this.bytes(new TextEncoder().encode(text))
  }

  bytes(bytes: Uint8Array): this {
    this.#chunks.push(bytes)
    this.#wake()
    return this
  }

  /** The server ends the watch; with `error` the connection breaks. */
  end(error?: Error): this {
    this.#ended = error ?? 'clean'
    this.#wake()
    return this
  }

  async *read(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const onAbort = () => this.#wake()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      for (;;) {
        signal.throwIfAborted()
        const chunk = this.#chunks.shift()
        if (chunk) yield chunk
        else if (this.#ended === 'clean') return
        else if (this.#ended instanceof Error) throw this.#ended
        else await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}
