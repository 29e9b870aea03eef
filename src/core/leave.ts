import type { Arn } from './certificate.ts'
import type { Name } from './names.ts'
import { anyCovers } from './names.ts'
import type { Group, Member, Situation } from './situation.ts'
import { isSettled, serves } from './situation.ts'

/** The members of the group that list an ARN and will go on listing it. */
export function staying(group: Group, without: Member): readonly Member[] {
  return group.members.filter((member) => member !== without && !member.claim.ingress.deleting)
}

export function common(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.filter((port) => b.includes(port))
}

/** Does on each of these ports some of the members list the ARN, so that it stays attached there whatever others do? */
export function listsOn(members: readonly Member[], arn: Arn, needed: readonly number[]): boolean {
  return needed.every((port) =>
    members.some((member) => member.listed.includes(arn) && member.claim.httpsPorts.includes(port)),
  )
}

/** Would a host of another member be served without anything that `without` lists? */
function servedByOthers(options: {
  host: Name
  of: Member
  without: Member
  group: Group
  situation: Situation
}): boolean {
  const { host, of, without, group, situation } = options
  const ports = common(of.claim.httpsPorts, without.claim.httpsPorts)
  const others = staying(group, without)
  const candidates = new Set(others.flatMap((member) => member.listed))
  return [...candidates].some(
    (arn) =>
      serves(situation, arn, host) && listsOn(others, arn, ports) && isSettled(group, ports, arn, situation.settings),
  )
}

/**
 * May `arn` leave the annotation of `from`? Only if every live name of the load balancer that it covers is covered by another ARN that
 * two settled looks found on every port concerned, and that stays listed: for the object's own hosts in its own annotation, for the
 * hosts of others anywhere in the group. The only certificate of a name is thus never taken away, on whatever object the name is.
 */
export function mayLeave(options: { arn: Arn; from: Member; group: Group; situation: Situation }): boolean {
  const { arn, from, group, situation } = options
  const certificate = situation.inventory.all.get(arn)
  // What it covers is not known, so neither is who would miss it.
  if (!certificate?.namesComplete) return false
  const remaining = from.listed.filter((other) => other !== arn)
  return group.members.every((member) => {
    if (!member.live) return true
    const hosts = member.claim.hosts.filter((host) => anyCovers(certificate.names, host))
    if (member === from) {
      const ports = from.claim.httpsPorts
      return hosts.every((host) =>
        remaining.some((other) => serves(situation, other, host) && isSettled(group, ports, other, situation.settings)),
      )
    }
    const ports = common(member.claim.httpsPorts, from.claim.httpsPorts)
    return hosts.every(
      (host) =>
        ports.length === 0 ||
        remaining.some(
          (other) => serves(situation, other, host) && isSettled(group, ports, other, situation.settings),
        ) ||
        servedByOthers({ host, of: member, without: from, group, situation }),
    )
  })
}

/** Would any live name of another object of the group be left without a certificate if `from` listed nothing any more? */
export function othersLose(options: { from: Member; group: Group; situation: Situation }): boolean {
  const { from, group, situation } = options
  const certificates = from.listed.map((arn) => situation.inventory.all.get(arn))
  return group.members.some((member) => {
    if (member === from || !member.live || common(member.claim.httpsPorts, from.claim.httpsPorts).length === 0)
      return false
    return member.claim.hosts.some((host) => {
      const covered = certificates.some(
        (certificate) => certificate === undefined || anyCovers(certificate.names, host),
      )
      return covered && !servedByOthers({ host, of: member, without: from, group, situation })
    })
  })
}
