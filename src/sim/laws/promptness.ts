import type { Clock } from '../../clock.ts'
import type { KubeCall } from '../kube/faults.ts'
import type { LedgerEntry } from '../kube/ledger.ts'
import type { LawBook } from './book.ts'
import { replicaIn } from './fencing.ts'
import type { IngressView } from './view.ts'

const SECOND = 1_000
/** L8: how long after it was seen an edit gets its first action. */
const PROMPT_MS = 5 * SECOND
/** A failure of Kubernetes makes what is written to it wait, a minute at the most. */
const CALM_MS = 150 * SECOND

interface Edit {
  readonly replica: string
  readonly seenAt: number
  /** Ends the wait: at most one waits for an object, however often that is edited. */
  readonly timer: AbortController
}

/**
 * L8: an edit of the hosts of an object gets its first action within five seconds of being seen, where the API server answers and the
 * leader stays. The first action is what is written for it: its claim, its certificate, its annotation.
 */
export class PromptLaw {
  readonly #clock: Clock
  readonly #book: LawBook
  readonly #leader: () => string | undefined
  readonly #isFrozen: (replica: string) => boolean
  readonly #edited = new Map<string, IngressView>()
  readonly #waiting = new Map<string, Edit>()
  /** The hosts that each object had when something was last written for it: an edit that comes back to them asks for nothing. */
  readonly #answered = new Map<string, string>()
  readonly #troubledAt = new Map<string, number>()
  readonly #leadsSince = new Map<string, number>()

  constructor(options: {
    clock: Clock
    book: LawBook
    leader: () => string | undefined
    isFrozen: (replica: string) => boolean
  }) {
    this.#clock = options.clock
    this.#book = options.book
    this.#leader = options.leader
    this.#isFrozen = options.isFrozen
  }

  /** A new process under this name: whatever the one before it held. */
  started(replica: string): void {
    this.#leadsSince.delete(replica)
  }

  noteTerm(replica: string): void {
    this.#leadsSince.set(replica, this.#clock.monotonic())
  }

  /** A request of this replica's to Kubernetes failed, or an event did not reach it as it should. */
  noteTrouble(userAgent: string): void {
    this.#troubledAt.set(replicaIn(userAgent), this.#clock.monotonic())
  }

  /**
   * A user gave an object other hosts than `before`, and something is to be done for it.
   * @param calmMs for how long the leader could see and do what it should: nothing hides the edit from it then.
   */
  edited(ingress: IngressView, before: readonly string[], calmMs: number): void {
    this.#edited.set(ingress.uid, ingress)
    if (!this.#answered.has(ingress.key)) this.#answered.set(ingress.key, before.join())
    this.#forget(ingress.key)
    const leader = this.#leader()
    if (leader !== undefined && calmMs > CALM_MS) this.#wait(ingress, leader)
  }

  /** An object that goes gets nothing any more. */
  gone(key: string): void {
    this.#forget(key)
    this.#answered.delete(key)
    for (const [uid, ingress] of this.#edited) if (ingress.key === key) this.#edited.delete(uid)
  }

  /** The event of an edit is handed to a replica. */
  seen(call: KubeCall, uid: string): void {
    const ingress = this.#edited.get(uid)
    const replica = replicaIn(call.userAgent)
    if (!ingress || replica !== this.#leader()) return
    this.#edited.delete(uid)
    this.#wait(ingress, replica)
  }

  #wait(ingress: IngressView, replica: string): void {
    this.#forget(ingress.key)
    const edit = { replica, seenAt: this.#clock.monotonic(), timer: new AbortController() }
    this.#waiting.set(ingress.key, edit)
    this.#clock.sleepUntil(this.#clock.now() + PROMPT_MS, edit.timer.signal).then(
      () => this.#judge(ingress, edit),
      () => {},
    )
  }

  #forget(key: string): void {
    this.#waiting.get(key)?.timer.abort(new Error('nobody waits any more'))
    this.#waiting.delete(key)
  }

  /** After each write of a replica's. */
  written({ collection, namespace, name, userAgent }: LedgerEntry): void {
    const key = `${namespace}/${name.replace(/^ingress-/, '')}`
    const edit = this.#waiting.get(key)
    // A fresh read showed it before any event did.
    if (!edit) this.gone(key)
    if (!edit || edit.replica !== replicaIn(userAgent) || collection.startsWith('events')) return
    this.gone(key)
    if (this.#isCalm(edit)) this.#book.premise('L8')
  }

  #judge({ key, hosts }: IngressView, edit: Edit): void {
    if (this.#waiting.get(key) !== edit) return
    this.#waiting.delete(key)
    if (!this.#isCalm(edit) || this.#answered.get(key) === hosts.join()) return
    this.#book.check('L8', false, () => `${key} was edited, ${edit.replica} saw it, and did nothing for it in 5 s`)
  }

  #isCalm({ replica, seenAt }: Edit): boolean {
    return (
      this.#leader() === replica &&
      !this.#isFrozen(replica) &&
      seenAt - (this.#leadsSince.get(replica) ?? Number.POSITIVE_INFINITY) > CALM_MS &&
      seenAt - (this.#troubledAt.get(replica) ?? Number.NEGATIVE_INFINITY) > CALM_MS
    )
  }
}
