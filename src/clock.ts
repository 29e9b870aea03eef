/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number

/**
 * Time comes in through this interface only, so that a simulation can own it.
 * `now` is the wall clock and may jump; `monotonic` never does: measure intervals and deadlines with it.
 */
export interface Clock {
  /** The wall clock. */
  now(): EpochMs
  /** Milliseconds since an arbitrary moment, never going back. */
  monotonic(): number
  /**
   * Resolves when the time that lies between now and `instant` has gone by; at once when `instant` is past. It is the time that goes by
   * that counts: a wall clock that jumps meanwhile neither lengthens nor shortens the sleep.
   * Rejects with the signal's reason as soon as `signal` is aborted.
   */
  sleepUntil(instant: EpochMs, signal?: AbortSignal): Promise<void>
}

/** The longest delay that the platform's timers hold: 2^31 − 1 ms. */
const LONGEST_TIMER_MS = 2_147_483_647

/** The system's clock: with `random.ts`, the only place that touches the platform's time and chance. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleepUntil(instant, signal) {
    const end = performance.now() + (instant - Date.now())
    for (;;) {
      signal?.throwIfAborted()
      const left = Math.ceil(end - performance.now())
      if (left <= 0) return
      await delay(Math.min(left, LONGEST_TIMER_MS), signal)
    }
  },
}

function delay(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** An AbortSignal that fires `milliseconds` from now on this clock, or when `parent` fires. Call `done` to free its timer. */
export function deadline(options: { clock: Clock; milliseconds: number; parent?: AbortSignal | undefined }): {
  signal: AbortSignal
  done: () => void
} {
  const { clock, milliseconds, parent } = options
  const controller = new AbortController()
  const timer = new AbortController()
  const onParent = () => controller.abort(parent?.reason)
  if (parent?.aborted) onParent()
  else parent?.addEventListener('abort', onParent, { once: true })
  clock.sleepUntil(clock.now() + milliseconds, timer.signal).then(
    () => controller.abort(new DeadlineExceeded(milliseconds)),
    () => {},
  )
  return {
    signal: controller.signal,
    done: () => {
      timer.abort(IN_TIME)
      parent?.removeEventListener('abort', onParent)
    },
  }
}

/** Why a timer stops that was not needed: made once, since an abort without a reason makes an error with a stack each time. */
export const IN_TIME = new Error('it ended in time')

/** The reason of a signal made by {@link deadline} whose time ran out. */
export class DeadlineExceeded extends Error {
  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds} ms`)
    this.name = 'DeadlineExceeded'
  }
}
