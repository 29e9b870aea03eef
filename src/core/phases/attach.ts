import type { Action } from '../action.ts'
import type { Places } from '../capacity.ts'
import { fullVerdict, heldFreeUntil } from '../capacity.ts'
import type { OwnCertificate } from '../inventory.ts'
import { nameOf } from '../ingress.ts'
import type { Name } from '../names.ts'
import type { Publication } from '../publish.ts'
import { isValidationRecord, recordKey, recordsOf, standingOf } from '../records.ts'
import type { Failure } from '../observation.ts'
import type { Group, Member, Situation } from '../situation.ts'
import { isAttached, serves } from '../situation.ts'
import type { Step } from '../step.ts'
import { MINUTE } from '../time.ts'
import type { StandingVerdict, Verdict } from '../verdict.ts'
import { listed } from '../verdict.ts'
import type { Wish } from '../wish.ts'

/** When a load balancer takes longer than this, the reason stands in its controller's events. */
const PATIENCE = 15 * MINUTE

/** Issued: its records are kept in place as long as it is kept, since the renewal needs them. */
export function tend(own: OwnCertificate, situation: Situation): Pick<Step, 'actions'> {
  const actions: Action[] = []
  for (const record of recordsOf(own.certificate.arn, own.key, situation)) {
    const standing = standingOf(record, situation)
    if (standing.kind !== 'missing' || !isValidationRecord(record)) continue
    // Never looked at is not missing: at rest a restart writes nothing.
    if (situation.observation.records.has(recordKey(standing.zone, record.name)))
      actions.push({ kind: 'createRecord', zone: standing.zone, name: record.name, value: record.value })
  }
  return { actions }
}

/** The claim's own certificate is issued: is it published, and is it served? */
export function attach(options: {
  member: Member
  own: OwnCertificate
  /** All names of the claim's certificates, and how many these are. */
  whole: { readonly names: readonly Name[]; readonly certificates: number }
  publication: Publication | undefined
  places: Places | undefined
  before: StandingVerdict | undefined
  situation: Situation
}): Step {
  const { member, own, whole, publication, places, before, situation } = options
  const { arn, names } = own.certificate
  const object = nameOf(member.claim.ingress.ref)
  if (!member.listed.includes(arn)) {
    if (publication?.full) {
      const verdict = fullVerdict({ wish: own.certificate, member, places, situation })
      return { verdict, wakeAt: heldFreeUntil(places, situation) }
    }
    const failure = situation.observation.failures.get(`object:${member.claim.ingress.ref.uid}`)
    const because = failure ? ` (the last try failed: ${failure.message})` : ''
    return {
      verdict: attaching(
        'Publishing',
        `The certificate for ${listed(names)} is issued and is being written to Ingress ${object}${because}.`,
      ),
    }
  }
  const group = situation.groups.get(member.claim.group)
  if (!group || !isAttached(group, member.claim.httpsPorts, arn)) {
    const late = before?.reason === 'WaitingForLoadBalancer' ? before.since + PATIENCE : situation.now + PATIENCE
    const unread = unreadable(group, situation)
    const advice = unread
      ? `, as far as can be told: ${unread.message}`
      : late <= situation.now
        ? `; it takes long: see the AWS Load Balancer Controller's events with "kubectl describe ingress -n ${member.claim.ingress.ref.namespace} ${member.claim.ingress.ref.name}"`
        : ''
    return {
      verdict: attaching(
        'WaitingForLoadBalancer',
        `The certificate for ${listed(names)} is on Ingress ${object} and its load balancer does not serve it yet${advice}.`,
      ),
      wakeAt: late > situation.now ? late : undefined,
    }
  }
  const unserved = member.claim.hosts.filter(
    (host) =>
      !member.listed.some(
        (other) => serves(situation, other, host) && isAttached(group, member.claim.httpsPorts, other),
      ),
  )
  const left = unserved.length > 0 ? `; ${listed(unserved)} is not on it` : ''
  return {
    verdict: {
      state: 'Ready',
      reason: 'Served',
      message: `The load balancer of Ingress ${object} serves ${listed(whole.names)} with ${whole.certificates === 1 ? 'this certificate' : `${whole.certificates} certificates`}${left}.`,
    },
  }
}

/** Why nobody may know what the load balancers of this group carry. */
function unreadable(group: Group | undefined, { observation }: Situation): Failure | undefined {
  const looks = ['loadBalancers', ...(group?.loadBalancers ?? []).map(({ arn }) => `listeners:${arn}`)]
  return looks
    .map((look) => observation.failures.get(`look:${look}`))
    .find((failure) => failure?.kind === 'denied' || failure?.kind === 'credentials')
}

/** Its own certificate is not there yet, but what it lists serves some of its hosts: a successor is on its way. */
export function whileReplacing(member: Member, verdict: Verdict, situation: Situation, wish?: Wish): Verdict {
  if (!['Requesting', 'Validating', 'Issuing'].includes(verdict.state)) return verdict
  const group = situation.groups.get(member.claim.group)
  const served = member.listed.flatMap((arn) => {
    const own = situation.inventory.own.get(arn)
    const serving = member.claim.hosts.some((host) => serves(situation, arn, host))
    return own && serving && group && isAttached(group, member.claim.httpsPorts, arn) ? [own] : []
  })
  if (served.length === 0) return verdict
  const same = served.find(({ certificate }) => certificate.names.join(',') === wish?.names.join(','))
  const { reason, what } = !same
    ? { reason: 'NamesChanged', what: 'names' }
    : JSON.stringify(same.issuer) !== JSON.stringify(wish?.issuer)
      ? { reason: 'IssuerChanged', what: 'issuer' }
      : { reason: 'KeyAlgorithmChanged', what: 'key algorithm' }
  const object = nameOf(member.claim.ingress.ref)
  const message = `The ${what} of Ingress ${object} changed and its old certificate is served until the new one is: ${verdict.message}`
  return { state: 'Replacing', reason, message }
}

function attaching(reason: string, message: string): Verdict {
  return { state: 'Attaching', reason, message }
}
