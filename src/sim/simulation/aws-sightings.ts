import type { AwsEvent } from '../aws/ledger.ts'
import { validationRecord } from '../aws/acm/certificate.ts'
import { certificatesOf } from '../aws/elbv2/load-balancer.ts'
import { route } from '../aws/route53/operations.ts'
import { open } from '../aws/wire/protocol.ts'
import type { SimulatedAws } from '../aws/world.ts'
import { isObject } from '../kube/json.ts'
import type { LedgerEntry } from '../kube/ledger.ts'
import { type FencingLaw, replicaIn } from '../laws/fencing.ts'
import { isController, type View } from '../laws/view.ts'
import type { Probe } from './probes.ts'
import type { Exchange } from './process.ts'
import { isRead } from './weather.ts'

type Requested = Extract<AwsEvent, { kind: 'certificateRequested' }>

/** After so many calls that went well, what a throttle had cut is whole again. */
const RECOVERED_AFTER = 20

/** Rare states that were reached, recognised from what happens in AWS. */
export class AwsSightings {
  readonly #aws: SimulatedAws
  readonly #view: View
  readonly #fencing: FencingLaw
  readonly #see: (probe: Probe) => void
  readonly #tokens = new Map<string, { readonly arn: string; lost: boolean }>()
  readonly #lives = new Map<string, number>()
  readonly #reservations = new Map<string, { readonly attempt: string; readonly life: string }>()
  readonly #ends = new Map<string, string>()
  readonly #edited = new Set<string>()
  readonly #interims = new Set<string>()
  readonly #created = new Set<string>()
  readonly #deletedRecords = new Set<string>()
  readonly #refused = new Map<string, number>()
  readonly #cut = new Map<string, number>()
  readonly #renewed = new Set<string>()
  #lastRequested = ''

  constructor(options: { aws: SimulatedAws; view: View; fencing: FencingLaw; see: (probe: Probe) => void }) {
    this.#aws = options.aws
    this.#view = options.view
    this.#fencing = options.fencing
    this.#see = options.see
  }

  /** A new process under this name. */
  started(replica: string): void {
    this.#lives.set(replica, (this.#lives.get(replica) ?? 0) + 1)
  }

