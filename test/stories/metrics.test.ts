import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { ACCESS_KEYS } from '../../src/sim/embedded.ts'
import { Story } from './story.ts'

interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What Prometheus would read. */
async function scrape(story: Story): Promise<readonly Sample[]> {
  const text = await story.metrics.text()
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(certwright_\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name === undefined || value === undefined) return []
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', of = '']) => [key, of] as const)
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }]
  })
}

/** The sum of a metric's samples that carry these labels. */
function total(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0)
}

/** One of each: served, held for want of validation, and failed. */
async function shortLife(): Promise<Story> {
  const story = await Story.begin()
  story.world.aws.setValidates('pending.example.com', false)
  story.world.aws.failDomain('failed.example.com', 'CAA_ERROR')
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.apply({ name: 'blog', hosts: ['blog.example.com'] })
  await story.apply({ name: 'pending', hosts: ['pending.example.com'] })
  await story.apply({ name: 'failed', hosts: ['failed.example.com'] })
  await story.ready('shop')
  await story.ready('blog')
  await story.reaches('failed', 'CaaError')
  story.world.prober.stop()
  await story.pass(MINUTE)
  return story
}

test('certificates are counted by state and reason, with their expiry', async () => {
  await using story = await shortLife()
  const samples = await scrape(story)
  expect(
    samples.filter(({ name }) => name === 'certwright_certificates').map(({ labels, value }) => [labels, value]),
  ).toEqual(
    expect.arrayContaining([
      [{ state: 'Ready', reason: 'Served' }, 2],
      [{ state: 'Issuing', reason: 'PendingValidation' }, 1],
      [{ state: 'Failed', reason: 'CaaError' }, 1],
    ]),
  )
  expect(total(samples, 'certwright_certificates')).toBe(4)
  const [arn] = story.listed('shop')
  const notAfter = story.world.aws.certificate(arn as string)?.notAfter ?? 0
  const expiry = { domains: 'shop.example.com' }
  expect(total(samples, 'certwright_certificate_expiry_timestamp_seconds', expiry)).toBe(notAfter / 1_000)
})

test('the time to an issued and to a served certificate is that of the world', async () => {
  await using story = await shortLife()
  const samples = await scrape(story)
  expect(total(samples, 'certwright_certificate_issued_seconds_count')).toBe(2)
  expect(total(samples, 'certwright_certificate_attached_seconds_count')).toBe(2)
  const { aws } = story.world
  const served = [...story.listed('shop'), ...story.listed('blog')]
  const real = served.reduce((sum, arn) => {
    const issued = aws.events.of('certificateIssued').find((event) => event.arn === arn)?.at ?? 0
    const requested = aws.events.of('certificateRequested').find((event) => event.arn === arn)?.at ?? 0
    return sum + (issued - requested) / 1_000
  }, 0)
  const told = total(samples, 'certwright_certificate_issued_seconds_sum')
  // Seen at the next poll, which is at most 15 s later, in a list that is at most 5 s behind.
  expect(told).toBeGreaterThanOrEqual(real)
  expect(told).toBeLessThanOrEqual(real + 40)
  expect(total(samples, 'certwright_certificate_attached_seconds_sum')).toBeGreaterThanOrEqual(told)
})

test('every call to AWS is counted by its operation and outcome, throttles among them', async () => {
  await using story = await Story.begin({ flags: { 'leader-elect': 'false' }, start: false })
  let throttled = 0
  story.world.aws.faults = {
    before: ({ operation }) =>
      operation === 'RequestCertificate' && throttled++ < 3 ? { kind: 'throttle' } : undefined,
  }
  story.startController()
  await story.apply({ name: 'shop', hosts: ['shop.example.com'] })
  await story.ready('shop')
  story.world.prober.stop()
  await story.pass(HOUR)
  const samples = await scrape(story)
  const operations = new Set(
    story.world.aws.events
      .of('call')
      .filter(({ by }) => by === ACCESS_KEYS.controller)
      .map(({ operation }) => operation),
  )
  expect(operations.size).toBeGreaterThanOrEqual(8)
  for (const operation of operations) {
    expect([operation, total(samples, 'certwright_aws_calls_total', { operation })]).toEqual([
      operation,
      story.calls(operation),
    ])
  }
  expect(total(samples, 'certwright_aws_calls_total', { operation: 'RequestCertificate', outcome: 'throttled' })).toBe(
    3,
  )
  expect(total(samples, 'certwright_aws_calls_total', { operation: 'RequestCertificate', outcome: 'ok' })).toBe(1)
  expect(total(samples, 'certwright_actions_total', { kind: 'publish', outcome: 'ok' })).toBe(1)
})

test('who leads, which build runs and how old the observations are is told', async () => {
  await using story = await shortLife()
  const before = await scrape(story)
  expect(total(before, 'certwright_leader')).toBe(1)
  expect(total(before, 'certwright_build_info')).toBe(1)
  const facts = before
    .filter(({ name }) => name === 'certwright_observation_age_seconds')
    .map(({ labels }) => labels.fact)
  expect(new Set(facts)).toEqual(new Set(['certificates', 'loadBalancers', 'tags', 'zones']))
  story.world.aws.faults = { before: () => ({ kind: 'serverError' }) }
  await story.pass(HOUR)
  for (const fact of facts) {
    expect(total(await scrape(story), 'certwright_observation_age_seconds', { fact: fact ?? '' })).toBeGreaterThan(
      3_000,
    )
  }
  await story.during(story.controller.stop())
  expect(total(await scrape(story), 'certwright_leader')).toBe(0)
})

test('at rest nothing is written for 24 h, and AWS is called at most 100 times an hour', async () => {
  await using story = await Story.begin({ flags: { 'leader-elect': 'false' } })
  story.world.prober.stop()
  for (const name of ['a', 'b', 'c', 'd', 'e']) await story.apply({ name, hosts: [`${name}.example.com`] })
  for (const name of ['a', 'b', 'c', 'd', 'e']) await story.ready(name)
  await story.pass(HOUR)
  const writes = () =>
    story.world.kube.events.entries.filter(
      ({ userAgent, collection }) => userAgent.startsWith('certwright/') && !collection.startsWith('leases'),
    ).length
  const happened = () => story.world.aws.events.all.filter(({ kind }) => kind !== 'call').length
  const calls = () => story.world.aws.events.of('call').filter(({ by }) => by === ACCESS_KEYS.controller).length
  const before = { writes: writes(), happened: happened() }
  let last = calls()
  for (let hour = 0; hour < 24; hour++) {
    await story.pass(HOUR)
    expect(calls() - last).toBeLessThanOrEqual(100)
    expect(calls() - last).toBeGreaterThan(0)
    last = calls()
  }
  expect({ writes: writes(), happened: happened() }).toEqual(before)
})
