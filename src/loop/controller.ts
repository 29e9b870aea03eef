import { createServices } from '../aws/services.ts'
import type { CallSeen } from '../aws/call.ts'
import { VERSION } from '../version.ts'
import type { Settings } from '../config.ts'
import { ownerTag } from '../core/owner.ts'
import type { Ingress } from '../core/ingress.ts'
import { nameOf } from '../core/ingress.ts'
import type { Plan } from '../core/plan.ts'
import { plan as corePlan } from '../core/plan.ts'
import type { Settings as CoreSettings } from '../core/settings.ts'
import type { PlanInput } from '../core/situation.ts'
import { SECOND } from '../core/time.ts'
import type { Verdict } from '../core/verdict.ts'
import type { KubeClient } from '../kube/client.ts'
import { createKubeClient } from '../kube/client.ts'
import { KubeError } from '../kube/errors.ts'
import { createEventRecorder, type EventRecorder } from '../kube/events.ts'
import { electLeader } from '../kube/lease.ts'
import type { Resource } from '../kube/resource.ts'
import type { Changes } from '../telemetry/changes.ts'
import { createChanges } from '../telemetry/changes.ts'
import type { Health } from '../telemetry/health.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { World } from '../world.ts'
import { Audit } from './audit.ts'
import { Facts } from './facts.ts'
import { LedgerWriter } from './ledger-writer.ts'
import { Loop } from './loop.ts'
import type { Hands } from './perform.ts'
import { Reporter } from './reporter.ts'
import { Wake } from './wake.ts'
import { NAMESPACES, startWatches } from './watches.ts'

export interface ControllerOptions {
  readonly settings: Settings
  readonly world: World
  readonly log: Log
  readonly metrics: Metrics
  readonly health: Health
  readonly signal: AbortSignal
  /** The decision, where it is to be another than ours: the demo breaks it on purpose. */
  readonly plan?: ((input: PlanInput) => Plan) | undefined
}

/** How long a call to Kubernetes or AWS may take; the lease must outlive it before a write is sent. */
const CALL_LIMIT_MS = 8 * SECOND

/**
 * The controller: follows the cluster, stands by for the lease, and turns the loop while it holds it. Returns once `signal` has fired
 * and all is put away. A world that is not there yet never ends it.
 */
export async function runController(options: ControllerOptions): Promise<void> {
  const { settings, world, log, metrics, health } = options
  const kube = createKubeClient({
    transport: world.kube,
    clock: world.clock,
    version: VERSION,
    timeoutMs: CALL_LIMIT_MS,
  })
  const changes = createChanges()
  const region = settings.region ?? world.aws.region
  if (region === undefined) {
    const sentence = 'no AWS region is configured: set AWS_REGION, or --region, and restart'
    health.report('aws', sentence)
    log.error(sentence)
  }
  const owner = await ownerOf({ kube, options, changes })
  if (owner === undefined) return
  const facts = new Facts({ settings: coreSettings(settings, { owner, region }), clock: world.clock })
  const wake = new Wake(world.clock)
  const troubles = new Map<string, string>()
  const watches = startWatches({
    world,
    facts,
    watchNamespace: settings.watchNamespace,
    userAgent: `certwright/${VERSION}`,
    onNews: () => wake.ring(),
    onTrouble: (resource, trouble) => noteTrouble({ resource, trouble, troubles, options, changes }),
    onHandlerError: (error) => log.error('an object could not be read', { error }),
  })
  try {
    await lead({ ...options, kube, facts, wake, changes, region })
  } finally {
    await watches.stop()
    metrics.leader(false)
  }
}

interface Leading extends ControllerOptions {
  readonly kube: KubeClient
  readonly facts: Facts
  readonly wake: Wake
  readonly changes: Changes
  readonly region: string | undefined
}

