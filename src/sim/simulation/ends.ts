import { validationRecord } from '../aws/acm/certificate.ts'
import { DEFAULT_ACCOUNT } from '../aws/accounts.ts'
import { normalise } from '../aws/route53/names.ts'
import { promised } from '../laws/court.ts'
import { identityOf, traitsOf } from '../laws/identity.ts'
import type { IngressView } from '../laws/view.ts'
import { isObject } from '../kube/json.ts'
import type { Stage } from './stage.ts'
import { HOSTS } from './steps.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** What is asked again and again, whatever happens. */
export function askAgain(stage: Stage): void {
  const { calm, court, hearing, standing } = stage
  const calmMs = calm.lasts()
  hearing.look()
  standing.bounds()
  standing.records(calmMs, (ingress) => isExpected(stage, ingress))
  court.standing(calmMs)
  court.renewal.look(stage.clock.now())
}

/** What must be so once the storm is over and everything has come to rest: L1, L2, L3, D3, O1. */
export function checkEnds(stage: Stage): void {
  checkServed(stage)
  checkRecords(stage)
  checkLeftovers(stage)
  checkClaims(stage)
  checkRates(stage)
}

/** Q1: AWS never had to say that calls come too fast, but where the weather made it say so. */
function checkRates({ book, court, weather }: Stage): void {
  const injected = [...weather.hits].reduce(
    (sum, [what, times]) => sum + (/^(?!elb).* throttle$/.test(what) ? times : 0),
    0,
  )
  if (court.throttled > injected)
    book.broken('Q1', `AWS throttled ${court.throttled - injected} calls by its own rates`)
}

/** May we serve this object: it asks for it, and nobody took the annotation over? */
export function isManaged(stage: Stage, ingress: IngressView): boolean {
  const { view } = stage.court
  const ours = ingress.annotationIsOurs || ingress.listed.length === 0
  return (
    ours && !ingress.deleting && ingress.balanced && ingress.asks === 'true' && !ingress.paused && view.isLive(ingress)
  )
}

/** What we may serve, and may have certificates for, host by host: what is wished is all of it. */
export function isExpected(stage: Stage, ingress: IngressView): boolean {
  return isManaged(stage, ingress) && admitted(stage, ingress).length === ingress.hosts.length
}

/** The hosts that the policies allow. */
function admitted(stage: Stage, { namespace, hosts }: IngressView): readonly string[] {
  return hosts.filter((host) => stage.court.admission.isAllowed(namespace, host))
}

/** Why nobody can expect a host of the object to be served anew, in the end either. */
function whyNot(stage: Stage, host: string, ingress: IngressView): string | undefined {
  return admitted(stage, ingress).includes(host) ? spoiltBy(stage, host) : 'is not allowed'
}

/** Why nobody can expect a host to be served, in the end either. */
function spoiltBy(stage: Stage, host: string): string | undefined {
  const { bad } = stage.scenario
  if (bad !== undefined && HOSTS[bad] === host) return 'never validates'
  if (stage.hostsNotProvenAgain.has(host)) return 'cannot be validated again'
  // A wildcard shares the record, but ACM looks at each name.
  if (stage.court.view.zonesOf(host).length === 0) return 'has no zone'
  return undefined
}

/** Something that is not ours to mend makes the load balancer's controller build nothing for the group. */
export function isFrozen(stage: Stage, group: string): boolean {
  const { view } = stage.court
  const members = view.members(group)
  const asked = new Set(members.flatMap((ingress) => view.asked(ingress) ?? []))
  const held = new Set([...asked, ...[...view.listeners(group).values()].flatMap((arns) => [...arns])])
  if (held.size >= stage.scenario.certificatesPerLoadBalancer) return true
  return members.some((ingress) => {
    if (ingress.httpsPorts.length === 0) return false
    const arns = view.asked(ingress)
    const broken = arns === undefined || arns.length === 0 || arns.some((arn) => !view.isHealthy(arn))
    if (!isManaged(stage, ingress)) return broken
    // One without any host that can be served, and nothing of ours in its group to be lent.
    return broken && ingress.hosts.every((host) => whyNot(stage, host, ingress) !== undefined)
  })
}

/** The last certificate of the object's own names failed, and waits for a person or for days. */
function waitsForSomebody(stage: Stage, ingress: IngressView): boolean {
  const { requests, view } = stage.court
  const sets = [
    ingress.hosts,
    ingress.hosts.filter((host) => view.zonesOf(host).length > 0),
    admitted(stage, ingress).filter((host) => view.zonesOf(host).length > 0),
    ...ingress.hosts.map((host) => [host]),
  ]
  if (stage.scenario.namesPerCertificate < ingress.hosts.length) return true
  return sets.some((names) => {
    const living = view.own.some(
      (arn) => view.isHealthy(arn) && [...view.namesOf(arn)].sort().join() === [...names].sort().join(),
    )
    return !living && requests.failed(identityOf(names, traitsOf(ingress.annotations))) !== undefined
  })
}

