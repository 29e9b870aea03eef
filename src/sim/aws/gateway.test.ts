import { ACMClient, ListCertificatesCommand, RequestCertificateCommand } from '@aws-sdk/client-acm'
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53'
import { expect, test } from 'vitest'
import { VirtualClock } from '../clock.ts'
import { seededRandom } from '../random.ts'
import { RandomFaults, type FaultRates } from './faults.ts'
import type { AwsSettings } from './settings.ts'
import { SimulatedAws } from './world.ts'

function enter(settings: Partial<AwsSettings> = {}) {
  const clock = new VirtualClock()
  const aws = new SimulatedAws({ clock, random: seededRandom(5), settings: { rates: false, ...settings } })
  const credentials = { accessKeyId: 'AKIDCERTWRIGHT', secretAccessKey: 'any' }
  const options = { region: 'eu-central-1', credentials, maxAttempts: 1, requestHandler: aws.handler() as never }
  return { clock, aws, acm: new ACMClient(options), route53: new Route53Client(options) }
}

type World = ReturnType<typeof enter>

/** A client's first call may read files: real time. Later ones are microtasks only. */
async function warm({ acm, route53, aws }: World, zone: string): Promise<void> {
  aws.faults = { before: () => ({ kind: 'throttle' }) }
  await acm.send(new ListCertificatesCommand({})).catch(() => {})
  await route53.send(record(zone, 'warm')).catch(() => {})
  aws.faults = {}
}

function record(HostedZoneId: string, label: string): ChangeResourceRecordSetsCommand {
  const ResourceRecordSet = {
    Name: `${label}.example.com`,
    Type: 'CNAME' as const,
    TTL: 300,
    ResourceRecords: [{ Value: 'x.test' }],
  }
  return new ChangeResourceRecordSetsCommand({
    HostedZoneId,
    ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet }] },
  })
}

/** What became of a promise so far. */
function watch(promise: Promise<unknown>): { state: string } {
  const watched = { state: 'pending' }
  promise.then(
    () => (watched.state = 'done'),
    (error: unknown) => (watched.state = (error as Error).name),
  )
  return watched
}

test('with latency a call takes its effect half-way', async () => {
  const world = enter()
  const { id } = world.aws.createHostedZone({ name: 'example.com' })
  await warm(world, id)
  world.aws.configure({ latency: [200, 200] })
  const call = watch(
    world.acm.send(new RequestCertificateCommand({ DomainName: 'a.example.com', ValidationMethod: 'DNS' })),
  )
  await world.clock.advance(99)
  expect(world.aws.certificates()).toHaveLength(0)
  await world.clock.advance(1)
  expect(world.aws.certificates()).toHaveLength(1)
  await world.clock.advance(99)
  expect(call.state).toBe('pending')
  await world.clock.advance(1)
  expect(call.state).toBe('done')
})

test('a call that is aborted before its effect does nothing; one that is aborted after it did', async () => {
  const world = enter()
  const { id } = world.aws.createHostedZone({ name: 'example.com' })
  await warm(world, id)
  world.aws.configure({ latency: [200, 200] })
  for (const wait of [50, 150]) {
    const abort = new AbortController()
    const command = new RequestCertificateCommand({ DomainName: `a${wait}.example.com`, ValidationMethod: 'DNS' })
    const call = watch(world.acm.send(command, { abortSignal: abort.signal }))
    await world.clock.advance(wait)
    abort.abort()
    await world.clock.advance(0)
    expect(call.state).toBe('AbortError')
  }
  expect(world.aws.certificates().map(({ domainName }) => domainName)).toEqual(['a150.example.com'])
  const outcomes = world.aws.events.of('call').slice(-2)
  expect(outcomes).toMatchObject([
    { outcome: 'aborted', effect: false },
    { outcome: 'aborted', effect: true },
  ])
})

test('a call whose signal is aborted already does not reach the world', async () => {
  const { acm, aws } = enter()
  const failure = acm.send(new ListCertificatesCommand({}), { abortSignal: AbortSignal.abort() })
  await expect(failure).rejects.toMatchObject({ name: 'AbortError' })
  expect(aws.events.of('call')).toEqual([])
})

test('two changes of one zone at once: the second is a PriorRequestNotComplete; another zone does not mind', async () => {
  const world = enter()
  const { id } = world.aws.createHostedZone({ name: 'example.com' })
  const { id: other } = world.aws.createHostedZone({ name: 'example.com' })
  await warm(world, id)
  world.aws.configure({ latency: [200, 200] })
  const first = watch(world.route53.send(record(id, 'a')))
  const second = watch(world.route53.send(record(id, 'b')))
  const elsewhere = watch(world.route53.send(record(other, 'b')))
  await world.clock.advance(200)
  expect([first.state, second.state, elsewhere.state]).toEqual(['done', 'PriorRequestNotComplete', 'done'])
  const third = watch(world.route53.send(record(id, 'b')))
  await world.clock.advance(200)
  expect(third.state).toBe('done')
})

test('a delay before a call and one after it add to its latency', async () => {
  const world = enter()
  const { id } = world.aws.createHostedZone({ name: 'example.com' })
  await warm(world, id)
  world.aws.faults = {
    before: () => ({ kind: 'delay', milliseconds: 1_000 }),
    after: () => ({ kind: 'delay', milliseconds: 500 }),
  }
  const call = watch(world.route53.send(record(id, 'a')))
  await world.clock.advance(1_000)
  expect(world.aws.events.of('recordChanged')).toHaveLength(1)
  await world.clock.advance(499)
  expect(call.state).toBe('pending')
  await world.clock.advance(1)
  expect(call.state).toBe('done')
})

test('a subscriber hears of what happened before the caller does, until it leaves', async () => {
  const { acm, aws } = enter()
  const heard: string[] = []
  const leave = aws.events.subscribe(({ kind }) => heard.push(kind))
  await acm.send(new RequestCertificateCommand({ DomainName: 'a.example.com', ValidationMethod: 'DNS' }))
  expect(heard).toEqual(['certificateRequested', 'call'])
  leave()
  await acm.send(new ListCertificatesCommand({}))
  expect(heard).toHaveLength(2)
})

test('the same seed breaks the same calls, and a healed world breaks none', async () => {
  const rates: FaultRates = {
    throttle: 0.2,
    reset: 0.1,
    serverError: 0.1,
    serverErrorAfter: 0.1,
    resetAfter: 0.1,
    stale: 0.2,
  }
  const run = async () => {
    const { acm, aws } = enter()
    const faults = new RandomFaults({ random: seededRandom(9), rates })
    aws.faults = faults
    for (let call = 0; call < 60; call++) await acm.send(new ListCertificatesCommand({})).catch(() => {})
    const outcomes = aws.events.of('call').map(({ outcome }) => outcome)
    faults.heal()
    for (let call = 0; call < 20; call++) await acm.send(new ListCertificatesCommand({}))
    return outcomes
  }
  const outcomes = await run()
  expect(await run()).toEqual(outcomes)
  expect(new Set(outcomes)).toEqual(new Set(['ok', 'ThrottlingException', 'reset', 'InternalFailure']))
})
