import type { Clock } from '../../clock.ts'
import type { AwsEvent } from '../aws/ledger.ts'
import type { LawBook } from './book.ts'
import { identityOf, traitsOf } from './identity.ts'
import { isController, type View } from './view.ts'

const HOUR = 3_600_000
/** For one object, counted in what is asked for: repetitions of a failure have rules of their own. */
const MOST_A_DAY = 10

interface End {
  readonly at: number
  readonly how: string
  readonly failures: number
  readonly requestedAt: number
}

interface Wish {
  readonly names: string
  requested: number
  ended: number
  requestedAt: number
  last: End | undefined
}

/**
 * S3: one living certificate for a wish, and no more requests than one and what came to an end; one that was not renewed until its last
 * twelfth is as good as ended. S4: a token, a key and a set of names
 * belong together for ever. Q2: what failed is not requested again before its time.
 */
export class RequestLaws {
  readonly #clock: Clock
  readonly #book: LawBook
  readonly #view: View
  readonly #wishes = new Map<string, Wish>()
  readonly #takenOver = new Set<string>()
  /** How many certificates may be requested in 365 days, and when one was. */
  readonly #yearly: number | undefined
  readonly #ofYear: number[] = []
  /** Those beside which a successor was requested, since ACM had not renewed them. */
  readonly #replaced = new Set<string>()
  readonly #tokens = new Map<string, string>()
  readonly #keys = new Map<string, string>()
  /** What was requested for an object within a day. */
  readonly #byObject = new Map<string, readonly { readonly at: number; readonly identity: string }[]>()
  /** What was sent with each token. */
  readonly #sent = new Map<string, string>()
  /** When somebody last changed an object with this host. */
  readonly #editedAt = new Map<string, number>()
  /** How far wall clocks may be ahead. */
  #ahead = 0

  constructor(options: { clock: Clock; book: LawBook; view: View; yearly?: number | undefined }) {
    this.#yearly = options.yearly
    this.#clock = options.clock
    this.#book = options.book
    this.#view = options.view
  }

  /** A process's wall clock jumps: by it the wait is over sooner. */
  noteJump(milliseconds: number): void {
    this.#ahead += Math.max(0, milliseconds)
  }

  /** A user changed an object with these hosts. */
  noteEdit(hosts: readonly string[]): void {
    for (const host of hosts) this.#editedAt.set(host, this.#clock.monotonic())
  }

