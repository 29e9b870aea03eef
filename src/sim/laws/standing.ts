import type { Clock } from '../../clock.ts'
import { validationRecord } from '../aws/acm/certificate.ts'
import { normalise } from '../aws/route53/names.ts'
import type { SimulatedAws } from '../aws/world.ts'
import type { LawBook } from './book.ts'
import { type IngressView, isOptedIn, type View } from './view.ts'

const MINUTE = 60_000
/** D4: a name may be late for so long before its neighbours get a certificate of their own. */
const BLAST_MS = 15 * MINUTE
/** D3: a record for which ACM waits is looked at each minute, and written at once. */
const RECORD_MS = 5 * MINUTE
/** How many may sleep on the clock in a world without objects: watches, elections, actors, the agenda of AWS. */
const SLEEPERS_AT_LEAST = 70
const SLEEPERS_PER_OBJECT = 6

/** Laws on how things stand, asked now and then: D3, D4 and R1. */
export class StandingLaws {
  readonly #clock: Clock & { readonly sleeping: number }
  readonly #book: LawBook
  readonly #view: View
  readonly #aws: SimulatedAws
  /** When a name of a pending certificate was first seen to have validated. */
  readonly #validatedAt = new Map<string, number>()
  /** Since when the record of a pending certificate's name is not there. */
  readonly #missingSince = new Map<string, number>()

  constructor(options: {
    clock: Clock & { readonly sleeping: number }
    book: LawBook
    view: View
    aws: SimulatedAws
  }) {
    this.#clock = options.clock
    this.#book = options.book
    this.#view = options.view
    this.#aws = options.aws
  }

  /** R1: whoever waits for something waits for an object's sake. */
  bounds(): void {
    const objects = this.#view.ingresses.length + this.#view.own.length + this.#aws.loadBalancers.all.length
    const most = SLEEPERS_AT_LEAST + SLEEPERS_PER_OBJECT * objects
    const { sleeping } = this.#clock
    this.#book.check('R1', sleeping <= most, () => `${sleeping} wait on the clock for the sake of ${objects} objects`)
  }

  /**
   * D4: a name that has not validated for 15 min is not in the only certificate of names that did.
   * @param isExpected whether anything can be expected for this object.
   */
  blast(isExpected: (ingress: IngressView) => boolean): void {
    const now = this.#clock.monotonic()
    for (const arn of this.#view.own) {
      const certificate = this.#aws.certificate(arn)
      if (!certificate || this.#view.statusOf(arn) !== 'PENDING_VALIDATION') continue
      for (const { name, status } of certificate.domains)
        if (status === 'SUCCESS' && !this.#validatedAt.has(`${arn} ${name}`))
          this.#validatedAt.set(`${arn} ${name}`, now)
      const age = this.#clock.now() - certificate.createdAt
      const late = certificate.domains.filter(({ status }) => status !== 'SUCCESS').map(({ name }) => name)
      if (age < BLAST_MS + MINUTE || late.length === 0 || !this.#isWished(certificate.names, isExpected)) continue
      for (const { name, status } of certificate.domains) {
        if (status !== 'SUCCESS') continue
        if (now - (this.#validatedAt.get(`${arn} ${name}`) ?? now) < BLAST_MS + MINUTE) continue
        this.#book.check(
          'D4',
          this.#view.own.some((other) => other !== arn && this.#standsAlone(other, name, late)),
          () => `${name} validated, and waits on ${this.#view.label(arn)} for ${late.join(', ')}`,
        )
      }
    }
  }

  /**
   * D3: a record for which ACM waits is back within minutes.
   * @param calmMs for how long the controller could see and do what it should.
   */
  records(calmMs: number, isExpected: (ingress: IngressView) => boolean): void {
    const now = this.#clock.monotonic()
    for (const arn of this.#view.own) {
      const certificate = this.#aws.certificate(arn)
      if (!certificate || this.#view.statusOf(arn) !== 'PENDING_VALIDATION') continue
      for (const { name, status } of certificate.domains) {
        const key = `${arn} ${name}`
        const [best, second] = this.#view.zonesOf(name)
        const isPlain = best !== undefined && best.name !== second?.name
        const zone = this.#aws.hostedZones().find(({ id }) => id === best?.id)
        const record = validationRecord(certificate.account, name)
        if (!isPlain || !zone || status === 'SUCCESS' || zone.get(normalise(record.name), 'CNAME')) {
          this.#missingSince.delete(key)
          continue
        }
        const since = this.#missingSince.get(key) ?? now
        this.#missingSince.set(key, since)
        if (!this.#isWished(certificate.names, isExpected)) continue
        this.#book.check(
          'D3',
          Math.min(now - since, calmMs) <= RECORD_MS,
          () => `ACM waits for the record of ${name}, which has been missing for ${(now - since) / MINUTE} min`,
        )
      }
    }
  }

  #isWished(names: readonly string[], isExpected: (ingress: IngressView) => boolean): boolean {
    const id = [...names].sort().join()
    return this.#view.ingresses.some(
      (ingress) => isOptedIn(ingress) && ingress.hosts.join() === id && isExpected(ingress),
    )
  }

  #standsAlone(arn: string, name: string, late: readonly string[]): boolean {
    const status = this.#view.statusOf(arn)
    if (status === 'ISSUED') return this.#view.covers(arn, name)
    const names = this.#view.namesOf(arn)
    return status === 'PENDING_VALIDATION' && names.includes(name) && !names.some((each) => late.includes(each))
  }
}
