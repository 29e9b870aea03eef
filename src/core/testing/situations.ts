import type { Arn, Certificate, CertificateDetail, Tags } from '../certificate.ts'
import type { Claim } from '../claim.ts'
import type { Ingress } from '../ingress.ts'
import { INGRESS_CERTIFICATE_ANNOTATION } from '../ingress.ts'
import type { CertificateEntry, ClaimEntry, Ledger, LedgerEntry, Unwanted } from '../ledger.ts'
import type { Name } from '../names.ts'
import { normaliseNames } from '../names.ts'
import type { Listener, ListenerLooks, LoadBalancer, Observation, Zone } from '../observation.ts'
import { emptyObservation } from '../observation.ts'
import type { Settings } from '../settings.ts'
import { TAG } from '../settings.ts'
import type { PlanInput } from '../situation.ts'
import type { EpochMs } from '../time.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../time.ts'
import { wishKey } from '../wish.ts'

/** The instant at which the situations of tests take place: 2026-11-24T09:00:00Z. */
export const NOW: EpochMs = 1_795_510_800_000

/** The zone in which all names of tests are, unless they say otherwise. */
export const ZONE: Zone = { id: 'Z1', name: 'example.com', private: false }

/** The settings' defaults. */
export function settings(overrides: Partial<Settings> = {}): Settings {
  return {
    cluster: 'blue',
    owner: '0123456789ab',
    region: 'eu-west-1',
    maxNamesPerCertificate: 10,
    certificatesPerLoadBalancer: 25,
    retireAfter: DAY,
    retireBrake: true,
    recordCheckInterval: HOUR,
    settle: MINUTE,
    hostedZones: {},
    zoneRoles: [],
    watchNamespace: undefined,
    ingressClass: undefined,
    lbcAnnotations: false,
    defaultTags: {},
    defaultAuthority: undefined,
    allowedAuthorities: [],
    rotationConcurrency: 5,
    fallbackCertificate: undefined,
    ...overrides,
  }
}

export interface IngressOptions {
  readonly name?: string
  readonly namespace?: string
  readonly hosts?: readonly string[]
  /** The certificate annotation; none where it is empty. */
  readonly lists?: readonly (Arn | { readonly arn: Arn })[]
  readonly annotations?: Readonly<Record<string, string>>
  /** Whether `managedFields` say that the annotation is ours; so it is wherever there is one. */
  readonly ours?: boolean
  readonly overrides?: Partial<Ingress>
}

export function ingress(options: IngressOptions = {}): Ingress {
  const { name = 'shop', namespace = 'default', hosts = ['shop.example.com'], lists = [], annotations = {} } = options
  const arns = lists.map((entry) => (typeof entry === 'string' ? entry : entry.arn))
  return {
    ref: { kind: 'Ingress', namespace, name, uid: `uid-${namespace}-${name}` },
    resourceVersion: '1',
    generation: 1,
    createdAt: NOW - DAY,
    deleting: false,
    annotations: {
      ...annotations,
      ...(arns.length > 0 ? { [INGRESS_CERTIFICATE_ANNOTATION]: arns.join(',') } : {}),
    },
    ingressClassName: 'alb',
    hosts,
    annotationIsOurs: options.ours ?? arns.length > 0,
    hostnames: [],
    ...options.overrides,
  }
}

export interface ClaimOptions extends IngressOptions {
  readonly group?: string
  readonly ports?: readonly number[]
  /** Whether `listen-ports` names an HTTPS port, so that its group waits for its certificate. */
  readonly listens?: boolean
  readonly request?: Claim['request']
  /** The names that are asked for, where they are not the hosts. */
  readonly names?: readonly Name[]
  readonly paused?: boolean
  readonly loadBalanced?: boolean
  /** Whether the load balancer of its group stands in its status. */
  readonly balanced?: boolean
}

/** An Ingress that asks for a certificate of its hosts, on the load balancer `group/web`. */
export function claim(options: ClaimOptions = {}): Claim {
  const { hosts = ['shop.example.com'], group = 'group/web', balanced = true } = options
  const made = ingress({
    ...options,
    hosts,
    overrides: { hostnames: balanced ? [dnsNameOf(group)] : [], ...options.overrides },
  })
  return {
    ingress: made,
    loadBalanced: options.loadBalanced ?? true,
    handedOver: options.loadBalanced === false,
    inScope: true,
    group,
    httpsPorts: options.ports ?? [443],
    listensForHttps: options.listens ?? false,
    hosts: normaliseNames(hosts),
    paused: options.paused ?? false,
    servedBy: undefined,
    createsCertificate: false,
    asksController: false,
    request: options.request ?? wanted(options.names ?? hosts),
  }
}

