import type { Action, DeleteAction, NudgeAction, PublishAction, TagAction } from '../core/action.ts'
import type { Arn, Certificate } from '../core/certificate.ts'
import { FIELD_MANAGER, fingerprintOf, INGRESS_CERTIFICATE_ANNOTATION, NUDGE_ANNOTATION } from '../core/ingress.ts'
import type { Ingress } from '../core/ingress.ts'
import { anyCovers } from '../core/names.ts'
import { mergeDeleted, mergeRecords, mergeRequested, mergeTagged } from '../core/observe.ts'
import type { RecordState } from '../core/observation.ts'
import type { Plan } from '../core/plan.ts'
import { wishVerdict } from '../core/policy.ts'
import { tagsOf } from '../core/tags.ts'
import type { PlanInput } from '../core/situation.ts'
import type { Wish } from '../core/wish.ts'
import { idempotencyToken } from '../core/wish.ts'
import { roleForRecord } from '../core/zone-role.ts'
import type { Facts } from './facts.ts'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject, Resource } from '../kube/resource.ts'
import { projectIngress } from '../sources/project.ts'
import type { LedgerWriter } from './ledger-writer.ts'
import type { Eyes } from './look.ts'
import { performLook } from './look.ts'
import type { Look } from '../core/step.ts'
import { Outdated } from './outdated.ts'

export const INGRESSES: Resource = { group: 'networking.k8s.io', version: 'v1', plural: 'ingresses' }

export interface Hands extends Eyes {
  readonly kube: KubeClient
  readonly ledger: LedgerWriter
  readonly plan: (input: PlanInput) => Plan
  /** Throws unless the lease outlives the write that is about to be sent. */
  readonly fence: () => void
}

/** How old a read may be on which a destructive write rests (LAWS S5, S6). */
const FRESH_MS = 10_000

/** How many load balancers are looked at before a deletion even where nothing ties the certificate to them. */
const FEW_LOAD_BALANCERS = 10

/**
 * Does one thing, and merges what its answer tells.
 * @throws AwsError, KubeError where a call failed; Outdated where a fresh read showed another world than the plan's.
 */
export async function perform(action: Action, hands: Hands, signal: AbortSignal): Promise<void> {
  switch (action.kind) {
    case 'countRequests':
      return hands.ledger.countRequests(action, signal)
    case 'requestCertificate':
      return requestCertificate(action, hands, signal)
    case 'createRecord':
      return createRecord(action, hands)
    case 'publish':
      return publish(action, hands, signal)
    case 'nudge':
      return nudge(action, hands, signal)
    case 'tag':
      return tag(action, hands, signal)
    case 'deleteCertificate':
      return deleteCertificate(action, hands, signal)
    case 'remember':
      return hands.ledger.remember(action.entry, signal)
    case 'forget':
      return hands.ledger.forget(action.key, signal)
    case 'reportPolicy':
      return hands.ledger.reportPolicy(action, signal)
    case 'report':
      return hands.ledger.report(action.ingress, action.entry, signal)
    case 'unreport':
      return hands.ledger.unreport(action.uid, signal)
  }
}

async function requestCertificate(
  action: Extract<Action, { kind: 'requestCertificate' }>,
  { services, facts, clock }: Hands,
  signal: AbortSignal,
): Promise<void> {
  const { wish, attempt } = action
  const { owner } = facts.settings
  const tags = tagsOf(action, facts.settings)
  const at = clock.now()
  const arn = await services.acm.requestCertificate(
    {
      names: wish.names,
      domainName: wish.domainName,
      keyAlgorithm: wish.keyAlgorithm,
      authority: wish.issuer.kind === 'private' ? wish.issuer.authority : undefined,
      idempotencyToken: idempotencyToken({ owner, key: wish.key, attempt }),
      tags,
    },
    { signal, beforeSend: () => confirmAllowed(wish, facts) },
  )
  const certificate: Certificate = {
    arn,
    status: 'PENDING_VALIDATION',
    type: wish.issuer.kind === 'private' ? 'PRIVATE' : 'AMAZON_ISSUED',
    names: wish.names,
    namesComplete: true,
    keyAlgorithm: wish.keyAlgorithm,
    inUse: false,
    createdAt: at,
    renewalEligible: false,
  }
  facts.update((observation) => mergeRequested(observation, certificate, tags, at))
}

/** The wait for the quota counts, too: what was allowed when it was planned may not be any more. */
function confirmAllowed(wish: Wish, facts: Facts): void {
  if (facts.settings.policyMode !== 'enforce') return
  const verdict = wishVerdict(wish, facts.input())
  if (verdict) throw new Outdated(verdict.message)
}

