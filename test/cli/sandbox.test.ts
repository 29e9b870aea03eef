import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createKubeClient } from '../../src/kube/client.ts'
import { connect } from '../../src/kube/connect.ts'
import { certwright, ROOT, type Running, start } from './process.ts'

const DEADLINE = AbortSignal.timeout(120_000)

let directory = ''
let running: Running | undefined
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'certwright sandbox '))
})
afterEach(async () => {
  running?.child.kill('SIGKILL')
  await running?.ended
  running = undefined
  await rm(directory, { recursive: true })
})

/** Starts a sandbox whose state is in `directory`, and resolves once it says that it is up. */
async function sandbox(...words: string[]): Promise<Running> {
  running = start(`${ROOT}certwright`, ['sandbox', '--state-dir', join(directory, 'state'), ...words], {
    cwd: directory,
  })
  await running.line(/^Ctrl-C ends it\.$/)
  return running
}

/** The variables of `sandbox.env`, as a shell reads them. */
async function environment(): Promise<Record<string, string>> {
  const script = '. "$1" && env -0'
  const file = join(directory, 'state/sandbox.env')
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', script, 'sh', file], { env: {} })
  return Object.fromEntries(
    stdout.split('\0').map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  )
}

async function kubernetes() {
  const transport = await connect({ clock: systemClock, environment: await environment() })
  return { transport, client: createKubeClient({ transport, clock: systemClock, version: 'test' }) }
}

describe('the sandbox', () => {
  it('is ready for kubectl apply at once: the class and both kinds are there', async () => {
    await sandbox()
    const { transport, client } = await kubernetes()
    const ingressClass = await client.get({
      resource: { group: 'networking.k8s.io', version: 'v1', plural: 'ingressclasses' },
      name: 'alb',
      signal: DEADLINE,
    })
    expect(ingressClass).toMatchObject({ spec: { controller: 'ingress.k8s.aws/alb' } })
    const certificate = {
      apiVersion: 'certwright.dev/v1alpha1',
      kind: 'ACMCertificate',
      metadata: { name: 'a' },
      spec: { key: 'k' },
    }
    const resource = { group: 'certwright.dev', version: 'v1alpha1', plural: 'acmcertificates' }
    expect(await client.create({ resource, object: certificate, signal: DEADLINE })).toMatchObject(certificate)
    await transport.close()
  })

  it('has the zones that it was told of, for whoever sources its environment', async () => {
    await sandbox('--zones', 'shop.example,example.org')
    const variables = await environment()
    const client = new Route53Client({
      region: variables['AWS_REGION'] ?? '',
      endpoint: variables['AWS_ENDPOINT_URL'] ?? '',
      credentials: {
        accessKeyId: variables['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: variables['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
    })
    const { HostedZones = [] } = await client.send(new ListHostedZonesCommand({}), { abortSignal: DEADLINE })
    client.destroy()
    expect(new Set(HostedZones.map(({ Name }) => Name))).toEqual(new Set(['example.org.', 'shop.example.']))
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends with code 0 on %s, its ports free again', async (signal) => {
    const { child, ended } = await sandbox()
    const { AWS_ENDPOINT_URL: url = '' } = await environment()
    child.kill(signal)
    const { code, stderr } = await ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })

  it('prints where everything is, and writes secrets for nobody else to read', async () => {
    const { child, ended } = await sandbox('--issuance', '90s', '--load-balancer-controller=false')
    child.kill('SIGTERM')
    const { stdout } = await ended
    for (const shown of [
      join(directory, 'state/kubeconfig'),
      'example.com (Z',
      '90s after',
      'run a controller of your own',
    ]) {
      expect(stdout).toContain(shown)
    }
    expect(stdout).toContain('\n  . ./state/sandbox.env\n')
    expect(await readFile(join(directory, 'state/kubeconfig'), 'utf8')).toContain('server: http://127.0.0.1:')
  })

  it('names the port that is taken, and the cure', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const { code, stderr } = await certwright(['sandbox', '--aws-port', String(port)], { cwd: directory })
    taken.close()
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `certwright: the address 127.0.0.1:${port} of --aws-port is in use by another process: give another, or 0 for any free one.\n`,
    })
  })

  it('says what to do where it may not write', async () => {
    await writeFile(join(directory, 'file'), '')
    const { code, stderr } = await certwright(['sandbox', '--state-dir', 'file/below'], { cwd: directory })
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'certwright: nothing can be written into the directory file/below of --state-dir (ENOTDIR): give one that you may write to.\n',
    })
  })
})
