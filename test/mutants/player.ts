import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { deadline, systemClock } from '../../src/clock.ts'
import type { Job, Played, Turn } from './job.ts'

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))

/** A run that takes longer hangs, or the program does without end what takes no time. */
const LONGEST_RUN_MS = 180_000

/** A child process with a copy of the program in it, which plays one run at a time. Ended by `end`. */
export class Player {
  readonly #job: Job
  #child: ChildProcess | undefined

  constructor(job: Job) {
    this.#job = job
  }

  /** @returns with the law `hangs` where the run took too long, `error` where it threw: neither is a law. */
  async play(turn: Turn): Promise<Played> {
    this.#child ??= fork(CHILD, [JSON.stringify(this.#job)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    const child = this.#child
    const limit = deadline({ clock: systemClock, milliseconds: LONGEST_RUN_MS })
    let told = ''
    const listen = (chunk: Buffer) => {
      told = (told + chunk.toString()).slice(-2_000)
    }
    child.stderr?.on('data', listen)
    try {
      return await new Promise<Played>((resolve) => {
        child.once('message', (played) => resolve(played as Played))
        child.once('exit', (code) => resolve({ law: 'error', sentence: `the process ended with ${code}: ${told}` }))
        limit.signal.addEventListener('abort', () => resolve({ law: 'hangs', sentence: 'the run takes too long' }))
        child.send(turn)
      })
    } finally {
      limit.done()
      child.stderr?.off('data', listen)
      child.removeAllListeners('message').removeAllListeners('exit')
      if (limit.signal.aborted || child.exitCode !== null) this.end()
    }
  }

  end(): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}
