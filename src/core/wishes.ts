import { isHealthy } from './certificate.ts'
import type { NameValidation } from './certificate.ts'
import type { Claim, ClaimRequest } from './claim.ts'
import { nameOf } from './ingress.ts'
import type { OwnCertificate } from './inventory.ts'
import { issuedOf, pendingOf, smallestCover, terminalOf } from './inventory.ts'
import { standAside } from './left-to-controller.ts'
import type { Name } from './names.ts'
import { policyVerdict } from './policy.ts'
import type { Situation } from './situation.ts'
import { fading, renewalsOf } from './renewal.ts'
import { isServedElsewhere } from './situation.ts'
import { splitNames } from './split.ts'
import { MINUTE } from './time.ts'
import type { NameVerdict, Verdict } from './verdict.ts'
import { listed } from './verdict.ts'
import type { Wish, WishKey } from './wish.ts'
import type { ZoneRole } from './zone-role.ts'
import { cureOf, roleFor } from './zone-role.ts'
import { byAge, compare, MAX_DOMAIN_NAME_OCTETS, wishKey } from './wish.ts'

/** What a claim comes to once the facts outside its object are looked at. */
export interface Resolution {
  /** One for each certificate that its names need; empty where nothing can be wished: then `verdict` says why. */
  readonly keys: readonly WishKey[]
  readonly verdict: Verdict | undefined
  /** Names that are not on a wish, each with its reason. */
  readonly leftOut: readonly NameVerdict[]
  /** The keys of all names, those left out too: a certificate of one is never given up while they are held. */
  readonly fullKeys: readonly WishKey[]
}

export interface Wishes {
  readonly byKey: ReadonlyMap<WishKey, Wish>
  /** By the UID of the object. */
  readonly resolutions: ReadonlyMap<string, Resolution>
}

/** A wish that is pending this long also wishes an interim certificate for those of its names that validated. */
export const INTERIM_AFTER = 10 * MINUTE

/** Claims + facts → wishes. Equal wishes merge, whoever made them. */
export function deriveWishes(situation: Situation): Wishes {
  const byKey = new Map<WishKey, Wish>()
  const resolutions = new Map<string, Resolution>()
  for (const member of situation.members) {
    const { claim } = member
    if (claim.request.kind !== 'wanted' || !member.live) continue
    if (isServedElsewhere(member) && !claim.request.standby) continue
    const aside = standAside(member, situation)
    if (aside) {
      const { verdict } = aside
      resolutions.set(claim.ingress.ref.uid, { keys: [], verdict, leftOut: [], fullKeys: [] })
      continue
    }
    const resolved = resolve(claim, claim.request, situation)
    resolutions.set(claim.ingress.ref.uid, resolved)
    for (const wish of resolved.wishes) merge(byKey, wish)
  }
  const ending = fading(situation)
  const late = [...byKey.values()].filter(({ key, names, issuer }) => {
    // A private CA asks for no proof, so that no name can be late.
    if (names.length === 1 || issuer.kind !== 'amazon') return false
    const issued = issuedOf(situation.inventory, key, situation.now)
    return issued === undefined || ending.has(issued.certificate.arn)
  })
  const ownByFirstName =
    late.length === 0
      ? NOBODY
      : Map.groupBy(situation.inventory.own.values(), ({ certificate }) => certificate.names[0])
  const interims = late.flatMap((wish) => interimsOf(wish, ownByFirstName, situation))
  for (const interim of interims) merge(byKey, interim)
  return { byKey, resolutions }
}

function merge(byKey: Map<WishKey, Wish>, wish: Wish): void {
  const before = byKey.get(wish.key)
  if (!before) byKey.set(wish.key, wish)
  else {
    const claims = [...new Set([...before.claims, ...wish.claims])].sort(byAge)
    byKey.set(wish.key, { ...before, claims, interim: before.interim && wish.interim })
  }
}

type Wanted = Extract<ClaimRequest, { kind: 'wanted' }>