  aws(event: AwsEvent): void {
    switch (event.kind) {
      case 'certificateRequested':
        if (isController(event.by)) this.#requested(event)
        return
      case 'certificateFailed':
        this.#ended(event.arn, event.reason)
        return
      case 'certificateTimedOut':
      case 'certificateRevoked':
      case 'certificateExpired':
        this.#ended(event.arn, event.kind)
        return
      case 'certificateDeleted':
        if (event.status === 'PENDING_VALIDATION' || event.status === 'ISSUED')
          this.#ended(event.arn, this.#isWithdrawn(event) ? 'withdrawn' : 'deleted')
        else if (isController(event.by)) this.#retired(event.arn)
        return
      case 'tagsChanged':
        // Somebody took it over: as good as deleted.
        if (this.#view.isDisowned(event.arn) && !isController(event.by)) this.#gone(event.arn)
        return
      case 'call':
      case 'certificateImported':
      case 'certificateIssued':
      case 'certificateRenewed':
      case 'certificateRenewalFailed':
      case 'recordChanged':
      case 'hostedZoneCreated':
      case 'hostedZoneDeleted':
      case 'listenerCreated':
      case 'listenerDeleted':
      case 'listenerCertificateAdded':
      case 'listenerCertificateRemoved':
      case 'loadBalancerCreated':
      case 'loadBalancerDeleted':
    }
  }

  /** What was revoked, and that nothing wished any more, is retired: whoever wishes the same later begins anew. */
  #retired(arn: string): void {
    const identity = this.#view.identityOf(arn)
    const wish = this.#wishes.get(identity)
    const isWished = this.#view.ingresses.some(
      (ingress) => this.#view.isLive(ingress) && identityOf(ingress.hosts, traitsOf(ingress.annotations)) === identity,
    )
    if (wish?.last?.how === 'certificateRevoked' && !isWished) wish.last = undefined
  }

  /** Whether the last certificate for just this failed for a reason that waits for somebody. */
  failed(identity: string): string | undefined {
    const last = this.#wishes.get(identity)?.last
    return last && last.how !== 'deleted' && last.how !== 'withdrawn' ? last.how : undefined
  }

  /** The controller looks at the certificates: it could request what failed. Q2 says that it must not yet. */
  looked(): void {
    for (const ingress of this.#view.ingresses) {
      if (ingress.asks !== 'true' || ingress.paused || !this.#view.isLive(ingress)) continue
      const identity = identityOf(ingress.hosts, traitsOf(ingress.annotations))
      const wish = this.#wishes.get(identity)
      if (wish?.last && wish.requested === wish.ended && this.failed(identity) !== undefined) this.#book.premise('Q2')
    }
  }

  /** S4 of what is sent: ACM answers a token that it knows with the certificate of before, whatever names come with it. */
  asked(sent: { names: readonly string[]; token: string; keyAlgorithm: string; authority: string | undefined }): void {
    const { names, token, keyAlgorithm, authority } = sent
    const asked = identityOf(names, { keyAlgorithm, authority })
    const known = this.#sent.get(token) ?? asked
    this.#sent.set(token, known)
    this.#book.check('S4', token === '' || known === asked, () => `one token was sent for ${asked} and for ${known}`)
  }

  #requested({ arn, names, token = '', tags }: Extract<AwsEvent, { kind: 'certificateRequested' }>): void {
    const book = this.#book
    const id = this.#view.identityOf(arn)
    const { keyTag } = this.#view.subject
    const key = (keyTag === undefined ? undefined : tags[keyTag]) ?? ''
    const pair = (map: Map<string, string>, from: string, to: string) => {
      const known = map.get(from)
      map.set(from, known ?? to)
      return known === undefined || known === to
    }
    book.check('S4', token !== '' && pair(this.#tokens, token, id), () =>
      token === ''
        ? `${id} was requested without a token: an answer that is lost costs another certificate`
        : `one token was used for ${id} and for ${this.#tokens.get(token)}`,
    )
    if (keyTag !== undefined && (!pair(this.#keys, key, id) || !pair(this.#keys, id, key)))
      book.broken('S4', `the key ${key} does not belong to ${id} alone`)
    const wish = this.#wishes.get(id) ?? { names: id, requested: 0, ended: 0, requestedAt: 0, last: undefined }
    this.#wishes.set(id, wish)
    wish.requested += 1
    const living = this.#view.own.filter(
      (other) => other !== arn && this.#view.identityOf(other) === id && isAlive(this.#view.statusOf(other)),
    )
    for (const other of living.filter((each) => this.#isEnding(each) && !this.#replaced.has(each))) {
      this.#replaced.add(other)
      wish.ended += 1
    }
    const alive = living.find((other) => !this.#replaced.has(other))
    book.check(
      'S3',
      alive === undefined,
      () => `${this.#view.label(arn)} was requested beside ${this.#view.label(alive ?? '')}`,
    )
    if (wish.requested > 1 + wish.ended)
      book.broken('S3', `${wish.requested} certificates were requested for ${id}, and ${wish.ended} came to an end`)
    if (wish.last && wish.last.how !== 'deleted') this.#retried(wish, wish.last, names)
    wish.requestedAt = this.#clock.monotonic()
    this.#budgeted(arn)
    const object = tags['certwright.dev/claim']
    if (object !== undefined) this.#flapped(object, id)
  }

  /** Q1: what Amazon signs is counted by the year, whatever became of it. */
  #budgeted(arn: string): void {
    if (this.#yearly === undefined || this.#view.isPrivate(arn)) return
    const now = this.#clock.monotonic()
    this.#ofYear.push(now)
    const count = this.#ofYear.filter((at) => now - at < 365 * 24 * HOUR).length
    this.#book.check(
      'Q1',
      count <= this.#yearly,
      () => `${count} certificates were requested in a year, and ${this.#yearly} are ours`,
    )
  }

  /** Q2: an object whose hosts come and go costs at most ten requests a day, however often they do. */
  #flapped(object: string, identity: string): void {
    const now = this.#clock.monotonic()
    const recent = [
      ...(this.#byObject.get(object) ?? []).filter(({ at }) => now - at < 24 * HOUR),
      { at: now, identity },
    ]
    this.#byObject.set(object, recent)
    const wishes = new Set(recent.map((request) => request.identity)).size
    this.#book.check('Q2', wishes <= MOST_A_DAY, () => `${wishes} certificates were requested for ${object} in a day`)
  }

  #retried(wish: Wish, { at, how, failures, requestedAt }: End, names: readonly string[]): void {
    if (this.#isInterim(names)) return
    const now = this.#clock.monotonic()
    const waited = now - at + this.#ahead
    const edited = names.some((name) => (this.#editedAt.get(name) ?? -1) >= at)
    const least = ((): number => {
      switch (how) {
        case 'certificateExpired':
          return 0
        case 'OTHER':
        case 'certificateTimedOut':
        case 'certificateRevoked':
          // Where nobody wrote down when it ended, the wait counts from its request.
          if (now - requestedAt + this.#ahead >= Math.min(2 ** (failures - 1), 32) * HOUR) return 0
          return Math.min(2 ** (failures - 1), 32) * HOUR
        case 'withdrawn':
        case 'CAA_ERROR':
        case 'SLR_NOT_FOUND':
          return edited ? 0 : 72 * HOUR
        default:
          return edited ? 0 : Number.POSITIVE_INFINITY
      }
    })()
    // What the controller knows of the end is a few seconds off, and one that was found at a restart is dated by its request.
    this.#book.check(
      'Q2',
      waited * 1.01 >= least - HOUR / 10,
      () =>
        `${wish.names} was requested again ${Math.round(waited / 1_000)} s after ${how === 'withdrawn' ? 'it was deleted, still wanted, while ACM was validating it' : how}`,
    )
  }

  /** D4: names that validated on a certificate that waits for others get one of their own, whatever became of an earlier one. */
  #isInterim(names: readonly string[]): boolean {
    return this.#view.own.some((arn) => {
      if (this.#view.statusOf(arn) !== 'PENDING_VALIDATION' || this.#view.namesOf(arn).length <= names.length)
        return false
      const validated = this.#view.validated(arn)
      return names.every((name) => validated.includes(name))
    })
  }

  /** The controller took a pending certificate away that an Ingress still asked for: ACM would have gone on for 72 hours. */
  #isWithdrawn({ by, status, arn }: Extract<AwsEvent, { kind: 'certificateDeleted' }>): boolean {
    if (!isController(by) || status !== 'PENDING_VALIDATION') return false
    return this.#view.ingresses.some(
      (ingress) => this.#view.isLive(ingress) && ingress.asks === 'true' && this.#view.isFor(arn, ingress),
    )
  }

  #gone(arn: string): void {
    if (this.#takenOver.has(arn)) return
    this.#takenOver.add(arn)
    const status = this.#view.statusOf(arn)
    if (status === 'PENDING_VALIDATION' || status === 'ISSUED') this.#end(arn, 'deleted')
  }

  /** Nearly all of its time is over, and ACM has not renewed it. */
  #isEnding(arn: string): boolean {
    const term = this.#view.termOf(arn)
    return term !== undefined && (term.notAfter - this.#clock.now()) * 12 <= term.notAfter - term.notBefore
  }

  #ended(arn: string, how: string): void {
    if (this.#view.isOurs(arn) && !this.#replaced.has(arn)) this.#end(arn, how)
  }

  #end(arn: string, how: string): void {
    const wish = this.#wishes.get(this.#view.identityOf(arn))
    if (!wish) return
    if (how !== 'withdrawn') wish.ended += 1
    wish.last = {
      at: this.#clock.monotonic(),
      how,
      requestedAt: wish.requestedAt,
      failures: (wish.last?.failures ?? 0) + (how === 'deleted' || how === 'withdrawn' ? 0 : 1),
    }
  }
}

function isAlive(status: string | undefined): boolean {
  return status === 'PENDING_VALIDATION' || status === 'ISSUED'
}
