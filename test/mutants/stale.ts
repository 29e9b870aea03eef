import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mutant } from './mutant.ts'

/** The texts that mutants replace and that do not stand exactly once in the program in `root`, one sentence each: these are to be written anew. */
export function stalePatches(mutants: readonly Mutant[], root: string): readonly string[] {
  const texts = new Map<string, string>()
  const textOf = (file: string): string => {
    const text = texts.get(file) ?? readFileSync(join(root, file), 'utf8')
    texts.set(file, text)
    return text
  }
  return mutants.flatMap((mutant) => {
    const patched = new Map<string, string>()
    const setting = mutant.world === 'program' ? (mutant.setting ?? []) : []
    return [...setting, ...mutant.patches].flatMap(({ file, from, to }) => {
      const text = patched.get(file) ?? textOf(file)
      patched.set(
        file,
        text.replace(from, () => to),
      )
      const times = text.split(from).length - 1
      return times === 1 ? [] : [`"${mutant.name}": ${file} has ${times} times, not once: ${from}`]
    })
  })
}
