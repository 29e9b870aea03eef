import type { EpochMs } from '../../../clock.ts'
import { draw, type Environment } from '../environment.ts'
import type { AwsEvent } from '../ledger.ts'
import { inUseBy, newTerm, type Certificate, type Renewal } from './certificate.ts'
import type { PrivateAuthorities } from '../pca/authorities.ts'
import type { DomainControl } from './domain-control.ts'
import type { CertificateStore } from './store.ts'

type Obstacle = Extract<AwsEvent, { kind: 'certificateRenewalFailed' }>['reason']

/** An issued certificate on its way to the end of its term. */
interface Watch {
  readonly certificate: Certificate
  /** When something is to be done about it next. */
  at: EpochMs
  /** When a renewal that was begun is tried, or was tried first. */
  dueAt?: EpochMs | undefined
  /** What was last in its way, told once. */
  obstacle?: Obstacle | undefined
}

/**
 * Managed renewal, and the end of what is not renewed. ACM begins `renewalLead` before the end of a term, if a service uses the certificate,
 * and renews it under its ARN if every validation record is still there and CAA allows it; else it tries again hourly. Here it sleeps until a
 * date on which something is due, or until the world changed so that another try may turn out differently: never hour by hour.
 */
export class Renewals {
  readonly #environment: Environment
  readonly #certificates: CertificateStore
  readonly #domains: DomainControl
  readonly #authorities: PrivateAuthorities
  readonly #watches = new Map<string, Watch>()
  #next: EpochMs = Infinity

  constructor(options: {
    environment: Environment
    certificates: CertificateStore
    domains: DomainControl
    authorities: PrivateAuthorities
  }) {
    this.#environment = options.environment
    this.#certificates = options.certificates
    this.#domains = options.domains
    this.#authorities = options.authorities
    options.environment.ledger.subscribe((event) => this.#hear(event))
  }

  /** Something changed that may let a renewal succeed which did not: each is tried again at its next hour. */
  reconsider(only?: string): void {
    const { dnsPropagation, inUseNotice } = this.#environment.settings
    const from = this.#environment.clock.now() + (only === undefined ? dnsPropagation[1] : inUseNotice[1])
    for (const [arn, watch] of this.#watches) {
      if (watch.obstacle !== undefined && (only === undefined || arn === only))
        this.#plan(watch, this.#hourOf(watch, from))
    }
  }

  #hear(event: AwsEvent): void {
    switch (event.kind) {
      case 'certificateIssued':
      case 'certificateImported': {
        const certificate = this.#certificates.get(event.arn)
        if (certificate) this.#follow(certificate)
        return
      }
      case 'certificateDeleted':
      case 'certificateRevoked':
      case 'certificateExpired':
        this.#forget(event.arn)
        return
      case 'recordChanged':
      case 'hostedZoneCreated':
      case 'hostedZoneDeleted':
        this.reconsider()
        return
      case 'listenerCertificateAdded':
        this.reconsider(event.certificateArn)
        return
      case 'call':
      case 'certificateRequested':
      case 'certificateRenewed':
      case 'certificateRenewalFailed':
      case 'certificateFailed':
      case 'certificateTimedOut':
      case 'tagsChanged':
      case 'loadBalancerCreated':
      case 'loadBalancerDeleted':
      case 'listenerCreated':
      case 'listenerDeleted':
      case 'listenerCertificateRemoved':
    }
  }

