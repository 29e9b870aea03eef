import { afterEach, expect, test } from 'vitest'
import { SECOND } from '../core/time.ts'
import { RandomFaults } from '../sim/aws/faults.ts'
import { SimulatedAws } from '../sim/aws/world.ts'
import type { AwsSettings } from '../sim/aws/settings.ts'
import { VirtualClock } from '../sim/clock.ts'
import { seededRandom } from '../sim/random.ts'
import { Acm } from './acm.ts'
import type { CallSeen } from './call.ts'
import { AwsError } from './errors.ts'
import { Elbv2 } from './elbv2.ts'
import { Route53 } from './route53.ts'
import { finish, scripted } from './scripted.ts'
import { Tagging } from './tagging.ts'
import { createServices } from './services.ts'

const worlds: SimulatedAws[] = []

afterEach(() => {
  for (const aws of worlds.splice(0)) aws.close()
})

/** The adapters on the simulated AWS: the real clients, the real wire, a virtual clock. */
function simulated(settings: Partial<AwsSettings> = {}) {
  const clock = new VirtualClock()
  const aws = new SimulatedAws({ clock, random: seededRandom(7), settings })
  worlds.push(aws)
  const access = aws.access()
  const calls: CallSeen[] = []
  const services = createServices({
    access,
    region: access.region as string,
    version: '0.0.0',
    clock,
    random: seededRandom(8),
    observe: (call) => calls.push(call),
  })
  return { clock, aws, calls, ...services, end: <Value>(promise: Promise<Value>) => finish(clock, promise) }
}

function requestFor(...names: string[]) {
  return {
    names,
    domainName: names[0] ?? '',
    keyAlgorithm: 'EC_prime256v1',
    idempotencyToken: names.join('').replace(/\W/g, '_').slice(0, 32),
    tags: { 'certwright.dev/cluster': 'blue' },
  } as const
}

test('from a request to an issued certificate, with nothing but the adapters', async () => {
  const { clock, aws, acm, route53, records, tagging, end } = simulated()
  aws.createHostedZone({ name: 'example.com' })
  const arn = await end(acm.requestCertificate(requestFor('shop.example.com', '*.shop.example.com')))
  expect(await end(acm.requestCertificate(requestFor('shop.example.com', '*.shop.example.com')))).toBe(arn)

  await clock.advance(20 * SECOND)
  const pending = await end(acm.describeCertificate(arn))
  if (pending === 'notFound') expect.fail('not described after 20 s')
  expect(pending).toMatchObject({ status: 'PENDING_VALIDATION', keyAlgorithm: 'EC_prime256v1', inUse: false })
  expect(pending.validations.map(({ name }) => name).toSorted()).toEqual(['*.shop.example.com', 'shop.example.com'])
  const [one, other] = pending.validations.map(({ record }) => record)
  if (!one) expect.fail('no record after 20 s')
  expect(other).toEqual(one)

  const [zone] = await end(route53.listZones())
  if (!zone) expect.fail('no zone')
  expect(zone).toMatchObject({ name: 'example.com', private: false })
  expect(await end(route53.nameServersOf(zone.id))).toEqual(await aws.dns.nameServers('example.com'))
  const read = () => end(route53.readRecords({ zoneId: zone.id, names: [one.name] }))
  expect((await read()).get(one.name)).toEqual({ kind: 'absent' })
  expect(await end(records.create({ zoneId: zone.id, record: one }))).toEqual({ kind: 'created' })
  expect(await end(records.create({ zoneId: zone.id, record: one }))).toEqual({ kind: 'present' })
  expect((await read()).get(one.name)).toEqual({ kind: 'cname', value: one.value, plain: true })

  await clock.advance(600 * SECOND)
  const { certificates, complete } = await end(acm.listCertificates())
  expect(complete).toBe(true)
  expect(certificates).toMatchObject([
    { arn, status: 'ISSUED', names: ['*.shop.example.com', 'shop.example.com'], namesComplete: true, inUse: false },
  ])
  expect(await end(acm.listTags(arn))).toEqual({ 'certwright.dev/cluster': 'blue' })
  await end(acm.addTags(arn, { team: 'shop' }))
  await clock.advance(60 * SECOND)
  const tags = { 'certwright.dev/cluster': 'blue', team: 'shop' }
  expect(await end(tagging.certificateTags({ cluster: 'blue' }))).toEqual(new Map([[arn, tags]]))
  expect(await end(tagging.certificateTags({ cluster: 'green' }))).toEqual(new Map())

  expect(await end(acm.deleteCertificate(arn))).toBe('deleted')
  expect(await end(acm.deleteCertificate(arn))).toBe('notFound')
  expect(await end(acm.describeCertificate(arn))).toBe('notFound')
})

