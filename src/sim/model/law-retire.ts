import type { Arn } from '../../core/certificate.ts'
import { isTerminal } from '../../core/certificate.ts'
import { INGRESS_CERTIFICATE_ANNOTATION, listedArns } from '../../core/ingress.ts'
import type { Name } from '../../core/names.ts'
import { anyCovers } from '../../core/names.ts'
import type { Plan } from '../../core/plan.ts'
import { TAG } from '../../core/settings.ts'
import { HOUR, SECOND } from '../../core/time.ts'
import { isAttachedAnywhere, keyOf } from './acm.ts'
import { breach, premise } from './law-book.ts'
import { isLive } from './law-served.ts'
import { claimIn } from './memory.ts'
import type { AcmCertificate, World } from './world.ts'
import { short } from './world.ts'

/** Why a certificate of ours must stay, judged by the world as it is; `undefined`: it need not (PRODUCT, rule 4). */
export function neededReason(world: World, arn: Arn): string | undefined {
  const certificate = world.certificates.get(arn)
  if (!certificate) return undefined
  const covers = (hosts: readonly Name[]) => hosts.some((host) => anyCovers(certificate.names, host))
  for (const { ingress, owner } of world.objects.values()) {
    const { name } = ingress.ref
    const claim = claimIn(ingress, world.scope.settings)
    const annotated = (ingress.annotations[INGRESS_CERTIFICATE_ANNOTATION] ?? '') !== ''
    if (listedArns(ingress).includes(arn)) return `${name} lists it`
    if (ingress.deleting && covers(claim.hosts)) return `${name}, with a host of it, is still being deleted`
    if (!annotated && claim.loadBalanced && certificate.status === 'ISSUED' && covers(claim.hosts))
      return `discovery may serve ${name} with it`
    if (claim.request.kind === 'declined' && claim.request.verdict.state === 'Refused' && covers(claim.hosts))
      return `${name} is refused, and has a host of it`
    if (
      claim.request.kind !== 'wanted' ||
      ingress.deleting ||
      (annotated && owner === 'other' && !isRestored(world, ingress.ref.uid, listedArns(ingress)))
    )
      continue
    const issued = [...world.certificates.values()].filter(({ ours, status }) => ours && status === 'ISSUED')
    const key = keyOf({ names: claim.request.names })
    const own = issued.find((other) => keyOf(other) === key)
    if (own?.arn === arn) return `${name} wishes it`
    if (!own && certificate.status === 'PENDING_VALIDATION' && keyOf(certificate) === key) return `${name} waits for it`
    if (own || certificate.status !== 'ISSUED') continue
    const covering = [...issued, ...listedArns(ingress).map((other) => world.certificates.get(other))]
    const only = claim.hosts.find(
      (host) =>
        anyCovers(certificate.names, host) &&
        covering.every((other) => other?.status !== 'ISSUED' || other.arn === arn || !anyCovers(other.names, host)),
    )
    if (only !== undefined) return `${name} has no other certificate for ${only}`
  }
  return undefined
}

/** The ledger knows the annotation to be ours though `managedFields` do not say so. */
function isRestored(world: World, uid: string, arns: readonly Arn[]): boolean {
  const published = world.claims.get(uid)?.published
  return arns.every((arn) => published?.includes(arn)) && arns.some((arn) => world.certificates.get(arn)?.ours)
}

/** So long the controller may take to write down that a certificate is wanted again. */
const TO_BE_NOTICED = 5 * SECOND

