import { type Clock, deadline, DeadlineExceeded } from '../clock.ts'
import { AwsError, classify, type ErrorKind } from './errors.ts'
import { factsOf, type Operation, type Service } from './operations.ts'
import type { Priority, Quotas } from './quotas.ts'

/** What became of one call, for metrics. */
export interface CallSeen {
  readonly operation: Operation
  readonly service: Service
  /** From sending to the answer, on the monotonic clock; waiting for the quota is not in it. */
  readonly milliseconds: number
  readonly outcome: 'ok' | ErrorKind
}

/** Who asks, and how long he waits. */
export interface CallOptions {
  /** Default: `interactive`. */
  readonly priority?: Priority | undefined
  readonly signal?: AbortSignal | undefined
  /** Called right before the call is sent, after the wait for its quota: throws to forbid it. */
  readonly beforeSend?: (() => void) | undefined
}

export interface CallsOptions {
  readonly clock: Clock
  readonly quotas: Quotas
  /** How long one call may take once it is sent. Default 10 s. */
  readonly timeoutMs?: number | undefined
  readonly observe?: ((seen: CallSeen) => void) | undefined
  /** Called right before a change is sent: throws to forbid it (the lease was lost, we only observe). */
  readonly beforeChange?: ((operation: Operation) => void) | undefined
}

export const DEFAULT_TIMEOUT_MS = 10_000

/** The one way to AWS: quota, deadline, sending, learning from throttles, counting, classifying. */
export class Calls {
  readonly clock: Clock
  readonly #quotas: Quotas
  readonly #timeoutMs: number
  readonly #observe: (seen: CallSeen) => void
  readonly #beforeChange: (operation: Operation) => void

  constructor(options: CallsOptions) {
    this.clock = options.clock
    this.#quotas = options.quotas
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
    this.#observe = options.observe ?? (() => {})
    this.#beforeChange = options.beforeChange ?? (() => {})
  }

  /**
   * Sends one call when its quota allows it. Nothing is retried here.
   * @throws AwsError whatever goes wrong once it is sent.
   * @throws the reason of `options.signal` where that fires before it is sent, and whatever `beforeSend` or `beforeChange` throws.
   */
  async send<Output>(
    operation: Operation,
    options: CallOptions,
    send: (http: { abortSignal: AbortSignal }) => Promise<Output>,
  ): Promise<Output> {
    const { priority = 'interactive', signal, beforeSend } = options
    await this.#quotas.acquire({ operation, priority, signal })
    signal?.throwIfAborted()
    const { service, mutating } = factsOf(operation)
    beforeSend?.()
    if (mutating) this.#beforeChange(operation)
    const sentAt = this.clock.monotonic()
    const limit = deadline({ clock: this.clock, milliseconds: this.#timeoutMs, parent: signal })
    let outcome: CallSeen['outcome'] = 'ok'
    try {
      const output = await untilAborted(send({ abortSignal: limit.signal }), limit.signal)
      this.#quotas.passed(operation)
      return output
    } catch (cause) {
      const error = limit.signal.aborted ? unanswered(limit.signal.reason, operation) : classify(cause, operation)
      outcome = error.kind
      if (error.kind === 'throttled') this.#quotas.throttled(operation, sentAt)
      throw error
    } finally {
      limit.done()
      this.#observe({ operation, service, milliseconds: this.clock.monotonic() - sentAt, outcome })
    }
  }
}

/** A handler that does not heed its signal must not hold us up. */
function untilAborted<Output>(sending: Promise<Output>, signal: AbortSignal): Promise<Output> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    sending.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function unanswered(reason: unknown, operation: Operation): AwsError {
  return new AwsError({
    kind: factsOf(operation).mutating ? 'ambiguous' : 'transient',
    code: reason instanceof DeadlineExceeded ? 'DeadlineExceeded' : 'Aborted',
    detail: reason instanceof Error ? reason.message : String(reason),
    operation,
    cause: reason,
  })
}
