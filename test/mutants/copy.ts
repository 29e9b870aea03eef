import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Patch } from './mutant.ts'

/** Copies the program, without its tests, from one folder into another. */
export function copySources(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  cpSync(join(from, 'src'), join(to, 'src'), {
    recursive: true,
    filter: (source) => !source.endsWith('.test.ts'),
  })
  cpSync(join(from, 'package.json'), join(to, 'package.json'))
}

/** @throws Error where a text does not stand in its file exactly once: the program has changed, and the mutant would be another. */
export function applyPatches(folder: string, patches: readonly Patch[]): void {
  for (const { file, from, to } of patches) {
    const path = join(folder, file)
    const text = readFileSync(path, 'utf8')
    const times = text.split(from).length - 1
    if (times !== 1) throw new Error(`${file} has ${times} times, not once: ${from}; write the mutant anew`)
    writeFileSync(
      path,
      text.replace(from, () => to),
    )
  }
}
