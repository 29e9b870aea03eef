import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ADMISSION_POLICY } from '../../src/kube/admission-policy.ts'
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../src/kube/crds.ts'
import { type RealKubernetes, startKubernetes } from './harness.ts'

let kubernetes: RealKubernetes
let directory = ''

beforeAll(async () => {
  kubernetes = await startKubernetes()
  directory = await mkdtemp(join(tmpdir(), 'certwright-admission-'))
  await print('crds.yaml', CUSTOM_RESOURCE_DEFINITIONS)
  await kubectl('apply', '-f', join(directory, 'crds.yaml'))
  await kubectl('wait', '--for=condition=Established', '--timeout=30s', '-f', join(directory, 'crds.yaml'))
  await print('policy.yaml', ADMISSION_POLICY)
  await kubectl('apply', '-f', join(directory, 'policy.yaml'))
  for (const [name, labels] of [
    ['shops', { team: 'shop' }],
    ['asking', { team: 'shop', 'certwright.dev/certificate': 'true' }],
    ['others', {}],
  ] as const)
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
  await apply(policy('shops', { domains: ['shop.example.com'] }))
  await until(() => wouldBeRefused(ingress({ hosts: ['probe.example.org'] })))
}, 90_000)

afterAll(async () => {
  await rm(directory, { recursive: true })
  await kubernetes.close()
})

async function print(file: string, objects: readonly object[]): Promise<void> {
  await writeFile(join(directory, file), objects.map((object) => JSON.stringify(object)).join('\n---\n'))
}

async function kubectl(...words: string[]): Promise<string> {
  const environment = { ...process.env, KUBECONFIG: kubernetes.kubeconfig, HOME: directory }
  const { stdout } = await promisify(execFile)(join(kubernetes.binaries, 'kubectl'), words, { env: environment })
  return stdout
}

async function apply(object: object, ...options: string[]): Promise<void> {
  const file = join(directory, 'object.json')
  await writeFile(file, JSON.stringify(object))
  await kubectl('apply', '--server-side', '--force-conflicts', ...options, '-f', file)
}

/** What the API server says to it; undefined where it takes it. */
async function refusalOf(object: object, ...options: string[]): Promise<string | undefined> {
  try {
    await apply(object, ...options)
    return undefined
  } catch (error) {
    return (error as { stderr?: string }).stderr ?? String(error)
  }
}

/** The same question without leaving anything behind: what stands already asks for nothing new, and is never judged again. */
async function wouldBeRefused(object: object): Promise<boolean> {
  return (await refusalOf(object, '--dry-run=server')) !== undefined
}