  #life(replica: string): string {
    return `${replica} ${this.#lives.get(replica) ?? 0}`
  }

  /** A user changed an object with these hosts. */
  noteEdit(hosts: readonly string[]): void {
    for (const host of hosts) this.#edited.add(host)
  }

  /** A write of an ACMCertificate: an attempt that is stored is to be used, by whoever leads then. */
  reserved({ after, userAgent }: LedgerEntry): void {
    const status = after && isObject(after.status) ? after.status : {}
    const spec = after && isObject(after.spec) ? after.spec : {}
    if (typeof status.attempt !== 'number' || typeof spec.key !== 'string') return
    if (typeof status.attemptArn === 'string' || this.#reservations.get(spec.key)?.attempt === String(status.attempt))
      return
    this.#reservations.set(spec.key, { attempt: String(status.attempt), life: this.#life(replicaIn(userAgent)) })
  }

  exchange({ request, statusCode }: Exchange): void {
    const envelope = open(request)
    if (envelope.operation === 'RequestCertificate' && statusCode === 200) {
      const { IdempotencyToken = '' } = JSON.parse(envelope.body) as { IdempotencyToken?: string }
      const known = this.#tokens.get(IdempotencyToken)
      if (known?.lost) this.#see('an ambiguous request was replayed with its token')
      if (known) known.lost = false
      return
    }
    const found = route(request.method, request.path)
    if (found?.operation !== 'ChangeResourceRecordSets') return
    const changes = envelope.body.split('<Change>').length - 1
    if (changes > 1 && statusCode === 200) this.#see('several records went in one batch')
    const refused = this.#refused.get(found.id)
    if (refused !== undefined && changes < refused) this.#see('a batch of records was halved')
    if (statusCode === 400 && changes > 1) this.#refused.set(found.id, changes)
    else this.#refused.delete(found.id)
  }

  event(event: AwsEvent): void {
    switch (event.kind) {
      case 'call':
        if (isController(event.by)) this.#call(event)
        return
      case 'certificateRequested':
        if (isController(event.by)) this.#requested(event)
        return
      case 'certificateIssued':
        this.#issued(event.arn)
        return
      case 'certificateFailed':
        this.#ended(event, 'failed')
        return
      case 'certificateTimedOut':
        this.#ended(event, 'timed out')
        return
      case 'certificateRevoked':
        this.#ended(event, 'revoked')
        return
      case 'certificateDeleted':
        if (!isController(event.by)) this.#ended(event, 'deleted')
        else {
          if (event.status === 'ISSUED') this.#see('a certificate was deleted after its grace')
          if (this.#interims.has(event.arn)) this.#see('an interim certificate was deleted')
        }
        return
      case 'recordChanged':
        this.#record(event)
        return
      case 'certificateRenewed':
        if (!this.#view.isOurs(event.arn)) return
        this.#see(this.#renewed.has(event.arn) ? 'a certificate was renewed twice' : 'a certificate was renewed')
        this.#renewed.add(event.arn)
        return
      case 'listenerCertificateAdded':
        if (this.#balancersWith(event.certificateArn) > 1) this.#see('a certificate was on two load balancers')
        return
      case 'certificateExpired':
      case 'certificateImported':
      case 'certificateRenewalFailed':
      case 'hostedZoneCreated':
      case 'hostedZoneDeleted':
      case 'listenerCertificateRemoved':
      case 'listenerCreated':
      case 'listenerDeleted':
      case 'loadBalancerCreated':
      case 'loadBalancerDeleted':
      case 'tagsChanged':
    }
  }

  #call({ by, operation, outcome, effect }: Extract<AwsEvent, { kind: 'call' }>): void {
    if (operation === 'RequestCertificate' && effect && outcome !== 'ok') {
      const token = this.#tokens.get(this.#lastRequested)
      if (token) token.lost = true
    }
    if (outcome === 'ResourceInUseException') this.#see('a deletion was refused as ResourceInUse')
    const replica = `replica-${/\d+$/.exec(by)?.[0] ?? '0'}`
    if (!isRead(operation) && (this.#fencing.leader !== replica || this.#fencing.isOver))
      this.#see('a lease was lost in a call')
    if (/Throttl/.test(outcome)) this.#cut.set(`${by} ${operation}`, 0)
    else if (outcome === 'ok') {
      const well = this.#cut.get(`${by} ${operation}`)
      if (well === undefined) return
      this.#cut.set(`${by} ${operation}`, well + 1)
      if (well + 1 === RECOVERED_AFTER) this.#see('a quota was cut by a throttle and recovered')
    }
  }

  #requested({ arn, names, token = '', tags, by }: Requested): void {
    this.#lastRequested = token
    this.#tokens.set(token, { arn, lost: false })
    const life = this.#life(`replica-${/\d+$/.exec(by)?.[0] ?? '0'}`)
    const reservation = this.#reservations.get(tags['certwright.dev/key'] ?? '')
    if (reservation && reservation.attempt === tags['certwright.dev/attempt'] && reservation.life !== life)
      this.#see('a reservation was replayed by the next process')
    const id = [...names].sort().join()
    const how = this.#ends.get(id)
    this.#ends.delete(id)
    if (how === 'timed out') this.#see('a timed-out certificate was requested again')
    if (how === 'revoked') this.#see('a revoked certificate was replaced')
    if (how === 'deleted') this.#see('a certificate that a colleague deleted was requested again')
    if (how === 'failed' && names.some((name) => this.#edited.has(name)))
      this.#see('a failed certificate was requested again after an edit')
    const live = this.#view.ingresses.filter((ingress) => this.#view.isLive(ingress))
    const isWhole = live.some(({ hosts }) => hosts.join() === id)
    const isPart = live.some(({ hosts }) => hosts.length > names.length && names.every((name) => hosts.includes(name)))
    const pending = this.#view.own.some(
      (own) =>
        own !== arn && this.#view.statusOf(own) === 'PENDING_VALIDATION' && includes(this.#view.namesOf(own), names),
    )
    if (isWhole || !isPart || !pending) return
    this.#interims.add(arn)
    this.#see('an interim certificate was requested')
  }

  #ended({ arn, names }: { arn: string; names: readonly string[] }, how: string): void {
    if (!this.#view.isOurs(arn)) return
    for (const name of names) this.#edited.delete(name)
    this.#ends.set([...names].sort().join(), how)
  }

  #issued(arn: string): void {
    if (!this.#view.isOurs(arn)) return
    const certificate = this.#aws.certificate(arn)
    if (!certificate) return
    const records = certificate.names.map((name) => validationRecord(certificate.account, name).name)
    if (records.some((name) => !this.#created.has(name))) this.#see('a record that somebody else had created was found')
  }

  #record({ by, action, name }: Extract<AwsEvent, { kind: 'recordChanged' }>): void {
    if (isController(by)) {
      this.#created.add(name)
      if (this.#deletedRecords.delete(name)) this.#see('a record that somebody had deleted was put back')
    } else if (action === 'DELETE') this.#deletedRecords.add(name)
  }

  #balancersWith(arn: string): number {
    return this.#aws.loadBalancers.all.filter(({ listeners }) =>
      [...listeners.values()].some((listener) => certificatesOf(listener).has(arn)),
    ).length
  }
}

function includes(all: readonly string[], some: readonly string[]): boolean {
  return all.length > some.length && some.every((name) => all.includes(name))
}
