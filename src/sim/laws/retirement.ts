import type { Clock } from '../../clock.ts'
import type { LawBook } from './book.ts'
import { isOptedIn, type View } from './view.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** What is needed for so long must have been noticed, whatever broke meanwhile; what is needed for a shorter time may have gone unseen. */
const NOTICED_MS = 10 * MINUTE

/** What lasts less may never have been seen at all. */
const UNSEEN_MS = 5 * SECOND
/** What was needed at the read that the deletion rests on. */
const READ_MS = 10 * SECOND

interface Unneeded {
  readonly since: number
  /** No host of it was live when it became so. */
  readonly namesGone: boolean
  /** No host of it was live then, or at some time since. */
  everGone: boolean
}

interface Need {
  since: number
  why: string
  /** What it was before. */
  readonly before: Unneeded | undefined
}

/**
 * S6: a certificate goes only when nothing needs it, nothing carries it, and its grace is over. S7: a mass retirement stops until a person
 * lets it go on.
 */
export class RetirementLaws {
  readonly #clock: Clock
  readonly #book: LawBook
  readonly #view: View
  readonly #retireAfter: number
  readonly #retireBrake: boolean
  readonly #needed = new Map<string, Need>()
  readonly #attachedSince = new Map<string, number>()
  /** When a need that had been noticed ended. */
  readonly #lastNeeded = new Map<string, number>()
  readonly #unneeded = new Map<string, Unneeded>()
  readonly #approved = new Set<string>()
  /** Of these the ledger still says so. */
  readonly #remembered = new Set<string>()
  #jumped = 0
  #hiddenAt = Number.NEGATIVE_INFINITY
  /** Those that we deleted, since when they were unneeded, and whether nobody had approved. */
  readonly #deleted = new Map<string, Unneeded & { readonly unapproved: boolean }>()
  readonly #massed = new Set<string>()

  constructor(options: { clock: Clock; book: LawBook; view: View; retireAfter: number; retireBrake: boolean }) {
    this.#clock = options.clock
    this.#book = options.book
    this.#view = options.view
    this.#retireAfter = options.retireAfter
    this.#retireBrake = options.retireBrake
  }

  /** A person released the brake for these. */
  approve(arns: readonly string[]): void {
    for (const arn of arns) {
      this.#approved.add(arn)
      this.#remembered.add(arn)
    }
  }

