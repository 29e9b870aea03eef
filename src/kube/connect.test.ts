import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../sim/clock.ts'
import { readText } from './body.ts'
import { type ConnectEnvironment, connect } from './connect.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certwright-connect-'))
})
afterEach(() => rm(folder, { recursive: true }))

function kubeconfig(options: { server?: string; contexts?: string[]; current?: string; user?: object }): string {
  const { server = 'https://127.0.0.1:1', contexts = ['one', 'two'], current = 'one', user = {} } = options
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: contexts.map((name) => ({ name: `cluster-${name}`, cluster: { server: `${server}/${name}` } })),
    users: contexts.map((name) => ({ name: `user-${name}`, user })),
    contexts: contexts.map((name) => ({
      name,
      context: { cluster: `cluster-${name}`, user: `user-${name}`, namespace: `ns-${name}` },
    })),
    'current-context': current,
  })
}

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

function attempt(options: { kubeconfig?: string; context?: string; environment?: ConnectEnvironment }) {
  return connect({
    clock: new VirtualClock(),
    environment: {},
    serviceAccountDirectory: join(folder, 'serviceaccount'),
    ...options,
  })
}

async function mountServiceAccount(): Promise<void> {
  await mkdir(join(folder, 'serviceaccount'))
  await file('serviceaccount/token', 'the-token\n')
  await file('serviceaccount/ca.crt', 'the-authority')
  await file('serviceaccount/namespace', 'certwright')
}

describe('which cluster is meant', () => {
  it('is the current context of the kubeconfig that was named, or the context that was', async () => {
    const path = await file('config', kubeconfig({}))
    expect(await attempt({ kubeconfig: path })).toMatchObject({
      server: 'https://127.0.0.1:1/one',
      namespace: 'ns-one',
    })
    expect(await attempt({ kubeconfig: path, context: 'two' })).toMatchObject({ namespace: 'ns-two' })
  })

  it('is that of KUBECONFIG, several files merged, those that do not exist passed over', async () => {
    const one = await file('a', kubeconfig({ contexts: ['one'] }))
    const two = await file('b', kubeconfig({ contexts: ['two'], current: 'two' }))
    const environment = { KUBECONFIG: `${join(folder, 'absent')}:${one}:${two}` }
    expect(await attempt({ environment })).toMatchObject({ namespace: 'ns-one' })
    expect(await attempt({ environment, context: 'two' })).toMatchObject({ namespace: 'ns-two' })
  })

  it('is the one that the pod runs in, whose namespace it names', async () => {
    await mountServiceAccount()
    const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443', HOME: folder }
    const connection = await attempt({ environment })
    expect(connection).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'certwright' })
  })

  it('is that of the home directory when nothing else says', async () => {
    await mkdir(join(folder, '.kube'))
    await file('.kube/config', kubeconfig({}))
    expect(await attempt({ environment: { HOME: folder } })).toMatchObject({ namespace: 'ns-one' })
  })
})

describe('a setting that cannot work is one sentence with file, value and cure', () => {
  it('a kubeconfig that does not exist', async () => {
    const path = join(folder, 'absent')
    await expect(attempt({ kubeconfig: path })).rejects.toMatchObject({
      name: 'ConnectionError',
      reason: 'KubeconfigMissing',
      message: `The kubeconfig ${path} (from --kubeconfig) does not exist or cannot be read; name one that does with --kubeconfig.`,
    })
  })

  it('a file that is no kubeconfig', async () => {
    const path = await file('config', 'clusters: [')
    await expect(attempt({ kubeconfig: path })).rejects.toMatchObject({ reason: 'KubeconfigInvalid' })
    const empty = await file('empty', '')
    await expect(attempt({ kubeconfig: empty })).rejects.toMatchObject({ name: 'ConnectionError' })
  })

  it('a context that it does not have, with those that it has', async () => {
    const path = await file('config', kubeconfig({}))
    await expect(attempt({ kubeconfig: path, context: 'three' })).rejects.toMatchObject({
      reason: 'ContextUnknown',
      message: `The kubeconfig ${path} has no context "three"; it has "one", "two".`,
    })
  })

  it('a current context that is missing or unknown', async () => {
    const none = await file('none', kubeconfig({ current: '' }))
    await expect(attempt({ kubeconfig: none })).rejects.toThrow('has no current context; choose one with --context')
    const unknown = await file('unknown', kubeconfig({ current: 'gone' }))
    await expect(attempt({ kubeconfig: unknown })).rejects.toThrow('names "gone" as its current context')
  })

  it('a server that is no URL', async () => {
    const path = await file('config', kubeconfig({ server: 'not a url' }))
    await expect(attempt({ kubeconfig: path })).rejects.toMatchObject({ reason: 'ClusterInvalid' })
  })

  it('a context without a kubeconfig, in a pod', async () => {
    await mountServiceAccount()
    const environment = { KUBERNETES_SERVICE_HOST: '10.0.0.1' }
    await expect(attempt({ environment, context: 'x' })).rejects.toMatchObject({ reason: 'ContextWithoutKubeconfig' })
  })

  it('nothing at all', async () => {
    await expect(attempt({ environment: { HOME: folder } })).rejects.toMatchObject({ reason: 'NoCluster' })
  })
})

describe('who we are', () => {
  const seen: (string | undefined)[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(request.headers.authorization === 'Bearer stale' ? 401 : 200).end('{}')
  })
  let url: string
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  beforeEach(() => void seen.splice(0))

  async function ask(path: string): Promise<number> {
    const connection = await attempt({ kubeconfig: path })
    const answer = await connection.request({ method: 'GET', path: '/version', signal: new AbortController().signal })
    await readText(answer)
    await connection.close()
    return answer.status
  }

  it('is what the kubeconfig says: a token, a name and password, or what a plugin prints', async () => {
    await ask(await file('token', kubeconfig({ server: url, user: { token: 'secret' } })))
    await ask(await file('basic', kubeconfig({ server: url, user: { username: 'u', password: 'p' } })))
    const credential = JSON.stringify({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-plugin' },
    })
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'echo', args: [credential] }
    await ask(await file('exec', kubeconfig({ server: url, user: { exec } })))
    expect(seen).toEqual(['Bearer secret', `Basic ${Buffer.from('u:p').toString('base64')}`, 'Bearer from-plugin'])
  })

  it('is read again from the file when the server refuses it', async () => {
    const path = await file('config', kubeconfig({ server: url, user: { token: 'stale' } }))
    const connection = await attempt({ kubeconfig: path })
    await file('config', kubeconfig({ server: url, user: { token: 'fresh' } }))
    const answer = await connection.request({ method: 'GET', path: '/version', signal: new AbortController().signal })
    await connection.close()
    expect([answer.status, seen]).toEqual([200, ['Bearer stale', 'Bearer fresh']])
  })
})
