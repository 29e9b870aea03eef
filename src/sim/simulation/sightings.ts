import type { Clock } from '../../clock.ts'
import type { KubeCall } from '../kube/faults.ts'
import { isObject, type JsonObject } from '../kube/json.ts'
import type { LedgerEntry } from '../kube/ledger.ts'
import { CONTROLLER_MANAGER, type IngressView, type View, viewOf } from '../laws/view.ts'
import { isProbe, type Probe } from './probes.ts'

const MINUTE = 60_000

/** Rare states that were reached, recognised from what is written to Kubernetes. */
export class KubeSightings {
  readonly #view: View
  readonly #clock: Clock
  readonly #see: (probe: Probe) => void
  /** Objects that list a successor beside what it replaces, and since when. */
  readonly #waiting = new Map<string, number>()
  readonly #lent = new Set<string>()
  readonly #emptied = new Set<string>()
  readonly #expired = new Set<string>()
  readonly #broken = new Set<string>()
  readonly #uids = new Map<string, string>()
  #holder = ''
  #lostLedger = false

  constructor(options: { view: View; clock: Clock; see: (probe: Probe) => void }) {
    this.#view = options.view
    this.#clock = options.clock
    this.#see = options.see
  }

  /** Somebody deleted the whole ledger. */
  noteLostLedger(): void {
    this.#lostLedger = true
  }

  /** A watch of the controller's ended otherwise than in order. */
  noteWatchFault({ userAgent, collection }: KubeCall, how: '410' | 'break'): void {
    const set = how === '410' ? this.#expired : this.#broken
    set.add(`${userAgent} ${collection}`)
  }

  call({ verb, userAgent, collection }: KubeCall): void {
    if (verb !== 'watch') return
    const key = `${userAgent} ${collection}`
    if (this.#expired.delete(key)) this.#see('a watch was resumed after 410')
    if (this.#broken.delete(key)) this.#see('a watch was resumed after a break')
  }

  entry(entry: LedgerEntry): void {
    const { collection } = entry
    if (collection === 'leases.coordination.k8s.io') this.#lease(entry)
    if (collection.startsWith('certificateclaims.')) this.#claim(entry)
    if (collection.startsWith('acmcertificates.')) this.#certificate(entry)
    if (collection === 'ingresses.networking.k8s.io') this.#ingress(entry)
  }

  #lease({ after }: LedgerEntry): void {
    const holder = textOf(isObject(after?.spec) ? after.spec : {}, 'holderIdentity')
    if (holder === '' && this.#holder !== '') this.#see('a leader stepped down')
    if (holder !== '' && this.#holder !== '' && holder !== this.#holder) this.#see('a standby took over')
    this.#holder = holder
  }

  #verdict(status: JsonObject): void {
    const said = `${textOf(status, 'state')}/${textOf(status, 'reason')}`
    if (isProbe(said)) this.#see(said)
  }

  #claim({ before, after, namespace, name }: LedgerEntry): void {
    const [old, status] = [statusOf(before), statusOf(after)]
    if (!after) return
    this.#verdict(status)
    for (const each of Array.isArray(status.names) ? status.names : []) if (isObject(each)) this.#verdict(each)
    const change = `${textOf(old, 'state')} to ${textOf(status, 'state')}`
    if (isProbe(change)) this.#see(change)
    const uid = after.metadata.ownerReferences?.[0]?.uid ?? ''
    const known = this.#uids.get(`${namespace}/${name}`)
    if (known !== undefined && known !== uid) this.#see('an object that was created again began anew')
    this.#uids.set(`${namespace}/${name}`, uid)
  }

  #certificate({ before, after, verb, userAgent }: LedgerEntry): void {
    const [old, status] = [statusOf(before), statusOf(after)]
    this.#verdict(status)
    if (!before && after && verb === 'apply' && this.#lostLedger && userAgent.startsWith('certwright/'))
      this.#see('the ledger was rebuilt')
    const claims = Array.isArray(status.claims) ? status.claims : []
    if (claims.length > 1 && textOf(status, 'arn') !== '') this.#see('two Ingresses shared a certificate')
    const was = certificatesIn(old)
    for (const [arn, now] of certificatesIn(status)) {
      const then = was.get(arn)
      if (now.braked && !then?.braked) this.#see('the brake closed')
      if (now.releasedAt !== '' && then && then.releasedAt === '') this.#see('the brake was released')
      if (then?.braked && now.unwantedSince === '') this.#see('a braked certificate was wanted again')
    }
  }

  #ingress({ before, after, manager, subresource }: LedgerEntry): void {
    if (!before || !after || subresource !== '') return
    const [old, current] = [viewOf(before), viewOf(after)]
    if (manager === CONTROLLER_MANAGER) this.#written(old, current)
    else if (old.listed.length > 0 && current.listed.length === 0) this.#emptied.add(current.uid)
  }

  /** A write of ours. */
  #written(old: IngressView, current: IngressView): void {
    const { uid, key } = current
    const added = current.listed.filter((arn) => !old.listed.includes(arn))
    const dropped = old.listed.filter((arn) => !current.listed.includes(arn))
    const now = this.#clock.monotonic()
    if (old.listed.length === 0 && added.length > 0 && this.#emptied.delete(uid))
      this.#see('an emptied annotation was filled again')
    if (old.listed.length === 0 && added.some((arn) => !this.#view.isOurs(arn)))
      this.#see('what discovery had served was carried over')
    if (old.listed.length > 0 && current.listed.length === 0) this.#see('an annotation was withdrawn')
    const [first] = old.listed
    if (first !== undefined && current.listed.length > 0 && current.listed[0] !== first)
      this.#see('the default certificate changed')
    for (const arn of added) {
      if (!this.#view.isOurs(arn) || current.hosts.some((host) => this.#view.covers(arn, host))) continue
      this.#lent.add(`${key} ${arn}`)
      this.#see('a certificate was lent to a member of the group')
    }
    for (const arn of dropped) if (this.#lent.delete(`${key} ${arn}`)) this.#see('a loan was returned')
    if (added.length > 0 && old.listed.length > 0) this.#waiting.set(uid, now)
    if (dropped.length === 0) return
    this.#see('a departure')
    if (now - (this.#waiting.get(uid) ?? now) >= MINUTE) this.#see('a departure waited for its successor')
  }
}

interface Standing {
  readonly braked: boolean
  readonly unwantedSince: string
  readonly releasedAt: string
}

function certificatesIn(status: JsonObject): ReadonlyMap<string, Standing> {
  const all = Array.isArray(status.certificates) ? status.certificates.filter(isObject) : []
  return new Map(
    all.map((each) => [
      textOf(each, 'arn'),
      {
        braked: each.braked === true,
        unwantedSince: textOf(each, 'unwantedSince'),
        releasedAt: textOf(each, 'releasedAt'),
      },
    ]),
  )
}

function statusOf(object: LedgerEntry['after']): JsonObject {
  return object && isObject(object.status) ? object.status : {}
}

function textOf(object: JsonObject, key: string): string {
  const value = object[key]
  return typeof value === 'string' ? value : ''
}
