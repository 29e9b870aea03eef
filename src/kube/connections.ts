import type { Dispatcher } from 'undici'
import { type Clock, deadline, DeadlineExceeded } from '../clock.ts'

/** How long the server may take to say that it is there. */
const CHECK_LIMIT_MS = 5_000

/**
 * The connections to one server, and whether they still lead there. All requests share one HTTP/2 connection; one whose other end went
 * without a word (a node of a load balancer that failed, a NAT that forgot it) would swallow every request until TCP gives up, after
 * some fifteen minutes. So when a request runs out of time the server is asked whether it lives, on the same connection: a slow one
 * says so, and only a silent connection is left for a new one.
 */
export class Connections {
  /** They lead nowhere: a new request needs new ones. */
  dead = false
  readonly #dispatcher: Dispatcher
  readonly #clock: Clock
  readonly #check: Pick<Dispatcher.RequestOptions, 'origin' | 'path'>
  #checking = false

  /** @param options.check what the server answers whoever asks, with whatever status. */
  constructor(options: {
    dispatcher: Dispatcher
    clock: Clock
    check: Pick<Dispatcher.RequestOptions, 'origin' | 'path'>
  }) {
    this.#dispatcher = options.dispatcher
    this.#clock = options.clock
    this.#check = options.check
  }

  async request(options: Dispatcher.RequestOptions & { signal: AbortSignal }): Promise<Dispatcher.ResponseData> {
    try {
      return await this.#dispatcher.request(options)
    } catch (error) {
      if (options.signal.reason instanceof DeadlineExceeded) void this.#checkServer()
      throw error
    }
  }

  /** Takes no more requests; those under way go on to their end. */
  close(): void {
    void this.#dispatcher.close().catch(() => {})
  }

  /** Requests under way fail. */
  async destroy(): Promise<void> {
    await this.#dispatcher.destroy()
  }

  async #checkServer(): Promise<void> {
    if (this.#checking || this.dead) return
    this.#checking = true
    const limit = deadline({ clock: this.#clock, milliseconds: CHECK_LIMIT_MS })
    try {
      const { body } = await this.#dispatcher.request({ ...this.#check, method: 'GET', signal: limit.signal })
      await body.dump()
    } catch {
      // Any other failure has told the dispatcher already that the connection is gone.
      if (limit.signal.aborted) await this.#abandon()
    } finally {
      limit.done()
      this.#checking = false
    }
  }

  /** Watches on it would wait for minutes before they noticed: they begin anew, from where they were, at once. */
  async #abandon(): Promise<void> {
    this.dead = true
    await this.#dispatcher.destroy(new Error('the connection fell silent and was left')).catch(() => {})
  }
}
