import { DEFAULT_ACCOUNT } from '../aws/accounts.ts'
import { type Certificate, statusOf, validationRecord } from '../aws/acm/certificate.ts'
import { normalise } from '../aws/route53/names.ts'
import { isObject } from '../kube/json.ts'
import type { IngressView } from '../laws/view.ts'
import type { Stage } from '../simulation/stage.ts'
import { HOSTS } from '../simulation/steps.ts'
import { countsOf, type Counts } from './counts.ts'

/** What a run came to, with names of its own in the place of UIDs, ARNs and times: lines that can be compared and read. */
export interface End {
  /** What people wrote, in the end. Runs of different wishes say nothing of each other. */
  readonly wish: readonly string[]
  /** Objects of which the wish alone does not say how they end, each with the reason. */
  readonly open: ReadonlyMap<string, string>
  /** Where each object stands, what it lists and how it is served; and the certificates. */
  readonly lines: readonly string[]
  readonly counts: Counts
}

/** How the objects of a run are called, so that those of another run have the same names. `undefined`: not to be looked at. */
export type Naming = (key: string) => string | undefined

/** Reads the end of a run from the worlds themselves. */
export function endOf(stage: Stage, naming: Naming): End {
  const { view } = stage.court
  const looked = view.ingresses.flatMap((ingress): Place[] => {
    const name = naming(ingress.key)
    return name === undefined ? [] : [{ name, ingress, group: groupName(ingress, naming) }]
  })
  const places = looked.sort((a, b) => (a.name < b.name ? -1 : 1))
  const elsewhere = new Set(view.ingresses.flatMap(({ key, hosts }) => (naming(key) === undefined ? hosts : [])))
  return {
    wish: places.map((place) => wishOf(stage, place)),
    open: openPlaces(stage, places),
    lines: [
      ...places.flatMap((place) => linesOf(stage, place)),
      ...certificatesBut(stage, elsewhere).flatMap((certificate) => certificateLines(stage, certificate)),
    ],
    counts: countsOf(stage),
  }
}

interface Place {
  readonly name: string
  readonly ingress: IngressView
  readonly group: string
}

function groupName({ group, key }: IngressView, naming: Naming): string {
  return group === key ? `of ${naming(key)}` : group
}

/** All that people decide of an object; an ARN is theirs where we did not apply it. */
function wishOf(stage: Stage, { name, ingress, group }: Place): string {
  const { hosts, httpsPorts, asks, paused, balanced, deleting } = ingress
  const explicit = isTaken(ingress) ? sortedList(ingress.listed.map((arn) => namesLabel(stage, arn))) : 'none'
  return `${name} wants ${hosts.join('+')} in ${group} on ${httpsPorts.join()}, asks ${asks}, paused ${paused}, balanced ${balanced}, deleting ${deleting}, explicit ${explicit}`
}

function isTaken({ listed, annotationIsOurs }: IngressView): boolean {
  return listed.length > 0 && !annotationIsOurs
}

/**
 * The wish does not say how these end: PRODUCT lets the way leave the last ARN, what discovery may serve and whoever came first on a full
 * load balancer. One such object opens its whole group, whose listeners it shares.
 */
function openPlaces(stage: Stage, places: readonly Place[]): ReadonlyMap<string, string> {
  const open = new Map<string, string>()
  const reasons = new Map(places.map((place) => [place.name, openBy(stage, place.ingress)]))
  for (const { name, group } of places) {
    const others = places.filter((other) => other.group === group)
    const own = reasons.get(name)
    const shared = others.map((other) => reasons.get(other.name)).find((reason) => reason !== undefined)
    const wanted = new Set(others.map(({ ingress }) => wantedNames(stage, ingress).join('+')))
    const full = wanted.size >= stage.scenario.certificatesPerLoadBalancer
    const reason = own ?? (shared === undefined ? undefined : `in a group with one that ${shared}`)
    if (reason !== undefined) open.set(name, reason)
    else if (full) open.set(name, 'is on a load balancer that is full')
  }
  return open
}

function openBy(stage: Stage, ingress: IngressView): string | undefined {
  const { bad, namesPerCertificate } = stage.scenario
  if (ingress.deleting) return 'is being deleted'
  if (!ingress.balanced) return 'is of another class'
  if (isTaken(ingress)) return 'carries an ARN that somebody wrote'
  if (ingress.asks !== 'true') return 'does not ask, or not in a way that can be understood'
  if (ingress.paused) return 'is paused'
  const names = wantedNames(stage, ingress)
  if (names.length === 0) return 'has no name that can be wished'
  if (names.length > namesPerCertificate) return 'has too many names'
  if (bad !== undefined && ingress.hosts.includes(HOSTS[bad] as string)) return 'has a name that never validates'
  return undefined
}