  #follow(certificate: Certificate): void {
    const { notBefore, notAfter } = certificate
    if (notBefore === undefined || notAfter === undefined) return
    const watch: Watch = { certificate, at: Infinity }
    this.#watches.set(certificate.arn, watch)
    // A world that is set to short terms still has a time in which nothing is renewed.
    const { privateRenewalLead, renewalLead } = this.#environment.settings
    const lead = Math.min(certificate.type === 'PRIVATE' ? privateRenewalLead : renewalLead, (notAfter - notBefore) / 2)
    this.#plan(watch, certificate.type === 'IMPORTED' ? notAfter : notAfter - lead)
  }

  #forget(arn: string): void {
    this.#watches.delete(arn)
    if (this.#watches.size > 0) return
    this.#next = Infinity
    this.#environment.agenda.cancel('renewals')
  }

  #plan(watch: Watch, at: EpochMs): void {
    watch.at = Math.min(at, watch.certificate.notAfter ?? Infinity)
    if (watch.at >= this.#next) return
    this.#next = watch.at
    this.#environment.agenda.set('renewals', watch.at, () => this.#rouse())
  }

  #rouse(): void {
    const now = this.#environment.clock.now()
    this.#next = Infinity
    const due = [...this.#watches.values()].filter(({ at }) => at <= now)
    for (const watch of due) this.#visit(watch, now)
    for (const watch of this.#watches.values()) this.#plan(watch, watch.at)
  }

  #visit(watch: Watch, now: EpochMs): void {
    const { certificate } = watch
    const { notAfter = Infinity } = certificate
    if (now >= notAfter) {
      this.#expire(certificate, now)
      return
    }
    const obstacle = this.#obstacleOf(certificate, now)
    if (obstacle === 'NOT_IN_USE') {
      // Nothing is even begun for a certificate that no service uses.
      watch.dueAt = undefined
      this.#failed(watch, obstacle, now)
      return
    }
    if (watch.dueAt === undefined) {
      watch.dueAt = now + draw(this.#environment.random, this.#environment.settings.renewal)
      certificate.renewal = { status: 'PENDING_AUTO_RENEWAL', updatedAt: now, unproven: this.#unproven(certificate) }
    }
    if (now < watch.dueAt) this.#plan(watch, watch.dueAt)
    else if (obstacle === undefined) this.#renew(certificate, now)
    else this.#failed(watch, obstacle, now)
  }

  #obstacleOf(certificate: Certificate, now: EpochMs): Obstacle | undefined {
    if (inUseBy(certificate, now).length === 0) return 'NOT_IN_USE'
    if (certificate.type === 'PRIVATE') return this.#authorities.renewalRefusal(certificate)
    if (this.#unproven(certificate).size > 0) return 'PENDING_DOMAIN_VALIDATION'
    return certificate.names.every((name) => this.#domains.caaAllows(name)) ? undefined : 'CAA_ERROR'
  }

  #unproven({ domains }: Certificate): ReadonlySet<string> {
    return new Set(domains.filter((domain) => !this.#domains.isProven(domain)).map(({ name }) => name))
  }

  #failed(watch: Watch, obstacle: Obstacle, now: EpochMs): void {
    const { certificate } = watch
    if (obstacle !== 'NOT_IN_USE') {
      const renewal: Renewal = {
        status: 'PENDING_VALIDATION',
        updatedAt: now,
        unproven: this.#unproven(certificate),
        ...(obstacle === 'CAA_ERROR' ? { reason: obstacle } : {}),
      }
      certificate.renewal = renewal
    }
    if (watch.obstacle !== obstacle) {
      watch.obstacle = obstacle
      const { arn, account, region, names } = certificate
      this.#environment.ledger.append({
        kind: 'certificateRenewalFailed',
        at: now,
        by: 'world',
        reason: obstacle,
        arn,
        account,
        region,
        names,
      })
    }
    this.#plan(watch, certificate.notAfter ?? Infinity)
  }

  #renew(certificate: Certificate, now: EpochMs): void {
    const { notBefore = now, notAfter = now, serial = '' } = certificate
    certificate.superseded = { term: { notBefore, notAfter, serial }, at: now }
    const term = newTerm(now, certificate, this.#environment)
    Object.assign(certificate, term)
    if (this.#environment.settings.readings.issuedAtOfRenewed === 'renewal') certificate.issuedAt = now
    certificate.renewal = { status: 'SUCCESS', updatedAt: now, unproven: new Set() }
    this.#follow(certificate)
    const { arn, account, region, names } = certificate
    const { ledger } = this.#environment
    ledger.append({
      kind: 'certificateRenewed',
      at: now,
      by: 'world',
      notAfter: term.notAfter,
      arn,
      account,
      region,
      names,
    })
  }

  #expire(certificate: Certificate, now: EpochMs): void {
    const { arn, account, region, names, renewal } = certificate
    certificate.status.set(now, 'EXPIRED')
    if (renewal && renewal.status !== 'SUCCESS') certificate.renewal = { ...renewal, status: 'FAILED', updatedAt: now }
    this.#environment.ledger.append({ kind: 'certificateExpired', at: now, by: 'world', arn, account, region, names })
  }

  /** The first of a renewal's tries, which come hourly from the first, that is not before `from`. */
  #hourOf({ dueAt }: Watch, from: EpochMs): EpochMs {
    const { renewalRetry } = this.#environment.settings
    if (dueAt === undefined) return Math.ceil(from / renewalRetry) * renewalRetry
    return dueAt + Math.ceil(Math.max(0, from - dueAt) / renewalRetry) * renewalRetry
  }
}
