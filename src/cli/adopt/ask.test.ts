import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { UsageError } from '../usage-error.ts'
import { askOnTerminal } from './ask.ts'

function terminal(isTTY: boolean, typed?: string) {
  const stdin = Object.assign(new PassThrough(), { isTTY })
  const stdout = Object.assign(new PassThrough(), { isTTY })
  stdin.end(typed)
  return { stdin, stdout }
}

test.each([
  ['y\n', true],
  ['Yes\n', true],
  ['n\n', false],
  ['\n', false],
  ['', false],
])('on a terminal %j means %s', async (typed, meant) => {
  expect(await askOnTerminal('Tag?', terminal(true, typed))).toBe(meant)
})

test('nobody can be asked where there is no terminal', async () => {
  await expect(askOnTerminal('Tag?', terminal(false, 'y\n'))).rejects.toThrow(UsageError)
})
