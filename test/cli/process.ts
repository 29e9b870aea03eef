import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  /** Resolves with the first line that matches, of either output; rejects when the process ends without one. */
  line(pattern: RegExp): Promise<string>
  readonly ended: Promise<Ended>
}

/** Only what a shell of nobody in particular would have: no cluster, no AWS, no settings of the machine that runs the tests. */
export const BARE_ENVIRONMENT = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LC_ALL: 'C.UTF-8' }

/** Starts `file` with `words`, in an environment that has nothing but `environment`. */
export function start(
  file: string,
  words: readonly string[],
  options: { cwd?: string; environment?: NodeJS.ProcessEnv } = {},
): Running {
  const child = spawn(file, words, {
    cwd: options.cwd ?? ROOT,
    env: options.environment ?? BARE_ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  const ended: Promise<Ended> = once(child, 'close').then(([code, signal]) => ({ code, signal, ...output }))
  return {
    child,
    ended,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const lines = [output.stdout, output.stderr].flatMap((text) => text.split('\n').slice(0, -1))
          const found = lines.find((line) => pattern.test(line))
          if (found !== undefined) resolve(found)
        }
        for (const name of ['stdout', 'stderr'] as const) child[name].on('data', look)
        look()
        void ended.then(() =>
          reject(new Error(`it ended without a line like ${pattern}: ${output.stdout}${output.stderr}`)),
        )
      }),
  }
}

/** Runs `./certwright` with `words` to its end. */
export function certwright(
  words: readonly string[],
  options: { cwd?: string; environment?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  return start(`${ROOT}certwright`, words, options).ended
}
