import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { TABLE } from './table.ts'

const ROOT = resolve(import.meta.dirname, '../..')

const texts = new Map<string, string>()

function textOf(file: string): string {
  const text = texts.get(file) ?? readFileSync(join(ROOT, file), 'utf8')
  texts.set(file, text)
  return text
}

it('finds each text that a mutant replaces exactly once, whatever was patched in its file before', () => {
  const wrong = TABLE.flatMap((mutant) => {
    const patched = new Map<string, string>()
    const setting = mutant.world === 'program' ? (mutant.setting ?? []) : []
    return [...setting, ...mutant.patches].flatMap(({ file, from, to }) => {
      const text = patched.get(file) ?? textOf(file)
      patched.set(
        file,
        text.replace(from, () => to),
      )
      const times = text.split(from).length - 1
      return times === 1 ? [] : [`${mutant.name}: ${times} times in ${file}: ${from}`]
    })
  })
  expect(wrong).toEqual([])
})

it('has no two mutants of one name', () => {
  expect(new Set(TABLE.map(({ name }) => name)).size).toBe(TABLE.length)
})
