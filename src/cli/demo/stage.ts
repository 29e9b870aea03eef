import { deadline } from '../../clock.ts'
import { certificatesOf } from '../../sim/aws/elbv2/load-balancer.ts'
import type { Prober } from '../../sim/tls/prober.ts'
import type { EmbeddedWorld } from '../../sim/embedded.ts'
import type { IngressName } from '../../sim/actors/user.ts'
import type { CertificateNames } from './certificate-names.ts'
import type { Narration } from './narration.ts'

/** A claim as `kubectl get certclaim` shows it. */
export interface ClaimView {
  readonly state: string
  readonly reason: string
  readonly message: string
  readonly arn: string | undefined
}

/** The controller's process, as somebody at the keyboard can start and kill it. */
export interface ControllerSwitch {
  start(): void
  kill(): void
}

/** What the steps of the story act on and look at. */
export interface Stage {
  readonly embedded: EmbeddedWorld
  readonly controller: ControllerSwitch
  readonly narration: Narration
  readonly names: CertificateNames
  /** Fires when the demo is told to stop. */
  readonly signal: AbortSignal
}

const CLAIMS = '/apis/certwright.dev/v1alpha1'

/** The claim of an Ingress; `undefined` until there is one. */
export async function claimOf(stage: Stage, { namespace, name }: IngressName): Promise<ClaimView | undefined> {
  const path = `${CLAIMS}/namespaces/${namespace}/certificateclaims/ingress-${name}`
  try {
    const { status } = await stage.embedded.user.read<{ status?: Partial<ClaimView> }>(path)
    const { state = '', reason = '', message = '', arn } = status ?? {}
    return { state, reason, message, arn }
  } catch {
    return undefined
  }
}

export async function isReady(stage: Stage, ingress: IngressName): Promise<boolean> {
  return (await claimOf(stage, ingress))?.state === 'Ready'
}

/** The ARNs in the annotation of an Ingress. */
export async function listedOn(stage: Stage, ingress: IngressName): Promise<string[]> {
  const { metadata } = await stage.embedded.user.get(ingress)
  const annotation = metadata.annotations?.['alb.ingress.kubernetes.io/certificate-arn'] ?? ''
  return annotation.split(',').filter((arn) => arn !== '')
}

/** ARNs requested for exactly these names, in order. */
export function requestsFor({ embedded }: Stage, ...names: readonly string[]): string[] {
  const wanted = [...names].sort().join()
  return embedded.aws.events
    .of('certificateRequested')
    .filter((event) => [...event.names].sort().join() === wanted)
    .map(({ arn }) => arn)
}

/** Whether every one of these hosts is served, as a TLS client sees it. */
export function served(prober: Prober, ...hosts: readonly string[]): boolean {
  return hosts.every((host) => prober.isServed(host))
}

/** The name of the validation record that ACM gave for a host. */
export function validationRecordOf({ embedded }: Stage, arn: string, host: string): string {
  const record = embedded.aws.certificate(arn)?.domains.find(({ name }) => name === host)?.record
  if (!record) throw new Error(`the certificate of ${host} has no validation record`)
  return record.name
}

/** Is there a CNAME of this name in any hosted zone? */
export function hasRecord({ embedded }: Stage, name: string): boolean {
  return embedded.aws.hostedZones().some((zone) => zone.get(name, 'CNAME') !== undefined)
}

/** The certificates on the HTTPS listener of a group's load balancer. */
export function attachedIn({ embedded }: Stage, group: string): Set<string> {
  const balancer = embedded.aws.loadBalancers.all.find(({ tags }) => tags['ingress.k8s.aws/stack'] === group)
  const listeners = [...(balancer?.listeners.values() ?? [])].filter(({ protocol }) => protocol === 'HTTPS')
  return new Set(listeners.flatMap((listener) => [...certificatesOf(listener)]))
}

/** Kills the controller at the very moment when its request for a certificate of these names has reached ACM. */
export async function killOnRequest(stage: Stage, names: readonly string[], act: () => Promise<void>): Promise<void> {
  const { embedded, controller, narration, signal } = stage
  const requested = Promise.withResolvers<void>()
  const giveUp = deadline({ clock: embedded.world.clock, milliseconds: 10_000, parent: signal })
  giveUp.signal.addEventListener('abort', () => requested.reject(giveUp.signal.reason as Error), { once: true })
  const end = embedded.aws.events.subscribe((event) => {
    if (event.kind !== 'certificateRequested' || event.names.join() !== names.join()) return
    controller.kill()
    narration.event('SIGKILL', 'the controller dies; its request reached ACM, and it never hears the answer')
    requested.resolve()
  })
  try {
    await act()
    await requested.promise
  } finally {
    giveUp.done()
    end()
  }
}
