import type { Action, NudgeAction, PublishAction } from '../action.ts'
import type { Arn, Certificate } from '../certificate.ts'
import type { Claim } from '../claim.ts'
import { INGRESS_CERTIFICATE_ANNOTATION, listedArns, NUDGE_ANNOTATION } from '../ingress.ts'
import type { Listener, Observation, RecordState } from '../observation.ts'
import {
  markGroupChanged,
  mergeCertificates,
  mergeDeleted,
  mergeDetail,
  mergeListeners,
  mergeNotFound,
  mergeRecords,
  mergeRequested,
  mergeTagged,
  mergeTags,
  mergeTagSweep,
} from '../observe.ts'
import { plan } from '../plan.ts'
import { recordKey } from '../records.ts'
import { tagsOf } from '../tags.ts'
import type { PlanInput } from '../situation.ts'
import type { DueLook, Look } from '../step.ts'
import type { EpochMs } from '../time.ts'
import { MINUTE, SECOND } from '../time.ts'
import type { Wish } from '../wish.ts'
import { detail, dnsNameOf, loadBalancerArnOf } from './situations.ts'

/** How long the account of these tests takes to issue a certificate whose records are there. */
const ISSUANCE = MINUTE

/** What the world is once an action was performed: every one succeeds at once. */
export function perform(input: PlanInput, action: Action): PlanInput {
  const { ledger, now } = input
  switch (action.kind) {
    case 'remember':
      return { ...input, ledger: { ...ledger, certificates: put(ledger.certificates, action.entry.key, action.entry) } }
    case 'forget':
      return { ...input, ledger: { ...ledger, certificates: without(ledger.certificates, action.key) } }
    case 'report':
      return { ...input, ledger: { ...ledger, claims: put(ledger.claims, action.entry.uid, action.entry) } }
    case 'unreport':
      return { ...input, ledger: { ...ledger, claims: without(ledger.claims, action.uid) } }
    case 'reportPolicy':
      return input
    case 'countRequests':
      return { ...input, ledger: { ...ledger, requests: { record: action.record, stored: true } } }
    case 'requestCertificate':
      return observing(input, (observation) =>
        mergeRequested(observation, requested(action.wish, action.attempt, now), tagsOf(action, input.settings), now),
      )
    case 'createRecord':
      return observing(input, (observation) =>
        mergeRecords(observation, action.zone, new Map([[action.name, cname(action.value)]]), now),
      )
    case 'publish':
      return observing(
        { ...input, claims: input.claims.map((claim) => (isOf(claim, action) ? listing(claim, action.arns) : claim)) },
        (observation) => markGroupChanged(observation, action.group, now),
      )
    case 'nudge':
      return {
        ...input,
        claims: input.claims.map((claim) => (isOf(claim, action) ? nudged(claim, action.count) : claim)),
      }
    case 'tag':
      return observing(input, (observation) => mergeTagged(observation, action, now))
    case 'deleteCertificate':
      return observing(input, (observation) => mergeDeleted(observation, action.arn, now))
  }
}

/** What is known once a look was done, in a world where nobody acts but the controller, ACM and the load balancer's controller. */
export function look(input: PlanInput, at: Look): PlanInput {
  const { observation, now } = input
  const seen = <T>(value: T) => ({ value, at: now, complete: true })
  switch (at.kind) {
    case 'certificates': {
      const used = usedIn(input)
      const certificates = [...(observation.certificates?.value.values() ?? [])].map((entry) => ({
        ...current(entry, input),
        inUse: used.has(entry.arn),
      }))
      return observing(input, (before) =>
        mergeCertificates(before, { certificates, complete: true, since: at.since, at: now }),
      )
    }
    case 'tags':
      return observing(input, (before) =>
        mergeTagSweep(before, new Map([...before.tags].map(([arn, { value }]) => [arn, value])), now),
      )
    case 'tagsOf':
      return observing(input, (before) =>
        mergeTags(before, new Map([[at.arn, before.tags.get(at.arn)?.value ?? {}]]), now),
      )
    case 'describe': {
      const known = observation.certificates?.value.get(at.arn)
      if (!known) return observing(input, (before) => mergeNotFound(before, at.arn, now))
      const certificate = current(known, input)
      const inUseBy = usersOf(input, at.arn)
      const held = { arn: at.arn, certificate: { ...certificate, inUse: inUseBy.length > 0 }, tags: undefined }
      return observing(input, (before) => mergeDetail(before, detail(held, { inUseBy }), now))
    }
    case 'zones':
      return { ...input, observation: { ...observation, zones: observation.zones && seen(observation.zones.value) } }
    case 'authority':
      throw new Error('nothing here is signed by a private CA')
    case 'delegation':
      return {
        ...input,
        observation: { ...observation, delegations: new Map(observation.delegations).set(at.zone, seen(undefined)) },
      }
    case 'records': {
      const read = new Map(
        at.names.map((name): [string, RecordState] => [
          name,
          observation.records.get(recordKey(at.zone, name))?.value ?? { kind: 'absent' },
        ]),
      )
      return observing(input, (before) => mergeRecords(before, at.zone, read, now))
    }
    case 'loadBalancers':
      return { ...input, observation: { ...observation, loadBalancers: seen(loadBalancersOf(input.claims)) } }
    case 'listeners': {
      const { loadBalancer } = at
      const group = groupOf(input, loadBalancer)
      const changedAt = observation.groupChangedAt.get(group) ?? 0
      const listeners = listenersOf(input, group)
      return observing(input, (before) => mergeListeners(before, { loadBalancer, listeners, at: now, changedAt }))
    }
  }
}

