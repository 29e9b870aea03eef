import { afterEach, expect, it, vi } from 'vitest'
import { parseArgs } from 'node:util'
import { chosenOf, enter, wholeNumber } from './entry.ts'

afterEach(() => {
  process.exitCode = undefined
  vi.restoreAllMocks()
})

it.each(['x', '', '0', '-1', '1.5', '1e3', '9'.repeat(20)])('a number of seeds is not %j', async (text) => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {})
  await enter(() => void wholeNumber('SEEDS', text))
  expect(said.mock.calls).toEqual([[expect.stringContaining('which is not a whole number from 1 up: give one')]])
  expect(process.exitCode).toBe(2)
})

it('a number is read, from its least on', () => {
  expect(wholeNumber('SEEDS', '1000')).toBe(1000)
  expect(wholeNumber('PAIRS', '0', 0)).toBe(0)
})

it('what is chosen must be there, and all is chosen where nothing is', () => {
  const known = ['crash', 'views'] as const
  expect(chosenOf('STUDY', undefined, known)).toEqual(['crash', 'views'])
  expect(chosenOf('STUDY', ['views'], known)).toEqual(['views'])
  expect(() => chosenOf('STUDY', ['none'], known)).toThrow(
    'STUDY has the value "none", which is not there: give one of crash, views.',
  )
})

it('an unknown flag is a mistake of the caller, and any other error a defect', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {})
  await enter(() => void parseArgs({ args: ['--nope'], options: {} }))
  expect(said).toHaveBeenCalledOnce()
  expect(process.exitCode).toBe(2)
  await expect(enter(() => Promise.reject(new Error('a defect')))).rejects.toThrow('a defect')
})
