import type { AwsRequest } from '../../aws/handler.ts'
import type { Clock } from '../../clock.ts'
import type { AwsEvent } from '../aws/ledger.ts'
import { open } from '../aws/wire/protocol.ts'
import type { EmbeddedWorld } from '../embedded.ts'
import type { LedgerEntry } from '../kube/ledger.ts'
import type { KubeCall } from '../kube/faults.ts'
import { isObject } from '../kube/json.ts'
import type { KubeObject } from '../kube/object.ts'
import type { LawBook } from './book.ts'
import { AdmissionLaw, type Heeding } from './admission.ts'
import { FencingLaw, replicaIn } from './fencing.ts'
import { RateLaw } from './rates.ts'
import { RenewalLaw } from './renewal.ts'
import { RequestLaws } from './requests.ts'
import { RetirementLaws } from './retirement.ts'
import { type Actor, ServedLaw } from './served.ts'
import { CONTROLLER_MANAGER, type IngressView, isController, LBC_MANAGER, View, viewOf } from './view.ts'
import { StoredLaw } from './stored.ts'
import type { Subject } from './subject.ts'
import { UNSEEN_END_MS, WriteLaws } from './writes.ts'

const SECOND = 1_000
/** A claim may say "Ready" of what was served at the last look. */
const LAST_LOOK_MS = 120 * SECOND

/** However watches break, an edit is heard of within this time. */
const UNHEARD_MS = 900 * SECOND

/** What was never served is not Ready a minute after an edit. */
const PROMPT_MS = 60 * SECOND

/** Load balancers are looked at with the sweep, some at a time. */
const SWEPT_MS = 1_500 * SECOND

const INGRESSES = 'ingresses.networking.k8s.io'
const WRITES = /^(create|update|patch|apply|delete)$/
/** What is stored or published; events and the lease are neither. */
const STATE = /^(ingresses|acmcertificates|certificateclaims)\./
const ENDS: ReadonlySet<AwsEvent['kind']> = new Set([
  'certificateFailed',
  'certificateTimedOut',
  'certificateRevoked',
  'certificateExpired',
  'certificateDeleted',
])

const LBC_KEY = 'AKIDLOADBALANCERCTL'

/** A request for a certificate, as it is sent. */
interface Asked {
  readonly DomainName: string
  readonly SubjectAlternativeNames?: readonly string[]
  readonly IdempotencyToken?: string
  readonly KeyAlgorithm?: string
  readonly CertificateAuthorityArn?: string
}

