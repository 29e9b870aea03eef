import type { Clock } from '../../clock.ts'
import type { LawBook } from './book.ts'
import { type IngressView, isOptedIn, type View } from './view.ts'

const SECOND = 1_000

/** No reconcile of the simulated load balancer controller lasts longer, from its look at Kubernetes to its last call. */
export const LONGEST_RECONCILE_MS = 50 * SECOND

/** What a write that takes an ARN out rests on is at most this old. */
const FRESH_MS = 10 * SECOND

/** A name that discovery served only just before our write may lose that: no look could have shown it. */
const UNSEEN_MS = 10 * SECOND

/** Who made the change after which the law is asked. */
export type Actor = 'controller' | 'loadBalancerController' | 'other'

/**
 * S1. A place is a live name on a port of a load balancer. It is served while a healthy certificate that covers it is attached there and
 * asked for there. What ACM, a third party or a user's own edit takes away may go; what we write, or what the load balancer's controller
 * does on our word, may not take the last one.
 */
export class ServedLaw {
  readonly #clock: Clock
  readonly #book: LawBook
  readonly #view: View
  readonly #served = new Map<string, number>()
  readonly #lastServed = new Map<string, number>()
  readonly #editedAt = new Map<string, number>()
  /** Live places that ceased to be served, by whatever. */
  readonly lost: { readonly host: string; readonly place: string }[] = []
  #readAt = Number.NEGATIVE_INFINITY
  /** What a third party took from a listener, until the load balancer's controller has put it back. */
  readonly #taken = new Set<string>()

  constructor(options: { clock: Clock; book: LawBook; view: View }) {
    this.#clock = options.clock
    this.#book = options.book
    this.#view = options.view
  }

  /** The controller read the Ingresses from the API server. */
  noteRead(): void {
    this.#readAt = this.#clock.monotonic()
  }

  /** Somebody changed an object of these groups. */
  noteEdit(...groups: readonly string[]): void {
    for (const group of groups) this.#editedAt.set(group, this.#clock.monotonic())
  }

  /** Somebody else than the load balancer's controller detached a certificate. */
  noteTaken(arn: string): void {
    this.#taken.add(arn)
  }

  notePutBack(arn: string): void {
    this.#taken.delete(arn)
  }

  /** Somebody changed what is attached to, or exists for, all groups. */
  noteEditEverywhere(): void {
    for (const { group } of this.#view.ingresses) this.noteEdit(group)
  }

  /** To be called after every change of an Ingress, a listener or a certificate. */
  changed(actor: Actor, written?: { before: IngressView; after: IngressView }): void {
    const now = this.#clock.monotonic()
    const { live, served } = this.#now()
    for (const [place, since] of this.#served) {
      if (!live.has(place) || served.has(place)) continue
      if (actor !== 'other' && !this.#isExcused(place, since, actor, written))
        this.#book.broken(
          'S1',
          `${place} was served and is no longer, by ${said(actor, written)}; ${this.#standing(place)}`,
        )
    }
    if (actor !== 'other' && served.size > 0) this.#book.premise('S1', served.size)
    for (const place of this.#served.keys()) {
      if (served.has(place)) continue
      this.#served.delete(place)
      if (live.has(place)) this.lost.push({ host: hostOf(place), place })
      // It was until now, however long ago anything changed before.
      this.#lastServed.set(place, now)
    }
    for (const place of served) if (!this.#served.has(place)) this.#served.set(place, now)
  }

  #isExcused(
    place: string,
    since: number,
    actor: Actor,
    written: { before: IngressView; after: IngressView } | undefined,
  ): boolean {
    const now = this.#clock.monotonic()
    const editedAt = this.#editedAt.get(groupOf(place)) ?? Number.NEGATIVE_INFINITY
    if (actor === 'loadBalancerController')
      return (
        editedAt + LONGEST_RECONCILE_MS >= now || [...this.#taken].some((arn) => this.#view.covers(arn, hostOf(place)))
      )
    // An edit of another object may land between our fresh read and our write.
    const isFresh = now - this.#readAt <= FRESH_MS
    if (editedAt >= this.#readAt && isFresh && written && written.before.listed.length > 0) return true
    if (written?.before.listed.length !== 0) return false
    // Before any object was told of the load balancer nobody can reach it, nor can the controller look at it.
    if (!this.#view.isTold(groupOf(place))) return true
    return since + UNSEEN_MS > now || editedAt + UNSEEN_MS > now
  }

  /** How long ago the host was last served on each HTTPS port of the Ingress: 0 while it is. */
  unservedFor(ingress: IngressView, host: string): number {
    const { served } = this.#now()
    const now = this.#clock.monotonic()
    const ages = ingress.httpsPorts.map((port) => {
      const place = placeOf(ingress.group, port, host)
      return served.has(place) ? 0 : now - (this.#lastServed.get(place) ?? Number.NEGATIVE_INFINITY)
    })
    return Math.max(0, ...ages)
  }

  #now(): { live: Set<string>; served: Set<string> } {
    const view = this.#view
    const live = new Set<string>()
    const served = new Set<string>()
    const groups = new Set(view.ingresses.map(({ group }) => group))
    for (const group of groups) {
      const members = view.members(group)
      if (!members.some((ingress) => view.isLive(ingress))) continue
      const asked = new Map<number, Set<string>>()
      for (const ingress of members) {
        const arns = view.asked(ingress) ?? []
        for (const port of ingress.httpsPorts) {
          const all = asked.get(port) ?? new Set()
          asked.set(port, all)
          for (const arn of arns) all.add(arn)
        }
      }
      const listeners = view.listeners(group)
      for (const ingress of members) {
        if (!view.isLive(ingress)) continue
        for (const port of ingress.httpsPorts) {
          const standing = [...(listeners.get(port) ?? [])].filter(
            (arn) => asked.get(port)?.has(arn) === true && view.isHealthy(arn),
          )
          for (const host of ingress.hosts) {
            const place = placeOf(group, port, host)
            live.add(place)
            if (standing.some((arn) => view.covers(arn, host))) served.add(place)
          }
        }
      }
    }
    return { live, served }
  }

  #standing(place: string): string {
    const view = this.#view
    const group = groupOf(place)
    const members = view
      .members(group)
      .map(
        (ingress) =>
          `${ingress.key}${isOptedIn(ingress) ? '' : ' (opted out)'} asks ${view.labels(view.asked(ingress) ?? [])}`,
      )
    const attached = [...view.listeners(group)].map(([port, arns]) => `${port} has ${view.labels(arns)}`)
    return [...attached, ...members].join(', ')
  }
}

export function placeOf(group: string, port: number, host: string): string {
  return `${host} on ${group}:${port}`
}

function hostOf(place: string): string {
  return place.slice(0, place.indexOf(' on '))
}

function groupOf(place: string): string {
  return place.slice(place.indexOf(' on ') + 4, place.lastIndexOf(':'))
}

function said(actor: Actor, written: { after: IngressView } | undefined): string {
  return written ? `our write on ${written.after.key}` : actor === 'controller' ? 'us' : 'the load balancer controller'
}