/** After each plan: what an unsynced view may not decide, and since when a certificate need not stay. */
export function auditPlan(world: World, made: Plan): void {
  const { law, memory, now } = world
  if (!memory.synced) {
    premise(law, 'S7')
    const acting = made.actions.find((action) => action.kind === 'deleteCertificate' || action.kind === 'publish')
    if (acting) breach(law, 'S7', `before the caches had synced, ${acting.kind} was planned`)
    for (const { arn, tags } of world.certificates.values()) {
      const known = memory.observation.certificates?.value.has(arn) && memory.observation.tags.has(arn)
      if (known && tags[TAG.cluster] !== undefined && !made.kept.has(arn))
        breach(law, 'S7', `before the caches had synced, ${short(arn)} counted as unwanted`)
    }
    return
  }
  const { certificates, tagsSweptAt } = memory.observation
  const upToDate =
    world.events.length === 0 &&
    certificates?.complete === true &&
    tagsSweptAt !== undefined &&
    // What it takes for issued is issued: no cover that it counts on is gone.
    [...certificates.value.values()].every(
      ({ arn, status }) => status !== 'ISSUED' || world.certificates.get(arn)?.status === 'ISSUED',
    )
  for (const certificate of world.certificates.values()) {
    if (!certificate.ours) continue
    const { arn } = certificate
    if (neededReason(world, arn) === undefined) {
      law.wantedSince.delete(arn)
      if (!law.unwanted.has(arn)) law.unwanted.set(arn, { since: now, namesGone: !hasLiveHost(world, certificate) })
      continue
    }
    law.unwanted.delete(arn)
    if (!upToDate || certificates.value.get(arn)?.status !== certificate.status) continue
    const since = law.wantedSince.get(arn) ?? now
    law.wantedSince.set(arn, since)
    if (now - since >= TO_BE_NOTICED) law.wantedAt.set(arn, now)
  }
}

function hasLiveHost(world: World, certificate: AcmCertificate): boolean {
  return [...world.objects.values()].some(
    ({ ingress }) =>
      isLive(world, ingress) &&
      claimIn(ingress, world.scope.settings).hosts.some((host) => anyCovers(certificate.names, host)),
  )
}

/** S7: more than max(3, 10 %) of ours became unwanted within an hour because their names ceased to be live, and nobody approved. */
export function isBraked(world: World, arn: Arn): boolean {
  const { law } = world
  const own = law.unwanted.get(arn)
  if (!own?.namesGone || law.approved.has(arn) || !world.scope.settings.retireBrake) return false
  const total = [...world.certificates.values()].filter((certificate) => certificate.ours).length
  const together = [...law.unwanted].filter(
    ([other, { since, namesGone }]) =>
      namesGone && world.certificates.has(other) && Math.abs(since - own.since) < HOUR / 2 && !law.approved.has(other),
  )
  return together.length > Math.max(3, total / 10)
}

/** Once the brake held it, only a person lets it go. */
function isHeldByBrake(world: World, arn: Arn): boolean {
  return [...world.ledger.values()].some(({ certificates }) =>
    certificates.some((entry) => entry.arn === arn && entry.unwanted?.braked === true),
  )
}

/** What is left of ours that no rule needs. */
export function leftovers(world: World): readonly string[] {
  const { settings } = world.scope
  return [...world.certificates.values()]
    .filter((certificate) => certificate.ours && neededReason(world, certificate.arn) === undefined)
    .filter(({ arn }) => !isAttachedAnywhere(world, arn))
    .filter((certificate) => !(isHeldByBrake(world, certificate.arn) || isNewestEnd(world, certificate)))
    .filter((certificate) => world.now - (world.law.wantedAt.get(certificate.arn) ?? 0) > settings.retireAfter + HOUR)
    .map((certificate) => `${short(certificate.arn)} (${certificate.status})`)
}

/** The newest certificate of a wished key that came to its end stays, since attempts can be rebuilt from it; so does what covers a part. */
function isNewestEnd(world: World, certificate: AcmCertificate): boolean {
  return (
    (isTerminal(certificate.status) || isPart(world, certificate)) &&
    [...world.objects.values()].some(({ ingress }) => {
      const { request } = claimIn(ingress, world.scope.settings)
      return (
        request.kind === 'wanted' && !ingress.deleting && request.names.some((name) => certificate.names.includes(name))
      )
    })
  )
}

/** It covers a part of what an object wishes, and the whole is not issued. */
function isPart(world: World, certificate: AcmCertificate): boolean {
  const whole = [...world.objects.values()].flatMap(({ ingress }) => {
    const { request } = claimIn(ingress, world.scope.settings)
    return request.kind === 'wanted' && !ingress.deleting ? [request.names] : []
  })
  return whole.some(
    (names) =>
      names.some((name) => anyCovers(certificate.names, name)) &&
      ![...world.certificates.values()].some(
        (other) => other.ours && other.status === 'ISSUED' && keyOf(other) === keyOf({ names }),
      ),
  )
}