/** An admission policy takes effect a moment after it is written. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 150; round++) {
    if (await condition()) return
    await pause(200)
  }
  throw new Error('it did not come about in 30 s')
}

function policy(name: string, spec: object): object {
  return {
    apiVersion: 'certwright.dev/v1alpha1',
    kind: 'CertificatePolicy',
    metadata: { name },
    spec: { namespaceSelector: { matchLabels: { team: 'shop' } }, ...spec },
  }
}

interface Asked {
  readonly hosts: readonly string[]
  readonly name?: string
  readonly namespace?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
}

function ingress({ hosts, name = 'shop', namespace = 'shops', annotations, labels = {} }: Asked): object {
  const backend = { service: { name: 'shop', port: { number: 80 } } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace, labels, annotations: annotations ?? { 'certwright.dev/certificate': 'true' } },
    spec: { rules: hosts.map((host) => ({ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } })) },
  }
}

const ALLOWED = ['shop.example.com', 'a.shop.example.com']

it('takes what every policy of the namespace allows, and refuses the rest with the name, the policy and the cure', async () => {
  expect(await refusalOf(ingress({ name: 'good', hosts: ALLOWED }))).toBeUndefined()
  const refusal = await refusalOf(ingress({ hosts: [...ALLOWED, 'pay.example.com'] }))
  expect(refusal).toContain(
    'pay.example.com of Ingress shops/shop is not allowed in namespace shops by CertificatePolicy shops',
  )
  expect(await refusalOf(ingress({ hosts: ['*.shop.example.com'] }))).toContain('*.shop.example.com')
  expect(await refusalOf(ingress({ hosts: ['notshop.example.com'] }))).toContain('notshop.example.com')
})

it('reads the names that annotations add and leave out, as the program does', async () => {
  const asking = { 'certwright.dev/certificate': 'standby' }
  const added = { ...asking, 'certwright.dev/names': ' A.SHOP.example.com. , pay.example.com' }
  expect(await refusalOf(ingress({ hosts: ALLOWED, annotations: added }))).toContain('pay.example.com')
  const without = { ...added, 'certwright.dev/exclude-names': 'PAY.example.com.' }
  expect(await refusalOf(ingress({ name: 'without', hosts: ALLOWED, annotations: without }))).toBeUndefined()
})

it('judges only what asks: by its annotation, or by the label of its namespace', async () => {
  const hosts = ['pay.example.com']
  expect(await refusalOf(ingress({ name: 'quiet', hosts, annotations: {} }))).toBeUndefined()
  expect(await refusalOf(ingress({ name: 'quiet', hosts, annotations: {}, namespace: 'asking' }))).toContain(
    'pay.example',
  )
  const no = { 'certwright.dev/certificate': 'false' }
  expect(await refusalOf(ingress({ name: 'out', hosts, annotations: no, namespace: 'asking' }))).toBeUndefined()
  expect(await refusalOf(ingress({ name: 'quiet', hosts }))).toContain('pay.example.com')
})

it('says nothing of a namespace that no policy selects: that is for the plan', async () => {
  expect(await refusalOf(ingress({ name: 'other', hosts: ['pay.example.com'], namespace: 'others' }))).toBeUndefined()
})

it('never blocks a change that asks for nothing new, nor a deletion, when the policies have changed since', async () => {
  const before: Asked = { name: 'old', hosts: [...ALLOWED, 'b.shop.example.com'] }
  expect(await refusalOf(ingress(before))).toBeUndefined()
  await kubectl(
    'patch',
    'ingress',
    'old',
    '-n',
    'shops',
    '--type=merge',
    '-p',
    '{"metadata":{"finalizers":["example.com/held"]}}',
  )
  await apply(policy('shops', { domains: ['elsewhere.example.com'] }))
  await until(() => wouldBeRefused(ingress({ name: 'probe', hosts: ALLOWED })))
  const published = {
    'certwright.dev/certificate': 'true',
    'alb.ingress.kubernetes.io/certificate-arn': 'arn:aws:acm:1',
  }
  expect(await refusalOf(ingress({ ...before, annotations: published, labels: { edited: 'yes' } }))).toBeUndefined()
  expect(await refusalOf(ingress({ ...before, hosts: ALLOWED }))).toBeUndefined()
  expect(await refusalOf(ingress({ ...before, hosts: [...ALLOWED, 'c.shop.example.com'] }))).toContain('is not allowed')
  await kubectl('delete', 'ingress', 'old', '-n', 'shops', '--wait=false')
  await kubectl('patch', 'ingress', 'old', '-n', 'shops', '--type=merge', '-p', '{"metadata":{"finalizers":null}}')
  expect(await kubectl('get', 'ingress', '-n', 'shops', '-o', 'name')).not.toContain('/old')
  await apply(policy('shops', { domains: ['shop.example.com'] }))
  await until(async () => !(await wouldBeRefused(ingress({ name: 'probe', hosts: ALLOWED }))))
})

it('compares labels as Kubernetes does, and asks all policies', async () => {
  const selector = (operator: string, values?: readonly string[]) => ({
    namespaceSelector: { matchExpressions: [{ key: 'team', operator, ...(values && { values }) }] },
    domains: ['shop.example.com'],
  })
  await apply(
    policy('strict', { ...selector('In', ['shop', 'web']), domains: ['a.shop.example.com'], wildcards: true }),
  )
  await until(() => wouldBeRefused(ingress({ name: 'both', hosts: ['x.shop.example.com'] })))
  expect(await refusalOf(ingress({ name: 'both', hosts: ['b.a.shop.example.com'] }))).toBeUndefined()
  await apply(policy('strict', selector('NotIn', ['shop'])))
  await until(async () => !(await wouldBeRefused(ingress({ name: 'both', hosts: ['x.shop.example.com'] }))))
  await apply(policy('strict', { ...selector('DoesNotExist'), domains: ['nowhere.example.com'] }))
  await until(() => wouldBeRefused(ingress({ name: 'both', hosts: ['pay.example.com'], namespace: 'others' })))
  await kubectl('delete', 'certificatepolicy', 'strict')
})

it.each([
  ['no domain', { domains: [] }],
  ['capitals', { domains: ['Example.com'] }],
  ['a wildcard', { domains: ['*.example.com'] }],
  ['a trailing dot', { domains: ['example.com.'] }],
  ['unicode', { domains: ['bücher.example'] }],
  [
    'an unknown operator',
    { domains: ['a.example'], namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Like' }] } },
  ],
  [
    'In without values',
    { domains: ['a.example'], namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
  ],
  ['less than nothing', { domains: ['a.example'], maxCertificates: -1 }],
])('a policy with %s is refused by its schema', async (_what, spec) => {
  expect(await refusalOf(policy('wrong', spec))).toContain('is invalid')
})
