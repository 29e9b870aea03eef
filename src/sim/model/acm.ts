import type { Arn, Certificate, CertificateDetail, CertificateStatus, Tags } from '../../core/certificate.ts'
import { isTerminal } from '../../core/certificate.ts'
import { hash } from '../../core/hash.ts'
import type { Name } from '../../core/names.ts'
import { baseOf, isWithin } from '../../core/names.ts'
import { TAG } from '../../core/settings.ts'
import { HOUR } from '../../core/time.ts'
import { wishKey } from '../../core/wish.ts'
import { auditServed } from './law-served.ts'
import { lettersOf } from './scope.ts'
import type { AcmCertificate, World } from './world.ts'
import { isBad, short, tell } from './world.ts'

const ACCOUNT = 'arn:aws:acm:eu-west-1:111122223333:certificate/'

/** ACM remembers a token for an hour. */
const TOKEN_MEMORY = HOUR

export function keyOf(certificate: { readonly names: readonly Name[] }): string {
  return wishKey({
    names: certificate.names,
    issuer: { kind: 'amazon' },
    keyAlgorithm: 'RSA_2048',
    region: 'eu-west-1',
  })
}

function newArn(world: World, names: readonly Name[], prefix: string): Arn {
  const label = `${prefix}${lettersOf(names)}`
  const serial = (world.serials.get(label) ?? 0) + 1
  world.serials.set(label, serial)
  return `${ACCOUNT}${label}-${serial}`
}

/** Somebody else's certificate, issued and seen by everybody. */
export function addForeign(world: World, names: readonly Name[]): Arn {
  const arn = newArn(world, names, 'F')
  world.certificates.set(arn, {
    arn,
    names,
    tags: {},
    ours: false,
    token: undefined,
    status: 'ISSUED',
    failureReason: undefined,
    createdAt: world.now - 24 * HOUR,
    validated: names,
    shownStatus: 'ISSUED',
    shownInUse: false,
    listed: true,
    describable: true,
    recordsShown: true,
  })
  return arn
}

/** RequestCertificate: a token that is still remembered gives the certificate that it was first used for. */
export function requestCertificate(world: World, request: { names: readonly Name[]; token: string; tags: Tags }): Arn {
  const known = world.tokens.get(request.token)
  if (known && world.now - known.at < TOKEN_MEMORY) return known.arn
  const certificate: AcmCertificate = {
    arn: newArn(world, request.names, ''),
    names: request.names,
    tags: request.tags,
    ours: true,
    token: request.token,
    status: 'PENDING_VALIDATION',
    failureReason: undefined,
    createdAt: world.now,
    validated: [],
    shownStatus: 'PENDING_VALIDATION',
    shownInUse: false,
    listed: false,
    describable: false,
    recordsShown: false,
  }
  world.certificates.set(certificate.arn, certificate)
  world.tokens.set(request.token, { arn: certificate.arn, at: world.now })
  return certificate.arn
}

/** One CNAME a name and account, the same for every certificate and for `*.x` and `x`. */
export function validationRecord(name: Name): { name: string; value: string } {
  const base = baseOf(name)
  const digits = hash(base, 8)
  return { name: `_${digits}.${base}`, value: `_${digits}.acm-validations.aws` }
}

export function zoneOf(world: World, name: Name): string | undefined {
  let best: Name | undefined
  for (const zone of world.zones.keys()) {
    if (isWithin(zone, baseOf(name)) && zone.length > (best?.length ?? 0)) best = zone
  }
  return best === undefined ? undefined : world.zones.get(best)
}

export function isProven(world: World, name: Name): boolean {
  const record = validationRecord(name)
  const zone = zoneOf(world, name)
  return !isBad(world, name) && zone !== undefined && world.records.get(`${zone}/${record.name}`) === record.value
}

/** What ACM may do with a certificate next. */
export type AcmStep = 'show' | 'list' | 'records' | 'validate' | 'status' | 'inUse' | 'fail' | 'timeOut' | 'vanish'

export function acmSteps(world: World, certificate: AcmCertificate): readonly AcmStep[] {
  const steps: AcmStep[] = []
  const pending = certificate.status === 'PENDING_VALIDATION'
  if (!certificate.describable) steps.push('show')
  if (!certificate.listed) steps.push('list')
  if (pending && !certificate.recordsShown) steps.push('records')
  if (pending && certificate.names.some((name) => isProven(world, name) && !certificate.validated.includes(name)))
    steps.push('validate')
  if (certificate.shownStatus !== certificate.status) steps.push('status')
  if (certificate.shownInUse !== isAttachedAnywhere(world, certificate.arn)) steps.push('inUse')
  return steps
}

