import type { EpochMs } from '../../../clock.ts'
import { draw, type Environment } from '../environment.ts'
import { newTerm, statusOf, type Certificate, type DomainValidation, type FailureReason } from './certificate.ts'
import type { PrivateAuthorities } from '../pca/authorities.ts'
import type { DomainControl } from './domain-control.ts'

const LONGEST_POLL_MS = 5 * 60_000

/**
 * What ACM does with pending certificates by itself: looks for their records in public DNS, checks CAA, issues, fails, or gives up. Nothing
 * is planned on the agenda while nothing is pending.
 */
export class Issuance {
  readonly #environment: Environment
  readonly #domains: DomainControl
  readonly #authorities: PrivateAuthorities
  readonly #pending = new Map<Certificate, EpochMs>()
  readonly #failures = new Map<string, FailureReason>()

  constructor(options: { environment: Environment; domains: DomainControl; authorities: PrivateAuthorities }) {
    this.#environment = options.environment
    this.#domains = options.domains
    this.#authorities = options.authorities
  }

  /** How many certificates are pending. */
  get pending(): number {
    return this.#pending.size
  }

  /** Takes up a certificate that was just requested. */
  begin(certificate: Certificate): void {
    const { random, settings } = this.#environment
    const first =
      certificate.type === 'PRIVATE'
        ? certificate.createdAt + draw(random, settings.privateIssuance)
        : this.#onGrid(Math.max(certificate.createdAt + settings.validationPoll, certificate.createdAt + 1))
    this.#pending.set(certificate, first)
    this.#plan()
  }

  /** Every certificate with `name` fails with `reason` at ACM's next look; `undefined` takes that back. */
  failDomain(name: string, reason: FailureReason | undefined): void {
    if (reason === undefined) this.#failures.delete(name)
    else this.#failures.set(name, reason)
  }

  /** Issues at once, whatever DNS says. */
  issue(certificate: Certificate): void {
    const { clock, ledger, random, settings } = this.#environment
    const at = clock.now()
    for (const domain of certificate.domains) domain.status = 'SUCCESS'
    certificate.status.set(at, 'ISSUED')
    certificate.issuedAt = at
    certificate.attachableAt = at + draw(random, settings.listenerSeesCertificate)
    Object.assign(certificate, newTerm(at, certificate, this.#environment))
    this.#end(certificate)
    ledger.append({ kind: 'certificateIssued', at, by: 'world', ...identity(certificate) })
  }

  fail(certificate: Certificate, reason: FailureReason): void {
    const at = this.#environment.clock.now()
    certificate.status.set(at, 'FAILED')
    certificate.failureReason = reason
    this.#end(certificate)
    this.#environment.ledger.append({ kind: 'certificateFailed', at, by: 'world', reason, ...identity(certificate) })
  }

  #end(certificate: Certificate): void {
    this.#pending.delete(certificate)
    if (this.#pending.size === 0) this.#environment.agenda.cancel('issuance')
  }

  /** Looks at every certificate whose turn has come. */
  #poll(): void {
    const now = this.#environment.clock.now()
    for (const [certificate, at] of this.#pending) {
      if (certificate.deletedAt !== undefined) this.#end(certificate)
      else if (at <= now) this.#look(certificate, now)
    }
    this.#plan()
  }

  #look(certificate: Certificate, now: EpochMs): void {
    if (certificate.type === 'PRIVATE') {
      const reason = certificate.names.map((name) => this.#failures.get(name)).find((given) => given !== undefined)
      const refusal = reason ?? this.#authorities.refusal(certificate)
      if (refusal === undefined) this.issue(certificate)
      else this.fail(certificate, refusal)
      return
    }
    for (const domain of certificate.domains) {
      const reason = this.#failures.get(domain.name)
      if (reason !== undefined) {
        domain.status = 'FAILED'
        this.fail(certificate, reason)
        return
      }
      this.#validate(domain, now)
    }
    if (certificate.domains.every(({ status }) => status === 'SUCCESS')) {
      if (certificate.names.every((name) => this.#domains.caaAllows(name))) this.issue(certificate)
      else this.fail(certificate, 'CAA_ERROR')
      return
    }
    const { validationPoll, validationTimeout } = this.#environment.settings
    const deadline = certificate.createdAt + validationTimeout
    if (now >= deadline) {
      certificate.status.set(now, 'VALIDATION_TIMED_OUT')
      for (const domain of certificate.domains) if (domain.status !== 'SUCCESS') domain.status = 'FAILED'
      this.#end(certificate)
      this.#environment.ledger.append({ kind: 'certificateTimedOut', at: now, by: 'world', ...identity(certificate) })
      return
    }
    const age = now - certificate.createdAt
    const due = certificate.domains.some(({ dueAt, status }) => dueAt !== undefined && status === 'PENDING_VALIDATION')
    const interval = due ? validationPoll : Math.max(validationPoll, Math.min(age / 20, LONGEST_POLL_MS))
    this.#pending.set(certificate, Math.min(this.#onGrid(now + interval), deadline))
  }

  #validate(domain: DomainValidation, now: EpochMs): void {
    if (domain.status === 'SUCCESS') return
    if (!this.#domains.isProven(domain)) {
      domain.dueAt = undefined
      return
    }
    const { random, settings } = this.#environment
    domain.dueAt ??= now + Math.max(0, draw(random, settings.issuance) - settings.validationPoll / 2)
    if (domain.dueAt <= now) domain.status = 'SUCCESS'
  }

  /** Looks fall on common instants, so that any number of pending certificates wakes ACM once. */
  #onGrid(instant: EpochMs): EpochMs {
    const { validationPoll } = this.#environment.settings
    return Math.ceil(instant / validationPoll) * validationPoll
  }

  #plan(): void {
    const { agenda } = this.#environment
    if (this.#pending.size === 0) return
    let next = Infinity
    for (const at of this.#pending.values()) next = Math.min(next, at)
    agenda.set('issuance', next, () => this.#poll())
  }
}

function identity({ arn, account, region, names }: Certificate) {
  return { arn, account, region, names }
}

/** Whether a certificate can be looked up as issued. */
export function isIssued(certificate: Certificate): boolean {
  return statusOf(certificate) === 'ISSUED'
}