/** A request for a certificate of these names. */
export function wanted(names: readonly Name[]): Claim['request'] {
  return {
    kind: 'wanted',
    names: normaliseNames(names),
    rejected: [],
    issuer: { kind: 'amazon' },
    keyAlgorithm: 'RSA_2048',
    tags: {},
    retain: false,
    standby: false,
  }
}

/** The request of an object that is refused as it is written. */
export const REFUSED: Claim['request'] = {
  kind: 'declined',
  verdict: { state: 'Refused', reason: 'InvalidAnnotation', message: 'The annotation is wrong.' },
}

/** The key of a certificate of these names with the default settings. */
export function keyOf(names: readonly Name[]): string {
  return wishKey({ names, issuer: { kind: 'amazon' }, keyAlgorithm: 'RSA_2048', region: settings().region ?? '' })
}

/** A certificate of the account and its tags. */
export interface Held {
  readonly arn: Arn
  readonly certificate: Certificate
  /** `undefined`: never read. */
  readonly tags: Tags | undefined
}

export type HeldOptions = Partial<Certificate> & { readonly tags?: Tags | undefined; readonly attempt?: number }

/** A certificate of ours, issued and fit, unless something else is said. */
export function ours(names: readonly Name[], options: HeldOptions = {}): Held {
  const { attempt = 1, tags, ...overrides } = options
  const made = certificateOf(names, `ours-${attempt}`, overrides)
  const { cluster, owner } = settings()
  return {
    arn: made.arn,
    certificate: made,
    tags:
      'tags' in options
        ? tags
        : { [TAG.cluster]: cluster, [TAG.owner]: owner, [TAG.key]: keyOf(names), [TAG.attempt]: String(attempt) },
  }
}

/** A certificate of somebody else, without tags. */
export function foreign(names: readonly Name[], options: HeldOptions = {}): Held {
  const { attempt: _, tags, ...overrides } = options
  const made = certificateOf(names, 'foreign', overrides)
  return { arn: made.arn, certificate: made, tags: 'tags' in options ? tags : {} }
}

function certificateOf(names: readonly Name[], label: string, overrides: Partial<Certificate>): Certificate {
  const normal = normaliseNames(names)
  const short = normal.map((name) => name.replace('*', 'wildcard').replace('.example.com', '')).join('+')
  return {
    arn: `arn:aws:acm:eu-west-1:111122223333:certificate/${short}-${label}`,
    status: 'ISSUED',
    type: 'AMAZON_ISSUED',
    names: normal,
    namesComplete: true,
    keyAlgorithm: 'RSA_2048',
    inUse: false,
    createdAt: NOW - DAY,
    notAfter: NOW + 300 * DAY,
    renewalEligible: true,
    ...overrides,
  }
}

/** What DescribeCertificate says of it: its records, all validated where it is issued. */
export function detail(held: Held, overrides: Partial<CertificateDetail> = {}): CertificateDetail {
  const { certificate } = held
  return {
    ...certificate,
    validations: certificate.names.map((name) => ({
      name,
      status: certificate.status === 'ISSUED' ? 'SUCCESS' : 'PENDING_VALIDATION',
      record: recordOf(name),
    })),
    inUseBy: [],
    ...overrides,
  }
}

/** The validation record of a name: the same for `*.x` and `x`. */
export function recordOf(name: Name): { readonly name: string; readonly value: string } {
  const base = name.replace('*.', '')
  return { name: `_${base.length}.${base}`, value: `_${base.length}.acm-validations.aws` }
}

export function dnsNameOf(group: string): string {
  return `${group.replaceAll('/', '-')}.elb.amazonaws.com`
}

export function loadBalancerArnOf(group: string): string {
  return `arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/${group.replaceAll('/', '-')}/1`
}

/** What is attached: the certificates of each port. */
export type Ports = Readonly<Record<number, readonly (Arn | Held)[]>>

/** Looks at one load balancer, the last `at`, which have shown all this since `since`. */
export function looksAt(ports: Ports, at: EpochMs = NOW - SECOND, since: EpochMs = NOW - 10 * MINUTE): ListenerLooks {
  const listeners = Object.entries(ports).map(([port, entries]): Listener => {
    const certificates = entries.map((entry) => (typeof entry === 'string' ? entry : entry.arn))
    return { arn: `listener-${port}`, port: Number(port), protocol: 'HTTPS', certificates }
  })
  const steady = new Map(
    listeners.map((listener) => [listener.port, new Map(listener.certificates.map((arn) => [arn, since]))]),
  )
  return { listeners, at, steady }
}

