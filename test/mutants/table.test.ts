import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { stalePatches } from './stale.ts'
import { TABLE } from './table.ts'

it('finds each text that a mutant replaces exactly once, whatever was patched in its file before', () => {
  expect(stalePatches(TABLE, resolve(import.meta.dirname, '../..'))).toEqual([])
})

it('has no two mutants of one name', () => {
  expect(new Set(TABLE.map(({ name }) => name)).size).toBe(TABLE.length)
})