test('2,300 certificates are listed in three pages, their tags in 23, and throttled never', async () => {
  const { clock, aws, calls, acm, tagging, end } = simulated()
  for (let index = 0; index < 2_300; index++) {
    aws.issueCertificate({ names: [`h${index}.example.com`], tags: { 'certwright.dev/cluster': 'blue' } })
  }
  await clock.advance(120 * SECOND)
  const { certificates, complete } = await end(acm.listCertificates())
  expect([certificates.length, complete]).toEqual([2_300, true])
  expect((await end(tagging.certificateTags({ cluster: 'blue' }))).size).toBe(2_300)
  expect(calls.map(({ operation }) => operation)).toEqual([
    ...Array<string>(3).fill('ListCertificates'),
    ...Array<string>(23).fill('GetResources'),
  ])
  expect(calls.every(({ outcome }) => outcome === 'ok')).toBe(true)
})

test('a hundred requests at once stay within the rates of AWS', async () => {
  const { calls, acm, end } = simulated()
  const all = Array.from({ length: 100 }, (_, index) => acm.requestCertificate(requestFor(`h${index}.example.com`)))
  const arns = await end(Promise.all(all))
  expect(new Set(arns).size).toBe(100)
  expect(calls.every(({ outcome }) => outcome === 'ok')).toBe(true)
})

test('two hundred records of one zone take two calls, though three of them cannot be created', async () => {
  const { aws, calls, records, end } = simulated()
  const zone = aws.createHostedZone({ name: 'example.com' })
  const recordOf = (index: number) => ({ name: `_h${index}.example.com`, value: `_v${index}.x.acm-validations.aws` })
  aws.putRecord(zone, { name: '_h7.example.com', type: 'CNAME', values: ['elsewhere.example.com'] })
  aws.putRecord(zone, { name: '_h8.example.com', type: 'TXT', values: ['"x"'] })
  aws.putRecord(zone, { name: '_h9.example.com', type: 'CNAME', ttl: 3_600, values: [recordOf(9).value] })
  const all = Array.from({ length: 200 }, (_, index) => records.create({ zoneId: zone.id, record: recordOf(index) }))
  const outcomes = await end(Promise.all(all))
  expect(outcomes[7]).toEqual({
    kind: 'conflict',
    found: { kind: 'cname', value: 'elsewhere.example.com', plain: true },
  })
  expect(outcomes[8]).toEqual({ kind: 'conflict', found: { kind: 'other', types: ['TXT'] } })
  expect(outcomes[9]).toEqual({ kind: 'present' })
  expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(197)
  expect(calls.filter(({ operation }) => operation === 'ChangeResourceRecordSets')).toHaveLength(2)
})

test('a record outside its zone is rejected alone', async () => {
  const { aws, records, end } = simulated()
  const zone = aws.createHostedZone({ name: 'example.com' })
  const value = '_v.x.acm-validations.aws'
  const names = ['_a.example.com', '_b.example.org', '_c.example.com']
  const all = names.map((name) => records.create({ zoneId: zone.id, record: { name, value } }))
  expect((await end(Promise.all(all))).map(({ kind }) => kind)).toEqual(['created', 'rejected', 'created'])
})

test('what a listener serves is seen, the default first', async () => {
  const { aws, clock, elbv2, end } = simulated()
  const [a, b] = [
    aws.issueCertificate({ names: ['a.example.com'] }),
    aws.issueCertificate({ names: ['b.example.com'] }),
  ]
  await clock.advance(60 * SECOND)
  const { loadBalancers } = aws
  const loadBalancer = loadBalancers.create({
    place: { account: '111122223333', region: 'eu-central-1' },
    name: 'k8s-shop',
    type: 'application',
    scheme: 'internet-facing',
    ipAddressType: 'ipv4',
    subnets: [],
    securityGroups: [],
    tags: {},
    by: 'test',
  })
  const listener = loadBalancers.createListener(loadBalancer, { protocol: 'HTTPS', port: 443, by: 'test' })
  loadBalancers.setDefault(loadBalancer, listener, b, 'test')
  loadBalancers.addCertificate(loadBalancer, listener, a, 'test')
  loadBalancers.addCertificate(loadBalancer, listener, b, 'test')
  await clock.advance(60 * SECOND)
  const [seen] = await end(elbv2.describeLoadBalancers())
  expect(seen?.dnsName).toMatch(/^k8s-shop.*\.elb\.amazonaws\.com$/)
  const listeners = await end(elbv2.describeListeners(seen?.arn ?? ''))
  expect(listeners).toEqual([{ arn: listener.arn, port: 443, protocol: 'HTTPS', certificates: [b, a] }])
  const gone = elbv2.describeListeners(`${seen?.arn}0`)
  await expect(end(gone)).rejects.toMatchObject({ kind: 'notFound' })
})

