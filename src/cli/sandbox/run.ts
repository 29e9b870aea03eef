import type { SandboxSettings } from '../sandbox.ts'
export async function runSandbox(options: {
  settings: SandboxSettings
  signal: AbortSignal
  say: (line: string) => void
}): Promise<void> {
  options.say('not wired yet')
}