/** Sits at the ledgers of both worlds and asks every law after every event. It sees what happened, and nothing of what the controller thinks. */
export class Court {
  readonly view: View
  readonly served: ServedLaw
  readonly requests: RequestLaws
  readonly retirement: RetirementLaws
  readonly fencing: FencingLaw
  readonly stored: StoredLaw
  readonly renewal: RenewalLaw
  readonly admission: AdmissionLaw
  readonly #writes: WriteLaws
  readonly #rates: RateLaw
  readonly #delaysCalls: boolean
  /** The claims as they are. */
  readonly #claims = new Map<string, KubeObject>()
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
    /** How many certificates may be requested in 365 days, where that was said. */
    yearlyRequests?: number | undefined
    /** Policies are not held to, where absent. */
    heeding?: Heeding
    /** Certwright, where absent. */
    subject?: Subject
    /** Whether calls may be on their way for a while before the worlds hear of them: whoever delays them asks what is sent. */
    delaysCalls?: boolean
  }) {
    const { clock, book, world, delaysCalls = false } = options
    this.#delaysCalls = delaysCalls
    this.#book = book
    this.#clock = clock
    this.view = new View(world.aws, options.subject)
    const bench = { clock, book, view: this.view }
    this.served = new ServedLaw(bench)
    this.requests = new RequestLaws({ ...bench, yearly: options.yearlyRequests })
    this.retirement = new RetirementLaws({
      ...bench,
      retireAfter: options.retireAfter,
      retireBrake: options.retireBrake,
    })
    this.fencing = new FencingLaw({ clock, book, onTerm: options.onTerm })
    this.stored = new StoredLaw({ ...bench, aws: world.aws })
    this.renewal = new RenewalLaw(bench)
    const { heeding = { enforces: () => false, heardSince: () => 0 } } = options
    this.admission = new AdmissionLaw({ ...bench, heeding })
    this.#writes = new WriteLaws(bench)
    this.#rates = new RateLaw(bench)
    this.#ends.push(world.aws.events.subscribe((event) => this.#aws(event)))
    this.#ends.push(world.kube.events.subscribe((entry) => this.#kube(entry)))
  }

  close(): void {
    for (const end of this.#ends) end()
  }

  /** A request of the controller's on its way to Kubernetes. */
  noteCall({ verb, collection, userAgent, namespace, name }: KubeCall): void {
    if (!userAgent.startsWith('certwright/')) return
    const replica = replicaIn(userAgent)
    if (WRITES.test(verb) && STATE.test(collection)) {
      if (!this.#delaysCalls) this.fencing.sending(replica, `${verb} ${collection} ${name}`)
      if (collection === INGRESSES) this.fencing.sendingOn(replica, `${namespace}/${name}`)
    }
    if (verb !== 'list' || collection !== INGRESSES || namespace !== '') return
    this.served.noteRead()
    this.fencing.noteRead(replica)
  }

  /** A call of the controller's on its way to AWS. */
  noteSending(operation: string, accessKeyId: string): void {
    if (!isController(accessKeyId) || !this.view.subject.leads) return
    this.#rates.sending(operation, accessKeyId)
    if (!isLook(operation) && !this.#delaysCalls) this.fencing.sending(replicaOf(accessKeyId), operation)
    if (operation === 'DeleteCertificate') this.fencing.deletion(replicaOf(accessKeyId))
  }

  /** A request to AWS leaves the program: A1 reads what is sent. */
  noteLeaving(request: AwsRequest): void {
    const asked = askedBy(request)
    if (asked) this.admission.sent(namesOf(asked))
  }

  /** A request of the controller's that AWS has answered: S4 reads what was sent. */
  noteExchange(request: AwsRequest): void {
    const asked = askedBy(request)
    if (!asked) return
    this.requests.asked({
      names: namesOf(asked),
      token: asked.IdempotencyToken ?? '',
      keyAlgorithm: asked.KeyAlgorithm ?? 'RSA_2048',
      authority: asked.CertificateAuthorityArn,
    })
  }

  /**
   * O1, to be asked now and then: what says that it is Ready is served on every port.
   * @param calmMs for how long the controller could see and do what it should.
   */
  standing(calmMs: number): void {
    for (const [key, claim] of this.#claims) {
      const ingress = this.view.ingress(key)
      if (!ingress || ingress.deleting || !isReady(claim) || !isClaimOf(claim, ingress)) continue
      const edited = this.#clock.monotonic() - (this.#editedAt.get(key) ?? Number.NEGATIVE_INFINITY)
      const dark = promised(ingress, claim).filter((host) => {
        const unserved = this.served.unservedFor(ingress, host)
        // What never was served was never seen to be; that it is not any more is seen at the next sweep.
        const limit = unserved === Number.POSITIVE_INFINITY ? PROMPT_MS : SWEPT_MS
        return Math.min(unserved, edited) > limit && calmMs > limit
      })
      this.#book.check(
        'O1',
        dark.length === 0,
        () => `${key} says Ready all the while, and ${dark.join(', ')} is not served`,
      )
    }
  }

  #aws(event: AwsEvent): void {
    if (event.kind === 'call') {
      if (!isController(event.by)) return
      this.#book.premise('Q1')
      if (event.outcome !== 'ok' && isLook(event.operation)) this.retirement.noteAbsence()
      if (event.operation === 'ListCertificates' && event.outcome === 'ok') {
        this.requests.looked()
        this.retirement.looked()
        this.admission.looked()
      }
      // The load balancer's controller reads load balancers out of the same bucket, and nobody knows how much is left.
      const isShared = /^Describe(LoadBalancers|Listener)/.test(event.operation)
      if (!isShared && /Throttl|TooManyRequests|RequestLimit/.test(event.outcome)) this.throttled += 1
      // A change that is sent and refused is one all the same.
      if (!event.effect && !isLook(event.operation)) {
        this.written += 1
        this.lastWrite = `${event.operation}, which ended in ${event.outcome}`
      }
      return
    }
    this.requests.aws(event)
    if (event.kind === 'certificateRevoked') this.#revokedAt.set(event.arn, this.#clock.monotonic())
    if (ENDS.has(event.kind) && 'arn' in event) this.#writes.ended(event.arn)
    if (isController(event.by)) {
      this.effects += 1
      this.written += 1
      this.lastWrite = event.kind
      this.#writes.aws(event)
      if (event.kind === 'certificateRequested' && this.view.subject.leads) this.stored.requested(event)
      if (this.view.subject.leads) this.fencing.write(replicaOf(event.by), event.kind)
      if (event.kind === 'certificateDeleted') this.retirement.deleted(event.arn)
    }
    if (event.kind === 'tagsChanged') this.#writes.tagged(event)
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
    if (collection.startsWith('certificateclaims.')) this.#follow(entry)
    if (collection.startsWith('acmcertificates.')) {
      this.stored.ledger(entry)
      this.renewal.ledger(entry)
      if (!after && !isOurs) this.retirement.noteLostLedger()
    }
    this.admission.follow(entry)
    if (this.view.followDefaults(entry)) {
      for (const { key } of this.view.ingresses) this.admission.changed(key)
      this.#edited(this.view.ingresses)
    }
    if (collection !== INGRESSES) return
    const old = before && viewOf(before)
    const current = after && viewOf(after)
    this.view.follow(entry)
    this.admission.changed(`${entry.namespace}/${entry.name}`)
    if (isOurs && old && current) {
      this.effects += 1
      const written = { before: old, after: current }
      this.#writes.annotation(written)
      if (
        this.view.subject.leads &&
        old.listed.some((arn) => !current.listed.includes(arn) && this.view.isHealthy(arn))
      )
        this.fencing.departure(replicaIn(userAgent), current.key)
      this.stored.published(current)
      this.#changed('controller', written)
      return
    }
    if (manager !== LBC_MANAGER && entry.subresource === '') {
      this.#edited([old, current].flatMap((ingress) => ingress ?? []))
      return
    }
    this.#changed('other')
  }

  /** Somebody changed these, or what is asked for in their name. */
  #edited(ingresses: readonly IngressView[]): void {
    for (const { key, group, hosts } of ingresses) {
      this.#editedAt.set(key, this.#clock.monotonic())
      this.served.noteEdit(group)
      this.requests.noteEdit(hosts)
    }
    this.#changed('other')
  }

  #follow({ namespace, name, after }: LedgerEntry): void {
    const key = `${namespace}/${name.replace(/^ingress-/, '')}`
    if (after) this.#claims.set(key, after)
    else this.#claims.delete(key)
  }

  /** O1: what says that it is Ready is served. */
  #claim({ before, after }: LedgerEntry): void {
    if (!isReady(after) || isReady(before) || !after) return
    const { namespace = '', name = '' } = after.metadata
    const ingress = this.view.ingress(`${namespace}/${name.replace(/^ingress-/, '')}`)
    if (!ingress || !isClaimOf(after, ingress)) return
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

function askedBy(request: AwsRequest): Asked | undefined {
  const { operation, body } = open(request)
  return operation === 'RequestCertificate' ? (JSON.parse(body) as Asked) : undefined
}

function namesOf({ DomainName, SubjectAlternativeNames = [] }: Asked): readonly string[] {
  return [...new Set([DomainName, ...SubjectAlternativeNames])]
}

/** By its state, or by the condition that `kubectl wait` reads. */
function isReady(claim: LedgerEntry['after']): boolean {
  const status = claim && isObject(claim.status) ? claim.status : {}
  const conditions = Array.isArray(status.conditions) ? status.conditions : []
  return (
    status.state === 'Ready' ||
    conditions.some((condition) => isObject(condition) && condition.type === 'Ready' && condition.status === 'True')
  )
}

function isClaimOf(claim: KubeObject, { uid }: IngressView): boolean {
  return claim.metadata.ownerReferences?.[0]?.uid === uid
}

function isLook(operation: string): boolean {
  return /^(List|Describe|Get)/.test(operation)
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