/** Names without a hosted zone are left out of the wish. */
function wantedNames(stage: Stage, { hosts }: IngressView): readonly string[] {
  return hosts.filter((host) => stage.court.view.zonesOf(host).length > 0)
}

/** Where one object stands, what it lists, and with whose names each of its hosts is served. */
function linesOf(stage: Stage, { name, ingress }: Place): string[] {
  const { view } = stage.court
  const label = (arn: string) => namesLabel(stage, arn)
  const listeners = view.listeners(ingress.group)
  const asked = new Set(view.members(ingress.group).flatMap((member) => view.asked(member) ?? []))
  const served = ingress.hosts.flatMap((host) =>
    ingress.httpsPorts.map((port) => {
      const arns = [...(listeners.get(port) ?? [])].filter(
        (arn) => asked.has(arn) && view.isHealthy(arn) && view.covers(arn, host),
      )
      return `${name} ${host}:${port} is served with ${sortedList(arns.map(label))}`
    }),
  )
  return [
    `${name} is ${standingOf(stage, ingress)}`,
    `${name} lists ${sortedList(ingress.listed.map(label))}${ingress.annotationIsOurs ? ', ours' : ''}`,
    ...(ingress.balanced && !ingress.deleting ? served : []),
  ]
}

function sortedList(labels: readonly string[]): string {
  return `{${[...labels].sort().join(', ')}}`
}

function standingOf({ world }: Stage, ingress: IngressView): string {
  const { namespace, name } = ingress
  const claim = world.kube.admin
    .list({ apiVersion: 'certwright.dev/v1alpha1', kind: 'CertificateClaim' })
    .find(({ metadata }) => metadata.namespace === namespace && metadata.name === `ingress-${name}`)
  const status = claim && isObject(claim.status) ? claim.status : {}
  const { state, reason } = status
  return typeof state === 'string' && typeof reason === 'string' ? `${state}/${reason}` : 'not said to be anything'
}

/** By its names, and whose it is: which of several with the same names it is depends on the way. */
function namesLabel(stage: Stage, arn: string): string {
  const names = stage.court.view.namesOf(arn)
  const whose = stage.court.view.isOurs(arn) ? '' : 'foreign '
  return names.length === 0 ? 'unknown' : `${whose}${[...names].sort().join('+')}`
}

/** Certificates of ours, but for those of objects that are not looked at. */
function certificatesBut({ world, court }: Stage, elsewhere: ReadonlySet<string>): readonly Certificate[] {
  return world.aws
    .certificates()
    .filter(({ arn, names }) => court.view.isOurs(arn) && !names.every((name) => elsewhere.has(name)))
}

/** A certificate, and the records that its renewal needs. What others need no more stays, and is the way's. */
function certificateLines(stage: Stage, certificate: Certificate): string[] {
  const label = namesLabel(stage, certificate.arn)
  const records = certificate.names.map((name) => {
    const record = validationRecord(DEFAULT_ACCOUNT, name)
    const values = stage.world.aws
      .hostedZones()
      .filter((zone) => !zone.isPrivate)
      .flatMap((zone) => zone.get(normalise(record.name), 'CNAME')?.values ?? [])
    return `the record of ${name} on ${label} is ${values.join(' and ') || 'not there'}`
  })
  return [`certificate ${label} ${statusOf(certificate)}`, ...records]
}

/** What of `actual` is not in `expected`, and the other way round; empty where they are the same, repetitions counted. */
export function differences(expected: readonly string[], actual: readonly string[]): readonly string[] {
  const left = [...expected]
  const added: string[] = []
  for (const line of actual) {
    const at = left.indexOf(line)
    if (at < 0) added.push(`+ ${line}`)
    else left.splice(at, 1)
  }
  return [...left.map((line) => `- ${line}`), ...added]
}

/** Does the brake hold anything? How many became unwanted within an hour depends on the way. */
export function isBraked({ world }: Stage): boolean {
  return world.kube.admin
    .list({ apiVersion: 'certwright.dev/v1alpha1', kind: 'ACMCertificate' })
    .some(({ status }) => isObject(status) && status.reason === 'Braked')
}