function resolve(
  claim: Claim,
  request: Wanted,
  situation: Situation,
): Resolution & { readonly wishes: readonly Wish[] } {
  const { settings, inventory, now } = situation
  const { region, maxNamesPerCertificate, certificatesPerLoadBalancer } = settings
  const leftOut: NameVerdict[] = [...request.rejected]
  const fullKeys: WishKey[] = []
  const wishes: Wish[] = []
  const none = (verdict: Verdict) => ({ keys: [], verdict, leftOut, fullKeys, wishes: [] })
  if (region === undefined) return none(noRegion(claim))
  const of = (names: readonly Name[]) => wishOf(claim, request, names, region)
  const isIssued = (wish: Wish | undefined) => wish && issuedOf(inventory, wish.key, now) !== undefined
  // Where a certificate of all the names is issued, that stays the wish, zone or not: it renews, or says why it cannot.
  const all = of(request.names)
  const parts = isIssued(all) ? [request.names] : splitNames(request.names, maxNamesPerCertificate)
  if (parts.length > certificatesPerLoadBalancer) {
    if (all) fullKeys.push(all.key)
    return none(tooMany(claim, request.names, parts.length, situation))
  }
  for (const part of parts) {
    const whole = of(part)
    if (whole) fullKeys.push(whole.key)
    if (whole && isIssued(whole)) {
      wishes.push(whole)
      continue
    }
    const names: Name[] = []
    for (const name of part) {
      const verdict =
        policyVerdict(name, claim.ingress, situation) ??
        (request.issuer.kind === 'private' ? undefined : zoneVerdict(name, claim, situation))
      if (verdict) leftOut.push({ name, ...verdict })
      else names.push(name)
    }
    const wish = names.length === part.length ? whole : of(names)
    if (wish) wishes.push(wish)
    else for (const name of names) leftOut.push({ name, ...noShortName(claim, names) })
  }
  // What a role of another account denies holds only the names that need it.
  const unknown = leftOut.find(
    ({ name, reason }) =>
      ['LookingUpZones', 'ReadingPolicies', 'PolicyUnavailable'].includes(reason) ||
      (['AccessDenied', 'CredentialsUnavailable'].includes(reason) && !roleFor(name, settings.zoneRoles)),
  )
  if (unknown) return none(unknown)
  if (wishes.length > 0) return { keys: wishes.map(({ key }) => key), verdict: undefined, leftOut, fullKeys, wishes }
  const [held] = leftOut.filter((entry) => entry.state === 'Held')
  return none(held ?? leftOut[0] ?? noShortName(claim, request.names))
}

function wishOf(claim: Claim, request: Wanted, names: readonly Name[], region: string): Wish | undefined {
  const { issuer, keyAlgorithm } = request
  const known = WISHES.get(claim)
  if (known?.region === region && known.wish.names === names) return known.wish
  const domainName = names.find((name) => name.length <= MAX_DOMAIN_NAME_OCTETS)
  if (domainName === undefined) return undefined
  const key = wishKey({ names, issuer, keyAlgorithm, region })
  const wish: Wish = { key, names, domainName, issuer, keyAlgorithm, claims: [claim], interim: false }
  if (names === request.names) WISHES.set(claim, { region, wish })
  return wish
}

/** What a claim wishes with all its names: the same as long as the claim is. */
const WISHES = new WeakMap<Claim, { readonly region: string; readonly wish: Wish }>()

function zoneVerdict(name: Name, claim: Claim, situation: Situation): Verdict | undefined {
  const answer = situation.zones.zoneFor(name)
  if (answer.kind === 'zone') return undefined
  const object = `Ingress ${nameOf(claim.ingress.ref)}`
  switch (answer.kind) {
    case 'none':
      return {
        state: 'Held',
        reason: 'NoHostedZone',
        message: `No public hosted zone of ${roleFor(name, situation.settings.zoneRoles) ? `the account of ${roleFor(name, situation.settings.zoneRoles)?.arn}` : 'this account'} answers for ${name} of ${object}; create one in Route 53, or leave the name out with certwright.dev/exclude-names.`,
      }
    case 'ambiguous':
      return {
        state: 'Held',
        reason: 'AmbiguousHostedZone',
        message: `Several public hosted zones are named ${answer.zone} (${answer.ids.join(', ')}) and public DNS delegates to none of them, so none was chosen for ${name} of ${object}; name the right one with --hosted-zone ${answer.zone}=ID.`,
      }
    case 'unknown': {
      const role = roleFor(name, situation.settings.zoneRoles)
      if (role) return roleVerdict(role, name, object, situation)
      const failure = situation.observation.failures.get('look:zones')
      if (failure?.kind === 'denied') {
        return {
          state: 'Held',
          reason: 'AccessDenied',
          message: `Route 53 refuses to list the hosted zones that ${object} needs (${failure.message}); allow the action in the controller's IAM policy.`,
        }
      }
      if (failure?.kind === 'credentials') {
        return {
          state: 'Held',
          reason: 'CredentialsUnavailable',
          message: `There are no valid AWS credentials to look up the hosted zones that ${object} needs (${failure.message}); give the controller's service account a role.`,
        }
      }
      return {
        state: 'Requesting',
        reason: 'LookingUpZones',
        message: `The hosted zone of ${name} is being looked up for ${object}.`,
      }
    }
  }
}

function roleVerdict(role: ZoneRole, name: Name, object: string, { observation }: Situation): Verdict {
  const failure = observation.failures.get(`look:zones:${role.suffix}`)
  if (failure?.kind === 'denied' || failure?.kind === 'credentials') {
    return {
      state: 'Held',
      reason: 'AccessDenied',
      message: `The hosted zones of ${role.suffix}, which ${name} of ${object} needs, cannot be listed through the role ${role.arn} (${failure.message}); ${cureOf(role)}.`,
    }
  }
  return {
    state: 'Requesting',
    reason: 'LookingUpZones',
    message: `The hosted zone of ${name} is being looked up for ${object}, through the role ${role.arn}.`,
  }
}

