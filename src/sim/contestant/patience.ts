import type { Clock } from '../../clock.ts'
import { DEFAULT_ACCOUNT } from '../aws/accounts.ts'
import { validationRecord } from '../aws/acm/certificate.ts'
import { normalise } from '../aws/route53/names.ts'
import type { Zone } from '../aws/route53/zone.ts'
import type { EmbeddedWorld } from '../embedded.ts'
import type { Court } from '../laws/court.ts'
import { type IngressView, isOptedIn } from '../laws/view.ts'
import type { Finding } from './trial.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** Five times what a certificate takes here from a user's edit until it is served. */
const SERVED_WITHIN_MS = 20 * MINUTE
/** LAWS says 5 s for the first action; ACM's and Kubernetes' delays come on top. */
const BEGUN_WITHIN_MS = 60 * SECOND
/** LAWS says a minute where ACM waits; ACM takes up to half a minute to say which record it wants. */
const RECORD_WITHIN_MS = 120 * SECOND
/** One check of the records, and a little. */
const RECORD_BACK_WITHIN_MS = 65 * MINUTE
const DELETED_WITHIN_MS = 20 * MINUTE
const USED_WITHIN_MS = 120 * MINUTE

/**
 * What must happen within some time, asked from the worlds every few seconds: L1, L3: a name is served; L8: something is begun for it; D3: records are there;
 * L2: an object that was deleted goes.
 */
export class Patience {
  readonly #clock: Clock
  readonly #court: Court
  readonly #world: EmbeddedWorld
  readonly #hopeless: readonly string[]
  readonly #broken: (law: Finding['law'], sentence: string) => void
  readonly #since = new Map<string, number>()
  readonly #said = new Set<string>()
  /** Certificates that a listener once had. */
  readonly #used = new Set<string>()

  constructor(options: {
    clock: Clock
    court: Court
    world: EmbeddedWorld
    hopeless: readonly string[]
    broken: (law: Finding['law'], sentence: string) => void
  }) {
    this.#clock = options.clock
    this.#court = options.court
    this.#world = options.world
    this.#hopeless = options.hopeless
    this.#broken = options.broken
  }

  ask(): void {
    const standing = new Set<string>()
    for (const ingress of this.#court.view.ingresses) {
      if (ingress.deleting) this.#askGone(ingress, standing)
      else if (isOptedIn(ingress) && ingress.balanced && ingress.httpsPorts.length > 0)
        this.#askServed(ingress, standing)
    }
    for (const arn of this.#court.view.own) {
      this.#askRecords(arn, standing)
      this.#askUsed(arn, standing)
    }
    for (const what of this.#since.keys()) if (!standing.has(what)) this.#since.delete(what)
  }

  #askServed(ingress: IngressView, standing: Set<string>): void {
    const { served, view } = this.#court
    for (const host of ingress.hosts) {
      if (this.#hopeless.includes(host) || view.zonesOf(host).length === 0) continue
      const what = `${host} of ${ingress.key}`
      if (!view.own.some((arn) => view.covers(arn, host))) {
        this.#after(
          BEGUN_WITHIN_MS,
          `${what} begun`,
          standing,
          'L8',
          (waited) => `nothing was begun for ${what} in the ${waited} since it was asked for`,
        )
      }
      if (served.unservedFor(ingress, host) === 0) continue
      const law = this.#hopeless.length > 0 ? 'L3' : 'L1'
      this.#after(
        SERVED_WITHIN_MS,
        `${what} served`,
        standing,
        law,
        (waited) => `${what} has not been served for ${waited}`,
      )
    }
  }

  #askGone(ingress: IngressView, standing: Set<string>): void {
    this.#after(
      DELETED_WITHIN_MS,
      `${ingress.key} gone`,
      standing,
      'L2',
      (waited) => `${ingress.key} was deleted ${waited} ago, and is still there`,
    )
  }

  #askRecords(arn: string, standing: Set<string>): void {
    const { retirement, view } = this.#court
    const status = view.statusOf(arn)
    const isPending = status === 'PENDING_VALIDATION'
    if (!isPending && status !== 'ISSUED') return
    const isNeeded = retirement.neededBy(arn) !== undefined
    if (!isNeeded && (isPending || !view.isAttached(arn))) return
    for (const name of view.namesOf(arn)) {
      if (isPending && this.#hopeless.includes(name)) continue
      if (this.#hasRecord(name)) continue
      const patience = isPending ? RECORD_WITHIN_MS : RECORD_BACK_WITHIN_MS
      this.#after(patience, `${arn} ${name} ${status}`, standing, 'D3', (waited) =>
        isPending
          ? `ACM has waited ${waited} for the record of ${name} on ${view.label(arn)}, and nobody writes it`
          : `the record of ${name}, without which ${view.label(arn)} is not renewed, has been missing for ${waited}`,
      )
    }
  }

  /** In any of the public zones that could answer for it; true where there is none. */
  #hasRecord(name: string): boolean {
    const ids = this.#court.view.zonesOf(name).map(({ id }) => id)
    const zones = this.#world.aws.hostedZones().filter(({ id }) => ids.includes(id))
    const record = validationRecord(DEFAULT_ACCOUNT, name)
    const found = (zone: Zone) => zone.get(normalise(record.name), 'CNAME')?.values[0]?.replace(/\.$/, '')
    return zones.length === 0 || zones.some((zone) => found(zone) === record.value)
  }

  /** L2: what no listener gets was requested for nothing. */
  #askUsed(arn: string, standing: Set<string>): void {
    const { view } = this.#court
    if (!view.isHealthy(arn)) return
    if (view.isAttached(arn)) this.#used.add(arn)
    if (this.#used.has(arn)) return
    this.#after(
      USED_WITHIN_MS,
      `${arn} used`,
      standing,
      'L2',
      (waited) => `${view.label(arn)} was issued ${waited} ago, and no listener was ever given it`,
    )
  }

  /** Says once what has stood so for longer than `patience`. */
  #after(
    patience: number,
    what: string,
    standing: Set<string>,
    law: Finding['law'],
    sentence: (waited: string) => string,
  ): void {
    standing.add(what)
    const now = this.#clock.monotonic()
    const since = this.#since.get(what) ?? now
    this.#since.set(what, since)
    if (now - since <= patience || this.#said.has(what)) return
    this.#said.add(what)
    const waited = now - since
    this.#broken(
      law,
      sentence(waited < 5 * MINUTE ? `${Math.round(waited / SECOND)} s` : `${Math.round(waited / MINUTE)} min`),
    )
  }
}
