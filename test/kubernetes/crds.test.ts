import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { certwright } from '../cli/process.ts'
import { type RealKubernetes, startKubernetes } from './harness.ts'

let kubernetes: RealKubernetes
let directory = ''
beforeAll(async () => {
  kubernetes = await startKubernetes()
  directory = await mkdtemp(join(tmpdir(), 'certwright-crds-'))
  const { code, stdout } = await certwright(['crds'])
  expect(code).toBe(0)
  await writeFile(join(directory, 'crds.yaml'), stdout)
  await kubectl('apply', '-f', join(directory, 'crds.yaml'))
  await kubectl('wait', '--for=condition=Established', '--timeout=30s', '-f', join(directory, 'crds.yaml'))
})
afterAll(async () => {
  await rm(directory, { recursive: true })
  await kubernetes.close()
})

async function kubectl(...words: string[]): Promise<string> {
  const file = join(kubernetes.binaries, 'kubectl')
  const environment = { ...process.env, KUBECONFIG: kubernetes.kubeconfig, HOME: directory }
  const { stdout } = await promisify(execFile)(file, words, { env: environment })
  return stdout
}

async function apply(object: object, ...words: string[]): Promise<void> {
  const file = join(directory, 'object.json')
  await writeFile(file, JSON.stringify(object))
  await kubectl('apply', '--server-side', '-f', file, ...words)
}

/** A table of kubectl: its cells, the age left out. */
async function table(...words: string[]): Promise<string[][]> {
  const lines = (await kubectl('get', ...words)).trimEnd().split('\n')
  return lines.map((line) => line.split(/ {2,}/).map((cell) => (/^\d+[smhd]/.test(cell) ? 'age' : cell)))
}

const SPEC = {
  key: 'k1',
  names: ['shop.example.com'],
  domains: 'shop.example.com',
  issuer: 'Amazon',
  keyAlgorithm: 'RSA_2048',
}
const CONDITION = {
  type: 'Ready',
  status: 'True',
  reason: 'Served',
  message: '',
  lastTransitionTime: '2026-11-24T09:00:00Z',
}

it('shows a certificate in the columns that the documentation promises', async () => {
  const object = { apiVersion: 'certwright.dev/v1alpha1', kind: 'ACMCertificate', metadata: { name: 'shop' } }
  await apply({ ...object, spec: { ...SPEC, region: 'eu-central-1' } })
  const certificate = {
    arn: 'arn:1',
    attempt: 1,
    braked: false,
    releasedAt: '2026-11-24T09:00:00Z',
  }
  const status = {
    state: 'Ready',
    reason: 'Served',
    arn: 'arn:1',
    inUse: true,
    expiresAt: '2027-05-11T09:00:00Z',
    claimsSummary: 'default/shop',
    attempt: 1,
    failure: { arn: 'arn:0', at: '2026-11-24T09:00:00Z', fingerprint: 'f' },
    certificates: [certificate],
    conditions: [CONDITION],
  }
  await apply({ ...object, status }, '--subresource=status')
  expect(await table('acmcert', '-o', 'wide')).toEqual([
    ['NAME', 'READY', 'STATE', 'DOMAINS', 'EXPIRES', 'AGE', 'ARN', 'IN-USE', 'REASON', 'CLAIMS'],
    [
      'shop',
      'True',
      'Ready',
      'shop.example.com',
      '2027-05-11T09:00:00Z',
      'age',
      'arn:1',
      'true',
      'Served',
      'default/shop',
    ],
  ])
  const kept = JSON.parse(await kubectl('get', 'acmcert', 'shop', '-o', 'json')) as { status: object }
  expect(kept.status, 'nothing that is remembered is pruned').toEqual(status)
})

it('lets kubectl wait for a claim, and shows one that has no certificate yet', async () => {
  const object = {
    apiVersion: 'certwright.dev/v1alpha1',
    kind: 'CertificateClaim',
    metadata: { name: 'ingress-shop', namespace: 'default' },
  }
  await apply({ ...object, spec: { object: { kind: 'Ingress', name: 'shop', uid: 'u' }, domains: 'shop.example.com' } })
  expect(await table('certclaim')).toEqual([
    ['NAME', 'READY', 'STATE', 'DOMAINS', 'EXPIRES', 'AGE'],
    ['ingress-shop', 'shop.example.com', 'age'],
  ])
  const names = [{ name: 'shop.example.com', state: 'Ready', reason: 'Served', message: '' }]
  await apply(
    { ...object, status: { state: 'Ready', published: ['arn:1'], names, conditions: [CONDITION] } },
    '--subresource=status',
  )
  await kubectl('wait', '--for=condition=Ready', '--timeout=10s', 'certclaim/ingress-shop')
})

it('refuses a state that there is not', async () => {
  const object = { apiVersion: 'certwright.dev/v1alpha1', kind: 'ACMCertificate', metadata: { name: 'odd' } }
  await apply({ ...object, spec: SPEC })
  await expect(apply({ ...object, status: { state: 'Perhaps' } }, '--subresource=status')).rejects.toThrow(
    'Unsupported value: "Perhaps"',
  )
})

it('explains its fields', async () => {
  // Discovery and schemas follow a new kind within seconds, not at once.
  await expect
    .poll(() => kubectl('explain', 'acmcertificate.status.expiresAt').catch(String), { timeout: 30_000, interval: 500 })
    .toContain('When the certificate expires.')
})
