import type { Clock } from '../../clock.ts'
import type { AwsEvent, Tags } from '../aws/ledger.ts'
import type { SimulatedAws } from '../aws/world.ts'
import { isObject } from '../kube/json.ts'
import type { LedgerEntry } from '../kube/ledger.ts'
import type { LawBook } from './book.ts'
import type { IngressView, View } from './view.ts'

const MINUTE = 60_000
/** Somebody who deletes the ledger may do it between what is stored and what rests on it. */
const LOST_MS = 10 * MINUTE

/**
 * S8: whenever the process dies, what is stored and what is in the cloud is enough to go on. A request was stored before it was sent, and
 * its certificate says by its tags whose it is, and which attempt; an annotation says by its field manager that it is ours.
 */
export class StoredLaw {
  readonly #clock: Clock
  readonly #book: LawBook
  readonly #view: View
  readonly #aws: SimulatedAws
  /** The attempt that is stored for each key. */
  readonly #attempts = new Map<string, number>()
  /** Cluster and owner, as the first request had them. */
  #whose: string | undefined
  #lostAt = Number.NEGATIVE_INFINITY

  constructor(options: { clock: Clock; book: LawBook; view: View; aws: SimulatedAws }) {
    this.#clock = options.clock
    this.#book = options.book
    this.#view = options.view
    this.#aws = options.aws
  }

  /** After each write of an ACMCertificate. */
  ledger({ before, after, userAgent }: LedgerEntry): void {
    const spec = (after ?? before)?.spec
    const key = isObject(spec) && typeof spec.key === 'string' ? spec.key : undefined
    if (key === undefined) return
    if (after) {
      const status = isObject(after.status) ? after.status : {}
      if (typeof status.attempt === 'number') this.#attempts.set(key, status.attempt)
      return
    }
    this.#attempts.delete(key)
    if (!userAgent.startsWith('certwright/')) this.#lostAt = this.#clock.monotonic()
  }

  /** After each request of ours. */
  requested({ arn, tags }: Extract<AwsEvent, { kind: 'certificateRequested' }>): void {
    const label = this.#view.label(arn)
    this.#book.check('S8', isComplete(tags), () => `${label} does not say by its tags whose it is and which attempt`)
    const whose = `${tags['certwright.dev/cluster']} ${tags['certwright.dev/owner']}`
    this.#whose ??= whose
    if (whose !== this.#whose)
      this.#book.broken('S8', `${label} says that it is of ${whose}, and we are ${this.#whose}`)
    if (this.#clock.monotonic() - this.#lostAt < LOST_MS) return
    const stored = this.#attempts.get(tags['certwright.dev/key'] ?? '') ?? 0
    const attempt = Number(tags['certwright.dev/attempt'])
    this.#book.check('S8', stored >= attempt, () => `${label} is attempt ${attempt}, and ${stored} is stored`)
  }

  /** After each write of ours on an Ingress. */
  published(after: IngressView): void {
    if (after.listed.length === 0) return
    this.#book.check('S8', after.annotationIsOurs, () => `nothing says that the annotation of ${after.key} is ours`)
  }

  /** When a process dies: all that it has asked for is found again by whoever comes next. */
  died(): void {
    for (const arn of this.#view.own) {
      const tags = this.#aws.certificate(arn)?.tags
      this.#book.check('S8', tags !== undefined && isComplete(tags), () => `nobody would know ${this.#view.label(arn)}`)
    }
  }
}

function isComplete(tags: Tags): boolean {
  return ['cluster', 'owner', 'key', 'attempt'].every((name) => tags[`certwright.dev/${name}`] !== undefined)
}
