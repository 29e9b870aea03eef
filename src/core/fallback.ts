import type { Arn } from './certificate.ts'
import type { Ingress } from './ingress.ts'
import { nameOf } from './ingress.ts'
import { isServing } from './inventory.ts'
import type { ClaimEntry } from './ledger.ts'
import { isAccountRead } from './orientation.ts'
import type { Group, Situation } from './situation.ts'
import type { Verdict } from './verdict.ts'
import { listed } from './verdict.ts'

/** The certificate that an administrator gave for groups that have none yet: its ARN, or why it cannot be used. */
export type Fallback = { readonly arn: Arn } | { readonly problem: string }

/** `--fallback-certificate-arn` as it stands; `undefined` where there is none, or the account was not read yet. */
export function fallbackOf({ settings, observation, inventory, now }: Situation): Fallback | undefined {
  const arn = settings.fallbackCertificate
  if (arn === undefined) return undefined
  const region = arn.split(':')[3]
  const problem = (what: string) => ({ problem: `the certificate ${arn} of --fallback-certificate-arn ${what}` })
  if (region !== settings.region) return problem(`is in ${region} and the load balancers are in ${settings.region}`)
  if (!isAccountRead(observation)) return undefined
  const certificate = inventory.all.get(arn)
  if (certificate === undefined) return problem('is not in this account')
  return isServing(observation, arn, now) ? { arn } : problem(`is not issued (${certificate.status}) or has expired`)
}

/**
 * The objects, as `namespace/name`, because of which the load balancer's controller builds nothing for the group: they listen for HTTPS,
 * list no certificate, and discovery finds none for each of their hosts.
 */
export function waitedFor(group: Group | undefined, { allServing }: Situation): readonly string[] {
  return (group?.members ?? [])
    .filter(
      ({ claim, annotation }) =>
        annotation.kind === 'empty' &&
        claim.listensForHttps &&
        claim.servedBy === undefined &&
        !claim.ingress.deleting &&
        !(claim.hosts.length > 0 && claim.hosts.every((host) => allServing.covering(host).length > 0)),
    )
    .map(({ claim }) => nameOf(claim.ingress.ref))
}

/** How many of those are shown. */
export const MOST_WAITED_FOR = 10

/** What is said of an object while its group waits. Where it is served already, only its edits wait: an event says so. */
export function whileWaiting(verdict: Verdict, waitsFor: readonly string[], fallback: Fallback | undefined): Verdict {
  if (waitsFor.length === 0 || verdict.state === 'Ready') return verdict
  const advice = fallback && 'problem' in fallback ? `, and ${fallback.problem}` : ''
  const message = `${verdict.message.replace(/\.$/, '')}; the AWS Load Balancer Controller builds nothing for the group (FailedBuildModel) for want of a certificate on Ingress ${listed(waitsFor)}${advice}.`
  return { ...verdict, message }
}

/** What an event tells when a group begins to wait. */
export function groupWaits(ingress: Ingress, { verdict, waitsFor }: ClaimEntry): Verdict {
  const message = `The AWS Load Balancer Controller builds nothing for the group of Ingress ${nameOf(ingress.ref)} (FailedBuildModel) for want of a certificate on Ingress ${listed(waitsFor)}.`
  return { state: verdict.state, reason: 'GroupWaits', message }
}
