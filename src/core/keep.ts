import type { Arn, Certificate } from './certificate.ts'
import { isHealthy } from './certificate.ts'
import type { Name } from './names.ts'
import type { OwnCertificate } from './inventory.ts'
import { issuedOf, pendingOf, terminalOf } from './inventory.ts'
import type { Publication } from './publish.ts'
import { renewalsOf } from './renewal.ts'
import type { Member, Situation } from './situation.ts'
import { TAG } from './settings.ts'
import type { WishKey } from './wish.ts'
import type { Wishes } from './wishes.ts'

/** Why a certificate of ours must stay. */
export type KeepReason = 'NotKnown' | 'Wished' | 'Listed' | 'Published' | 'Discoverable' | 'HeldClaim' | 'OutOfScope'

/**
 * Which of our certificates must stay, and why: the one rule of make before break. Anything that an unknown fact might make wished is
 * kept; refusals and holds stop requests, never retention. Everything that is not in the answer is unwanted.
 */
export function keep(
  situation: Situation,
  wishes: Wishes,
  publications: ReadonlyMap<string, Publication>,
): ReadonlyMap<Arn, KeepReason> {
  const kept = new Map<Arn, KeepReason>()
  const needed = new Set([...publications.values()].flatMap((publication) => publication.additions))
  const openHosts = hostsOf(situation.members.filter(isDiscoverable), (member) => member.claim.hosts)
  const heldHosts = hostsOf(situation.members, (member) => heldNames(member, wishes))
  // Where all names are wished, what is wished decides: of a wished key only the current certificate stays.
  const heldKeys = new Set<WishKey>(
    [...wishes.resolutions.values()].flatMap(({ keys, fullKeys }) => fullKeys.filter((key) => !keys.includes(key))),
  )
  for (const own of situation.inventory.own.values()) {
    const reason = reasonToKeep(own)
    if (reason) kept.set(own.certificate.arn, reason)
  }
  return kept

  function reasonToKeep({ certificate, key }: OwnCertificate): KeepReason | undefined {
    if (!situation.complete || situation.ledger.certificates === undefined) return 'NotKnown'
    if (wishes.byKey.has(key) && isCurrent(certificate, key, situation)) return 'Wished'
    if (situation.listings.has(certificate.arn)) return 'Listed'
    if (needed.has(certificate.arn)) return 'Published'
    if (isHealthy(certificate, situation.now) && openHosts.coversAny(certificate)) return 'Discoverable'
    // What came to its end serves nobody any more, and its successor tells of the attempts.
    const isOver =
      wishes.byKey.has(key) && certificate.status !== 'PENDING_VALIDATION' && !isHealthy(certificate, situation.now)
    if (!isOver && (heldKeys.has(key) || heldHosts.coversAny(certificate))) return 'HeldClaim'
    return isOutOfScope(certificate, key, situation) ? 'OutOfScope' : undefined
  }
}

/**
 * Of a wished key, the one that serves or is on its way; where there is neither, the newest that came to its end: attempts and backoff can
 * be rebuilt from it.
 */
function isCurrent(certificate: Certificate, key: WishKey, situation: Situation): boolean {
  const { inventory, now } = situation
  const issued = issuedOf(inventory, key, now)
  // A successor is on its way beside one that ACM does not renew.
  const ending = issued && renewalsOf(situation).get(issued.certificate.arn)?.replaceable
  if (ending && pendingOf(inventory, key)?.certificate.arn === certificate.arn) return true
  const current = issued ?? pendingOf(inventory, key) ?? terminalOf(inventory, key, now)
  return current?.certificate.arn === certificate.arn
}

/** The controller may serve it by discovery: an object of its own without an ARN. */
function isDiscoverable(member: Member): boolean {
  return member.claim.loadBalanced && member.annotation.kind === 'empty'
}

/** Names that somebody still wants though nothing is wished for them: the object is refused, held, paused, not understood, or going. */
function heldNames(member: Member, wishes: Wishes): readonly Name[] {
  const { claim } = member
  const { request, ingress } = claim
  if (ingress.deleting) return claim.hosts
  if (request.kind === 'none') return []
  if (request.kind === 'unknown') return claim.hosts
  if (request.kind === 'declined') {
    return request.verdict.state === 'Refused' || !claim.inScope ? claim.hosts : []
  }
  const resolution = wishes.resolutions.get(ingress.ref.uid)
  if (!resolution) return []
  if (resolution.keys.length === 0) return claim.hosts
  return resolution.leftOut.map((entry) => entry.name)
}

interface Hosts {
  coversAny(certificate: Certificate): boolean
}

function hostsOf(members: readonly Member[], namesOf: (member: Member) => readonly Name[]): Hosts {
  const hosts = new Set(members.flatMap(namesOf))
  const parents = new Set([...hosts].map((host) => host.slice(host.indexOf('.') + 1)))
  return {
    coversAny: ({ names }) =>
      names.some((name) => (name.startsWith('*.') ? hosts.has(name) || parents.has(name.slice(2)) : hosts.has(name))),
  }
}

/** With `--watch-namespace`, what other namespaces want is not known: what was made for them stays. */
function isOutOfScope(certificate: Certificate, key: WishKey, { settings, ledger, observation }: Situation): boolean {
  if (settings.watchNamespace === undefined) return false
  const tag = observation.tags.get(certificate.arn)?.value[TAG.claim]
  const claims = [...(ledger.certificates?.get(key)?.claims ?? []), ...(tag === undefined ? [] : [tag])]
  return claims.length === 0 || claims.some((claim) => !claim.startsWith(`${settings.watchNamespace}/`))
}
