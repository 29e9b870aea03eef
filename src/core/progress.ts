import type { Places } from './capacity.ts'
import type { OwnCertificate } from './inventory.ts'
import { issuedOf, pendingOf } from './inventory.ts'
import { areListenersRead } from './orientation.ts'
import { attach, tend, whileReplacing } from './phases/attach.ts'
import { request } from './phases/request.ts'
import { sign } from './phases/sign.ts'
import { validate } from './phases/validate.ts'
import type { Name } from './names.ts'
import type { Publication } from './publish.ts'
import { renewalsOf, unlessAtRisk } from './renewal.ts'
import type { Member, Situation } from './situation.ts'
import { isServedElsewhere } from './situation.ts'
import { tagActions } from './tags.ts'
import type { Step } from './step.ts'
import type { State, Verdict } from './verdict.ts'
import { listed } from './verdict.ts'
import { unlessVanishing } from './vanishing.ts'
import { nameOf } from './ingress.ts'
import type { Wish, WishKey } from './wish.ts'
import type { Wishes } from './wishes.ts'

/** How far a wish has come: its certificate, and what is to be done for it. */
export interface Progress extends Step {
  readonly wish: Wish
  readonly own: OwnCertificate | undefined
}

/** The phases in their order: the first that has something to say decides. */
export function progressOf(wish: Wish, situation: Situation, places: ReadonlyMap<string, Places>): Progress {
  const issued = issuedOf(situation.inventory, wish.key, situation.now)
  if (issued) {
    const { verdict } = unlessAtRisk({ verdict: issuedVerdict(wish, issued, situation) }, issued, situation)
    const { actions = [] } = tend(issued, situation)
    const successor = renewalsOf(situation).get(issued.certificate.arn)?.replaceable
      ? successorStep(wish, issued, situation, places)
      : undefined
    return {
      wish,
      own: issued,
      ...successor,
      verdict,
      actions: [...actions, ...tagActions(wish, issued, situation), ...(successor?.actions ?? [])],
    }
  }
  const pending = pendingOf(situation.inventory, wish.key)
  if (pending) return { wish, own: pending, ...validation(wish, pending, situation) }
  return { wish, own: undefined, ...request(wish, situation, places) }
}

/** A certificate of the same names that is to take the place of one which ACM does not renew. */
function successorStep(
  wish: Wish,
  issued: OwnCertificate,
  situation: Situation,
  places: ReadonlyMap<string, Places>,
): Step {
  const pending = pendingOf(situation.inventory, wish.key)
  return pending ? validation(wish, pending, situation) : request(wish, situation, places, issued)
}

/** A paused object is looked at, and nothing is written for it. */
function validation(wish: Wish, pending: OwnCertificate, situation: Situation): Step {
  const { issuer } = wish
  const step =
    issuer.kind === 'private' ? sign(wish, issuer.authority, pending, situation) : validate(wish, pending, situation)
  return { ...step, actions: wish.claims.every((claim) => claim.paused) ? [] : (step.actions ?? []) }
}

/** What is said of an issued certificate where no claim says more: of an interim one, and before it is written anywhere. */
function issuedVerdict(wish: Wish, { certificate }: OwnCertificate, situation: Situation): Verdict {
  const names = listed(wish.names)
  if (situation.attached.has(certificate.arn)) {
    return { state: 'Ready', reason: 'Served', message: `A load balancer serves ${names} with this certificate.` }
  }
  const said = situation.ledger.certificates?.get(wish.key)?.shown.verdict
  // Until the load balancers were read, what was said last stands: any of them may serve it, those of other groups by discovery.
  if (said && !areListenersRead(situation)) return said
  return {
    state: 'Attaching',
    reason: 'Publishing',
    message: `The certificate for ${names} is issued and no load balancer serves it yet.`,
  }
}

