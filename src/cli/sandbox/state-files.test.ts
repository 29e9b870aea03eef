import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadKubeconfig } from '../../kube/kubeconfig.ts'
import { UsageError } from '../usage-error.ts'
import { word, writeStateFiles } from './state-files.ts'

const ACCESS = {
  kubernetes: 'http://127.0.0.1:6443',
  aws: 'http://127.0.0.1:4566',
  region: 'eu-central-1',
  accessKeyId: 'AKIDTRY',
  secretAccessKey: "it's $HOME",
}

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "certwright's state "))
})
afterEach(() => rmSync(directory, { recursive: true }))

it('writes a file that a shell sources into exactly these variables', () => {
  const { kubeconfig, environment } = writeStateFiles(join(directory, 'made/for it'), ACCESS)
  const shown = execFileSync('/bin/sh', ['-c', '. "$1" && env -0', 'sh', environment], { env: {}, encoding: 'utf8' })
  const variables = Object.fromEntries(
    shown.split('\0').map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]),
  )
  expect(variables).toMatchObject({
    KUBECONFIG: kubeconfig,
    AWS_ENDPOINT_URL: ACCESS.aws,
    AWS_REGION: 'eu-central-1',
    AWS_DEFAULT_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDTRY',
    AWS_SECRET_ACCESS_KEY: "it's $HOME",
  })
  expect(readFileSync(environment, 'utf8').match(/^export /gm)).toHaveLength(6)
})

it('writes a kubeconfig that leads to the server', async () => {
  const { kubeconfig } = writeStateFiles(directory, ACCESS)
  expect(await loadKubeconfig({ files: kubeconfig, origin: 'a test' })).toMatchObject({
    server: ACCESS.kubernetes,
    namespace: 'default',
  })
})

it('says what to do where it may not write', () => {
  const file = join(directory, 'file')
  writeFileSync(file, '')
  const attempt = () => writeStateFiles(join(file, 'below'), ACCESS)
  expect(attempt).toThrow(UsageError)
  expect(attempt).toThrow(`nothing can be written into the directory ${file}/below of --state-dir (ENOTDIR)`)
})

it('leaves alone what a shell takes as it is', () => {
  expect(word('http://127.0.0.1:80/a-b_c')).toBe('http://127.0.0.1:80/a-b_c')
})
