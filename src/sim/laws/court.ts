import type { Clock } from '../../clock.ts'
import type { AwsEvent } from '../aws/ledger.ts'
import type { EmbeddedWorld } from '../embedded.ts'
import type { LedgerEntry } from '../kube/ledger.ts'
import type { KubeCall } from '../kube/faults.ts'
import { isObject } from '../kube/json.ts'
import type { KubeObject } from '../kube/object.ts'
import type { LawBook } from './book.ts'
import { FencingLaw, replicaIn } from './fencing.ts'
import { RequestLaws } from './requests.ts'
import { RetirementLaws } from './retirement.ts'
import { type Actor, ServedLaw } from './served.ts'
import { CONTROLLER_MANAGER, type IngressView, isController, LBC_MANAGER, View, viewOf } from './view.ts'
import { StoredLaw } from './stored.ts'
import type { Subject } from './subject.ts'
import { WriteLaws } from './writes.ts'

const SECOND = 1_000
/** A claim may say "Ready" of what was served at the last look. */
const LAST_LOOK_MS = 120 * SECOND

/** However watches break, an edit is heard of within this time. */
const UNHEARD_MS = 900 * SECOND

/** A certificate that ends after it was issued shows in the next whole list, and those are ten minutes apart. */
const UNSEEN_END_MS = 660 * SECOND

const LBC_KEY = 'AKIDLOADBALANCERCTL'

/** Sits at the ledgers of both worlds and asks every law after every event. It sees what happened, and nothing of what the controller thinks. */
export class Court {
  readonly view: View
  readonly served: ServedLaw
  readonly requests: RequestLaws
  readonly retirement: RetirementLaws
  readonly fencing: FencingLaw
  readonly stored: StoredLaw
  readonly #writes: WriteLaws
  readonly #book: LawBook
  readonly #clock: Clock
  readonly #editedAt = new Map<string, number>()
  /** When certificates were revoked. */
  readonly #revokedAt = new Map<string, number>()
  readonly #ends: (() => void)[] = []
  /** Changes that the controller made: annotations, certificates, records. */
  effects = 0
  /** All that the controller wrote, but for the lease and events. */
  written = 0
  lastWrite = ''
  /** How often AWS said to the controller that calls come too fast. */
  throttled = 0

  constructor(options: {
    clock: Clock
    book: LawBook
    world: EmbeddedWorld
    retireAfter: number
    retireBrake: boolean
    onTerm: (replica: string) => void
    /** Certwright, where absent. */
    subject?: Subject
  }) {
    const { clock, book, world } = options
    this.#book = book
    this.#clock = clock
    this.view = new View(world.aws, options.subject)
    const bench = { clock, book, view: this.view }
    this.served = new ServedLaw(bench)
    this.requests = new RequestLaws(bench)
    this.retirement = new RetirementLaws({
      ...bench,
      retireAfter: options.retireAfter,
      retireBrake: options.retireBrake,
    })
    this.fencing = new FencingLaw({ clock, book, onTerm: options.onTerm })
    this.stored = new StoredLaw({ ...bench, aws: world.aws })
    this.#writes = new WriteLaws(bench)
    this.#ends.push(world.aws.events.subscribe((event) => this.#aws(event)))
    this.#ends.push(world.kube.events.subscribe((entry) => this.#kube(entry)))
  }

  close(): void {
    for (const end of this.#ends) end()
  }

  /** A request of the controller's on its way to Kubernetes. */
  noteCall({ verb, collection, userAgent, namespace }: KubeCall): void {
    if (verb !== 'list' || collection !== 'ingresses.networking.k8s.io' || namespace !== '') return
    if (!userAgent.startsWith('certwright/')) return
    this.served.noteRead()
    this.fencing.noteRead(replicaIn(userAgent))
  }

  /** A call of the controller's on its way to AWS. */
  noteSending(operation: string, accessKeyId: string): void {
    if (operation === 'DeleteCertificate' && isController(accessKeyId) && this.view.subject.leads)
      this.fencing.deletion(replicaOf(accessKeyId))
  }

  #aws(event: AwsEvent): void {
    if (event.kind === 'call') {
      if (!isController(event.by)) return
      this.#book.premise('Q1')
      if (event.outcome !== 'ok' && /^(List|Describe|Get)/.test(event.operation)) this.retirement.noteAbsence()
      if (event.operation === 'ListCertificates' && event.outcome === 'ok') {
        this.requests.looked()
        this.retirement.looked()
      }
      if (/Throttl|TooManyRequests|RequestLimit/.test(event.outcome)) this.throttled += 1
      return
    }
    this.requests.aws(event)
    if (event.kind === 'certificateRevoked') this.#revokedAt.set(event.arn, this.#clock.monotonic())
    if (isController(event.by)) {
      this.effects += 1
      this.written += 1
      this.lastWrite = event.kind
      this.#writes.aws(event)
      if (event.kind === 'certificateRequested' && this.view.subject.leads) this.stored.requested(event)
      if (this.view.subject.leads) this.fencing.write(replicaOf(event.by), event.kind)
      if (event.kind === 'certificateDeleted') this.retirement.deleted(event.arn)
    }
    if (event.kind === 'recordChanged') return
    const actor: Actor = isController(event.by)
      ? 'controller'
      : event.by === LBC_KEY
        ? 'loadBalancerController'
        : 'other'
    // That a certificate was issued takes nothing from anybody.
    if (actor === 'other' && event.kind !== 'certificateIssued') this.served.noteEditEverywhere()
    if (actor === 'other' && event.kind === 'listenerCertificateRemoved') this.served.noteTaken(event.certificateArn)
    if (event.kind === 'listenerCertificateAdded' && !event.isDefault) this.served.notePutBack(event.certificateArn)
    this.#changed(actor)
  }

