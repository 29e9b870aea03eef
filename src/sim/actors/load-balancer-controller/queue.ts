import type { Clock } from '../../../clock.ts'

const FIRST_BACKOFF_MS = 1_000
/** 16 min 40 s: the longest pause of LBC between two tries of one group. */
const LONGEST_BACKOFF_MS = 1_000_000

/**
 * Keys to work on, each once however often it is added, and never in two workers at the same time. A key that failed comes again after
 * 1 s, 2 s, 4 s …; adding it lets it run at once.
 */
export class Queue {
  readonly #clock: Clock
  readonly #run: (key: string) => Promise<void>
  readonly #workers: number
  readonly #waiting = new Set<string>()
  readonly #running = new Set<string>()
  readonly #failures = new Map<string, number>()
  readonly #retries = new Map<string, AbortController>()
  #open = false

  /** `run` rejects where the key has to be tried again. */
  constructor(options: { clock: Clock; workers: number; run: (key: string) => Promise<void> }) {
    this.#clock = options.clock
    this.#workers = options.workers
    this.#run = options.run
  }

  add(key: string): void {
    this.#waiting.add(key)
    this.#pump()
  }

  /** Lets workers take keys. */
  open(): void {
    this.#open = true
    this.#pump()
  }

  /** Workers finish what they have and take nothing more. */
  close(): void {
    this.#open = false
  }

  /** Forgets everything that waits. */
  clear(): void {
    this.close()
    this.#waiting.clear()
    this.#failures.clear()
    for (const retry of this.#retries.values()) retry.abort()
    this.#retries.clear()
  }

  /** Nothing runs, nothing waits to run at once. Keys in backoff do not count. */
  get idle(): boolean {
    return this.#waiting.size === 0 && this.#running.size === 0
  }

  #pump(): void {
    while (this.#open && this.#running.size < this.#workers) {
      const key = [...this.#waiting].find((candidate) => !this.#running.has(candidate))
      if (key === undefined) return
      this.#waiting.delete(key)
      this.#running.add(key)
      void this.#work(key)
    }
  }

  async #work(key: string): Promise<void> {
    try {
      await this.#run(key)
      this.#failures.delete(key)
      this.#retries.get(key)?.abort()
      this.#retries.delete(key)
    } catch {
      if (this.#open) this.#retry(key)
    } finally {
      this.#running.delete(key)
      this.#pump()
    }
  }

  #retry(key: string): void {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    this.#retries.get(key)?.abort()
    const retry = new AbortController()
    this.#retries.set(key, retry)
    const pause = Math.min(FIRST_BACKOFF_MS * 2 ** failures, LONGEST_BACKOFF_MS)
    this.#clock.sleepUntil(this.#clock.now() + pause, retry.signal).then(
      () => {
        this.#retries.delete(key)
        this.add(key)
      },
      () => {},
    )
  }
}