test('a request whose answer is lost is ambiguous, and the same token finds its certificate', async () => {
  const { aws, acm, end } = simulated()
  let lost = 0
  aws.faults = {
    after: (call) => (call.operation === 'RequestCertificate' && lost++ === 0 ? { kind: 'reset' } : undefined),
  }
  await expect(end(acm.requestCertificate(requestFor('a.example.com')))).rejects.toMatchObject({ kind: 'ambiguous' })
  const arn = await end(acm.requestCertificate(requestFor('a.example.com')))
  expect(aws.certificates().map((certificate) => certificate.arn)).toEqual([arn])
})

test('an answer without its list is no empty list', async () => {
  const { clock, clients, calls } = scripted(({ raw }) => ({
    body: raw.headers['content-type']?.includes('json') ? {} : '<Answer><Result/></Answer>',
  }))
  const acm = new Acm({ client: clients.acm, calls })
  const elbv2 = new Elbv2({ client: clients.elbv2, calls })
  const route53 = new Route53({ client: clients.route53, calls })
  const tagging = new Tagging({ client: clients.tagging, calls })
  const looks = [
    acm.listCertificates(),
    acm.describeCertificate('arn'),
    elbv2.describeLoadBalancers(),
    elbv2.describeListeners('lb'),
    route53.listZones(),
    route53.readRecords({ zoneId: 'Z1', names: ['_x.example.com'] }),
    tagging.certificateTags(),
  ]
  for (const look of await finish(clock, Promise.allSettled(looks))) {
    expect(look).toMatchObject({ status: 'rejected', reason: { kind: 'transient', code: 'MalformedAnswer' } })
  }
})

test('each fault of the simulated AWS has its kind', async () => {
  const { aws, acm, route53, sts, end } = simulated()
  expect(await end(sts.callerIdentity())).toMatchObject({ account: '111122223333' })
  const kinds = async (fault: 'throttle' | 'serverError' | 'reset' | 'accessDenied' | 'expiredCredentials') => {
    aws.faults = { before: () => ({ kind: fault }) }
    const answers = await end(Promise.allSettled([acm.listCertificates(), route53.listZones()]))
    return answers.map((answer) => (answer.status === 'rejected' ? (answer.reason as { kind: string }).kind : 'ok'))
  }
  expect(await kinds('throttle')).toEqual(['throttled', 'throttled'])
  expect(await kinds('serverError')).toEqual(['transient', 'transient'])
  expect(await kinds('reset')).toEqual(['transient', 'transient'])
  expect(await kinds('accessDenied')).toEqual(['denied', 'denied'])
  expect(await kinds('expiredCredentials')).toEqual(['credentials', 'credentials'])
})

test('whatever befalls the calls, each record is created once and each certificate requested once', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const { aws, acm, records, end } = simulated({ latency: [5, 400] })
    const zone = aws.createHostedZone({ name: 'example.com' })
    const rates = { throttle: 0.1, serverError: 0.1, serverErrorAfter: 0.1, reset: 0.1, resetAfter: 0.1, delay: 0.05 }
    aws.faults = new RandomFaults({ random: seededRandom(seed), rates: { ...rates, longestDelay: 20_000 } })
    const untilDone = async <Value>(attempt: () => Promise<Value>): Promise<Value> => {
      for (let tries = 1; ; tries++) {
        try {
          return await attempt()
        } catch (error) {
          if (!(error instanceof AwsError) || tries === 40) throw error
        }
      }
    }
    const indexes = Array.from({ length: 40 }, (_, index) => index)
    const record = (index: number) => ({ name: `_h${index}.example.com`, value: `_v${index}.x.acm-validations.aws` })
    await end(
      Promise.all([
        ...indexes.map((index) => untilDone(() => records.create({ zoneId: zone.id, record: record(index) }))),
        ...indexes.map((index) => untilDone(() => acm.requestCertificate(requestFor(`h${index}.example.com`)))),
      ]),
    )
    const created = aws.events.all.flatMap((event) => (event.kind === 'recordChanged' ? [event.name] : []))
    expect(created.toSorted()).toEqual(indexes.map((index) => record(index).name).toSorted())
    expect(aws.certificates()).toHaveLength(40)
  }
})
