import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Clock, EpochMs } from '../clock.ts'

/** `ok`, or the class of the error as the edge classified it: `throttled`, `transient`, `denied`, `notFound`, … */
export type Outcome = string

/** What the controller tells of itself to Prometheus. The names are final: dashboards and alerts rest on them. */
export interface Metrics {
  /** All certificates, counted by state and reason; replaces what was said before. */
  certificates(counts: Iterable<{ state: string; reason: string; count: number }>): void
  /** The requests of the last 365 days, this cluster's and what the account shows, and how many this cluster may make. */
  requests(use: { own: number; account: number; budget: number }): void
  /** How many names of each namespace no policy allows it; replaces what was said before. */
  policyViolations(namespaces: Iterable<string>): void
  /** All expiry dates, by name of the ACMCertificate; replaces what was said before. */
  expiries(dates: Iterable<{ name: string; domains: string; at: EpochMs }>): void
  /** A certificate was issued `milliseconds` after its wish first stood. */
  issued(milliseconds: number): void
  /** A certificate was first seen served `milliseconds` after its wish first stood. */
  attached(milliseconds: number): void
  /** One answer, or none, of an AWS API. */
  awsCall(call: { service: string; operation: string; outcome: Outcome; milliseconds: number }): void
  /** A fact was seen whole by a look begun at `at`; its age grows by itself until the next. */
  observed(fact: string, at: EpochMs): void
  leader(leading: boolean): void
  planned(milliseconds: number): void
  action(done: { kind: string; outcome: Outcome }): void
  /** How many lanes of each kind have an action under way or waiting for its backoff; replaces what was said before. */
  lanesBusy(counts: Iterable<{ kind: string; count: number }>): void
  readonly contentType: string
  /** Everything, in Prometheus' text format. */
  text(): Promise<string>
}

const MINUTE = 60
const HOUR = 60 * MINUTE

/** Up to the 72 h for which ACM keeps trying. */
const LIFE_BUCKETS = [5, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE].concat(
  [1, 3, 6, 12, 24, 48, 72].map((hours) => hours * HOUR),
)
const CALL_BUCKETS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const PLAN_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1]

export interface MetricsOptions {
  readonly clock: Clock
  readonly version: string
  readonly nodeVersion: string
  /** Also tell of this process: memory, CPU, event loop. */
  readonly process?: boolean
}

export function createMetrics(options: MetricsOptions): Metrics {
  const { clock, version, nodeVersion } = options
  const registers = [new Registry()] as const
  const [registry] = registers
  const gauge = <T extends string>(
    name: string,
    help: string,
    labelNames: readonly T[],
    collect?: (this: Gauge<T>) => void,
  ) =>
    new Gauge({
      name: `certwright_${name}`,
      help,
      labelNames,
      registers: [...registers],
      ...(collect ? { collect } : {}),
    })
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Counter({ name: `certwright_${name}`, help, labelNames, registers: [...registers] })
  const histogram = <T extends string>(name: string, help: string, buckets: number[], labelNames: readonly T[]) =>
    new Histogram({ name: `certwright_${name}`, help, buckets, labelNames, registers: [...registers] })

  // What each plan says anew is kept as it is said, and becomes samples only when somebody asks for them.
  let states: readonly { state: string; reason: string; count: number }[] = []
  gauge('certificates', 'Certificates by state and reason.', ['state', 'reason'], function () {
    this.reset()
    for (const { state, reason, count } of states) this.inc({ state, reason }, count)
  })
  const requests = gauge(
    'yearly_requests',
    'Certificates requested in 365 days: by this cluster, by the account as far as it shows, and how many this cluster may request.',
    ['of'],
  )
  let violations: readonly string[] = []
  gauge(
    'policy_violations',
    'Names that are asked for and that no CertificatePolicy allows.',
    ['namespace'],
    function () {
      this.reset()
      for (const namespace of violations) this.inc({ namespace })
    },
  )
  let expiries: readonly { name: string; domains: string; at: EpochMs }[] = []
  gauge(
    'certificate_expiry_timestamp_seconds',
    'When the certificate expires, as a Unix time.',
    ['name', 'domains'],
    function () {
      this.reset()
      for (const { name, domains, at } of expiries) this.set({ name, domains }, at / 1_000)
    },
  )
  const issued = histogram('certificate_issued_seconds', 'From a wish to its issued certificate.', LIFE_BUCKETS, [])
  const attached = histogram(
    'certificate_attached_seconds',
    'From a wish to its certificate being served.',
    LIFE_BUCKETS,
    [],
  )
  const calls = counter(
    'aws_calls_total',
    'Calls to AWS; outcome is ok or the class of the error, such as throttled or denied.',
    ['service', 'operation', 'outcome'],
  )
  const callSeconds = histogram('aws_call_duration_seconds', 'How long calls to AWS took.', CALL_BUCKETS, [
    'service',
    'operation',
  ])
  const seenAt = new Map<string, EpochMs>()
  gauge('observation_age_seconds', 'How old what is known of the world is, by fact.', ['fact'], function () {
    for (const [fact, at] of seenAt) this.set({ fact }, Math.max(0, clock.now() - at) / 1_000)
  })
  const leader = gauge('leader', '1 while this process holds the lease and acts, else 0.', [])
  const planSeconds = histogram(
    'plan_duration_seconds',
    'How long one plan over the whole world took.',
    PLAN_BUCKETS,
    [],
  )
  const actions = counter('actions_total', 'Actions performed; outcome is ok or the class of the error.', [
    'kind',
    'outcome',
  ])
  let lanes: readonly { kind: string; count: number }[] = []
  gauge(
    'lanes_busy',
    'Lanes in which an action is under way or waits for its backoff, by kind.',
    ['kind'],
    function () {
      this.reset()
      for (const { kind, count } of lanes) this.inc({ kind }, count)
    },
  )
  gauge('build_info', 'The version that runs, and on what; always 1.', ['version', 'node']).set(
    { version, node: nodeVersion },
    1,
  )
  leader.set(0)
  if (options.process) collectDefaultMetrics({ register: registry })

  return {
    certificates: (counts) => void (states = [...counts]),
    requests({ own, account, budget }) {
      requests.set({ of: 'cluster' }, own)
      requests.set({ of: 'account' }, account)
      requests.set({ of: 'budget' }, budget)
    },
    policyViolations: (namespaces) => void (violations = [...namespaces]),
    expiries: (dates) => void (expiries = [...dates]),
    issued: (milliseconds) => issued.observe(milliseconds / 1_000),
    attached: (milliseconds) => attached.observe(milliseconds / 1_000),
    awsCall({ service, operation, outcome, milliseconds }) {
      calls.inc({ service, operation, outcome })
      callSeconds.observe({ service, operation }, milliseconds / 1_000)
    },
    observed: (fact, at) => void seenAt.set(fact, at),
    leader: (leading) => leader.set(leading ? 1 : 0),
    planned: (milliseconds) => planSeconds.observe(milliseconds / 1_000),
    action: ({ kind, outcome }) => actions.inc({ kind, outcome }),
    lanesBusy: (counts) => void (lanes = [...counts]),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}
