import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { systemClock } from '../../src/clock.ts'
import { systemRandom } from '../../src/random.ts'
import { ANY_SECRET } from '../../src/sim/aws/accounts.ts'
import { type AwsServer, serveAws } from '../../src/sim/aws/server.ts'
import { promptSettings } from '../../src/sim/aws/settings.ts'
import { DEFAULT_REGION } from '../../src/sim/aws/world.ts'
import { ACCESS_KEYS, createEmbeddedWorld, type EmbeddedWorld } from '../../src/sim/embedded.ts'
import { BARE_ENVIRONMENT, certwright, ROOT, type Running, start } from '../cli/process.ts'
import { type RealKubernetes, startKubernetes } from './harness.ts'
import { type Kubectl, kubectlOf } from './kubectl.ts'

/** A user's way, with nothing but kubectl and ./certwright: AWS over HTTP, a real API server, the controller as its service account. */

let kubernetes: RealKubernetes
let world: EmbeddedWorld
let aws: AwsServer
let kubectl: Kubectl
let home = ''
let running: Running | undefined
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'certwright-command-line-'))
  const policy = join(home, 'audit-policy.json')
  await writeFile(policy, JSON.stringify(AUDIT_POLICY))
  const apiServerFlags = { 'audit-policy-file': policy, 'audit-log-path': join(home, 'audit.log') }
  kubernetes = await startKubernetes({ apiServerFlags })
  kubectl = kubectlOf({ ...kubernetes, home })
  const { code, stdout } = await certwright(['crds'])
  expect(code).toBe(0)
  await kubectl(['apply', '-f', '-'], stdout)
  await kubectl(['apply', '-f', RBAC])
  await writeKubeconfig()
  const settings = { aws: promptSettings(2_000), loadBalancerController: { callDelay: [100, 200] } } as const
  world = createEmbeddedWorld({
    clock: systemClock,
    random: systemRandom,
    kubernetes: kubernetes.transport,
    settings,
  })
  await world.start()
  aws = await serveAws({ gateway: world.aws.gateway })
})
afterEach(async () => {
  running?.child.kill('SIGKILL')
  await running?.ended
})
afterAll(async () => {
  await aws.close()
  await world.stop()
  await kubernetes.close()
  await rm(home, { recursive: true })
})

const ACCOUNT = 'system:serviceaccount:certwright:certwright'

/** Every request of the service account, and of nobody else. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', users: [ACCOUNT] }, { level: 'None' }],
}

/** The requests of the service account with this answer, as `patch ingresses`, each once. */
async function requests(answered: (code: number) => boolean): Promise<readonly string[]> {
  const lines = (await readFile(join(home, 'audit.log'), 'utf8')).trimEnd().split('\n')
  const found = lines
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ responseStatus }) => answered(responseStatus?.code ?? 0))
    .map(({ verb, objectRef: { resource, subresource } = {} }) =>
      [verb, [resource, subresource].filter(Boolean).join('/')].join(' '),
    )
  return [...new Set(found)].sort()
}

interface AuditEvent {
  readonly verb: string
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string }
  readonly responseStatus?: { readonly code?: number }
}

const RBAC = join(ROOT, 'deploy', 'rbac.yaml')

/** A kubeconfig with a token of the service account, as a pod has it. */
async function writeKubeconfig(): Promise<void> {
  const token = (await kubectl(['create', 'token', 'certwright', '-n', 'certwright'])).trim()
  const cluster = { server: kubernetes.server, 'certificate-authority-data': btoa(kubernetes.caPem) }
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'real', cluster }],
    users: [{ name: 'certwright', user: { token } }],
    contexts: [{ name: 'real', context: { cluster: 'real', user: 'certwright' } }],
    'current-context': 'real',
  }
  await writeFile(join(home, 'kubeconfig'), JSON.stringify(kubeconfig))
}

