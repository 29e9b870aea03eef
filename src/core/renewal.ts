import { meaningOf } from './backoff.ts'
import type { Arn, RenewalSummary } from './certificate.ts'
import type { OwnCertificate } from './inventory.ts'
import { isEnding } from './inventory.ts'
import { endangeredRecords } from './left-to-controller.ts'
import type { Name } from './names.ts'
import { baseOf } from './names.ts'
import { once } from './once.ts'
import type { NeededRecord } from './records.ts'
import { authorityRisk } from './phases/authority.ts'
import { recordsOf, standingOf } from './records.ts'
import type { Situation } from './situation.ts'
import type { DueLook, Step } from './step.ts'
import { lastPartOf } from './term.ts'
import type { EpochMs } from './time.ts'
import { DAY, HOUR, MINUTE, rfc3339 } from './time.ts'
import type { Verdict } from './verdict.ts'
import { listed } from './verdict.ts'

/** How a certificate stands that ACM has to renew soon. */
export interface Renewal {
  readonly own: OwnCertificate
  /** Why ACM cannot renew it, as things stand. */
  readonly risk: Verdict | undefined
  /** The names that keep it from being renewed; empty where it is no name's fault. */
  readonly blamed: ReadonlySet<Name>
  /** It is not renewed though it should be by now. */
  readonly late: boolean
  /** Nothing but ACM's silence keeps it from being renewed, and its end is near: another of the same names is requested beside it. */
  readonly replaceable: boolean
}

/** ACM tries again each hour: what it says for so long no record that was put back will mend. */
const ACM_TRIES = 6 * HOUR

/** How long a certificate may be in nobody's use before that is said: a load balancer may be on its way. */
const UNUSED = HOUR

/** All certificates of ours that ACM has to renew soon. */
export function renewalsOf(situation: Situation): ReadonlyMap<Arn, Renewal> {
  return once(RENEWALS, situation, () => {
    const renewals = new Map<Arn, Renewal>()
    for (const own of situation.inventory.own.values()) {
      const last = own.certificate.status === 'ISSUED' ? lastPartOf(own.certificate) : undefined
      if (last === undefined || last.watchFrom > situation.now || (own.certificate.notAfter ?? 0) <= situation.now)
        continue
      renewals.set(own.certificate.arn, renewalOf(own, last.alertFrom <= situation.now, situation))
    }
    return renewals
  })
}

const RENEWALS = new WeakMap<Situation, ReadonlyMap<Arn, Renewal>>()

function renewalOf(own: OwnCertificate, late: boolean, situation: Situation): Renewal {
  const { certificate } = own
  const said = summaryOf(own, situation)
  const obstacles = obstaclesTo(own, said, late, situation)
  const blamed = new Set([...obstacles].flatMap(([name, because]) => (because === undefined ? [] : [name])))
  const risk = riskOf({ own, said, obstacles, late, situation })
  const replaceable =
    blamed.size === 0 &&
    (said?.reason === undefined || meaningOf('FAILED', said.reason).remedy === 'time') &&
    isEnding(certificate, situation.now) &&
    situation.attached.has(certificate.arn)
  return { own, risk, blamed, late, replaceable }
}

/** What ACM says of the renewal that is due: what it said of an earlier one is over. */
function summaryOf({ certificate }: OwnCertificate, { observation }: Situation): RenewalSummary | undefined {
  const detail = observation.details.get(certificate.arn)?.value
  return detail?.notAfter === certificate.notAfter && detail?.renewal?.status !== 'SUCCESS'
    ? detail?.renewal
    : undefined
}

/** For each name that ACM will not be able to validate: why, as far as we or ACM know. */
function obstaclesTo(
  own: OwnCertificate,
  said: RenewalSummary | undefined,
  late: boolean,
  situation: Situation,
): ReadonlyMap<Name, string> {
  const { certificate } = own
  const records = new Map(recordsOf(certificate.arn, own.key, situation).map((record) => [record.of, record]))
  const awaitedSince = situation.observation.renewalAwaitedSince.get(certificate.arn) ?? situation.now
  const isLong = late || awaitedSince + ACM_TRIES <= situation.now
  const unseen = new Set(said?.status === 'PENDING_VALIDATION' && isLong ? said.unproven : [])
  const obstacles = new Map<Name, string>()
  for (const name of certificate.names) {
    const record = records.get(baseOf(name))
    const because = (record && obstacleAt(record, situation)) ?? (unseen.has(name) ? unseenAt(record) : undefined)
    if (because !== undefined) obstacles.set(name, because)
  }
  return obstacles
}

/** What stands in the way of one record, of that which waiting does not mend. */
function obstacleAt(record: NeededRecord, situation: Situation): string | undefined {
  const standing = standingOf(record, situation)
  switch (standing.kind) {
    case 'right':
      return undefined
    case 'missing': {
      const failure = situation.observation.failures.get(`record:${standing.zone}/${record.name}`)
      if (failure === undefined || (failure.kind !== 'denied' && situation.now - failure.since < HOUR)) return undefined
      return `its record ${record.name} is missing and cannot be put back (${failure.message}); allow it, it is tried again`
    }
    case 'conflict':
      return `its record ${record.name} in zone ${standing.zone} is ${standing.found} where ACM needs CNAME ${record.value}; change or delete it`
    case 'noZone': {
      const answer = situation.zones.zoneFor(record.of)
      if (answer.kind === 'unknown') return undefined
      return `no hosted zone of this account answers for it any more, so its record ${record.name} CNAME ${record.value} cannot be seen to; create the zone, or leave the name out with certwright.dev/exclude-names`
    }
  }
}

