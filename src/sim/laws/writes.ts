import type { Clock } from '../../clock.ts'
import { validationRecord } from '../aws/acm/certificate.ts'
import type { AwsEvent } from '../aws/ledger.ts'
import type { LawBook } from './book.ts'
import { type IngressView, isController, isOptedIn, type View } from './view.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** The controller may not have heard of a newer hosted zone yet. */
const ZONES_UNSEEN_MS = 45 * MINUTE

/** A certificate that ends after it was issued shows in the next whole list, and those are ten minutes apart. */
export const UNSEEN_END_MS = 11 * MINUTE

/** The tags that say whose a certificate is. */
const IDENTITY = ['cluster', 'owner', 'key', 'attempt'].map((tag) => `certwright.dev/${tag}`)

/**
 * S2: what is not ours is not touched. S9: the default certificate changes only when it must. D1, D2: records are only created, and only
 * those that ACM asks for, in the most specific public zone.
 */
export class WriteLaws {
  readonly #clock: Clock
  readonly #book: LawBook
  readonly #view: View
  /** ARNs that we ever wrote on an object, by its UID. */
  readonly #requestedTags = new Map<string, Readonly<Record<string, string>>>()
  readonly #published = new Map<string, Set<string>>()
  readonly #tags = new Map<string, Readonly<Record<string, string>>>()
  /** Keys of tags that somebody else put on a certificate of ours. */
  readonly #strangeTags = new Map<string, Set<string>>()
  /** When certificates were deleted, failed, expired or were revoked. */
  readonly #endedAt = new Map<string, number>()

  constructor(options: { clock: Clock; book: LawBook; view: View }) {
    this.#clock = options.clock
    this.#book = options.book
    this.#view = options.view
  }

  /** After each write of ours on an Ingress. */
  annotation({ before, after }: { before: IngressView; after: IngressView }): void {
    const book = this.#book
    const view = this.#view
    const { key, uid, listed } = before
    const known = this.#published.get(uid) ?? new Set()
    const certified = listed.every((arn) => known.has(arn)) && listed.some((arn) => view.isOurs(arn))
    book.check(
      'S2',
      listed.length === 0 || before.annotationIsOurs || certified,
      () => `we overwrote ${view.labels(listed)} on ${key}, which is not ours`,
    )
    if (before.deleting) book.broken('S2', `we wrote on ${key}, which is being deleted`)
    if (before.paused && before.asks === 'true') book.broken('S2', `we wrote on ${key}, which is paused`)
    if (before.asks === 'false' && after.listed.some((arn) => !listed.includes(arn)))
      book.broken('S2', `we published on ${key}, which says that it wants nothing of us`)
    if (before.spec !== after.spec) book.broken('S2', `we changed the spec of ${key}`)
    for (const name of new Set([...Object.keys(before.annotations), ...Object.keys(after.annotations)])) {
      // Beside the list only a word for the load balancer's controller, on what is ours.
      if (name === 'alb.ingress.kubernetes.io/certificate-arn' || name === 'certwright.dev/nudge') continue
      if (before.annotations[name] !== after.annotations[name]) book.broken('S2', `we changed ${name} of ${key}`)
    }
    const [first] = listed
    if (first !== undefined && after.listed.length > 0) {
      book.check(
        'S9',
        !after.listed.includes(first) || after.listed[0] === first,
        () => `the default certificate of ${key} changed from ${view.label(first)}, which stays listed`,
      )
    }
    for (const arn of after.listed) {
      if (!listed.includes(arn) && view.statusOf(arn) === 'PENDING_VALIDATION')
        book.broken('S1', `we published ${view.label(arn)} on ${key}, which is not issued`)
      if (!listed.includes(arn) && this.#isLongDead(arn))
        book.broken('S1', `we published ${view.label(arn)} on ${key}, which came to its end long before`)
    }
    const added = after.listed.filter((arn) => !listed.includes(arn))
    const dropped = listed.filter((arn) => !after.listed.includes(arn) && view.isHealthy(arn))
    if (added.length > 0 && dropped.length > 0)
      book.broken('S1', `one write on ${key} adds ${view.labels(added)} and drops ${view.labels(dropped)}`)
    if (after.listed.length === 0 && after.balanced) this.#withdrawn(before, dropped)
    this.#published.set(uid, new Set([...known, ...after.listed]))
  }

  /** What discovery does not find when the object lists nothing any more is not served: S1 of an object that is not live then. */
  #withdrawn({ key, uid, hosts }: IngressView, dropped: readonly string[]): void {
    const view = this.#view
    const bare = hosts.filter(
      (host) => dropped.some((arn) => view.covers(arn, host)) && !view.isFound(host, (arn) => this.#isOthers(arn, uid)),
    )
    this.#book.check(
      'S1',
      bare.length === 0,
      () => `we withdrew from ${key}, and nothing that stays covers ${bare.join(', ')}`,
    )
  }

