import type { EpochMs } from '../../clock.ts'
import { statusOf, validationRecord } from '../aws/acm/certificate.ts'
import { certificatesOf } from '../aws/elbv2/load-balancer.ts'
import type { Tags } from '../aws/ledger.ts'
import type { SimulatedAws } from '../aws/world.ts'
import type { LedgerEntry } from '../kube/ledger.ts'
import type { KubeObject } from '../kube/object.ts'
import { isObject } from '../kube/json.ts'
import { Defaults } from './defaults.ts'
import { identityOf, traitsOf } from './identity.ts'
import { CERTWRIGHT, type Subject } from './subject.ts'

/** Whose access keys and field managers these are. */
export const CONTROLLER_KEY = 'AKIDCERTWRIGHT'
/** Of who stands in Certwright's place. */
export const REFERENCE_KEY = 'AKIDREFERENCE'
export const CONTROLLER_MANAGER = 'certwright'
export const LBC_MANAGER = 'controller'

const OWNER_TAG = 'certwright.dev/owner'
const ARN_ANNOTATION = 'alb.ingress.kubernetes.io/certificate-arn'

/** An Ingress as the laws read it: with eyes of their own, since a mistake of the controller's must not hide itself here. */
export interface IngressView {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly key: string
  readonly createdAt: EpochMs
  readonly deleting: boolean
  /** Of rules and TLS, lower-case, without a trailing dot, each once, sorted. */
  readonly hosts: readonly string[]
  /** Whether the AWS Load Balancer Controller looks after it. */
  readonly balanced: boolean
  readonly group: string
  readonly httpsPorts: readonly number[]
  /** The value of `certwright.dev/certificate`, here or where the namespace or the class has it. */
  readonly asks: string | undefined
  readonly paused: boolean
  readonly listed: readonly string[]
  /** Whether managedFields say that the ARNs are the controller's. */
  readonly annotationIsOurs: boolean
  readonly annotations: Readonly<Record<string, string>>
  readonly spec: string
}

/** @param asks what is asked for in its name, where it says nothing itself. */
export function viewOf(object: KubeObject, asks?: string): IngressView {
  const { metadata } = object
  const annotations = metadata.annotations ?? {}
  const spec = isObject(object.spec) ? object.spec : {}
  const namespace = metadata.namespace ?? ''
  const name = metadata.name ?? ''
  const group = annotations['alb.ingress.kubernetes.io/group.name']
  const listed = (annotations[ARN_ANNOTATION] ?? '')
    .split(',')
    .map((arn) => arn.trim())
    .filter((arn) => arn !== '')
  return {
    uid: metadata.uid ?? '',
    namespace,
    name,
    key: `${namespace}/${name}`,
    createdAt: Date.parse(metadata.creationTimestamp ?? ''),
    deleting: metadata.deletionTimestamp !== undefined,
    hosts: hostsOf(spec),
    balanced: spec.ingressClassName === 'alb',
    group: group === undefined || group === '' ? `${namespace}/${name}` : group,
    httpsPorts: portsOf(annotations['alb.ingress.kubernetes.io/listen-ports'], listed.length > 0),
    asks: annotations['certwright.dev/certificate'] ?? asks,
    paused: annotations['certwright.dev/paused'] === 'true',
    listed,
    annotationIsOurs: (metadata.managedFields ?? []).some(
      (entry) =>
        entry.manager === CONTROLLER_MANAGER && JSON.stringify(entry.fieldsV1 ?? {}).includes(`"f:${ARN_ANNOTATION}"`),
    ),
    annotations,
    spec: JSON.stringify(spec),
  }
}

interface Spec {
  readonly rules?: readonly { readonly host?: string }[]
  readonly tls?: readonly { readonly hosts?: readonly string[] }[]
}

