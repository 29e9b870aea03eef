import type { Clock, EpochMs } from '../../clock.ts'
import type { Handshake, Target } from './handshake.ts'

/** A host that was served, and at this moment was not. */
export interface ProbeFailure {
  readonly at: EpochMs
  readonly target: Target
  readonly reason: string
}

/** Who wants to hear what the prober finds. */
export interface ProbeListener {
  /** The first success of a target. */
  served?(target: Target): void
  failed?(failure: ProbeFailure): void
}

interface Probed {
  readonly target: Target
  served: boolean
  trying: boolean
}

/**
 * Makes a handshake for every expected host, again and again. A host counts from its first success on: what was served once must be
 * served at every later try, until nobody expects it any more.
 */
export class Prober {
  readonly #clock: Clock
  readonly #handshake: Handshake
  readonly #intervalMs: number
  readonly #expected: () => readonly Target[]
  readonly #listener: ProbeListener
  readonly #probed = new Map<string, Probed>()
  readonly #failures: ProbeFailure[] = []
  #handshakes = 0
  #stop: AbortController | undefined

  /** `expected` gives, at any moment, who ought to be served where. */
  constructor(options: {
    clock: Clock
    handshake: Handshake
    expected: () => readonly Target[]
    intervalMs?: number
    listener?: ProbeListener
  }) {
    this.#clock = options.clock
    this.#handshake = options.handshake
    this.#expected = options.expected
    this.#intervalMs = options.intervalMs ?? 200
    this.#listener = options.listener ?? {}
  }

  /** Handshakes that counted, failed ones included. */
  get handshakes(): number {
    return this.#handshakes
  }

  get failures(): readonly ProbeFailure[] {
    return this.#failures
  }

  /** Where somebody is served now. */
  get targets(): readonly Target[] {
    return [...this.#probed.values()].filter(({ served }) => served).map(({ target }) => target)
  }

  /** Is the host served by every listener where it is expected, and by one at least? */
  isServed(host: string): boolean {
    const targets = this.#expected().filter((target) => target.host === host)
    return targets.length > 0 && targets.every((target) => this.#probed.get(keyOf(target))?.served === true)
  }

  start(): void {
    if (this.#stop) return
    this.#stop = new AbortController()
    void this.#run(this.#stop.signal)
  }

  stop(): void {
    this.#stop?.abort()
    this.#stop = undefined
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const targets = this.#expected()
      this.#forget(targets)
      for (const target of targets) void this.#try(target, signal)
      await this.#clock.sleepUntil(this.#clock.now() + this.#intervalMs, signal).catch(() => {})
    }
  }

  #forget(targets: readonly Target[]): void {
    const keys = new Set(targets.map(keyOf))
    for (const key of this.#probed.keys()) if (!keys.has(key)) this.#probed.delete(key)
  }

  async #try(target: Target, signal: AbortSignal): Promise<void> {
    const key = keyOf(target)
    const probed = this.#probed.get(key) ?? { target, served: false, trying: false }
    this.#probed.set(key, probed)
    if (probed.trying) return
    probed.trying = true
    const at = this.#clock.now()
    const reason = await this.#handshake(target).then(() => undefined, reasonOf)
    probed.trying = false
    // What came of a try that nobody waits for any more proves nothing.
    if (signal.aborted || this.#probed.get(key) !== probed) return
    if (reason !== undefined && !this.#expected().some((candidate) => keyOf(candidate) === key)) return
    if (reason === undefined && !probed.served) {
      probed.served = true
      this.#listener.served?.(target)
    }
    if (!probed.served) return
    this.#handshakes += 1
    if (reason === undefined) return
    const failure = { at, target, reason }
    this.#failures.push(failure)
    this.#listener.failed?.(failure)
  }
}

function keyOf({ host, dnsName, port }: Target): string {
  return `${host} ${dnsName}:${port}`
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = (error as NodeJS.ErrnoException).code
  return code === undefined || error.message.includes(code) ? error.message : `${code}: ${error.message}`
}
