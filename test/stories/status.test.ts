import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { Story, type StoryOptions } from './story.ts'

const SHOP = { namespace: 'default', name: 'shop' }
const STATES = readFileSync(new URL('../../docs/states.md', import.meta.url), 'utf8')

/** The rows of the table below a heading of docs/states.md, split into cells. */
function table(header: string): readonly (readonly string[])[] {
  const lines = STATES.split('\n')
  const rows: string[][] = []
  for (const line of lines.slice(lines.findIndex((candidate) => candidate.startsWith(header)))) {
    if (!line.startsWith('|')) break
    rows.push(
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  }
  return rows
}

/** The conditions that hold in each state, as documented. */
function documentedConditions(): ReadonlyMap<string, readonly string[]> {
  const [header = [], , ...rows] = table('| state | Requested')
  const conditions = new Map<string, readonly string[]>()
  for (const [states = '', ...cells] of rows) {
    const held = header.slice(1).filter((_, index) => cells[index] === 'True')
    for (const [, state = ''] of states.matchAll(/`(\w+)`/g)) conditions.set(state, held)
  }
  return conditions
}

/** The reasons of each state, as documented. */
function documentedReasons(): ReadonlyMap<string, readonly string[]> {
  const [, , ...rows] = table('| state | what it means')
  return new Map(
    rows.map(([state = '', , reasons = '']) => [
      state.replaceAll('`', ''),
      [...reasons.matchAll(/`(\w+)`/g)].map(([, reason = '']) => reason),
    ]),
  )
}

interface Shown {
  readonly kind: string
  readonly state: string
  readonly reason: string
  readonly message: string
  readonly conditions: readonly {
    readonly type: string
    readonly status: string
    readonly observedGeneration: number
  }[]
  readonly observedGeneration: number
}

/** Everything that was ever shown in the status of a claim or a certificate. */
function shown(story: Story): readonly Shown[] {
  return story.world.kube.events.entries.flatMap(({ collection, subresource, after }) =>
    /^(acmcertificates|certificateclaims)\./.test(collection) && subresource === 'status' && after
      ? [{ kind: after.kind, ...(after.status as object) } as Shown]
      : [],
  )
}

function holding({ conditions }: Shown): readonly string[] {
  return conditions.filter(({ status }) => status === 'True').map(({ type }) => type)
}

/** `kubectl get`, as the API server renders it. */
async function kubectlGet(story: Story, path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const text = await story.during(
    (async () => {
      const { body } = await story.world.kube.transport.request({
        method: 'GET',
        path,
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io', 'user-agent': 'kubectl' },
        signal: new AbortController().signal,
      })
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      return Buffer.concat(chunks).toString()
    })(),
  )
  const { columnDefinitions, rows } = JSON.parse(text) as {
    columnDefinitions: { name: string }[]
    rows: { cells: unknown[] }[]
  }
  return rows.map(({ cells }) => Object.fromEntries(columnDefinitions.map(({ name }, index) => [name, cells[index]])))
}

let lived: Promise<Story> | undefined

afterAll(async () => await (await lived)?.[Symbol.asyncDispose]())

/** A life that passes through every state of a claim and of a certificate, lived once for those who look back on it. */
function longLife(): Promise<Story> {
  lived ??= live()
  return lived
}

async function live(): Promise<Story> {
  const story = await Story.begin({ flags: { 'retire-after': '30m' } })
  story.world.prober.stop()
  story.world.aws.failDomain('caa.example.com', 'CAA_ERROR')
  await story.apply({ name: 'refused', hosts: ['refused.example.com'], annotations: { 'certwright.dev/paused': 'x' } })
  await story.apply({
    name: 'deferred',
    hosts: ['deferred.example.com'],
    annotations: { 'certwright.dev/paused': 'true' },
  })
  await story.apply({ name: 'held', hosts: ['shop.example.net'] })
  await story.apply({ name: 'failed', hosts: ['caa.example.com'] })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  await story.reaches('failed', 'CaaError')
  const { validity } = story.world.aws.settings
  // From midnight on.
  story.world.aws.configure({ validity: 12.8 * HOUR })
  await story.apply({ name: 'at-risk', hosts: ['at-risk.example.com'] })
  await story.ready('at-risk')
  story.world.aws.configure({ validity })
  story.world.aws.setValidates('at-risk.example.com', false)
  await story.during(story.world.user.addHost(SHOP, 'www.example.com'))
  await story.until('the successor is served alone', () => {
    const [whole] = story.certificates('shop.example.com', 'www.example.com')
    return story.isReady('shop') && story.listed('shop').join() === whole?.arn
  })
  await story.during(story.world.user.delete(SHOP))
  await story.pass(3 * HOUR)
  return story
}

test('each state shows the conditions and a reason that docs/states.md lists for it', async () => {
  const story = await longLife()
  const conditions = documentedConditions()
  const reasons = documentedReasons()
  expect([...conditions.keys()].sort()).toEqual([...reasons.keys()].sort())
  const seen = shown(story)
  expect([...new Set(seen.map(({ state }) => state))].sort()).toEqual([...conditions.keys()].sort())
  for (const status of seen) {
    expect({ state: status.state, holding: holding(status) }).toEqual({
      state: status.state,
      holding: conditions.get(status.state),
    })
    expect(reasons.get(status.state)).toContain(status.reason)
    expect(status.message).toMatch(/^[A-Z].*\.$/)
  }
})

test('kubectl shows state, names and expiry of claims and certificates in columns', async () => {
  await using story = await Story.begin()
  await story.apply({ ...SHOP, hosts: ['shop.example.com', 'www.example.com'] })
  await story.ready('shop')
  await story.pass(MINUTE)
  const [arn] = story.listed('shop')
  const notAfter = story.world.aws.certificate(arn as string)?.notAfter ?? 0
  const [certificate] = await kubectlGet(story, '/apis/certwright.dev/v1alpha1/acmcertificates')
  expect(certificate).toMatchObject({
    Ready: 'True',
    State: 'Ready',
    Reason: 'Served',
    Domains: 'shop.example.com, +1',
    Expires: new Date(notAfter).toISOString().replace('.000', ''),
    ARN: arn,
    'In-Use': true,
  })
  expect(certificate?.Name).toMatch(/^shop-example-com-[0-9a-f]+$/)
  const [claim] = await kubectlGet(story, '/apis/certwright.dev/v1alpha1/namespaces/default/certificateclaims')
  expect(claim).toMatchObject({ Name: 'ingress-shop', Ready: 'True', State: 'Ready', Domains: 'shop.example.com, +1' })
})

test('a claim goes with its Ingress, since it is owned by it', async () => {
  await using story = await Story.begin()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  const claim = story.world.kube.admin.get({
    apiVersion: 'certwright.dev/v1alpha1',
    kind: 'CertificateClaim',
    namespace: 'default',
    name: 'ingress-shop',
  })
  expect(claim?.metadata.ownerReferences).toMatchObject([{ kind: 'Ingress', name: 'shop' }])
  await story.during(story.world.user.delete(SHOP))
  await story.until('it is gone', () => story.standing('shop').state === undefined, MINUTE)
})

test('every change of state is an event on the Ingress, and a state that comes again and again is one event with a count', async () => {
  await using story = await Story.begin()
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  await story.pass(MINUTE)
  const expected = ['RequestingCertificate', 'PendingValidation', 'WaitingForLoadBalancer', 'Served']
  const reasons = story.events('shop').map(({ reason }) => reason)
  expect(reasons.filter((reason) => expected.includes(reason))).toEqual(expected)
  for (let round = 0; round < 5; round++) {
    await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/paused': 'true' }))
    await story.reaches('shop', 'Paused', MINUTE)
    await story.during(story.world.user.annotate(SHOP, { 'certwright.dev/paused': null }))
    await story.reaches('shop', 'Served', MINUTE)
  }
  story.world.prober.stop()
  await story.pass(10 * MINUTE)
  const paused = story.events('shop').filter(({ reason }) => reason === 'Paused')
  expect(paused).toHaveLength(1)
  expect(paused[0]?.series?.count).toBe(5)
})

test('on an Ingress nothing is ever written but the certificate annotation', async () => {
  const story = await longLife()
  const writes = story.world.kube.events.entries.filter(
    ({ collection, userAgent }) => collection === 'ingresses.networking.k8s.io' && userAgent.startsWith('certwright/'),
  )
  expect(writes.length).toBeGreaterThanOrEqual(3)
  for (const { before, after, subresource } of writes) {
    expect(subresource).toBe('')
    const rest = (object: typeof before) => {
      const { 'alb.ingress.kubernetes.io/certificate-arn': _, ...annotations } = object?.metadata.annotations ?? {}
      return { annotations, labels: object?.metadata.labels, spec: object?.spec, status: object?.status }
    }
    expect(rest(after)).toEqual(rest(before))
  }
})

interface Rest {
  readonly reason: string
  readonly hosts?: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly options?: StoryOptions
  readonly arrange?: (story: Story) => void
}

const RESTS: readonly Rest[] = [
  { reason: 'Served' },
  { reason: 'InvalidAnnotation', annotations: { 'certwright.dev/paused': 'x' } },
  { reason: 'Paused', annotations: { 'certwright.dev/paused': 'true' } },
  { reason: 'NoHostedZone', hosts: ['shop.example.net'] },
  {
    reason: 'TooManyNames',
    hosts: ['a.example.com', 'b.example.com'],
    options: { flags: { 'max-names-per-certificate': '1', 'certificates-per-load-balancer': '1' } },
  },
  { reason: 'PendingValidation', arrange: (story) => story.world.aws.setValidates('shop.example.com', false) },
  { reason: 'CaaError', arrange: (story) => story.world.aws.failDomain('shop.example.com', 'CAA_ERROR') },
  {
    reason: 'QuotaReached',
    arrange: ({ world: { aws } }) => aws.configure({ quotas: { ...aws.settings.quotas, certificates: 0 } }),
  },
  {
    reason: 'AmbiguousHostedZone',
    options: { embedded: { zones: [] } },
    arrange: ({ world: { aws } }) => {
      for (let count = 0; count < 2; count++) aws.createHostedZone({ name: 'example.com', delegated: false })
    },
  },
  {
    reason: 'AccessDenied',
    arrange: ({ world: { aws } }) => {
      aws.faults = {
        before: ({ operation }) => (operation === 'RequestCertificate' ? { kind: 'accessDenied' } : undefined),
      }
    },
  },
]

test.each(RESTS)('what stands at $reason is written once and then rests', async (rest) => {
  const { reason, hosts = ['shop.example.com'], annotations = {}, options = {}, arrange } = rest
  await using story = await Story.begin({
    ...options,
    flags: { 'leader-elect': 'false', ...options.flags },
    start: false,
  })
  story.world.prober.stop()
  arrange?.(story)
  story.startController()
  await story.apply({ ...SHOP, hosts, annotations })
  await story.reaches('shop', reason)
  await story.pass(15 * MINUTE)
  let asked = 0
  story.world.kube.faults = {
    before: ({ verb, userAgent, collection }) => {
      const writes = ['create', 'update', 'patch', 'apply', 'delete'].includes(verb)
      if (writes && userAgent.startsWith('certwright/') && !collection.startsWith('leases')) asked += 1
      return undefined
    },
  }
  await story.pass(2 * HOUR)
  expect(story.standing('shop').reason).toBe(reason)
  expect(asked).toBe(0)
})