function hostsOf({ rules = [], tls = [] }: Spec): string[] {
  const all = [...rules.map(({ host }) => host ?? ''), ...tls.flatMap(({ hosts = [] }) => hosts)]
  return [...new Set(all.map((host) => host.toLowerCase().replace(/\.$/, '')).filter((host) => host !== ''))].sort()
}

function portsOf(text: string | undefined, hasCertificate: boolean): number[] {
  if (text === undefined) return hasCertificate ? [443] : []
  try {
    const entries = JSON.parse(text) as Record<string, number>[]
    return entries.flatMap(({ HTTPS }) => (HTTPS === undefined ? [] : [HTTPS]))
  } catch {
    return []
  }
}

interface Status {
  readonly loadBalancer?: { readonly ingress?: readonly { readonly hostname?: string }[] }
}

function hostnamesOf({ status }: KubeObject): readonly string[] {
  const { ingress = [] } = (isObject(status) ? (status as Status) : {}).loadBalancer ?? {}
  return ingress.flatMap(({ hostname }) => hostname ?? [])
}

/** A name on a certificate stands for a host: itself, or one label under a wildcard. */
export function standsFor(name: string, host: string): boolean {
  if (name === host) return true
  return name.startsWith('*.') && host.slice(host.indexOf('.') + 1) === name.slice(2) && host !== name.slice(2)
}

/** The state of the worlds, as far as laws speak of it, always up to date. */
export class View {
  readonly #aws: SimulatedAws
  readonly #ingresses = new Map<string, IngressView>()
  readonly #objects = new Map<string, KubeObject>()
  readonly #defaults = new Defaults()
  /** ARNs of certificates that the controller requested, with their names. */
  readonly #disowned = new Set<string>()
  readonly #ours = new Map<string, readonly string[]>()
  /** Of every certificate that was ever requested. */
  readonly #identities = new Map<string, string>()
  /** Those whose tags say that they are to stay. */
  readonly #retained = new Set<string>()
  /** The stack in the tags with which each of them was requested. */
  readonly #stacks = new Map<string, string | undefined>()
  /** Every host name of a load balancer that ever stood on an Ingress. */
  readonly #told = new Set<string>()
  readonly subject: Subject

