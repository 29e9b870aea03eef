import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { MUTANTS } from './mutants.ts'
import { applyPatches } from '../mutants/copy.ts'
import type { ModelMutant } from '../mutants/mutant.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PARTS = ['src/core', 'src/sources', 'src/sim/model', 'src/sim/random.ts', 'src/random.ts', 'package.json']

const base = mkdtempSync(join(tmpdir(), 'certwright-mutants-'))
const run = promisify(execFile)

afterAll(() => rmSync(base, { recursive: true, force: true }))

function copyOf(mutant: ModelMutant, folder: string): string {
  for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  applyPatches(folder, mutant.patches)
  return folder
}

/** What the stories of the mutant's row say: their breaches, one a line; empty where all laws held. */
async function verdictOn(mutant: ModelMutant, folder: string): Promise<string> {
  const program = join(copyOf(mutant, folder), 'src/sim/model/tell.ts')
  const options = ['--only', String(mutant.row), '--omit', mutant.omit ?? '']
  try {
    const { stdout } = await run(process.execPath, [program, ...options])
    return stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    if (stdout === '') throw new Error(`the mutant does not run: ${stderr}`, { cause: error })
    return stdout
  }
}

describe('a law breaks in the stories when', () => {
  for (const [index, mutant] of MUTANTS.entries()) {
    it.concurrent(`${mutant.name} (${mutant.row})`, async () => {
      const verdict = await verdictOn(mutant, join(base, String(index)))
      expect(verdict).toMatch(/^story \d+ .*: [A-Z]\d? /m)
    })
  }
})
