import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BARE_ENVIRONMENT, ROOT, type Running, start } from './process.ts'

let directory = ''
let running: Running | undefined
let server: Server | undefined
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'certwright-run-'))
})
afterEach(async () => {
  running?.child.kill('SIGKILL')
  await running?.ended
  running = undefined
  server?.close()
  server = undefined
  await rm(directory, { recursive: true })
})

/** Starts the controller against whatever answers at `api`. */
async function run(api: string, environment: NodeJS.ProcessEnv = {}): Promise<{ readyz: () => Promise<Response> }> {
  const named = { name: 'c', cluster: { server: api } }
  const context = { name: 'c', context: { cluster: 'c', user: 'u' } }
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [named],
    users: [{ name: 'u', user: {} }],
    contexts: [context],
  }
  await writeFile(join(directory, 'kubeconfig'), JSON.stringify({ ...kubeconfig, 'current-context': 'c' }))
  const addresses = ['--metrics-address', '0', '--health-address', '127.0.0.1:0']
  running = start(`${ROOT}certwright`, ['run', '--cluster-name', 'try', ...addresses], {
    cwd: directory,
    environment: { ...BARE_ENVIRONMENT, KUBECONFIG: 'kubeconfig', AWS_EC2_METADATA_DISABLED: 'true', ...environment },
  })
  const { health } = JSON.parse(await running.line(/certwright starts/)) as { health: string }
  return { readyz: () => fetch(`${health}/readyz`) }
}

/** A Kubernetes API that refuses everything. */
async function refusing(): Promise<string> {
  server = createServer((_request, response) => {
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'Forbidden',
      message: 'not for you',
      code: 403,
    }
    response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify(status))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a world that is not there yet never ends the controller, which says what is missing', () => {
  it('when the API server cannot be reached', async () => {
    const { readyz } = await run('http://127.0.0.1:1', { AWS_REGION: 'eu-central-1' })
    await running?.line(/"level":"warn".*ECONNREFUSED/)
    const response = await readyz()
    expect(response.status).toBe(503)
    expect(await response.text()).toMatch(/^kubernetes: .*ECONNREFUSED.*it is tried again$/m)
    running?.child.kill('SIGTERM')
    expect(await running?.ended).toMatchObject({ code: 0, signal: null, stdout: '' })
  })

  it('when the API server refuses it', async () => {
    const { readyz } = await run(await refusing(), { AWS_REGION: 'eu-central-1' })
    await running?.line(/"level":"warn".*not for you/)
    expect(await (await readyz()).text()).toMatch(/^kubernetes: .*not for you.*$/m)
    running?.child.kill('SIGINT')
    expect(await running?.ended).toMatchObject({ code: 0, signal: null })
  })

  it('when there is no region', async () => {
    const { readyz } = await run('http://127.0.0.1:1')
    await running?.line(/"level":"error".*no AWS region/)
    expect(await (await readyz()).text()).toMatch(/^aws: .*AWS_REGION.*--region.*$/m)
    running?.child.kill('SIGTERM')
    expect(await running?.ended).toMatchObject({ code: 0, signal: null })
  })
})