  constructor(aws: SimulatedAws, subject: Subject = CERTWRIGHT) {
    this.#aws = aws
    this.subject = subject
    aws.events.subscribe((event) => {
      // Ours is what carries our tags: a colleague who takes them away takes the certificate over.
      if (event.kind === 'tagsChanged' && !isController(event.by) && event.tags[OWNER_TAG] === undefined)
        this.#disown(event.arn)
      if (event.kind === 'tagsChanged' || event.kind === 'certificateRequested') this.#follow(event)
      if (event.kind !== 'certificateRequested' || !isController(event.by)) return
      const certificate = aws.certificate(event.arn)
      this.#identities.set(
        event.arn,
        identityOf(event.names, {
          keyAlgorithm: certificate?.keyAlgorithm,
          authority: certificate?.certificateAuthorityArn,
        }),
      )
      this.#ours.set(event.arn, event.names)
      this.#stacks.set(event.arn, event.tags['ingress.k8s.aws/stack'])
    })
  }

  /** Whether it was ours until somebody took our tags away. */
  isDisowned(arn: string): boolean {
    return this.#disowned.has(arn)
  }

  #follow({ arn, tags }: { readonly arn: string; readonly tags: Tags }): void {
    if (tags['certwright.dev/deletion-policy'] === 'retain' || tags['certwright.dev/adopted'] === 'true')
      this.#retained.add(arn)
    else this.#retained.delete(arn)
  }

  /** The wish for which it was requested. */
  identityOf(arn: string): string {
    return this.#identities.get(arn) ?? identityOf(this.namesOf(arn))
  }

  /** Whether it is just what the object asks for. */
  isFor(arn: string, { hosts, annotations }: IngressView): boolean {
    return this.identityOf(arn) === identityOf(hosts, traitsOf(annotations))
  }

  /** Whether a private CA signs it. */
  isPrivate(arn: string): boolean {
    return this.#aws.certificate(arn)?.certificateAuthorityArn !== undefined
  }

  /** Whether its own tag says that it stays when nobody wants it. */
  isRetained(arn: string): boolean {
    return this.#retained.has(arn)
  }

  #disown(arn: string): void {
    if (this.#ours.delete(arn)) this.#disowned.add(arn)
  }

  /** Takes up a write on an Ingress. */
  follow({ after, before }: Pick<LedgerEntry, 'after' | 'before'>): void {
    if (after) {
      const ingress = viewOf(after, this.#defaults.for(after))
      this.#ingresses.set(ingress.key, ingress)
      this.#objects.set(ingress.key, after)
      for (const hostname of hostnamesOf(after)) this.#told.add(hostname)
    } else if (before) {
      const { key } = viewOf(before)
      this.#ingresses.delete(key)
      this.#objects.delete(key)
    }
  }

  /** Takes up a write on anything else. @returns whether it may have changed what objects ask for. */
  followDefaults(entry: LedgerEntry): boolean {
    if (!this.#defaults.follow(entry)) return false
    for (const after of this.#objects.values()) this.follow({ before: undefined, after })
    return true
  }

  get ingresses(): readonly IngressView[] {
    return [...this.#ingresses.values()]
  }

  ingress(key: string): IngressView | undefined {
    return this.#ingresses.get(key)
  }

  /** Those that the load balancer's controller puts on one load balancer, without those that are being deleted. */
  members(group: string): readonly IngressView[] {
    return this.ingresses.filter((ingress) => ingress.balanced && !ingress.deleting && ingress.group === group)
  }

  /** Whether a certificate of the account is issued that covers the host, and that `counts`. */
  isFound(host: string, counts: (arn: string) => boolean): boolean {
    return this.#aws
      .certificates()
      .some(
        (certificate) =>
          statusOf(certificate) === 'ISSUED' &&
          certificate.names.some((name) => standsFor(name, host)) &&
          counts(certificate.arn),
      )
  }

  isOurs(arn: string): boolean {
    return this.#ours.has(arn)
  }

  /** Certificates of the controller's that exist. */
  get own(): readonly string[] {
    return [...this.#ours.keys()].filter((arn) => this.#aws.certificate(arn) !== undefined)
  }

  namesOf(arn: string): readonly string[] {
    return this.#aws.certificate(arn)?.names ?? this.#ours.get(arn) ?? []
  }

  statusOf(arn: string): string | undefined {
    const certificate = this.#aws.certificate(arn)
    return certificate && statusOf(certificate)
  }

  /** From when until when it is valid; `undefined` where it was never issued. */
  termOf(arn: string): { readonly notBefore: EpochMs; readonly notAfter: EpochMs } | undefined {
    const { notBefore, notAfter } = this.#aws.certificate(arn) ?? {}
    return notBefore === undefined || notAfter === undefined ? undefined : { notBefore, notAfter }
  }

  /** The names of a certificate that have validated. */
  validated(arn: string): readonly string[] {
    const domains = this.#aws.certificate(arn)?.domains ?? []
    return domains.filter(({ status }) => status === 'SUCCESS').map(({ name }) => name)
  }

  isHealthy(arn: string): boolean {
    return this.statusOf(arn) === 'ISSUED'
  }

  covers(arn: string, host: string): boolean {
    return this.namesOf(arn).some((name) => standsFor(name, host))
  }

  /** Opted in, or still carrying an ARN of ours, and not being deleted: refused or held as it may be. */
  isLive(ingress: IngressView): boolean {
    return (
      !ingress.deleting && ingress.balanced && (isOptedIn(ingress) || ingress.listed.some((arn) => this.isOurs(arn)))
    )
  }

  /** What an Ingress asks to be attached; `undefined` where the load balancer's controller finds nothing for a host, and stands still. */
  asked(ingress: IngressView): readonly string[] | undefined {
    if (ingress.listed.length > 0) return ingress.listed
    if (this.subject.publishes === 'tags' && isOptedIn(ingress))
      return this.own.filter((arn) => this.#stacks.get(arn) === ingress.group && this.isHealthy(arn))
    const issued = this.#aws.certificates().filter((certificate) => statusOf(certificate) === 'ISSUED')
    const found = new Set<string>()
    for (const host of ingress.hosts) {
      const matching = issued.filter(({ names }) => names.some((name) => standsFor(name, host)))
      if (matching.length === 0) return undefined
      for (const { arn } of matching) found.add(arn)
    }
    return [...found]
  }

  /** The certificates, whosoever, that need this validation record to be issued or renewed. */
  carriers(account: string, name: string): readonly string[] {
    return this.#aws
      .certificates({ account })
      .filter(
        (certificate) =>
          certificate.validationMethod === 'DNS' &&
          ['PENDING_VALIDATION', 'ISSUED'].includes(statusOf(certificate)) &&
          certificate.names.some((host) => validationRecord(account, host).name === name),
      )
      .map(({ arn }) => arn)
  }

  /** Ports of the load balancer of each group, with what is attached there. */
  listeners(group: string): ReadonlyMap<number, ReadonlySet<string>> {
    const listeners = new Map<number, ReadonlySet<string>>()
    for (const loadBalancer of this.#aws.loadBalancers.all) {
      if (loadBalancer.tags['ingress.k8s.aws/stack'] !== group) continue
      for (const listener of loadBalancer.listeners.values()) {
        if (listener.protocol === 'HTTPS') listeners.set(listener.port, certificatesOf(listener))
      }
    }
    return listeners
  }

  /** Whether any Ingress ever said where a load balancer of the group is: its controller writes that once it has built all of the group. */
  isTold(group: string): boolean {
    return this.#aws.loadBalancers.all.some(
      ({ tags, dnsName }) => tags['ingress.k8s.aws/stack'] === group && this.#told.has(dnsName),
    )
  }

  isAttached(arn: string): boolean {
    return this.#aws.loadBalancers.all.some(({ listeners }) =>
      [...listeners.values()].some((listener) => certificatesOf(listener).has(arn)),
    )
  }

  /** The public hosted zones whose names end this name, the longest first. */
  zonesOf(name: string): readonly { readonly id: string; readonly name: string; readonly createdAt: EpochMs }[] {
    const base = `${name.replace(/^\*\./, '')}.`
    return this.#aws
      .hostedZones()
      .filter((zone) => !zone.isPrivate && (base === zone.name || base.endsWith(`.${zone.name}`)))
      .sort((a, b) => b.name.length - a.name.length)
  }

  isPrivateZone(id: string): boolean {
    return this.#aws.hostedZones().some((zone) => zone.id === id && zone.isPrivate)
  }

  /** How a certificate is called in stories: its names, and which of them it is. */
  label(arn: string): string {
    const names = this.namesOf(arn)
    const namesakes = [...this.#ours].filter(([, other]) => other.join() === names.join()).map(([other]) => other)
    const number = namesakes.indexOf(arn) + 1
    const first = names.map((name) => name.replace('.example.com', '')).join('+')
    return names.length === 0 ? arn : number > 0 ? `${first}#${number}` : `foreign ${first}`
  }

  labels(arns: Iterable<string>): string {
    return `{${[...arns].map((arn) => this.label(arn)).join(', ')}}`
  }
}

export function isController(by: string): boolean {
  return by.startsWith(CONTROLLER_KEY) || by.startsWith(REFERENCE_KEY)
}

/** Whatever it says but "false" asks for something, be it misspelt. */
export function isOptedIn({ asks }: IngressView): boolean {
  return asks !== undefined && asks !== '' && asks !== 'false'
}
