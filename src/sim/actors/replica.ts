import type { RequestHandler } from '../../aws/handler.ts'
import type { Clock } from '../../clock.ts'
import type { KubeResponse, Transport } from '../../kube/transport.ts'
import type { World } from '../../world.ts'

/** What a process does from its start until `signal` fires. */
export type Program = (options: { world: World; signal: AbortSignal }) => Promise<void>

/** One process that runs a program in a world, and that can be stopped in order or killed. */
export class Replica {
  readonly #program: Program
  readonly #line: Line
  readonly #stop = new AbortController()
  #ended: Promise<void> | undefined

  constructor(options: { world: World; program: Program }) {
    const { world, program } = options
    this.#program = program
    this.#line = new Line(world)
  }

  start(): void {
    this.#ended ??= this.#program({ world: this.#line.world, signal: this.#stop.signal })
    // Whoever stops it hears how it ended; until then nobody listens.
    this.#ended.catch(() => {})
  }

  /** What SIGTERM does: it may finish and clean up. @throws what the program ended with. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the process was told to stop'))
    await this.#ended
  }

  /** What SIGKILL does: from this moment it neither sends nor hears anything. Calls that were sent take their effect. */
  kill(): void {
    this.#line.cut()
    this.#stop.abort(new Error('the process was killed'))
  }

  /** Settles when the program has returned, with what it ended with. */
  get ended(): Promise<void> {
    return this.#ended ?? Promise.resolve()
  }
}

/** A world whose every connection can be cut at once. */
class Line {
  readonly world: World
  readonly #dead = new AbortController()

  constructor(world: World) {
    const { requestHandler } = world.aws
    this.world = {
      ...world,
      clock: this.#clock(world.clock),
      kube: this.#transport(world.kube),
      aws: { ...world.aws, requestHandler: requestHandler && this.#handler(requestHandler) },
    }
  }

  cut(): void {
    this.#dead.abort(new Error('the process is dead'))
  }

  /** Whoever is dead wakes no more: what it slept for is neither done nor slept for again. */
  #clock(inner: Clock): Clock {
    const never = () => new Promise<void>(() => {})
    return {
      now: () => inner.now(),
      monotonic: () => inner.monotonic(),
      sleepUntil: async (instant, signal) => {
        if (this.#dead.signal.aborted) return never()
        await inner.sleepUntil(instant, signal)
        if (this.#dead.signal.aborted) return never()
      },
    }
  }

  #transport(inner: Transport): Transport {
    return {
      request: async (request) => {
        this.#dead.signal.throwIfAborted()
        // Watches of the dead end on the server's side as well.
        const { method, signal } = request
        const ending = method === 'GET' ? AbortSignal.any([signal, this.#dead.signal]) : signal
        const answer = await inner.request({ ...request, signal: ending })
        this.#dead.signal.throwIfAborted()
        return { ...answer, body: this.#body(answer) }
      },
    }
  }

  async *#body(answer: KubeResponse): AsyncGenerator<Uint8Array> {
    for await (const chunk of answer.body) {
      this.#dead.signal.throwIfAborted()
      yield chunk
    }
  }

  #handler(inner: RequestHandler): RequestHandler {
    return {
      metadata: inner.metadata,
      handle: async (request, options) => {
        this.#dead.signal.throwIfAborted()
        const answer = await inner.handle(request, options)
        this.#dead.signal.throwIfAborted()
        return answer
      },
      updateHttpClientConfig: (key, value) => inner.updateHttpClientConfig(key, value),
      httpHandlerConfigs: () => inner.httpHandlerConfigs(),
      destroy: () => {},
    }
  }
}
