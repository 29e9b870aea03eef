import type { Arn } from './certificate.ts'
import { hash } from './hash.ts'
import { nameOf } from './ingress.ts'
import type { Inventory } from './inventory.ts'
import type { Observation } from './observation.ts'
import { once } from './once.ts'
import type { Member, Situation } from './situation.ts'
import type { DueLook } from './step.ts'
import { HOUR, SECOND } from './time.ts'
import type { Verdict } from './verdict.ts'

/**
 * The tags of certificates that the AWS Load Balancer Controller makes itself, from 3.3 on. We read them and never write them: it would
 * take our certificates for its own, and delete them.
 */
const CONTROLLER_TAG = {
  cluster: 'elbv2.k8s.aws/cluster',
  stack: 'ingress.k8s.aws/stack',
  resource: 'ingress.k8s.aws/resource',
} as const

/** Its own feature, where it is on, requests a certificate within seconds after an edit: by then the account is looked at. */
const CONTROLLER_BEGINS = 30 * SECOND

/** For how long after the last change of a group the controller may be deleting records that are ours as well. */
const CONTROLLER_CLEANS = HOUR

/** What is to be done where an object asks only the controller's own feature for a certificate. */
export interface StandingAside {
  readonly verdict: Verdict
  readonly looks: readonly DueLook[]
}

/**
 * An object that asks only for the controller's own certificate (`create-acm-cert`) is the controller's as long as there is one, unless we
 * have published there before: whoever serves goes on. `undefined`: it is ours.
 */
export function standAside(member: Member, situation: Situation): StandingAside | undefined {
  const { claim, annotation } = member
  if (!claim.asksController || annotation.kind === 'ours') return undefined
  const object = `Ingress ${nameOf(claim.ingress.ref)}`
  const arn = controllersCertificate(member, situation)
  if (arn !== undefined) {
    const message = `${object} is served with the certificate ${arn} that the AWS Load Balancer Controller made for its annotation alb.ingress.kubernetes.io/create-acm-cert; set certwright.dev/certificate: "true" on the object to have Certwright take over.`
    return { verdict: { state: 'Deferred', reason: 'ManagedByLoadBalancerController', message }, looks: [] }
  }
  const looks = unread(member, situation)
  if (looks.length === 0) return undefined
  const message = `Whether the AWS Load Balancer Controller makes a certificate for ${object} by itself is looked at first.`
  return { verdict: { state: 'Requesting', reason: 'ReadingTags', message }, looks }
}

/** What the account must be asked before it is known whether the controller makes certificates for this object. */
function unread({ claim }: Member, { observation, inventory, now }: Situation): readonly DueLook[] {
  const begun = claim.ingress.createdAt + CONTROLLER_BEGINS
  if (observation.certificatesSweptAt < begun)
    return [{ look: { kind: 'certificates', since: undefined }, dueAt: Math.max(begun, now) }]
  const untagged = inventory.untagged.get(claim.hosts.join(',')) ?? []
  return untagged
    .filter(({ arn, type }) => type !== 'IMPORTED' && !observation.gone.has(arn))
    .map(({ arn }) => ({ look: { kind: 'tagsOf', arn }, dueAt: now }))
}

/** The certificate that the controller made for this object: its tags name the stack, and the object by a hash. */
export function controllersCertificate({ claim }: Member, { observation, inventory }: Situation): Arn | undefined {
  const stack = claim.group.replace(/^(group|ingress)\//, '')
  return controllersCertificates(inventory, observation).get(`${stack} ${hash(nameOf(claim.ingress.ref), 8)}`)
}

function controllersCertificates(inventory: Inventory, { tags, gone }: Observation): ReadonlyMap<string, Arn> {
  return once(CONTROLLERS, inventory, () => {
    const found = new Map<string, Arn>()
    for (const { arn } of inventory.all.values()) {
      const value = tags.get(arn)?.value
      const stack = value?.[CONTROLLER_TAG.stack]
      const [, of] = /-([0-9a-f]{8})$/.exec(value?.[CONTROLLER_TAG.resource] ?? '') ?? []
      if (stack === undefined || of === undefined || value?.[CONTROLLER_TAG.cluster] === undefined) continue
      if (!gone.get(arn)?.proven) found.set(`${stack} ${of}`, arn)
    }
    return found
  })
}

const CONTROLLERS = new WeakMap<Inventory, ReadonlyMap<string, Arn>>()

/**
 * Once our ARN stands on an object that asks the controller's own feature too, the controller deletes its certificate and with it the
 * validation records, which are the same for ours: for a while they are looked at every minute. @returns the ARNs concerned.
 */
export function endangeredRecords(situation: Situation): ReadonlySet<Arn> {
  return once(ENDANGERED, situation, () => endangeredIn(situation))
}

const ENDANGERED = new WeakMap<Situation, ReadonlySet<Arn>>()

function endangeredIn({ members, groups, observation, now }: Situation): ReadonlySet<Arn> {
  const endangered = new Set<Arn>()
  for (const { claim, annotation, listed } of members) {
    if (!claim.createsCertificate || annotation.kind !== 'ours' || !groups.has(claim.group)) continue
    const changedAt = observation.groupChangedAt.get(claim.group) ?? 0
    if (now - changedAt < CONTROLLER_CLEANS) for (const arn of listed) endangered.add(arn)
  }
  return endangered
}
