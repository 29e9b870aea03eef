/** What the shell reports for a process that a signal ended: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html */
const CODES = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Runs `work` until it is done; the first SIGINT or SIGTERM fires its signal, so that it may end in order. A second one ends the
 * process at once.
 */
export async function untilToldToStop(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController()
  const onSignal = (name: keyof typeof CODES) => {
    if (stop.signal.aborted) process.exit(CODES[name])
    stop.abort(new ToldToStop(name))
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    await work(stop.signal)
  } catch (error) {
    if (!(error instanceof ToldToStop)) throw error
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

/** The reason of the signal that {@link untilToldToStop} gives. */
export class ToldToStop extends Error {
  constructor(name: string) {
    super(`stopped by ${name}`)
    this.name = 'ToldToStop'
  }
}

/** Resolves once `signal` has fired. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