/** Where a claim stands. */
export function claimStep(options: {
  member: Member
  wishes: Wishes
  progress: ReadonlyMap<WishKey, Progress>
  publication: Publication | undefined
  places: ReadonlyMap<string, Places>
  situation: Situation
}): Step | undefined {
  const { member, wishes, progress, publication, places, situation } = options
  const { claim } = member
  const { request: asked, ingress } = claim
  const object = `Ingress ${nameOf(ingress.ref)}`
  if (ingress.deleting) return undefined
  if (asked.kind === 'none') {
    if (member.annotation.kind !== 'ours' || !claim.inScope) return undefined
    if (claim.paused) return { verdict: paused(object) }
    return {
      verdict: deferred(
        'OptedOut',
        publication?.stuck
          ? stuckMessage(object, member)
          : `${object} asks for no certificate any more, and ours is being withdrawn.`,
      ),
    }
  }
  // What was said last stands, if anything was.
  if (asked.kind === 'unknown') return undefined
  if (asked.kind === 'declined') return { verdict: asked.verdict }
  if (member.annotation.kind === 'foreign' && !asked.standby) {
    return {
      verdict: deferred(
        'ExplicitCertificate',
        `The annotation alb.ingress.kubernetes.io/certificate-arn of ${object} was set by somebody else (${listed(member.listed)}), so nothing is managed here; remove it to have a certificate managed, or have one issued beside it with certwright.dev/certificate: "standby".`,
      ),
    }
  }
  if (claim.paused) return { verdict: paused(object) }
  const resolution = wishes.resolutions.get(ingress.ref.uid)
  if (!resolution) return undefined
  if (resolution.keys.length === 0)
    return resolution.verdict && { verdict: whileReplacing(member, resolution.verdict, situation) }
  const parts = resolution.keys.flatMap((key) => progress.get(key) ?? [])
  if (parts.length < resolution.keys.length) return undefined
  const whole = { names: parts.flatMap(({ wish }) => wish.names).sort(), certificates: parts.length }
  const before = situation.ledger.claims.get(ingress.ref.uid)?.verdict
  return leastFar(
    parts.map(({ own, verdict, wish }) => {
      if (own?.certificate.status !== 'ISSUED') return { verdict: whileReplacing(member, verdict, situation, wish) }
      if (isServedElsewhere(member)) return { verdict: standingBy(object, member, whole.names) }
      const step = attach({ member, own, whole, publication, places: places.get(claim.group), before, situation })
      return unlessVanishing(unlessAtRisk(step, own, situation), own, situation)
    }),
  )
}

/** The states of the parts of a claim, from what is to be told first. */
const FROM_BEHIND: readonly State[] = [
  'Refused',
  'Failed',
  'Held',
  'Requesting',
  'Validating',
  'Issuing',
  'Replacing',
  'Attaching',
  'RenewalAtRisk',
  'Deferred',
  'Retiring',
  'Ready',
]

/** Of several certificates of a claim, the one that is least far decides where it stands; how many there are is said with it. */
function leastFar(steps: readonly Step[]): Step | undefined {
  const [first] = steps.toSorted((a, b) => FROM_BEHIND.indexOf(a.verdict.state) - FROM_BEHIND.indexOf(b.verdict.state))
  if (!first || steps.length === 1) return first
  const wakeAts = steps.flatMap(({ wakeAt }) => wakeAt ?? [])
  const wakeAt = wakeAts.length === 0 ? undefined : Math.min(...wakeAts)
  const done = steps.filter(({ verdict }) => verdict.state === 'Ready').length
  if (done === steps.length || first.verdict.state === 'Deferred') return { ...first, wakeAt }
  const message = `${first.verdict.message.replace(/\.$/, '')}; ${done} of the ${steps.length} certificates that its names need are served.`
  return { ...first, verdict: { ...first.verdict, message }, wakeAt }
}

function stuckMessage(object: string, member: Member): string {
  return `${object} asks for no certificate any more, and ${listed(member.listed)} stays because nothing else covers its hosts; delete the annotation alb.ingress.kubernetes.io/certificate-arn by hand to drop it at once.`
}

function standingBy(object: string, member: Member, names: readonly Name[]): Verdict {
  const chosen =
    member.claim.servedBy === undefined
      ? `the annotation alb.ingress.kubernetes.io/certificate-arn (${listed(member.listed)})`
      : `IngressClassParams ${member.claim.servedBy}`
  return deferred(
    'Standby',
    `The certificate for ${listed(names)} is issued and stands by while ${object} is served with what ${chosen} names; remove that to have it published.`,
  )
}

function paused(object: string): Verdict {
  return deferred('Paused', `${object} is paused; remove certwright.dev/paused to go on.`)
}

function deferred(reason: string, message: string): Verdict {
  return { state: 'Deferred', reason, message }
}
