import type { AwsRequest, RequestHandler } from '../../aws/handler.ts'
import type { Clock } from '../../clock.ts'
import type { KubeResponse, Transport } from '../../kube/transport.ts'
import type { Resolver, World } from '../../world.ts'
import { ANY_SECRET } from '../aws/accounts.ts'

/**
 * How long what a dead process sent may still be on its way. A fence rests on each call's time limit: nothing can fence off what a network
 * keeps for longer than its sender would have waited.
 */
const IN_TRANSIT_MS = 8_000

/** A request to AWS and its answer. */
export interface Exchange {
  readonly request: AwsRequest
  readonly statusCode: number
  readonly body?: unknown
  readonly replica: string
}

/**
 * One process in the world: it says in every call which one it is, its clock may be wrong, and it can stand still for a while, as one does
 * whose machine is suspended: what was sent goes on its way, and no answer, event or alarm reaches it until it goes on.
 */
export class Process {
  readonly name: string
  readonly accessKeyId: string
  readonly world: World
  readonly #witness: ((exchange: Exchange) => void) | undefined
  readonly #onSending: ((request: AwsRequest) => void) | undefined
  readonly #clock: Clock
  readonly #underway = new Set<AbortController>()
  #skew = 0
  #dead = false
  #frozen: { readonly thawed: Promise<void>; readonly thaw: () => void } | undefined

  /** `onSending` sees each request to AWS as it leaves, `witness` each exchange as the answer comes in. */
  constructor(options: {
    inner: World
    number: number
    witness?: (exchange: Exchange) => void
    onSending?: (request: AwsRequest) => void
  }) {
    const { inner, number } = options
    this.#witness = options.witness
    this.#onSending = options.onSending
    this.name = `replica-${number}`
    this.accessKeyId = `AKIDCERTWRIGHT${number}`
    const { requestHandler } = inner.aws
    this.#clock = inner.clock
    this.world = {
      ...inner,
      clock: this.#ownClock(inner.clock),
      kube: this.#transport(inner.kube),
      dns: this.#resolver(inner.dns),
      aws: {
        ...inner.aws,
        credentials: async () => ({ accessKeyId: this.accessKeyId, secretAccessKey: ANY_SECRET }),
        requestHandler: requestHandler && this.#handler(requestHandler),
      },
    }
  }

  get isFrozen(): boolean {
    return this.#frozen !== undefined
  }

  freeze(): void {
    if (this.#frozen) return
    let thaw = () => {}
    const thawed = new Promise<void>((resolve) => {
      thaw = resolve
    })
    this.#frozen = { thawed, thaw }
  }

  thaw(): void {
    this.#frozen?.thaw()
    this.#frozen = undefined
  }

  /** It is killed: what it sent goes on its way for a while, though nobody waits for the answer. */
  die(): void {
    this.#dead = true
    this.thaw()
    if (this.#underway.size > 0) void this.#lose(this.#clock.now() + IN_TRANSIT_MS)
  }

  async #lose(instant: number): Promise<void> {
    await this.#clock.sleepUntil(instant)
    for (const call of this.#underway) call.abort(new Error('it never arrived'))
  }

  /** Moves this process's wall clock. */
  jump(milliseconds: number): void {
    this.#skew += milliseconds
  }

  async #awake(): Promise<void> {
    while (this.#frozen) await this.#frozen.thawed
  }

  /** What comes in waits until the process is awake, failures too. */
  async #hear<T>(incoming: Promise<T>): Promise<T> {
    try {
      return await incoming
    } finally {
      await this.#awake()
    }
  }

  #ownClock(inner: Clock): Clock {
    return {
      now: () => inner.now() + this.#skew,
      monotonic: () => inner.monotonic(),
      sleepUntil: (instant, signal) => this.#hear(inner.sleepUntil(instant - this.#skew, signal)),
    }
  }

  #transport(inner: Transport): Transport {
    return {
      request: async (request) => {
        const agent = `${request.headers?.['user-agent'] ?? 'unknown'} ${this.name}`
        const headers = { ...request.headers, 'user-agent': agent }
        const send = (signal: AbortSignal) => inner.request({ ...request, headers, signal })
        const answer = await this.#hear(
          request.method === 'GET' ? send(request.signal) : this.#sent(request.signal, send),
        )
        return { ...answer, body: this.#body(answer) }
      },
    }
  }

  async *#body(answer: KubeResponse): AsyncGenerator<Uint8Array> {
    for await (const chunk of answer.body) {
      await this.#awake()
      yield chunk
    }
    await this.#awake()
  }

  #handler(inner: RequestHandler): RequestHandler {
    return {
      metadata: inner.metadata,
      handle: async (request, options) => {
        this.#onSending?.(request)
        const given = options?.abortSignal
        const answer = await this.#hear(
          given
            ? this.#sent(given, (abortSignal) => inner.handle(request, { ...options, abortSignal }))
            : inner.handle(request, options),
        )
        this.#witness?.({ request, ...answer.response, replica: this.name })
        return answer
      },
      updateHttpClientConfig: (key, value) => inner.updateHttpClientConfig(key, value),
      httpHandlerConfigs: () => inner.httpHandlerConfigs(),
      destroy: () => {},
    }
  }

  /** Who is killed cannot take back what was sent. */
  async #sent<T>(given: AbortSignal, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const call = new AbortController()
    const onAbort = () => void (this.#dead || call.abort(given.reason))
    if (given.aborted) onAbort()
    given.addEventListener('abort', onAbort, { once: true })
    this.#underway.add(call)
    try {
      return await send(call.signal)
    } finally {
      // The answer's body may still be on its way, and be given up.
      this.#underway.delete(call)
    }
  }

  #resolver(inner: Resolver): Resolver {
    return {
      nameServers: (name) => this.#hear(inner.nameServers(name)),
      canonicalNames: (name) => this.#hear(inner.canonicalNames(name)),
      certificationAuthorities: (name) => this.#hear(inner.certificationAuthorities(name)),
    }
  }
}
