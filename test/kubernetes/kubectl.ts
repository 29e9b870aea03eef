import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BARE_ENVIRONMENT } from '../cli/process.ts'

/** Runs the kubectl that was built with the API server, and gives what it printed. @throws Error with what it complained of. */
export type Kubectl = (words: readonly string[], input?: string) => Promise<string>

/** kubectl as somebody with this kubeconfig, and with nothing else of this machine. `input` of a call is its standard input. */
export function kubectlOf(options: { binaries: string; kubeconfig: string; home: string }): Kubectl {
  const { binaries, kubeconfig, home } = options
  const environment = { ...BARE_ENVIRONMENT, HOME: home, KUBECONFIG: kubeconfig }
  return async (words, input = '') => {
    const running = promisify(execFile)(join(binaries, 'kubectl'), words, { env: environment })
    running.child.stdin?.end(input)
    return (await running).stdout
  }
}