function unseenAt(record: NeededRecord | undefined): string {
  const what = record ? `its record ${record.name}, which stands in the zone,` : 'its validation record'
  return `ACM does not find ${what} in public DNS; see that the zone is delegated and that the record resolves`
}

function riskOf(options: {
  own: OwnCertificate
  said: RenewalSummary | undefined
  obstacles: ReadonlyMap<Name, string>
  late: boolean
  situation: Situation
}): Verdict | undefined {
  const { own, said, obstacles, late, situation } = options
  const { certificate } = own
  const of = `The certificate for ${listed(certificate.names)} expires at ${rfc3339(certificate.notAfter ?? 0)}`
  const [first] = obstacles
  if (first) {
    const [name, because] = first
    const more = obstacles.size > 1 ? ` (so it is for ${obstacles.size - 1} more)` : ''
    return atRisk('ValidationRecordMissing', `${of} and ACM cannot renew it because of ${name}: ${because}${more}.`)
  }
  if (said?.reason !== undefined || said?.status === 'FAILED') {
    const { advice } = meaningOf('FAILED', said.reason)
    return atRisk('RenewalFailed', `${of} and ACM does not renew it: ${advice}.`)
  }
  if (isUnused(own, late, situation)) {
    return atRisk(
      'NotInUse',
      `${of} and ACM renews only what a load balancer uses, which it says that none does; see the events of the AWS Load Balancer Controller.`,
    )
  }
  if (!late) return undefined
  const status = said ? ` (its renewal is ${said.status})` : ''
  return atRisk('RenewalFailed', `${of} and ACM has not renewed it yet, and gives no reason${status}; ask AWS Support.`)
}

/** In ACM's eyes; what a listener was seen with is in use, until ACM had weeks to notice. Not said of a load balancer that is on its way. */
function isUnused({ certificate, key }: OwnCertificate, late: boolean, { attached, ledger, now }: Situation): boolean {
  if (certificate.inUse || certificate.renewalEligible) return false
  if (attached.has(certificate.arn)) return late
  const shown = ledger.certificates?.get(key)?.shown.verdict
  if (shown === undefined) return false
  return shown.reason === 'NotInUse' || (shown.state !== 'Ready' && now - shown.since >= UNUSED)
}

function atRisk(reason: string, message: string): Verdict {
  return { state: 'RenewalAtRisk', reason, message }
}

/** What is said of an issued certificate, unless its renewal is at risk. */
export function unlessAtRisk(step: Step, own: OwnCertificate, situation: Situation): Step {
  const risk = authorityRisk(own, situation) ?? renewalsOf(situation).get(own.certificate.arn)?.risk
  if (!risk) return step
  const { state } = step.verdict
  const replaced = state === 'Ready' || (state === 'Attaching' && risk.reason === 'NotInUse')
  return replaced ? { ...step, verdict: risk } : step
}

/** Certificates of ours that will end because of some of their names: what else covers the others is published beside them. */
export function fading(situation: Situation): ReadonlySet<Arn> {
  return once(FADING, situation, () => {
    const isFading = ({ late, blamed }: Renewal) => late && blamed.size > 0
    return new Set([...renewalsOf(situation)].flatMap(([arn, renewal]) => (isFading(renewal) ? [arn] : [])))
  })
}

const FADING = new WeakMap<Situation, ReadonlySet<Arn>>()

/** Between two looks at the renewal of one certificate: rarely while nothing is wrong, since the list tells when it is renewed. */
const PAUSE = DAY
const PAUSE_IN_TROUBLE = HOUR

/** Between two such looks at whatever certificates: at most twelve an hour, however many are due. */
const BETWEEN = 5 * MINUTE

/** What ACM says of the renewals that are due is asked for in turn, the one that waits for longest first. */
export function renewalLooks(situation: Situation): readonly DueLook[] {
  const { observation } = situation
  let next: { readonly arn: Arn; readonly dueAt: EpochMs } | undefined
  let newest = 0
  for (const [arn, renewal] of renewalsOf(situation)) {
    // One that cannot be asked for must not hold up the turn of the others.
    const last = Math.max(
      observation.details.get(arn)?.at ?? 0,
      observation.gone.get(arn)?.at ?? 0,
      observation.failures.get(`look:describe:${arn}`)?.at ?? 0,
    )
    newest = Math.max(newest, last)
    const troubled = renewal.risk !== undefined || observation.renewalAwaitedSince.has(arn)
    const dueAt = last === 0 ? 0 : last + (troubled ? PAUSE_IN_TROUBLE : PAUSE)
    if (!next || dueAt < next.dueAt) next = { arn, dueAt }
  }
  return next
    ? [{ look: { kind: 'describe', arn: next.arn }, dueAt: Math.max(next.dueAt, newest + (newest > 0 ? BETWEEN : 0)) }]
    : []
}

/**
 * How often the records of this name are looked at while ACM waits for them to renew a certificate: at first each minute, then ever more
 * rarely, since ACM itself looks once an hour. And each minute while somebody else may be deleting them.
 */
export function recordPause(own: OwnCertificate, name: Name, situation: Situation): number {
  if (endangeredRecords(situation).has(own.certificate.arn)) return MINUTE
  const said = renewalsOf(situation).has(own.certificate.arn) ? summaryOf(own, situation) : undefined
  if (said?.status !== 'PENDING_VALIDATION' || !said.unproven.some((each) => baseOf(each) === name))
    return Number.POSITIVE_INFINITY
  return Math.max(MINUTE, (situation.now - (said.updatedAt ?? situation.now)) / 10)
}