/** Stands by for the lease and turns the loop while it holds it; a lost lease makes a standby, not an end. */
async function lead(leading: Leading): Promise<void> {
  const { settings, world, metrics, health, log, changes, signal } = leading
  const role = (leader: boolean) => {
    metrics.leader(leader)
    health.role(leader ? 'leader' : 'standby')
    log.info(leader ? 'this process leads' : 'this process stands by for the lease')
  }
  if (!settings.leaderElect) {
    role(true)
    return runTerm(leading, () => {}, signal)
  }
  const changed = new Wake(world.clock)
  let term: AbortController | undefined
  const election = electLeader({
    transport: world.kube,
    clock: world.clock,
    random: world.random,
    version: VERSION,
    namespace: settings.leaderElectionNamespace,
    name: settings.leaderElectionId,
    identity: 'certwright',
    durationMs: settings.leaseDuration,
    renewMs: settings.leaseRenewInterval,
    onChange: (leader) => {
      if (!leader) term?.abort(new LeaseLost())
      changed.ring()
    },
    onError: (trouble) => {
      const lease = `${settings.leaderElectionNamespace}/${settings.leaderElectionId}`
      const sentence = trouble && `the lease ${lease} cannot be held: ${trouble.message}`
      health.report('lease', sentence)
      if (changes.note('lease', trouble?.kind)) log.warn(sentence ?? `the lease ${lease} can be held again`)
    },
  })
  const fence = () => {
    if (!election.holdsFor(CALL_LIMIT_MS)) throw new LeaseLost()
  }
  role(false)
  try {
    while (!signal.aborted) {
      if (election.leading()) {
        term = new AbortController()
        role(true)
        await runTerm(leading, fence, AbortSignal.any([signal, term.signal])).catch((error: unknown) => {
          // The write was not sent; whoever holds the lease now goes on.
          if (!(error instanceof LeaseLost)) throw error
        })
        term = undefined
        if (!signal.aborted) role(false)
      }
      await changed.rest(world.clock.now() + settings.leaseRenewInterval, signal)
    }
  } finally {
    await election.stop()
  }
}

/** The lease may pass to another before the write that was about to be sent has ended. */
class LeaseLost extends Error {
  constructor() {
    super('the lease does not outlive the write, so it is not sent')
    this.name = 'LeaseLost'
  }
}

/** One term of leadership: what was known of AWS before it is forgotten, since another may have acted meanwhile. */
async function runTerm(leading: Leading, fence: () => void, signal: AbortSignal): Promise<void> {
  const { world, settings, metrics, health, log, kube, facts, wake, changes, region } = leading
  const { clock, random } = world
  facts.beginTerm()
  const observe = (seen: CallSeen) => metrics.awsCall(seen)
  const services = createServices({
    access: world.aws,
    // Without a region nothing is ever asked; the clients only want a name.
    region: region ?? 'none',
    version: VERSION,
    clock,
    random,
    quotaShare: settings.quotaShare,
    zoneRoles: settings.zoneRoles,
    timeoutMs: CALL_LIMIT_MS,
    observe,
    beforeChange: fence,
    signal,
  })
  const reporter = new Reporter({ metrics, health, clock, asksAws: region !== undefined })
  const events = createEventRecorder({ kube, clock, random, version: VERSION })
  const audit = new Audit(events)
  const ledger = new LedgerWriter({
    kube,
    facts,
    clock,
    fence,
    onTransition: (ingress, verdict) => tellTransition({ ingress, verdict, events, log }),
  })
  const hands: Hands = { clock, services, dns: world.dns, facts, kube, ledger, plan: leading.plan ?? corePlan, fence }
  const loop = new Loop({
    hands,
    random,
    wake,
    log,
    changes,
    metrics,
    onPlan: (made) => {
      if (settings.policyMode === 'audit') audit.tell(made.violations)
      return reporter.planned(made, facts.observation)
    },
  })
  try {
    await loop.run(signal)
  } finally {
    services.destroy()
    await events.stop()
  }
}

function isBad({ state, reason }: Verdict): boolean {
  return ['Refused', 'Held', 'Failed', 'RenewalAtRisk'].includes(state) || reason === 'RecordsVanish'
}

