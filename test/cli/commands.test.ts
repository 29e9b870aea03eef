import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { flagsOf } from '../../src/cli/setting.ts'
import { SETTINGS } from '../../src/config.ts'
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../src/kube/crds.ts'
import { BARE_ENVIRONMENT, certwright, ROOT } from './process.ts'

describe.concurrent('the command line', () => {
  it('prints its help, with every command, when it is given nothing', async () => {
    const { code, stdout, stderr } = await certwright([])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const commands = stdout.slice(stdout.indexOf('Commands:')).match(/^ {2}[a-z]+/gm)
    expect(commands?.map((line) => line.trim())).toEqual(
      expect.arrayContaining(['run', 'demo', 'sandbox', 'crds', 'help']),
    )
    expect(await certwright(['--help'])).toMatchObject({ code, stdout, stderr })
    expect(await certwright(['help'])).toMatchObject({ code, stdout, stderr })
  })

  it('explains each setting of run, with its default, and the configuration file', async () => {
    const { code, stdout } = await certwright(['help', 'run'])
    expect(code).toBe(0)
    expect(flagsOf(SETTINGS).filter((flag) => !stdout.includes(`  --${flag} `))).toEqual([])
    expect(stdout).toMatch(/--retire-after <duration> .*\(default: 24h\)/)
    expect(stdout).toContain('kind: Configuration')
    expect(await certwright(['run', '--help'])).toMatchObject({ code, stdout })
  })

  it('prints its version and that of Node', async () => {
    expect((await certwright(['--version'])).stdout).toMatch(/^certwright \d+\.\d+\.\d+ \(Node v2\d\.\d+\.\d+\)\n$/)
  })

  it('prints the CRDs as the YAML of what they are', async () => {
    const { code, stdout } = await certwright(['crds'])
    expect(code).toBe(0)
    const documents = parseAllDocuments(stdout).map((document): unknown => document.toJS())
    expect(documents).toEqual(structuredClone(CUSTOM_RESOURCE_DEFINITIONS))
  })

  it('ends without a word when its reader is gone', async () => {
    const script = `./certwright crds | true; echo "\${PIPESTATUS[0]}"`
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { cwd: ROOT, env: BARE_ENVIRONMENT })
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' })
  })
})