  /** Not ours, or with a host of another object that asks for a certificate. */
  #isOthers(arn: string, uid: string): boolean {
    const view = this.#view
    return (
      !view.isOurs(arn) ||
      view.ingresses.some(
        (other) =>
          other.uid !== uid &&
          view.isLive(other) &&
          isOptedIn(other) &&
          other.hosts.some((host) => view.covers(arn, host)),
      )
    )
  }

  /** After each change of ours in AWS. */
  aws(event: AwsEvent): void {
    const book = this.#book
    switch (event.kind) {
      case 'certificateDeleted':
        book.check(
          'S2',
          this.#view.isOurs(event.arn),
          () => `we deleted ${this.#view.label(event.arn)}, which is not ours`,
        )
        return
      case 'tagsChanged':
        book.check(
          'S2',
          this.#isTagging(event),
          () => `we changed tags by which ${this.#view.label(event.arn)} is known`,
        )
        return
      case 'listenerCertificateAdded':
      case 'listenerCertificateRemoved':
      case 'listenerCreated':
      case 'listenerDeleted':
      case 'loadBalancerCreated':
      case 'loadBalancerDeleted':
      case 'hostedZoneCreated':
      case 'hostedZoneDeleted':
        book.broken('S2', `we did what we never do: ${event.kind}`)
        return
      case 'recordChanged':
        this.#record(event)
        return
      case 'certificateRequested':
        this.#requestedTags.set(event.arn, event.tags)
        return
      case 'call':
      case 'certificateImported':
      case 'certificateIssued':
      case 'certificateRenewed':
      case 'certificateRenewalFailed':
      case 'certificateFailed':
      case 'certificateTimedOut':
      case 'certificateRevoked':
      case 'certificateExpired':
    }
  }

  /** A certificate came to its end, by whomever. */
  ended(arn: string): void {
    if (!this.#endedAt.has(arn)) this.#endedAt.set(arn, this.#clock.monotonic())
  }

  #isLongDead(arn: string): boolean {
    const endedAt = this.#endedAt.get(arn)
    return endedAt !== undefined && this.#clock.monotonic() - endedAt > UNSEEN_END_MS && !this.#view.isHealthy(arn)
  }

  /** Only ours are tagged, what says whose a certificate is stays as it was requested, and what somebody else put there stays too. */
  #isTagging({ arn, tags }: Extract<AwsEvent, { kind: 'tagsChanged' }>): boolean {
    const requested = this.#requestedTags.get(arn)
    const strange = [...(this.#strangeTags.get(arn) ?? [])]
    return (
      this.#view.isOurs(arn) &&
      IDENTITY.every((tag) => requested?.[tag] === tags[tag]) &&
      strange.every((tag) => tag in tags)
    )
  }

  /** Tags of a certificate were changed, by whomever: which of them are there by others' hands alone. */
  tagged({ arn, tags, by }: Extract<AwsEvent, { kind: 'tagsChanged' }>): void {
    const before = this.#tags.get(arn) ?? this.#requestedTags.get(arn) ?? {}
    const strange = this.#strangeTags.get(arn) ?? new Set()
    this.#strangeTags.set(arn, strange)
    for (const tag of Object.keys(tags)) {
      if (!isController(by) && !(tag in before)) strange.add(tag)
      if (isController(by) && tags[tag] !== before[tag]) strange.delete(tag)
    }
    for (const tag of strange) if (!(tag in tags)) strange.delete(tag)
    this.#tags.set(arn, tags)
  }

  #record({
    action,
    name,
    type,
    values,
    zoneId,
    zoneName,
    account,
  }: Extract<AwsEvent, { kind: 'recordChanged' }>): void {
    const book = this.#book
    if (action === 'DELETE' && this.#view.subject.deletesRecords) {
      // One that carries it may be on its way out.
      const carriers = this.#view.carriers(account, name)
      book.check(
        'D1',
        carriers.length < 2,
        () => `we deleted the record ${name}, which ${this.#view.labels(carriers)} need to be renewed`,
      )
      return
    }
    book.check('D1', action === 'CREATE', () => `we changed the record ${name} by ${action}`)
    const [value = ''] = values
    const plain = value.replace(/\.$/, '')
    const wellFormed = type === 'CNAME' && name.startsWith('_') && plain.endsWith('.acm-validations.aws')
    book.check('D2', wellFormed, () => `we wrote ${type} ${name} ${value}, which is no validation record`)
    const domain = name.slice(name.indexOf('.') + 1)
    const wanted = validationRecord(account, domain)
    if (wanted.name !== name || wanted.value !== plain)
      book.broken('D2', `${name} got ${plain} instead of ACM's ${wanted.value}`)
    if (this.#view.isPrivateZone(zoneId)) book.broken('D2', `${name} was written into the private zone ${zoneName}`)
    const now = this.#clock.now()
    const best = this.#view.zonesOf(domain).filter(({ createdAt }) => createdAt + ZONES_UNSEEN_MS < now)[0]
    if (best && best.name.length > zoneName.length + 1)
      book.broken('D2', `${name} was written into ${zoneName} (${zoneId}), and ${best.name} answers for it`)
  }
}