export interface SituationOptions {
  readonly claims?: readonly Claim[]
  readonly certificates?: readonly Held[]
  /** What the last looks at the load balancer of each group have shown; every group was looked at. */
  readonly attached?: Readonly<Record<string, ListenerLooks | Ports>>
  readonly details?: readonly CertificateDetail[]
  readonly zones?: readonly Zone[]
  readonly entries?: readonly LedgerEntry[]
  readonly reports?: readonly ClaimEntry[]
  readonly observation?: Partial<Observation>
  readonly ledger?: Partial<Ledger>
  readonly settings?: Partial<Settings>
  readonly now?: EpochMs
}

/** Everything was looked at a second ago, nothing changed for an hour, and each group has a load balancer. */
export function situation(options: SituationOptions = {}): PlanInput {
  const { claims = [], certificates = [], entries = [], reports = [], now = NOW } = options
  return {
    claims,
    observation: { ...observation({ ...options, claims, certificates }), ...options.observation },
    ledger: {
      certificates: new Map(entries.map((entry) => [entry.key, entry])),
      claims: new Map(reports.map((entry) => [entry.uid, entry])),
      ...options.ledger,
    },
    settings: settings(options.settings),
    now,
  }
}

function observation(options: SituationOptions & Required<Pick<SituationOptions, 'claims' | 'certificates'>>) {
  const { claims, certificates, attached = {}, details = [], zones = [ZONE], now = NOW } = options
  const at = now - SECOND
  const groups = [...new Set(claims.map((entry) => entry.group))]
  const seen = <T>(value: T) => ({ value, at, complete: true })
  const looks = groups.map((group): [string, ListenerLooks] => {
    const of = attached[group] ?? { 443: [] }
    return [loadBalancerArnOf(group), isLooks(of) ? of : looksAt(of, at, now - 10 * MINUTE)]
  })
  const balancers = groups.map((group): [string, LoadBalancer] => [
    loadBalancerArnOf(group),
    { arn: loadBalancerArnOf(group), dnsName: dnsNameOf(group) },
  ])
  return {
    ...emptyObservation,
    ingresses: seen(new Map(claims.map((entry) => [entry.ingress.ref.uid, entry.ingress]))),
    ingressClasses: seen(new Map()),
    ingressClassParameters: seen(new Map()),
    namespaces: seen(new Map()),
    groupChangedAt: new Map(groups.map((group) => [group, now - HOUR])),
    certificates: seen(new Map(certificates.map((held) => [held.arn, held.certificate]))),
    certificatesSweptAt: at,
    tags: new Map(certificates.flatMap((held) => (held.tags ? [[held.arn, seen(held.tags)] as const] : []))),
    tagsSweptAt: at,
    details: new Map(details.map((entry) => [entry.arn, seen(entry)])),
    zones: seen(zones),
    loadBalancers: seen(new Map(balancers)),
    listeners: new Map(looks),
  } satisfies Observation
}

function isLooks(entry: ListenerLooks | Ports): entry is ListenerLooks {
  return 'steady' in entry
}

/** The ledger's entry of a key with one certificate, as a plan would leave it. */
export function entry(names: readonly Name[], overrides: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    key: keyOf(names),
    names: normaliseNames(names),
    issuer: { kind: 'amazon' },
    keyAlgorithm: 'RSA_2048',
    region: settings().region ?? '',
    claims: ['default/shop'],
    attempt: 1,
    attemptAt: NOW - DAY,
    attemptArn: undefined,
    failure: undefined,
    certificates: [],
    idleSince: undefined,
    shown: {
      verdict: { state: 'Ready', reason: 'Served', message: '', since: NOW - DAY },
      arn: undefined,
      inUse: false,
      expiresAt: undefined,
    },
    retireApproved: false,
    ...overrides,
  }
}

/** What the ledger keeps of one certificate. */
export function kept(held: Held, unwanted?: Partial<Unwanted>): CertificateEntry {
  return {
    arn: held.arn,
    attempt: 1,
    records: held.certificate.names.map((name) => ({ ...recordOf(name), of: name.replace('*.', '') })),
    tags: [],
    unwanted: unwanted && { since: NOW - DAY, because: 'replaced', braked: false, releasedAt: undefined, ...unwanted },
  }
}

/** What the ledger keeps of an object that claims. */
export function report(of: Claim, overrides: Partial<ClaimEntry> = {}): ClaimEntry {
  return {
    uid: of.ingress.ref.uid,
    published: [],
    waitsFor: [],
    verdict: { state: 'Ready', reason: 'Served', message: '', since: NOW - DAY },
    names: [],
    certificates: [],
    wished: [],
    inUse: false,
    expiresAt: undefined,
    ...overrides,
  }
}