/** A change of state, where users look for it: an event on the object, and a line in the log. */
function tellTransition(told: { ingress: Ingress; verdict: Verdict; events: EventRecorder; log: Log }): void {
  const { ingress, verdict, events, log } = told
  const { state, reason, message } = verdict
  const { namespace, name, uid } = ingress.ref
  events.record({
    regarding: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace, name, uid },
    type: isBad(verdict) ? 'Warning' : 'Normal',
    reason,
    action: state,
    note: message,
  })
  log.info(message, { ingress: nameOf(ingress.ref), state, reason })
}

function coreSettings(settings: Settings, identity: { owner: string; region: string | undefined }): CoreSettings {
  const { clusterName, maxNamesPerCertificate, certificatesPerLoadBalancer, retireAfter, retireBrake } = settings
  const { recordCheckInterval, settle, hostedZones, watchNamespace, ingressClass, lbcAnnotations, defaultTags } =
    settings
  const { defaultCertificateAuthority, allowedCertificateAuthorities, rotationConcurrency } = settings
  const { yearlyRequestsQuota, certificatesQuota, requestBudget, namespaceRequestShare } = settings
  const { fallbackCertificate } = settings
  return {
    cluster: clusterName,
    ...identity,
    maxNamesPerCertificate,
    certificatesPerLoadBalancer,
    retireAfter,
    retireBrake,
    recordCheckInterval,
    settle,
    hostedZones,
    zoneRoles: settings.zoneRoles,
    watchNamespace,
    ingressClass,
    lbcAnnotations,
    defaultTags,
    defaultAuthority: defaultCertificateAuthority,
    allowedAuthorities: allowedCertificateAuthorities,
    policyMode: settings.policyMode,
    rotationConcurrency,
    budget: { yearlyRequestsQuota, certificatesQuota, requestBudget, namespaceShare: namespaceRequestShare },
    fallbackCertificate,
  }
}

/** Who this cluster is: asked for until known. */
async function ownerOf({
  kube,
  options,
  changes,
}: {
  kube: KubeClient
  options: ControllerOptions
  changes: Changes
}): Promise<string | undefined> {
  const { world, health, log, signal } = options
  while (!signal.aborted) {
    try {
      const { metadata } = await kube.get({ resource: NAMESPACES, name: 'kube-system', signal })
      if (metadata.uid) return ownerTag(metadata.uid)
    } catch (error) {
      if (!(error instanceof KubeError)) {
        if (signal.aborted) return undefined
        throw error
      }
      const sentence = error.kind === 'forbidden' ? `${error.message}; allow "get" on namespaces` : error.message
      health.report('kubernetes', `${sentence}; it is tried again`)
      if (changes.note('kube-system', error.kind)) log.warn(sentence)
    }
    await world.clock.sleepUntil(world.clock.now() + 3 * SECOND, signal).catch(() => {})
  }
  return undefined
}

function noteTrouble(noted: {
  resource: Resource
  trouble: KubeError | undefined
  troubles: Map<string, string>
  options: ControllerOptions
  changes: Changes
}): void {
  const { resource, trouble, troubles, options, changes } = noted
  const name = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`
  const sentence = trouble && `${name} cannot be followed: ${trouble.message}${cureFor(trouble, name)}`
  if (sentence === undefined) troubles.delete(name)
  else troubles.set(name, sentence)
  options.health.report('kubernetes', troubles.size === 0 ? undefined : [...troubles.values()].join('; '))
  if (!changes.note(`watch ${name}`, trouble?.kind)) return
  if (sentence === undefined) options.log.info(`${name} is followed again`)
  else options.log.warn(sentence)
}

function cureFor(trouble: KubeError, name: string): string {
  switch (trouble.kind) {
    case 'forbidden':
    case 'unauthorized':
      return `; allow "list" and "watch" on ${name} for the controller's service account`
    case 'notFound':
      return name.endsWith('certwright.dev') ? '; install the CRDs with "certwright crds | kubectl apply -f -"' : ''
    case 'unreachable':
    case 'conflict':
    case 'alreadyExists':
    case 'expired':
    case 'invalid':
    case 'throttled':
    case 'transient':
    case 'ambiguous':
      return '; it is tried again'
  }
}
