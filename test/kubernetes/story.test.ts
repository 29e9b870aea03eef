import { afterAll, beforeAll, expect, test } from 'vitest'
import { runDemo } from '../../src/cli/demo/run.ts'
import { type RealKubernetes, startKubernetes } from './harness.ts'

let kubernetes: RealKubernetes

beforeAll(async () => {
  kubernetes = await startKubernetes()
}, 60_000)

afterAll(() => kubernetes.close())

test('the whole story, from an Ingress that appears to a certificate that is retired, on a real API server', async () => {
  const lines: string[] = []
  const settings = { exit: true, break: undefined, stateDirectory: '.certwright' }
  const told = {
    settings,
    stay: false,
    signal: new AbortController().signal,
    say: (line: string) => void lines.push(line),
  }
  await runDemo({ ...told, kubernetes: kubernetes.transport }).catch((error: unknown) => {
    throw new Error(lines.slice(-60).join('\n'), { cause: error })
  })
  expect(lines.at(-1)).toMatch(/^demo: 8 steps, \d+ handshakes, 0 failed$/)
}, 180_000)