/** Starts `./certwright run` as somebody would at a shell, with shortened intervals. Gives where its health is served. */
async function run(): Promise<string> {
  const intervals = ['--settle=2s', '--retire-after=4s', '--lease-duration=10s', '--lease-renew-interval=1s']
  const addresses = ['--metrics-address=0', '--health-address=127.0.0.1:0']
  const environment = {
    ...BARE_ENVIRONMENT,
    KUBECONFIG: join(home, 'kubeconfig'),
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: DEFAULT_REGION,
    AWS_ACCESS_KEY_ID: ACCESS_KEYS.controller,
    AWS_SECRET_ACCESS_KEY: ANY_SECRET,
  }
  running = start(`${ROOT}certwright`, ['run', '--cluster-name=try', ...intervals, ...addresses], { environment })
  const { health } = JSON.parse(await running.line(/certwright starts/)) as { health: string }
  return health
}

/** Waits until `/readyz` says so, with this status. */
async function readyz(health: string, status: number, text: RegExp): Promise<void> {
  const answer = async () => {
    const response = await fetch(`${health}/readyz`)
    return `${response.status} ${await response.text()}`
  }
  await expect.poll(answer, { timeout: 30_000 }).toMatch(new RegExp(`^${status} [^]*${text.source}`, 'm'))
}

/** The cells of a line of `kubectl get`. */
async function cells(...words: string[]): Promise<string[][]> {
  const lines = (await kubectl(['get', ...words])).trimEnd().split('\n')
  return lines.map((line) => line.split(/ {2,}/))
}

const wait = (...words: string[]) => kubectl(['wait', '--timeout=60s', ...words])

test('from an Ingress to Ready, then edit, move, delete and retire, seen with kubectl only', async () => {
  const health = await run()
  await readyz(health, 200, /ok/)

  await kubectl(['apply', '-f', '-'], ingress({ name: 'shop', hosts: ['shop.example.com'] }))
  await wait('--for=create', 'certclaim/ingress-shop')
  await wait('--for=condition=Ready', 'certclaim/ingress-shop')
  const age = expect.stringMatching(/^\d+s$/) as string
  expect(await cells('certclaim')).toEqual([
    ['NAME', 'READY', 'STATE', 'DOMAINS', 'EXPIRES', 'AGE'],
    ['ingress-shop', 'True', 'Ready', 'shop.example.com', expect.stringMatching(/^\d{4}-\d\d-\d\dT/), age],
  ])
  await expect
    .poll(() => kubectl(['describe', 'ingress', 'shop']))
    .toMatch(/Normal +Served .*serves shop\.example\.com/)
  await expect.poll(() => world.prober.isServed('shop.example.com')).toBe(true)
  const first = await listed('shop')

  await kubectl(['apply', '-f', '-'], ingress({ name: 'shop', hosts: ['shop.example.com', 'blog.example.com'] }))
  await wait('--for=jsonpath={.spec.domains}=blog.example.com, +1', 'certclaim/ingress-shop')
  await wait('--for=condition=Ready', 'certclaim/ingress-shop')
  const second = await listed('shop')
  expect(second).not.toContain(first)

  await kubectl(['create', 'namespace', 'blog'])
  await kubectl(['apply', '-n', 'blog', '-f', '-'], ingress({ name: 'blog', hosts: ['blog.example.com'] }))
  await kubectl(['apply', '-f', '-'], ingress({ name: 'shop', hosts: ['shop.example.com'] }))
  await wait('--for=jsonpath={.spec.domains}=shop.example.com', 'certclaim/ingress-shop')
  await wait('--for=condition=Ready', 'certclaim/ingress-shop')
  expect(await listed('shop')).not.toContain(second)
  await wait('-n', 'blog', '--for=create', 'certclaim/ingress-blog')
  await wait('-n', 'blog', '--for=condition=Ready', 'certclaim/ingress-blog')

  const name = await kubectl(['get', '-n', 'blog', 'certclaim/ingress-blog', '-o', 'jsonpath={.status.certificate}'])
  await kubectl(['delete', '-n', 'blog', 'ingress', 'blog'])
  await wait('--for=jsonpath={.status.state}=Retiring', `acmcert/${name}`)
  await wait('--for=jsonpath={.status.reason}=Gone', `acmcert/${name}`)
  expect(world.prober.failures).toEqual([])

  await kubectl(['apply', '-f', '-'], ingress({ name: 'lab', hosts: ['lab.example.net'] }))
  await wait('--for=jsonpath={.status.reason}=NoHostedZone', 'certclaim/ingress-lab')
  await kubectl(['annotate', 'ingress', 'lab', 'certwright.dev/certificate-'])
  await wait('--for=delete', 'certclaim/ingress-lab')
  expect(await requests((code) => code === 403)).toEqual([])
  expect(await requests((code) => code < 300)).toEqual(
    expect.arrayContaining(['create events', 'delete certificateclaims', 'list ingresses', 'patch ingresses']),
  )

  running?.child.kill('SIGTERM')
  await expect.poll(() => running?.child.exitCode, { timeout: 10_000 }).toBe(0)
  expect(
    await kubectl(['get', 'lease', '-n', 'kube-system', 'certwright', '-o', 'jsonpath={.spec.holderIdentity}']),
  ).toBe('')
}, 150_000)

