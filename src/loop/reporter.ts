import type { LedgerEntry } from '../core/ledger.ts'
import type { Plan } from '../core/plan.ts'
import type { WishKey } from '../core/wish.ts'
import { MINUTE } from '../core/time.ts'
import type { Clock, EpochMs } from '../clock.ts'
import type { Failure, Observation } from '../core/observation.ts'
import { acmCertificateName } from '../kube/acm-certificate.ts'
import { summary } from '../kube/condition.ts'
import type { Health } from '../telemetry/health.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** Tells the metrics and the probes what each plan shows. */
export class Reporter {
  readonly #metrics: Metrics
  readonly #health: Health
  readonly #clock: Clock
  readonly #asksAws: boolean
  readonly #begun = new Map<WishKey, { at: EpochMs; issued: boolean; attached: boolean }>()

  /** `asksAws`: false where no region is configured, which was said already. */
  constructor(options: { metrics: Metrics; health: Health; clock: Clock; asksAws: boolean }) {
    this.#metrics = options.metrics
    this.#health = options.health
    this.#clock = options.clock
    this.#asksAws = options.asksAws
  }

  /** @returns when time alone changes what is told. */
  planned(plan: Plan, observation: Observation): EpochMs {
    this.#health.beat()
    const counts = new Map<string, { state: string; reason: string; count: number }>()
    for (const { shown } of plan.certificates.values()) {
      const { state, reason } = shown.verdict
      const known = counts.get(`${state}/${reason}`)
      if (known) known.count += 1
      else counts.set(`${state}/${reason}`, { state, reason, count: 1 })
    }
    this.#metrics.certificates(counts.values())
    this.#metrics.policyViolations(plan.violations.map(({ ingress }) => ingress.ref.namespace))
    if (plan.use) this.#metrics.requests(plan.use)
    this.#metrics.expiries(
      [...plan.certificates.values()].flatMap((entry) =>
        entry.shown.expiresAt === undefined
          ? []
          : [{ name: acmCertificateName(entry), domains: summary(entry.names), at: entry.shown.expiresAt }],
      ),
    )
    for (const entry of plan.certificates.values()) this.#time(entry)
    for (const key of this.#begun.keys()) if (!plan.certificates.has(key)) this.#begun.delete(key)
    if (this.#asksAws) this.#health.report('aws', awsTrouble(observation, plan))
    const denials = denialsIn(observation, this.#clock.now())
    this.#health.report('permissions', denied(denials))
    return Math.min(Number.POSITIVE_INFINITY, ...denials.map(({ at }) => at + DENIAL_STANDS_MS))
  }

  /** Only what this process saw begin is timed: after a restart nothing is told twice. */
  #time({ key, shown }: LedgerEntry): void {
    const { state } = shown.verdict
    const known = this.#begun.get(key)
    const issued = shown.expiresAt !== undefined
    const attached = state === 'Ready' || (state === 'RenewalAtRisk' && shown.verdict.reason !== 'NotInUse')
    if (!known) {
      this.#begun.set(key, { at: this.#clock.now(), issued, attached })
      return
    }
    if (issued && !known.issued) this.#metrics.issued(this.#clock.now() - known.at)
    if (attached && !known.attached) this.#metrics.attached(this.#clock.now() - known.at)
    known.issued ||= issued
    known.attached ||= attached
  }
}

/** The looks without which the account is not known. */
const ACCOUNT_LOOKS = ['certificates', 'tags', 'zones', 'loadBalancers']

/** What is denied is tried again within four minutes, and jitter; a failure that is older stands for what nobody wants any more. */
const DENIAL_STANDS_MS = 6 * MINUTE

/** What we may not do, of all that was tried lately, but for the looks and watches that have a line of their own. */
function denialsIn({ failures }: Observation, now: EpochMs): readonly Failure[] {
  const elsewhere = new Set(ACCOUNT_LOOKS.map((look) => `look:${look}`))
  return (
    [...failures]
      .filter(([key, { kind, at }]) => kind === 'denied' && now - at < DENIAL_STANDS_MS && !elsewhere.has(key))
      // Without what we may not know of a private CA it is asked to sign all the same.
      .filter(([key]) => !key.startsWith('watch:') && !key.startsWith('look:authority:'))
      .map(([, failure]) => failure)
  )
}

/** One sentence for all of them. */
function denied(denials: readonly Failure[]): string | undefined {
  const messages = new Set(denials.map(({ message }) => message))
  const [first] = messages
  if (first === undefined) return undefined
  const more = messages.size === 1 ? '' : ` (and ${messages.size - 1} more, see the log)`
  return `${first}${more}; allow it, it is tried again`
}

/** What AWS lacks for us to be ready, in one sentence. */
function awsTrouble(observation: Observation, { looks }: Plan): string | undefined {
  for (const look of ACCOUNT_LOOKS) {
    const failure = observation.failures.get(`look:${look}`)
    if (failure && failure.kind !== 'throttled') return `${failure.message}; it is tried again`
  }
  // Where private CAs sign everything nobody ever looks at zones.
  const zonesKnown = observation.zones !== undefined || !looks.some(({ look }) => look.kind === 'zones')
  if (observation.certificates?.complete && observation.tagsSweptAt !== undefined && zonesKnown) return undefined
  return 'the account is being read; wait'
}