  /** Whether so many became unneeded with it, because their names were gone, that the brake may hold it. */
  mayBeBraked(arn: string): boolean {
    // Behind a list that lies many seem to be gone, and what is really gone stays braked with them.
    const since = this.#unneeded.get(arn)?.since ?? Number.POSITIVE_INFINITY
    return (this.#massed.has(arn) || this.#hiddenAt >= since - HOUR) && !this.#remembered.has(arn)
  }

  /** The controller counts in days by its wall clock: a jump ahead shortens a grace, and nothing in a process that was restarted could tell. */
  noteJump(milliseconds: number): void {
    this.#jumped = Math.max(this.#jumped, this.#jumped + milliseconds)
  }

  isApproved(arn: string): boolean {
    return this.#approved.has(arn)
  }

  /** To be called after every change of an Ingress, a listener or a certificate. */
  changed(): void {
    const now = this.#clock.monotonic()
    for (const arn of this.#view.own) {
      if (!this.#view.isAttached(arn)) this.#attachedSince.delete(arn)
      else if (!this.#attachedSince.has(arn)) this.#attachedSince.set(arn, now)
      const why = this.neededBy(arn)
      const need = this.#needed.get(arn)
      if (why === undefined) {
        const isNoticed = need !== undefined && now - need.since >= NOTICED_MS
        if (isNoticed) this.#lastNeeded.set(arn, now)
        // A need that nobody had the time to see, such as that of what is going, changes nothing.
        else if (need?.before && now - need.since < UNSEEN_MS) this.#unneeded.set(arn, need.before)
        this.#needed.delete(arn)
        const isGone = !this.#hasLiveHost(arn)
        const unneeded = this.#unneeded.get(arn)
        if (unneeded) unneeded.everGone ||= isGone
        else this.#unneeded.set(arn, { since: now, namesGone: isGone, everGone: isGone })
      } else {
        if (need) need.why = why
        else this.#needed.set(arn, { since: now, why, before: this.#unneeded.get(arn) })
        this.#unneeded.delete(arn)
        this.#massed.delete(arn)
      }
    }
    // Which of them the controller saw go, and when, nobody can tell who was not there at that moment.
    const isCounted = ({ since, everGone }: Unneeded) => now - since < 2 * HOUR && everGone
    const gone = [...this.#unneeded].filter(([, entry]) => isCounted(entry))
    const deleted = [...this.#deleted.values()].filter(isCounted)
    if (gone.length + deleted.length > 3) for (const [arn] of gone) this.#massed.add(arn)
  }

  /** The controller looks at what there is: S6 speaks of all that nothing wishes, and that must stay all the same. */
  looked(): void {
    const now = this.#clock.monotonic()
    for (const arn of this.#view.own) {
      const since = this.#unneeded.get(arn)?.since
      const isGraced = since !== undefined && now - since < this.#retireAfter
      const isUsed = this.#attachedSince.has(arn) && since !== undefined
      const isOnlyListed = this.#needed.get(arn)?.why.endsWith(' lists it') === true
      if (isGraced || isUsed || isOnlyListed) this.#book.premise('S6')
    }
  }

  /** A read of the controller's failed, or lacks what is there: S7 speaks of all that is needed, and is not to be given up for that. */
  noteAbsence(): void {
    if (this.#needed.size > 0) this.#book.premise('S7')
  }

  /** Somebody deleted the ledger, and with it what the controller knew of those that it deleted, and what a person approved of. */
  noteLostLedger(): void {
    this.#remembered.clear()
    for (const [arn, entry] of this.#deleted) this.#deleted.set(arn, { ...entry, unapproved: false })
  }

  /** An object was left out of a list that says that it is whole. */
  noteHidden(): void {
    this.#hiddenAt = this.#clock.monotonic()
    this.noteAbsence()
  }

  /** When a deletion of ours has taken effect, before the others hear of it. */
  deleted(arn: string): void {
    const book = this.#book
    const now = this.#clock.monotonic()
    const label = this.#view.label(arn)
    const need = this.#needed.get(arn)
    book.check(
      'S6',
      need === undefined || now - need.since < READ_MS,
      () => `${label} was deleted although ${need?.why}`,
    )
    const attached = this.#attachedSince.get(arn)
    if (attached !== undefined && now - attached >= READ_MS)
      book.broken('S6', `${label} was deleted although a listener carries it`)
    if (this.#view.isRetained(arn)) book.broken('S6', `${label} was deleted although its tag says that it stays`)
    const last = this.#lastNeeded.get(arn)
    // A list that says that it is whole, and is not, hides an object until the next one: the grace may begin in between, a deletion may not.
    const isHidden = now - this.#hiddenAt < this.#retireAfter + HOUR
    if (last !== undefined && !isHidden && now - last + this.#jumped < this.#retireAfter)
      book.broken('S6', `${label} was deleted ${Math.round((now - last) / SECOND)} s after it was last needed`)
    this.#brake(arn, label)
    const unneeded = this.#unneeded.get(arn)
    if (unneeded) this.#deleted.set(arn, { ...unneeded, unapproved: !this.#approved.has(arn) })
    this.#needed.delete(arn)
    this.#unneeded.delete(arn)
  }

  #brake(arn: string, label: string): void {
    const own = this.#unneeded.get(arn)
    if (!own?.namesGone || !this.#retireBrake) return
    const counted = [...this.#deleted].filter(([, { unapproved }]) => unapproved)
    const together = [...this.#unneeded, ...counted]
      .filter(
        ([other, { since, namesGone }]) =>
          namesGone &&
          Math.abs(since - own.since) < HOUR / 2 &&
          !this.#hasLiveHost(other) &&
          !this.#view.isRetained(other),
      )
      .map(([other]) => other)
    // One more than the brake allows: what vanishes within a second of an edit may have gone for another reason in the controller's eyes.
    if (together.length <= Math.max(3, this.#view.own.length / 10) + 1) return
    this.#book.check(
      'S7',
      this.#approved.has(arn),
      () =>
        `${label} was deleted, nobody approved, and the names of all these are gone: ${this.#view.labels(together)}`,
    )
  }

  /** Why a certificate of ours has to stay; `undefined` where nothing needs it. */
  neededBy(arn: string): string | undefined {
    const view = this.#view
    const issued = view.isHealthy(arn)
    for (const ingress of view.ingresses) {
      const covered = ingress.hosts.filter((host) => view.covers(arn, host))
      if (ingress.listed.includes(arn)) return `${ingress.key} lists it`
      if (covered.length === 0 || !ingress.balanced) continue
      if (issued && ingress.listed.length === 0 && view.subject.publishes === 'annotation')
        return `discovery may serve ${ingress.key} with it`
      // Where the tags decide, what is being deleted asks for nothing: the finalizer is the controller's own.
      if (ingress.deleting && view.subject.publishes === 'tags') continue
      if (ingress.deleting) return `${ingress.key}, with a host of it, is still being deleted`
      if (!isOptedIn(ingress)) continue
      if (ingress.asks !== 'true') return `${ingress.key} is refused, and has a host of it`
      if (ingress.listed.length > 0 && !ingress.annotationIsOurs) continue
      if (view.statusOf(arn) !== 'ISSUED' && view.statusOf(arn) !== 'PENDING_VALIDATION') continue
      if (ingress.asks === 'true' && view.isFor(arn, ingress)) return `${ingress.key} wishes it`
      const only = covered.find(
        (host) => !view.own.some((other) => other !== arn && view.isHealthy(other) && view.covers(other, host)),
      )
      if (issued && only !== undefined) return `${ingress.key} has no other certificate of ours for ${only}`
    }
    return undefined
  }

  /** For how long nothing has needed it. */
  unneededFor(arn: string): number {
    const since = this.#unneeded.get(arn)?.since
    return since === undefined ? 0 : this.#clock.monotonic() - since
  }

  namesGone(arn: string): boolean {
    return this.#unneeded.get(arn)?.namesGone ?? false
  }

  #hasLiveHost(arn: string): boolean {
    return this.#view.ingresses.some(
      (ingress) => this.#view.isLive(ingress) && ingress.hosts.some((host) => this.#view.covers(arn, host)),
    )
  }
}