async function createRecord(
  action: Extract<Action, { kind: 'createRecord' }>,
  { services, facts, clock }: Hands,
): Promise<void> {
  const { zone, name, value } = action
  const role = roleForRecord(name, facts.settings.zoneRoles)?.suffix
  const outcome = await services.dns(role).records.create({ zoneId: zone, record: { name, value } })
  const state = ((): RecordState => {
    switch (outcome.kind) {
      case 'created':
      case 'present':
        return { kind: 'cname', value, plain: true }
      case 'conflict':
        return outcome.found
      case 'rejected':
        return { kind: 'rejected', message: outcome.message }
    }
  })()
  facts.update((observation) => mergeRecords(observation, zone, new Map([[name, state]]), clock.now()))
}

async function tag(action: TagAction, { services, facts, clock }: Hands, signal: AbortSignal): Promise<void> {
  const { arn, set, remove } = action
  const options = { signal, priority: 'background' } as const
  if (remove.length > 0) await services.acm.removeTags(arn, remove, options)
  if (Object.keys(set).length > 0) await services.acm.addTags(arn, set, options)
  facts.update((observation) => mergeTagged(observation, action, clock.now()))
}

async function publish(action: PublishAction, hands: Hands, signal: AbortSignal): Promise<void> {
  const { facts, fence } = hands
  for (const arn of action.confirm) await confirmIssued(arn, hands, signal)
  if (action.dropped.length > 0) await confirmGroup(action, hands, signal)
  fence()
  const written = await writeAnnotation(action, hands, signal)
  facts.setIngress(projectIngress(written))
  facts.groupChanged(action.group)
}

/** The change of the object is what counts as a change of its group, as any other's. */
async function nudge(action: NudgeAction, hands: Hands, signal: AbortSignal): Promise<void> {
  hands.fence()
  const written = await writeAnnotation(action, hands, signal)
  hands.facts.setIngress(projectIngress(written))
}

/** Each write carries the version that it was planned from: an object that moved on is planned again. */
async function writeAnnotation(
  action: PublishAction | NudgeAction,
  { kube }: Hands,
  signal: AbortSignal,
): Promise<KubeObject> {
  const { ingress, arns, force } = action
  const { namespace, name, uid } = ingress.ref
  const place = { resource: INGRESSES, namespace, name, signal }
  const metadata = { namespace, name, uid, resourceVersion: ingress.resourceVersion }
  if (arns.length === 0 && force) {
    // Whoever restored the object owns the annotation now, so that applying nothing would take nothing away.
    return kube.patch({
      ...place,
      patch: { metadata: { ...metadata, annotations: { [INGRESS_CERTIFICATE_ANNOTATION]: null } } },
    })
  }
  const list = { [INGRESS_CERTIFICATE_ANNOTATION]: arns.join(',') }
  // What an apply leaves out goes: so the next list takes the word for the load balancer's controller away.
  const word = action.kind === 'nudge' ? { [NUDGE_ANNOTATION]: String(action.count) } : {}
  const annotations = arns.length > 0 ? { annotations: { ...list, ...word } } : {}
  const object = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { ...metadata, ...annotations } }
  return kube.apply({ ...place, fieldManager: FIELD_MANAGER, force, object })
}

/** An ARN that this process did not see being issued is asked for right before it is published: only ISSUED ones may stand there. */
async function confirmIssued(arn: Arn, hands: Hands, signal: AbortSignal): Promise<void> {
  const { facts, clock } = hands
  const recent = () => {
    const detail = facts.observation.details.get(arn)
    return detail !== undefined && clock.now() - detail.at <= FRESH_MS ? detail.value.status : undefined
  }
  // What was pending some seconds ago may be issued now: that is why it is to be published.
  if (recent() !== 'ISSUED') await performLook({ kind: 'describe', arn }, hands, signal)
  if (recent() !== 'ISSUED') throw new Outdated(`${arn} is not issued`)
}

/** A write that takes an ARN out rests on a fresh read of all objects of the group: the cache may be behind. */
async function confirmGroup(action: PublishAction, hands: Hands, signal: AbortSignal): Promise<void> {
  const fresh = await readIngresses(hands, signal)
  const members = fresh.filter(
    (ingress) => hands.facts.claimOf(ingress).group === action.group && hands.facts.claimOf(ingress).loadBalanced,
  )
  const same =
    action.members.size === 0 ||
    (members.length === action.members.size &&
      members.every((ingress) => action.members.get(ingress.ref.uid) === fingerprintOf(ingress)))
  if (same) return
  for (const ingress of members) hands.facts.setIngress(ingress)
  hands.facts.groupChanged(action.group)
  throw new Outdated(`an object of ${action.group} changed`)
}