function checkServed(stage: Stage): void {
  const { book, court } = stage
  const { ingresses } = court.view
  const isSpoilt = (host: string, ingress: IngressView) => whyNot(stage, host, ingress) !== undefined
  const isBad = (ingress: IngressView) =>
    ingress.hosts.some((host) => isSpoilt(host, ingress)) || ingress.asks === 'ture'
  for (const ingress of ingresses) {
    if (!isManaged(stage, ingress) || isFrozen(stage, ingress.group) || waitsForSomebody(stage, ingress)) continue
    const besideBad = ingresses.some((other) => isBad(other) && !other.deleting)
    for (const host of ingress.hosts) {
      if (isSpoilt(host, ingress)) continue
      book.check(
        besideBad ? 'L3' : 'L1',
        court.served.unservedFor(ingress, host) === 0,
        () => `${host} of ${ingress.key} is not served in the end; it lists ${court.view.labels(ingress.listed)}`,
      )
      if (besideBad) book.premise('L1')
    }
    checkTraits(stage, ingress)
  }
}

/** L1: while nobody did anything, no host was without service for a while, but for those that cannot be helped. */
export function checkLost(stage: Stage, lost: readonly { readonly host: string; readonly place: string }[]): void {
  const { ingresses } = stage.court.view
  const mayHave = (host: string) =>
    ingresses.some(
      (ingress) =>
        isManaged(stage, ingress) && ingress.hosts.includes(host) && whyNot(stage, host, ingress) === undefined,
    )
  const gaps = lost.filter(({ host }) => mayHave(host))
  stage.book.check('L1', gaps.length === 0, () => `${gaps[0]?.place} was served, and for a while it was not`)
}

/** L1: where an object asks for a key or a signature of its own, it is served with that. */
function checkTraits(stage: Stage, ingress: IngressView): void {
  const { book, court } = stage
  const { view } = court
  const { key, hosts, annotations } = ingress
  if (identityOf(hosts) === identityOf(hosts, traitsOf(annotations)) || hosts.length === 0) return
  const serves = (arn: string) =>
    view.isHealthy(arn) &&
    view.isAttached(arn) &&
    view.identityOf(arn) === identityOf(view.namesOf(arn), traitsOf(annotations))
  const others = admitted(stage, ingress).filter(
    (host) => !view.own.some((arn) => serves(arn) && view.covers(arn, host)),
  )
  book.check(
    'L1',
    others.length === 0,
    () => `${others.join(', ')} of ${key} is served with another key, or by another's signature, than it asks for`,
  )
}

/** D3: what a certificate of ours that stays needs to renew is there. */
function checkRecords(stage: Stage): void {
  const { book, court, world } = stage
  for (const arn of court.view.own) {
    if (!court.view.isHealthy(arn) || court.retirement.neededBy(arn) === undefined) continue
    for (const name of court.view.namesOf(arn)) {
      const [best] = court.view.zonesOf(name)
      const zone = world.aws.hostedZones().find(({ id }) => id === best?.id)
      if (!zone) continue
      const record = validationRecord(DEFAULT_ACCOUNT, name)
      const found = zone.get(normalise(record.name), 'CNAME')?.values[0]?.replace(/\.$/, '')
      book.check(
        'D3',
        found === record.value,
        () => `the record of ${name} on ${court.view.label(arn)} is ${found ?? 'not there'}`,
      )
    }
  }
}

function checkLeftovers(stage: Stage): void {
  const { book, court, scenario } = stage
  const { view, retirement } = court
  for (const arn of view.own) {
    const left = retirement.unneededFor(arn)
    if (
      view.isRetained(arn) ||
      retirement.neededBy(arn) !== undefined ||
      view.isAttached(arn) ||
      left < scenario.retireAfter + 2 * HOUR
    )
      continue
    // The brake may hold it, and only a person lets it go.
    if (scenario.retireBrake && retirement.mayBeBraked(arn)) continue
    // The newest end of a wish stays, since attempts are counted from it; so does what covers a part of one that is not issued.
    if (view.ingresses.some((ingress) => view.isLive(ingress) && isUnfinished(stage, ingress, arn))) continue
    book.check(
      'L2',
      false,
      () =>
        `${view.label(arn)} (${view.statusOf(arn)}) is left, and nothing has needed it for ${Math.round(left / MINUTE)} min`,
    )
  }
  book.premise('L2', view.own.length)
}

/** A host of the object is on this certificate, and none of ours is issued for all of its hosts. */
function isUnfinished({ court: { view } }: Stage, ingress: IngressView, arn: string): boolean {
  if (!ingress.hosts.some((host) => view.covers(arn, host))) return false
  return !view.own.some((other) => view.isHealthy(other) && view.isFor(other, ingress))
}

function checkClaims(stage: Stage): void {
  const { book, court, world } = stage
  for (const claim of world.kube.admin.list({ apiVersion: 'certwright.dev/v1alpha1', kind: 'CertificateClaim' })) {
    const status = isObject(claim.status) ? claim.status : {}
    const { namespace = '', name = '' } = claim.metadata
    const ingress = court.view.ingress(`${namespace}/${name.replace(/^ingress-/, '')}`)
    if (!ingress || ingress.deleting) continue
    book.check(
      'O1',
      typeof status.reason === 'string' && status.reason !== '',
      () => `the claim of ${ingress.key} gives no reason`,
    )
    if (status.state !== 'Ready') continue
    const bad = promised(ingress, claim).filter((host) => court.served.unservedFor(ingress, host) > 0)
    if (bad.length > 0) book.broken('O1', `${ingress.key} is Ready in the end, and ${bad.join(', ')} is not served`)
  }
}