/** What ACM does only in a storm. */
export function acmFaults(world: World, certificate: AcmCertificate): readonly AcmStep[] {
  const faults: AcmStep[] = []
  if (certificate.status === 'PENDING_VALIDATION') faults.push('fail')
  if (certificate.status === 'PENDING_VALIDATION' && world.now - certificate.createdAt >= 72 * HOUR)
    faults.push('timeOut')
  if (!isAttachedAnywhere(world, certificate.arn)) faults.push('vanish')
  return faults
}

export function stepAcm(world: World, arn: Arn, step: AcmStep): boolean {
  const certificate = world.certificates.get(arn)
  if (!certificate) return false
  if (![...acmSteps(world, certificate), ...acmFaults(world, certificate)].includes(step)) return false
  const become = (change: Partial<AcmCertificate>) => world.certificates.set(arn, { ...certificate, ...change })
  switch (step) {
    case 'show':
      become({ describable: true })
      break
    case 'list':
      become({ listed: true })
      break
    case 'records':
      become({ recordsShown: true })
      break
    case 'validate': {
      const validated = certificate.names.filter(
        (name) => certificate.validated.includes(name) || isProven(world, name),
      )
      const status = validated.length === certificate.names.length ? 'ISSUED' : certificate.status
      become({ validated, status })
      tell(
        world,
        () => `ACM validates ${lettersOf(validated)} of ${short(arn)}${status === 'ISSUED' ? ': issued' : ''}`,
      )
      break
    }
    case 'status':
      become({ shownStatus: certificate.status })
      break
    case 'inUse':
      become({ shownInUse: !certificate.shownInUse })
      break
    case 'fail':
      become({ status: 'FAILED', failureReason: 'CAA_ERROR' })
      end(world, certificate, 'FAILED')
      break
    case 'timeOut':
      become({ status: 'VALIDATION_TIMED_OUT' })
      end(world, certificate, 'VALIDATION_TIMED_OUT')
      break
    case 'vanish':
      tell(world, () => `somebody deletes ${short(arn)} in ACM`)
      removeCertificate(world, arn)
      break
  }
  auditServed(world, 'others')
  return true
}

function end(world: World, certificate: AcmCertificate, status: CertificateStatus): void {
  tell(world, () => `ACM gives up on ${short(certificate.arn)}: ${status}`)
  countEnd(world, certificate)
}

function countEnd(world: World, certificate: AcmCertificate): void {
  const key = keyOf(certificate)
  if (certificate.ours) world.law.ended.set(key, (world.law.ended.get(key) ?? 0) + 1)
}

export function removeCertificate(world: World, arn: Arn): void {
  const certificate = world.certificates.get(arn)
  if (!certificate) return
  if (!isTerminal(certificate.status)) countEnd(world, certificate)
  world.certificates.delete(arn)
}

export function isAttachedAnywhere(world: World, arn: Arn): boolean {
  for (const { listeners } of world.balancers.values())
    for (const arns of listeners.values()) if (arns.includes(arn)) return true
  return false
}

/** As a list shows it. */
export function summaryOf(certificate: AcmCertificate): Certificate {
  return {
    arn: certificate.arn,
    status: certificate.shownStatus,
    type: 'AMAZON_ISSUED',
    names: certificate.names,
    namesComplete: true,
    keyAlgorithm: 'RSA_2048',
    inUse: certificate.shownInUse,
    createdAt: certificate.createdAt,
    renewalEligible: false,
  }
}

/** As DescribeCertificate shows it. */
export function detailOf(world: World, certificate: AcmCertificate): CertificateDetail {
  const users = [...world.balancers.values()].filter(({ listeners }) =>
    [...listeners.values()].some((arns) => arns.includes(certificate.arn)),
  )
  return {
    ...summaryOf(certificate),
    validations: certificate.names.map((name) => ({
      name,
      status: certificate.validated.includes(name) ? 'SUCCESS' : 'PENDING_VALIDATION',
      record: certificate.recordsShown ? validationRecord(name) : undefined,
    })),
    failureReason: certificate.shownStatus === 'FAILED' ? certificate.failureReason : undefined,
    inUseBy: certificate.shownInUse ? users.map((balancer) => balancer.arn) : [],
  }
}

export function isOurs(certificate: AcmCertificate): boolean {
  return certificate.tags[TAG.cluster] !== undefined
}