test('without the right to list Ingresses it says so in /readyz, goes on, and is well as soon as it may', async () => {
  const certificates = world.aws.certificates().map(({ arn }) => arn)
  await kubectl(['apply', '-f', '-'], await roleWithoutIngresses())
  const health = await run()
  await readyz(
    health,
    503,
    /kubernetes: ingresses\.networking\.k8s\.io cannot be followed: .*cannot (?:list|watch) resource "ingresses".*; allow "list" and "watch" on ingresses\.networking\.k8s\.io/,
  )
  await kubectl(['apply', '-f', RBAC])
  await readyz(health, 200, /ok/)
  expect(running?.child.exitCode).toBeNull()
  expect(world.aws.certificates().map(({ arn }) => arn)).toEqual(certificates)
  await kubectl(['apply', '-f', '-'], ingress({ name: 'late', hosts: ['late.example.com'] }))
  await wait('--for=create', 'certclaim/ingress-late')
  await wait('--for=condition=Ready', 'certclaim/ingress-late')
})

test.each([
  // Where the API server has no streaming lists, and where what is remembered may go.
  ['list', 'certificateclaims.certwright.dev', 'yes'],
  ['list', 'acmcertificates.certwright.dev', 'yes'],
  ['delete', 'acmcertificates.certwright.dev', 'yes'],
  ['list', 'ingressclasses.networking.k8s.io', 'yes'],
  ['list', 'namespaces', 'yes'],
  ['list', 'ingressclassparams.elbv2.k8s.aws', 'yes'],
  // What it has no business with.
  ['delete', 'ingresses.networking.k8s.io', 'no'],
  ['update', 'ingresses.networking.k8s.io', 'no'],
  ['get', 'secrets', 'no'],
  ['delete', 'namespaces', 'no'],
  ['get', 'leases.coordination.k8s.io', 'no'],
])('the service account may %s %s: %s', async (verb, resource, may) => {
  const answer = await kubectl(['auth', 'can-i', verb, resource, '--all-namespaces', `--as=${ACCOUNT}`]).catch(
    ({ stdout }: { stdout: string }) => stdout,
  )
  expect(answer.trim()).toBe(may)
})

async function roleWithoutIngresses(): Promise<string> {
  const documents = parseAllDocuments(await readFile(RBAC, 'utf8')).map((document) => document.toJS() as Role)
  const role = documents.find(({ kind }) => kind === 'ClusterRole')
  const rules = role?.rules.filter(({ resources }) => !resources.includes('ingresses'))
  return JSON.stringify({ ...role, rules })
}

interface Role {
  readonly kind: string
  readonly rules: readonly { readonly resources: readonly string[] }[]
}

/** The one ARN in the annotation, once it is one: a successor stands there beside what it replaces for a while. */
async function listed(name: string): Promise<string> {
  const path = String.raw`jsonpath={.metadata.annotations.alb\.ingress\.kubernetes\.io/certificate-arn}`
  const read = () => kubectl(['get', 'ingress', name, '-o', path])
  await expect.poll(read, { timeout: 60_000 }).toMatch(/^arn:aws:acm:[^,]+$/)
  return read()
}

/** As the README has it, with these hosts. */
function ingress({ name, hosts }: { name: string; hosts: readonly string[] }): string {
  const rules = hosts.map((host) => `    - host: ${host}\n`).join('')
  return `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  annotations:
    certwright.dev/certificate: "true"
    alb.ingress.kubernetes.io/listen-ports: '[{"HTTP":80},{"HTTPS":443}]'
spec:
  ingressClassName: alb
  rules:
${rules}`
}
