import { createInterface } from 'node:readline/promises'
import { UsageError } from '../usage-error.ts'

/** Asks the person at the terminal. @throws UsageError where there is none. */
export async function askOnTerminal(question: string, { stdin, stdout }: Terminal = process): Promise<boolean> {
  if (!stdin.isTTY || !stdout.isTTY)
    throw new UsageError('this is no terminal, so that nobody can be asked and nothing was changed: add --yes.')
  const terminal = createInterface({ input: stdin, output: stdout })
  // Whoever closes the terminal has not said yes.
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
  try {
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}

interface Terminal {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean }
}
