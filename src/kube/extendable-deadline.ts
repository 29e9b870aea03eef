import { type Clock, DeadlineExceeded, IN_TIME } from '../clock.ts'

/** An AbortSignal that fires at an instant which may be moved further away as long as it has not come. */
export interface ExtendableDeadline {
  readonly signal: AbortSignal
  /** Fires `milliseconds` from now instead, if that is later; never, when that is infinite. Cheap enough to be called for every event. */
  extend(milliseconds: number): void
  /** Frees the timer, and lets go of the parent. */
  done(): void
}

/** Fires `milliseconds` from now on the monotonic clock, or when `parent` fires. */
export function extendableDeadline(options: {
  clock: Clock
  milliseconds: number
  parent: AbortSignal
}): ExtendableDeadline {
  const { clock, parent } = options
  const controller = new AbortController()
  const timer = new AbortController()
  let allowed = options.milliseconds
  let due = clock.monotonic() + allowed
  const onParent = () => controller.abort(parent.reason)
  if (parent.aborted) onParent()
  else parent.addEventListener('abort', onParent, { once: true })

  async function wait(): Promise<void> {
    while (due > clock.monotonic()) {
      if (due === Number.POSITIVE_INFINITY) return
      // Whole milliseconds: the two clocks are fractions of one apart, and sleeping for less would not let time pass.
      await clock.sleepUntil(clock.now() + Math.ceil(due - clock.monotonic()), timer.signal)
    }
    controller.abort(new DeadlineExceeded(allowed))
  }
  wait().catch(() => {})

  return {
    signal: controller.signal,
    extend: (milliseconds) => {
      const later = clock.monotonic() + milliseconds
      if (later <= due) return
      due = later
      allowed = milliseconds
      if (later === Number.POSITIVE_INFINITY) timer.abort(IN_TIME)
    },
    done: () => {
      timer.abort(IN_TIME)
      parent.removeEventListener('abort', onParent)
    },
  }
}
