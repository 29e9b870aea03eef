import type { NudgeAction } from './action.ts'
import { isOptedIn } from './claim.ts'
import { NUDGE_ANNOTATION } from './ingress.ts'
import { isServing } from './inventory.ts'
import type { Publication } from './publish.ts'
import { type Group, isAttached, type Member, type Situation } from './situation.ts'
import { type EpochMs, MINUTE, SECOND } from './time.ts'

/**
 * For some seconds after ACM issued a certificate ELBv2 may answer CertificateNotFound for it, and nothing that can be asked tells when it
 * will not any more, so that waiting before it is published would only make it rarer: https://github.com/hashicorp/terraform-provider-aws/issues/10510. The AWS Load Balancer Controller then fails for the
 * whole group and comes back after its backoff, up to 16 min 40 s where the group failed before, as one that waits for its first
 * certificate has. But a change of any annotation of an Ingress makes it try again at once, also in
 * its backoff: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/controllers/ingress/eventhandlers/ingress_events.go
 *
 * So where what we published is on no listener, an annotation of our own is written beside it, a bounded number of times. The certificate
 * annotation itself is left alone: others read it, and not all of them drop an empty part.
 */
export interface Nudge {
  readonly action: NudgeAction | undefined
  /** When time alone makes an action of it. */
  readonly wakeAt: EpochMs | undefined
}

/** How long the load balancer's controller is given after each change of an object of its group. */
const PAUSES = [15 * SECOND, MINUTE, 5 * MINUTE] as const

/** One a group is enough, since its controller builds it as a whole: none where all is served, enough was said, or a write is due anyway. */
export function planNudges(situation: Situation, publications: ReadonlyMap<string, Publication>): readonly Nudge[] {
  const nudges: Nudge[] = []
  for (const group of situation.groups.values()) {
    const waiting = group.members.filter((member) => isWaiting(member, group, situation))
    const [member] = waiting
    if (!member || group.members.some(({ claim }) => publications.get(claim.ingress.ref.uid)?.action)) continue
    const before = Math.max(...waiting.map(nudgesOf))
    const pause = PAUSES[before]
    if (pause === undefined) continue
    const dueAt = group.changedAt + pause
    if (dueAt > situation.now) nudges.push({ action: undefined, wakeAt: dueAt })
    // Until a look that began since has shown that it is still not served, nothing says so.
    else if (lookedAt(group, situation) >= dueAt)
      nudges.push({ action: nudgeOf(member, before + 1), wakeAt: undefined })
  }
  return nudges
}

function nudgeOf({ claim, listed, annotation }: Member, count: number): NudgeAction {
  const force = annotation.kind === 'ours' && annotation.restored
  return { kind: 'nudge', ingress: claim.ingress, arns: listed, force, count }
}

/** Does it list a healthy certificate of ours that its load balancer does not serve? */
function isWaiting(member: Member, group: Group, { inventory, observation, now }: Situation): boolean {
  const { claim, annotation, listed } = member
  if (annotation.kind !== 'ours' || !member.live || !isOptedIn(claim)) return false
  if (claim.paused || !claim.inScope || claim.servedBy !== undefined || claim.httpsPorts.length === 0) return false
  return listed.some(
    (arn) => inventory.own.has(arn) && isServing(observation, arn, now) && !isAttached(group, claim.httpsPorts, arn),
  )
}

/** What is there and is no number of ours says: enough. */
function nudgesOf({ claim }: Member): number {
  const text = claim.ingress.annotations[NUDGE_ANNOTATION]
  if (text === undefined) return 0
  return /^[1-9]$/.test(text) ? Number(text) : PAUSES.length
}

/** Up to when it is known what the load balancers of the group serve. Before there is one, its objects say so themselves. */
function lookedAt(group: Group, { observation, now }: Situation): EpochMs {
  const { loadBalancers } = group
  if (loadBalancers === undefined) return observation.loadBalancers?.at ?? 0
  return Math.min(now, ...loadBalancers.map(({ arn }) => observation.listeners.get(arn)?.at ?? 0))
}