/** One turn of the loop: plans once, performs everything, looks at everything that is due. */
export function turn(input: PlanInput): {
  input: PlanInput
  actions: readonly Action[]
  looks: readonly Look[]
  next: EpochMs
} {
  const made = plan(input)
  const due = made.looks.filter(({ dueAt }) => dueAt <= input.now).map((entry) => entry.look)
  const acted = made.actions.reduce(perform, input)
  const looked = due.reduce(look, acted)
  const later = made.looks.flatMap(({ dueAt }: DueLook) => (dueAt > input.now ? [dueAt] : []))
  const busy = made.actions.length > 0 || due.length > 0
  const next = busy ? input.now : later.reduce((earliest, at) => Math.min(earliest, at), made.wakeAt)
  return { input: looked, actions: made.actions, looks: due, next }
}

/** Lives on until `until`; tells every action and every look with its time. */
export function live(input: PlanInput, until: EpochMs) {
  const actions: { readonly at: EpochMs; readonly action: Action }[] = []
  const looks: { readonly at: EpochMs; readonly look: Look }[] = []
  let current = input
  for (let turns = 0; current.now < until; turns++) {
    if (turns > 20_000) throw new Error('the loop never rests')
    const made = turn(current)
    for (const action of made.actions) actions.push({ at: current.now, action })
    for (const entry of made.looks) looks.push({ at: current.now, look: entry })
    // A turn takes a moment, so that nothing happens twice at one instant.
    current = { ...made.input, now: Math.min(until, Math.max(made.next, current.now + SECOND / 10)) }
  }
  return { input: current, actions, looks }
}

function requested(wish: Wish, attempt: number, at: EpochMs): Certificate {
  return {
    arn: `arn:aws:acm:eu-west-1:111122223333:certificate/${wish.key.slice(0, 8)}-${attempt}`,
    status: 'PENDING_VALIDATION',
    type: 'AMAZON_ISSUED',
    names: wish.names,
    namesComplete: true,
    keyAlgorithm: wish.keyAlgorithm,
    inUse: false,
    createdAt: at,
    renewalEligible: false,
  }
}

/** Issued a minute after the request, where all its records are there. */
function current(certificate: Certificate, { observation, now }: PlanInput): Certificate {
  if (certificate.status !== 'PENDING_VALIDATION' || certificate.createdAt + ISSUANCE > now) return certificate
  const needed = detail({ arn: certificate.arn, certificate, tags: undefined }).validations
  const there = needed.every(({ record }) =>
    [...observation.records].some(
      ([key, state]) => record && key.endsWith(`/${record.name}`) && state.value.kind === 'cname',
    ),
  )
  return there ? { ...certificate, status: 'ISSUED', notAfter: now + 395 * 24 * 60 * MINUTE } : certificate
}

function usedIn({ claims }: PlanInput): ReadonlySet<Arn> {
  return new Set(claims.flatMap(({ ingress }) => (ingress.deleting ? [] : listedArns(ingress))))
}

function usersOf(input: PlanInput, arn: Arn): readonly string[] {
  return [...new Set(input.claims.map((claim) => claim.group))]
    .filter((group) => listenersOf(input, group).some((listener) => listener.certificates.includes(arn)))
    .map(loadBalancerArnOf)
}

/** The load balancer's controller is done at once with what the annotations say. */
function listenersOf({ claims }: PlanInput, group: string): readonly Listener[] {
  const ports = new Map<number, Set<Arn>>()
  for (const claim of claims) {
    if (claim.group !== group || claim.ingress.deleting) continue
    for (const port of claim.httpsPorts)
      ports.set(port, new Set([...(ports.get(port) ?? []), ...listedArns(claim.ingress)]))
  }
  return [...ports].map(([port, arns]) => ({
    arn: `${group}:${port}`,
    port,
    protocol: 'HTTPS',
    certificates: [...arns],
  }))
}

function loadBalancersOf(claims: readonly Claim[]) {
  return new Map(
    claims.map(({ group }) => [loadBalancerArnOf(group), { arn: loadBalancerArnOf(group), dnsName: dnsNameOf(group) }]),
  )
}

function groupOf({ claims }: PlanInput, loadBalancer: string): string {
  return claims.find((claim) => loadBalancerArnOf(claim.group) === loadBalancer)?.group ?? ''
}

function isOf(claim: Claim, action: PublishAction | NudgeAction): boolean {
  return claim.ingress.ref.uid === action.ingress.ref.uid
}

/** The same, and its load balancer's controller was asked again. */
function nudged(claim: Claim, count: number): Claim {
  const annotations = { ...claim.ingress.annotations, [NUDGE_ANNOTATION]: String(count) }
  return { ...claim, ingress: { ...claim.ingress, annotations } }
}

/** The claim with this annotation, written by us. */
export function listing(claim: Claim, arns: readonly Arn[]): Claim {
  const { [INGRESS_CERTIFICATE_ANNOTATION]: _, ...others } = claim.ingress.annotations
  const annotations = arns.length > 0 ? { ...others, [INGRESS_CERTIFICATE_ANNOTATION]: arns.join(',') } : others
  const resourceVersion = String(Number(claim.ingress.resourceVersion) + 1)
  return { ...claim, ingress: { ...claim.ingress, annotations, resourceVersion, annotationIsOurs: arns.length > 0 } }
}

function cname(value: string): RecordState {
  return { kind: 'cname', value, plain: true }
}

function observing(input: PlanInput, merge: (observation: Observation) => Observation): PlanInput {
  return { ...input, observation: merge(input.observation) }
}

function put<K, V>(map: ReadonlyMap<K, V> | undefined, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value)
}

function without<K, V>(map: ReadonlyMap<K, V> | undefined, key: K): ReadonlyMap<K, V> {
  const copy = new Map(map)
  copy.delete(key)
  return copy
}