  #changed(actor: Actor, written?: Parameters<ServedLaw['changed']>[1]): void {
    this.served.changed(actor, written)
    this.retirement.changed()
  }

  #kube(entry: LedgerEntry): void {
    const { collection, manager, before, after, userAgent } = entry
    if (collection === 'leases.coordination.k8s.io') {
      this.fencing.lease(entry)
      return
    }
    const isOurs = manager === CONTROLLER_MANAGER && userAgent.startsWith('certwright/')
    if (isOurs && !collection.startsWith('events')) {
      this.written += 1
      this.lastWrite = `${entry.verb} ${collection} ${entry.name}`
      this.fencing.write(replicaIn(userAgent), `${collection} ${entry.name}`)
      if (collection.startsWith('certificateclaims') && after) this.#claim(entry)
    }
    if (collection.startsWith('acmcertificates.')) this.stored.ledger(entry)
    if (collection !== 'ingresses.networking.k8s.io') return
    const old = before && viewOf(before)
    const current = after && viewOf(after)
    this.view.follow(entry)
    if (isOurs && old && current) {
      this.effects += 1
      const written = { before: old, after: current }
      this.#writes.annotation(written)
      this.stored.published(current)
      this.#changed('controller', written)
      return
    }
    if (manager !== LBC_MANAGER && entry.subresource === '') {
      this.#editedAt.set(`${entry.namespace}/${entry.name}`, this.#clock.monotonic())
      this.served.noteEdit(...[old, current].flatMap((ingress) => ingress?.group ?? []))
      this.requests.noteEdit([...(old?.hosts ?? []), ...(current?.hosts ?? [])])
    }
    this.#changed('other')
  }

  /** O1: what says that it is Ready is served. */
  #claim({ before, after }: LedgerEntry): void {
    if (stateOf(after) !== 'Ready' || stateOf(before) === 'Ready' || !after) return
    const { namespace = '', name = '' } = after.metadata
    const ingress = this.view.ingress(`${namespace}/${name.replace(/^ingress-/, '')}`)
    if (!ingress || after.metadata.ownerReferences?.[0]?.uid !== ingress.uid) return
    // Of an edit that the controller may not have heard of yet, nothing can be said.
    if (this.#clock.monotonic() - (this.#editedAt.get(ingress.key) ?? Number.NEGATIVE_INFINITY) < UNHEARD_MS) return
    const unseen = [...this.#revokedAt].filter(([, at]) => this.#clock.monotonic() - at < UNSEEN_END_MS)
    const bad = promised(ingress, after).filter(
      (host) =>
        this.served.unservedFor(ingress, host) > LAST_LOOK_MS &&
        !unseen.some(([arn]) => this.view.covers(arn, host) && this.view.isAttached(arn)),
    )
    this.#book.check('O1', bad.length === 0, () => `${ingress.key} says Ready, and ${bad.join(', ')} is not served`)
  }
}

function stateOf(object: LedgerEntry['after']): string | undefined {
  const status = object && isObject(object.status) ? object.status : {}
  return typeof status.state === 'string' ? status.state : undefined
}

/** The hosts that a claim speaks for: those with a verdict of their own are said not to be served. */
export function promised(ingress: IngressView, claim: KubeObject): readonly string[] {
  const status = isObject(claim.status) ? claim.status : {}
  const names = Array.isArray(status.names) ? status.names : []
  const apart = names.map((entry) => (isObject(entry) ? entry.name : undefined))
  return ingress.hosts.filter((host) => !apart.includes(host))
}

/** `AKIDCERTWRIGHT2` belongs to `replica-2`. */
function replicaOf(accessKeyId: string): string {
  return `replica-${/\d+$/.exec(accessKeyId)?.[0] ?? '0'}`
}