/** All Ingresses that we may see, from the API server and not from the cache. */
async function readIngresses({ kube, facts }: Hands, signal: AbortSignal): Promise<readonly Ingress[]> {
  const namespace = facts.settings.watchNamespace
  const { items } = await kube.list({
    resource: INGRESSES,
    ...(namespace === undefined ? {} : { namespace }),
    signal,
    timeoutMs: 30_000,
  })
  return items.map((item: KubeObject) => projectIngress(item))
}

/**
 * Reads again all that the deletion relies on (what is wanted, the certificate, its tags, the listeners), plans again on that, and deletes
 * only if the plan still says so and every read is at most 10 s old.
 */
async function deleteCertificate(action: DeleteAction, hands: Hands, signal: AbortSignal): Promise<void> {
  const { arn } = action
  const { facts, services, clock } = hands
  const begun = clock.now()
  const look = (at: Look) => performLook(at, hands, signal, 'interactive')
  // Side by side: one after the other they would take longer than they stay fresh where AWS is slow.
  const [ingresses] = await Promise.all([
    readIngresses(hands, signal),
    look({ kind: 'tagsOf', arn }),
    look({ kind: 'loadBalancers' }),
  ])
  for (const ingress of ingresses) facts.setIngress(ingress)
  const listeners = loadBalancersNear(arn, hands).map((loadBalancer) => look({ kind: 'listeners', loadBalancer }))
  const described = [arn, ...successorsOf(arn, hands)].map((each) => look({ kind: 'describe', arn: each }))
  await Promise.all([...described, ...listeners])
  const again = hands
    .plan(facts.input())
    .actions.some((other) => other.kind === 'deleteCertificate' && other.arn === arn)
  if (!again) throw new Outdated(`${arn} is wanted or in use after all`)
  // The wait for the quota counts, too.
  const beforeSend = () => {
    if (clock.now() - begun > FRESH_MS) throw new Outdated(`reading what the deletion of ${arn} rests on took too long`)
  }
  await services.acm.deleteCertificate(arn, { signal, priority: 'background', beforeSend })
  facts.update((observation) => mergeDeleted(observation, arn, clock.now()))
}

/** How many certificates are asked for whether they still serve in its stead; where more cover its names, one of them will. */
const MOST_SUCCESSORS = 3

/** What makes it unneeded: others of ours that cover its names, as the last list had them. One may have been revoked, or deleted, since. */
function successorsOf(arn: Arn, { facts }: Hands): readonly Arn[] {
  const all = facts.observation.certificates?.value
  const names = all?.get(arn)?.names ?? []
  return [...(all?.values() ?? [])]
    .filter((other) => other.arn !== arn && other.status === 'ISSUED')
    .filter((other) => names.some((name) => anyCovers(other.names, name)))
    .sort((a, b) => b.createdAt - a.createdAt)
    .slice(0, MOST_SUCCESSORS)
    .map((certificate) => certificate.arn)
}

/** The load balancers that might serve it: those of groups with a host that it covers, those last seen with it; all, where they are few. */
function loadBalancersNear(arn: Arn, { facts }: Hands): readonly string[] {
  const { observation, claims } = facts.input()
  const all = [...(observation.loadBalancers?.value.values() ?? [])]
  if (all.length <= FEW_LOAD_BALANCERS) return all.map((loadBalancer) => loadBalancer.arn)
  const bases = new Set((observation.certificates?.value.get(arn)?.names ?? []).map((name) => name.replace('*.', '')))
  const near = (host: string) => bases.has(host) || bases.has(host.slice(host.indexOf('.') + 1))
  const hostnames = new Set(
    claims.filter((claim) => claim.hosts.some(near)).flatMap((claim) => claim.ingress.hostnames),
  )
  const users = new Set(observation.details.get(arn)?.value.inUseBy)
  const seen = (loadBalancer: string) =>
    observation.listeners.get(loadBalancer)?.listeners.some((listener) => listener.certificates.includes(arn)) === true
  return all
    .filter(({ arn: loadBalancer, dnsName }) => hostnames.has(dnsName) || users.has(loadBalancer) || seen(loadBalancer))
    .map((loadBalancer) => loadBalancer.arn)
}