function tooMany(claim: Claim, names: readonly Name[], needed: number, { settings }: Situation): Verdict {
  return {
    state: 'Refused',
    reason: 'TooManyNames',
    message: `Ingress ${nameOf(claim.ingress.ref)} has ${names.length} names, which need ${needed} certificates of up to ${settings.maxNamesPerCertificate} (--max-names-per-certificate), and a load balancer holds ${settings.certificatesPerLoadBalancer} (--certificates-per-load-balancer); use a wildcard, split the Ingress, or raise the quotas in AWS and the settings.`,
  }
}

function noRegion(claim: Claim): Verdict {
  return {
    state: 'Held',
    reason: 'RegionUnknown',
    message: `No AWS region is configured, so nothing can be requested for Ingress ${nameOf(claim.ingress.ref)}; set AWS_REGION or --region for the controller, and restart it.`,
  }
}

function noShortName(claim: Claim, names: readonly Name[]): Verdict {
  return {
    state: 'Refused',
    reason: 'InvalidName',
    message: `All names of Ingress ${nameOf(claim.ingress.ref)} (${listed(names)}) are longer than ${MAX_DOMAIN_NAME_OCTETS} octets and ACM needs one that is not; add a shorter one with certwright.dev/names.`,
  }
}

/**
 * One bad name never holds up a good one: a wish that is late, or failed, also wishes those of its names that validated and that nothing
 * serves yet; so does one whose certificate cannot be renewed because of some of its names, for the others. An interim certificate that was
 * begun stays wished until the wish itself is issued, or renewed, so that names which validate one after the other do not make it change
 * under way, and it is not requested again and again where another serves its names meanwhile.
 */
function interimsOf(
  wish: Wish,
  ownByFirstName: ReadonlyMap<Name | undefined, readonly OwnCertificate[]>,
  situation: Situation,
): readonly Wish[] {
  const { now } = situation
  const ending = fading(situation)
  const parts = wish.names
    .flatMap((name) => ownByFirstName.get(name) ?? [])
    // What another issuer signed is no part of this wish: to wish it again would request it anew.
    .filter((entry) => entry.issuer.kind === 'amazon' && entry.certificate.keyAlgorithm === wish.keyAlgorithm)
    .map((entry) => entry.certificate)
    .filter(({ arn, names, namesComplete }) => namesComplete && isPartOf(names, wish.names) && !ending.has(arn))
    .sort((a, b) => a.createdAt - b.createdAt || compare(a.arn, b.arn))
  // What covers a part of it now is not given up before all of it is issued.
  const issued = smallestCover(
    wish.names,
    parts.filter((certificate) => isHealthy(certificate, now)),
  )
  const kept = issued.map((certificate) => certificate.names)
  const proven = provenOf(wish, situation)
  const begun = parts.filter(
    ({ status, names }) => status === 'PENDING_VALIDATION' && names.every((name) => proven.has(name)),
  )
  const open = [...proven].filter(
    (name) =>
      situation.ownServing.covering(name).every(({ arn }) => ending.has(arn)) &&
      !begun.some((certificate) => certificate.names.includes(name)),
  )
  const sets = [...kept, ...begun.map((certificate) => certificate.names), ...(open.length > 0 ? [open.sort()] : [])]
  return sets.flatMap((names) => {
    const domainName = names.find((name) => name.length <= MAX_DOMAIN_NAME_OCTETS)
    if (domainName === undefined) return []
    const key = wishKey({
      names,
      issuer: wish.issuer,
      keyAlgorithm: wish.keyAlgorithm,
      region: situation.settings.region ?? '',
    })
    return [{ ...wish, key, names, domainName, interim: true }]
  })
}

/**
 * The names of a wish that validated where others did not, known once it is late; that ACM has nothing against where it failed; or that
 * do not keep it from being renewed.
 */
function provenOf(wish: Wish, situation: Situation): ReadonlySet<Name> {
  const { inventory, observation, now } = situation
  const issued = issuedOf(inventory, wish.key, now)
  if (issued) {
    const blamed = renewalsOf(situation).get(issued.certificate.arn)?.blamed ?? NONE
    return new Set(wish.names.filter((name) => !blamed.has(name)))
  }
  const late = pendingOf(inventory, wish.key) ?? terminalOf(inventory, wish.key, now)
  if (!late) return NONE
  if (late.certificate.status === 'PENDING_VALIDATION' && late.certificate.createdAt + INTERIM_AFTER > now) return NONE
  const detail = observation.details.get(late.certificate.arn)?.value
  const validations = detail?.validations ?? []
  // One name may fail before the others were looked at: ACM has nothing against those.
  const blamed = late.certificate.status === 'FAILED' && validations.some(({ status }) => status === 'FAILED')
  const isGood = ({ status }: NameValidation) => (blamed ? status !== 'FAILED' : status === 'SUCCESS')
  const proven = new Set(validations.filter(isGood).map((entry) => entry.name))
  return proven.size < wish.names.length ? proven : NONE
}

const NONE: ReadonlySet<Name> = new Set()

const NOBODY: ReadonlyMap<Name | undefined, readonly OwnCertificate[]> = new Map()

function isPartOf(names: readonly Name[], whole: readonly Name[]): boolean {
  return names.length < whole.length && names.every((name) => whole.includes(name))
}
