import { expect, it } from 'vitest'
import { VirtualClock } from '../sim/clock.ts'
import { createMetrics } from './metrics.ts'

function measured() {
  const clock = new VirtualClock(Date.UTC(2026, 10, 24, 9))
  const metrics = createMetrics({ clock, version: '1.2.3', nodeVersion: 'v24.0.0' })
  const samples = async () =>
    (await metrics.text()).split('\n').filter((line) => line.startsWith('certwright_') && !line.includes('_bucket'))
  return { clock, metrics, samples }
}

it('has these names and no others', async () => {
  const { metrics } = measured()
  const names = [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  )
  expect(names.toSorted()).toEqual([
    'certwright_actions_total counter',
    'certwright_aws_call_duration_seconds histogram',
    'certwright_aws_calls_total counter',
    'certwright_build_info gauge',
    'certwright_certificate_attached_seconds histogram',
    'certwright_certificate_expiry_timestamp_seconds gauge',
    'certwright_certificate_issued_seconds histogram',
    'certwright_certificates gauge',
    'certwright_lanes_busy gauge',
    'certwright_leader gauge',
    'certwright_observation_age_seconds gauge',
    'certwright_plan_duration_seconds histogram',
    'certwright_policy_violations gauge',
    'certwright_yearly_requests gauge',
  ])
})

it('says what runs, and that it does not lead, before anything has happened', async () => {
  const { samples } = measured()
  expect(await samples()).toEqual(
    expect.arrayContaining(['certwright_build_info{version="1.2.3",node="v24.0.0"} 1', 'certwright_leader 0']),
  )
})

it('forgets a state that no certificate is in any more', async () => {
  const { metrics, samples } = measured()
  metrics.certificates([{ state: 'Held', reason: 'NoHostedZone', count: 2 }])
  metrics.certificates([{ state: 'Ready', reason: '', count: 1 }])
  const counted = (await samples()).filter((line) => line.startsWith('certwright_certificates{'))
  expect(counted).toEqual(['certwright_certificates{state="Ready",reason=""} 1'])
})

it('adds up rows of the same state and reason', async () => {
  const { metrics, samples } = measured()
  const row = { state: 'Ready', reason: 'Served', count: 1 }
  metrics.certificates([row, row])
  expect(await samples()).toContain('certwright_certificates{state="Ready",reason="Served"} 2')
})

it('tells expiry as a Unix time in seconds, and forgets a certificate that is gone', async () => {
  const { metrics, samples } = measured()
  metrics.expiries([{ name: 'old', domains: 'a.example.com', at: Date.UTC(2027, 0, 1) }])
  metrics.expiries([{ name: 'shop', domains: 'a.example.com, +1', at: Date.UTC(2027, 4, 11, 9) }])
  expect((await samples()).filter((line) => line.includes('expiry'))).toEqual([
    'certwright_certificate_expiry_timestamp_seconds{name="shop",domains="a.example.com, +1"} 1810026000',
  ])
})

it('lets what is known of the world grow old on its own', async () => {
  const { clock, metrics, samples } = measured()
  metrics.observed('certificates', clock.now())
  await clock.advance(90_000)
  expect(await samples()).toContain('certwright_observation_age_seconds{fact="certificates"} 90')
})

it('counts calls by outcome and measures them in seconds', async () => {
  const { metrics, samples } = measured()
  const call = { service: 'acm', operation: 'ListCertificates', milliseconds: 250 }
  metrics.awsCall({ ...call, outcome: 'ok' })
  metrics.awsCall({ ...call, outcome: 'throttled' })
  expect(await samples()).toEqual(
    expect.arrayContaining([
      'certwright_aws_calls_total{service="acm",operation="ListCertificates",outcome="ok"} 1',
      'certwright_aws_calls_total{service="acm",operation="ListCertificates",outcome="throttled"} 1',
      'certwright_aws_call_duration_seconds_sum{service="acm",operation="ListCertificates"} 0.5',
    ]),
  )
})

it('tells a certificate of three days from one that took longer', async () => {
  const { metrics } = measured()
  metrics.issued(72 * 3_600_000)
  metrics.issued(73 * 3_600_000)
  expect(await metrics.text()).toContain('certwright_certificate_issued_seconds_bucket{le="259200"} 1\n')
})

it('keeps two controllers of one process apart', async () => {
  const [one, other] = [measured(), measured()]
  one.metrics.leader(true)
  expect(
    [await one.samples(), await other.samples()].map((lines) => lines.find((line) => line.includes('leader'))),
  ).toEqual(['certwright_leader 1', 'certwright_leader 0'])
})
