import type { KeyAlgorithm, Tags } from '../core/certificate.ts'
import type { Claim, ClaimRequest, Issuer } from '../core/claim.ts'
import type { Ingress, IngressClass, IngressClassParameters, Namespace } from '../core/ingress.ts'
import { nameOf, NUDGE_ANNOTATION } from '../core/ingress.ts'
import { normaliseName, normaliseNames, problemOf } from '../core/names.ts'
import type { Settings } from '../core/settings.ts'
import { parseTagList, problemOfTag } from '../core/tag-list.ts'
import type { NameVerdict, Verdict } from '../core/verdict.ts'
import { ANNOTATION, commaList, LBC, LEGACY_CLASS, PREFIX, parseBoolean, parseHttpsPorts } from './annotations.ts'
import { issuerOf } from './authority.ts'

/** Controllers whose classes the AWS Load Balancer Controller and EKS Auto Mode own. */
const AUTO_MODE = 'eks.amazonaws.com/alb'
const LOAD_BALANCER_CONTROLLERS = ['ingress.k8s.aws/alb', AUTO_MODE]

/** What the legacy annotation says for the AWS Load Balancer Controller, unless its own `--ingress-class` says otherwise. */
const LEGACY_CLASS_DEFAULT = 'alb'

const DELETION_POLICIES = ['delete', 'retain'] as const

const KEY_ALGORITHMS: readonly KeyAlgorithm[] = ['RSA_2048', 'EC_prime256v1', 'EC_secp384r1']

export interface Classes {
  readonly classes: ReadonlyMap<string, IngressClass>
  readonly parameters: ReadonlyMap<string, IngressClassParameters>
}

export interface ClaimOf {
  readonly ingress: Ingress
  readonly classes: Classes
  /** By name; what rests on the label of one that is not here is unknown. */
  readonly namespaces: ReadonlyMap<string, Namespace>
  readonly settings: Settings
}

/** What this Ingress claims. Pure: the same Ingress, classes, namespaces and settings give the same claim. */
export function claimOf(options: ClaimOf): Claim {
  const { ingress, settings } = options
  const membership = classOf(options)
  const ports = parseHttpsPorts(ingress.annotations[LBC.listenPorts])
  const hosts = normaliseNames(ingress.hosts).filter((host) => problemOf(host) === undefined)
  const base = {
    ingress,
    loadBalanced: membership.loadBalanced,
    handedOver: !membership.loadBalanced && membership.known,
    inScope: outOfScope(ingress, membership, settings) === undefined,
    group: groupOf(ingress, membership),
    httpsPorts: ports ?? [],
    listensForHttps: ingress.annotations[LBC.listenPorts] !== undefined && (ports ?? []).length > 0,
    hosts,
    servedBy: membership.parameters?.certificateArns.length ? membership.parameters.name : undefined,
    ...leftToController(ingress, membership),
    paused: parseBoolean(ingress.annotations[ANNOTATION.paused] ?? 'false') === true,
  }
  const asked = isAsked({ ...options, ingressClass: membership.ingressClass })
  if (asked === 'false') return { ...base, request: { kind: 'none' } }
  if (asked === undefined) return { ...base, request: { kind: 'unknown' } }
  const standby = asked === 'standby'
  const { tags, refused: illegal } = tagsOf({ ingress, parameters: membership.parameters, settings })
  const { issuer, problem: forbidden } = issuerOf(ingress, settings)
  const verdict =
    standAside(ingress, membership, settings) ??
    (base.servedBy !== undefined && !standby ? servedElsewhere(ingress, base.servedBy) : undefined) ??
    (typeof asked === 'string' ? undefined : asked) ??
    refusal(ingress, ports) ??
    illegal ??
    (forbidden && refused(forbidden.reason, forbidden.message))
  if (verdict) return { ...base, request: { kind: 'declined', verdict } }
  return { ...base, request: requestOf(ingress, { tags, standby, issuer }) }
}

type Declined = Verdict & { readonly state: 'Refused' | 'Deferred' }

type Asked = 'true' | 'false' | 'standby'

const ASKED = '"true", "false" or "standby"'

function askedBy(text: string): Asked | undefined {
  return text === 'standby' || parseBoolean(text) !== undefined ? (text as Asked) : undefined
}

/**
 * Is a managed certificate asked for? A value that cannot be parsed is a verdict. `certwright.dev/*` wins over an alias, what the object
 * says over its namespace, and what that says over its class. `undefined`: not known, since the namespace is not.
 */
function isAsked(
  options: Pick<ClaimOf, 'ingress' | 'namespaces' | 'settings'> & { readonly ingressClass: IngressClass | undefined },
): Asked | Declined | undefined {
  const { ingress, ingressClass, namespaces, settings } = options
  const own = ingress.annotations[ANNOTATION.certificate]
  if (own !== undefined) {
    return askedBy(own) ?? invalid(ingress, ANNOTATION.certificate, own, ASKED)
  }
  const alias = settings.lbcAnnotations ? ingress.annotations[LBC.createCertificate] : undefined
  if (alias !== undefined && alias !== '')
    return parseBoolean(alias) === undefined
      ? invalid(ingress, LBC.createCertificate, alias, '"true" or "false"')
      : (alias as Asked)
  const namespace = namespaces.get(ingress.ref.namespace)
  if (!namespace) return undefined
  const label = namespace.labels[ANNOTATION.certificate]
  if (label !== undefined) {
    const message = `The label ${ANNOTATION.certificate} of Namespace ${namespace.name}, in which Ingress ${nameOf(ingress.ref)} is, is "${label}"; expected ${ASKED}.`
    return askedBy(label) ?? refused('InvalidAnnotation', message)
  }
  if (ingressClass?.asks === undefined) return 'false'
  const message = `The annotation ${ANNOTATION.certificate} of IngressClass ${ingressClass.name}, to which Ingress ${nameOf(ingress.ref)} belongs, is "${ingressClass.asks}"; expected ${ASKED}.`
  return askedBy(ingressClass.asks) ?? refused('InvalidAnnotation', message)
}

/**
 * EKS Auto Mode reads neither the annotation of the group nor those of managed certificates:
 * https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html
 */
function isAutoMode({ ingressClass }: Membership): boolean {
  return ingressClass?.controller === AUTO_MODE
}

/** Does the annotation of the AWS Load Balancer Controller's own feature ask it for a certificate? It takes what Go takes for true. */
function leftToController(
  { annotations }: Ingress,
  membership: Membership,
): Pick<Claim, 'createsCertificate' | 'asksController'> {
  const createsCertificate =
    !isAutoMode(membership) && /^(1|[tT]|true|TRUE|True)$/.test(annotations[LBC.createCertificate] ?? '')
  const own = annotations[ANNOTATION.certificate] ?? 'false'
  return { createsCertificate, asksController: createsCertificate && own === 'false' }
}

interface Membership {
  readonly loadBalanced: boolean
  /** Whether what decides that exists: absence of a class is not evidence. */
  readonly known: boolean
  readonly className: string | undefined
  readonly ingressClass: IngressClass | undefined
  readonly parameters: IngressClassParameters | undefined
  /** Why it is not the AWS Load Balancer Controller's. */
  readonly because: string
}

function classOf(options: { ingress: Ingress; classes: Classes; settings: Settings }): Membership {
  const { ingress, classes, settings } = options
  const legacy = ingress.annotations[LEGACY_CLASS]
  if (legacy !== undefined) {
    const loadBalanced = legacy === (settings.ingressClass ?? LEGACY_CLASS_DEFAULT)
    const because = `the annotation ${LEGACY_CLASS} names the class "${legacy}"`
    return { loadBalanced, known: true, className: legacy, ingressClass: undefined, parameters: undefined, because }
  }
  const className = ingress.ingressClassName
  if (className === undefined) {
    return {
      loadBalanced: false,
      known: true,
      className,
      ingressClass: undefined,
      parameters: undefined,
      because: 'it has no spec.ingressClassName',
    }
  }
  const ingressClass = classes.classes.get(className)
  if (!ingressClass) {
    const because = `the IngressClass "${className}" does not exist`
    return { loadBalanced: false, known: false, className, ingressClass, parameters: undefined, because }
  }
  const reference = ingressClass.parameters
  return {
    loadBalanced: LOAD_BALANCER_CONTROLLERS.includes(ingressClass.controller),
    known: true,
    className,
    ingressClass,
    parameters: reference && classes.parameters.get(`${reference.apiGroup}/${reference.name}`),
    because: `the IngressClass "${className}" belongs to the controller ${ingressClass.controller}`,
  }
}

/** One load balancer a group: IngressClassParams' group wins over the annotation; without either, each Ingress has its own. */
function groupOf(ingress: Ingress, membership: Membership): string {
  const annotated = isAutoMode(membership) ? undefined : ingress.annotations[LBC.groupName]
  const explicit = membership.parameters?.group ?? annotated
  return explicit ? `group/${explicit}` : `ingress/${nameOf(ingress.ref)}`
}

/** Reasons to stand aside on purpose, the first that applies. */
function standAside(ingress: Ingress, membership: Membership, settings: Settings): Declined | undefined {
  const object = `Ingress ${nameOf(ingress.ref)}`
  const outside = outOfScope(ingress, membership, settings)
  if (outside) return outside
  if (!membership.loadBalanced) {
    return deferred(
      'ForeignClass',
      `${object} is not served by the AWS Load Balancer Controller: ${membership.because}; use a class of controller ingress.k8s.aws/alb.`,
    )
  }
  return undefined
}

function servedElsewhere(ingress: Ingress, parameters: string): Declined {
  return deferred(
    'ExplicitCertificate',
    `Ingress ${nameOf(ingress.ref)} is served with the certificates that IngressClassParams ${parameters} names; remove them there to have one managed.`,
  )
}

/** Outside what `--watch-namespace` and `--ingress-class` name. A class that went away from the load balancer's controller is another matter. */
function outOfScope(ingress: Ingress, membership: Membership, settings: Settings): Declined | undefined {
  const object = `Ingress ${nameOf(ingress.ref)}`
  if (settings.watchNamespace !== undefined && ingress.ref.namespace !== settings.watchNamespace) {
    return deferred(
      'OutOfScope',
      `${object} is outside the namespace "${settings.watchNamespace}" that --watch-namespace names; nothing of it is touched.`,
    )
  }
  if (
    settings.ingressClass !== undefined &&
    membership.loadBalanced &&
    membership.className !== settings.ingressClass
  ) {
    return deferred(
      'OutOfScope',
      `${object} is of class "${membership.className}", and --ingress-class is "${settings.ingressClass}"; nothing of it is touched.`,
    )
  }
  return undefined
}

/** Reasons why it cannot be honoured as written, the first that applies. */
function refusal(ingress: Ingress, ports: readonly number[] | undefined): Declined | undefined {
  const { annotations } = ingress
  for (const [annotation, value] of Object.entries(annotations)) {
    // Ours: whoever leaves it there asks for nothing.
    if (annotation === NUDGE_ANNOTATION) continue
    if (annotation.startsWith(PREFIX) && !(Object.values(ANNOTATION) as string[]).includes(annotation)) {
      return invalid(ingress, annotation, value, `one of ${Object.values(ANNOTATION).join(', ')}`)
    }
  }
  const paused = annotations[ANNOTATION.paused]
  if (paused !== undefined && parseBoolean(paused) === undefined)
    return invalid(ingress, ANNOTATION.paused, paused, '"true" or "false"')
  const policy = annotations[ANNOTATION.deletionPolicy]
  if (policy !== undefined && !(DELETION_POLICIES as readonly string[]).includes(policy))
    return invalid(ingress, ANNOTATION.deletionPolicy, policy, DELETION_POLICIES.join(' or '))
  const algorithm = annotations[ANNOTATION.keyAlgorithm]
  if (algorithm !== undefined && !(KEY_ALGORITHMS as readonly string[]).includes(algorithm)) {
    return invalid(ingress, ANNOTATION.keyAlgorithm, algorithm, KEY_ALGORITHMS.join(', '))
  }
  if (ports === undefined) {
    return invalid(
      ingress,
      LBC.listenPorts,
      annotations[LBC.listenPorts] ?? '',
      `a list such as '[{"HTTP":80},{"HTTPS":443}]'`,
    )
  }
  if (ports.length === 0) {
    return refused(
      'NoHTTPSListener',
      `Ingress ${nameOf(ingress.ref)} has no HTTPS port in ${LBC.listenPorts} (${annotations[LBC.listenPorts]}); add {"HTTPS":443}.`,
    )
  }
  return undefined
}

/** The tags that are asked for here: the class's, then LBC's where its annotations are read, then our own annotation's. */
function tagsOf(options: { ingress: Ingress; parameters: IngressClassParameters | undefined; settings: Settings }): {
  readonly tags: Tags
  readonly refused?: Declined
} {
  const { ingress, parameters, settings } = options
  let tags: Tags = parameters?.tags ?? {}
  for (const [key, value] of Object.entries(parameters?.tags ?? {})) {
    const problem = problemOfTag(key, value)
    if (problem === undefined) continue
    const message = `The tags of IngressClassParams ${parameters?.name} cannot stand on a certificate for Ingress ${nameOf(ingress.ref)}: ${problem}; correct them there.`
    return { tags, refused: refused('InvalidTags', message) }
  }
  for (const annotation of [...(settings.lbcAnnotations ? [LBC.tags] : []), ANNOTATION.tags]) {
    const text = ingress.annotations[annotation] ?? ''
    const read = parseTagList(text)
    if ('problem' in read) {
      const message = `The annotation ${annotation} of Ingress ${nameOf(ingress.ref)} is "${text}", and ${read.problem}; write it like team=shop,stage=prod.`
      return { tags, refused: refused('InvalidAnnotation', message) }
    }
    tags = { ...tags, ...read.tags }
  }
  return { tags }
}

function requestOf(
  ingress: Ingress,
  asked: { readonly tags: Tags; readonly standby: boolean; readonly issuer: Issuer },
): ClaimRequest {
  const { annotations } = ingress
  const excluded = new Set(commaList(annotations[ANNOTATION.excludeNames]).map(normaliseName))
  const wanted = normaliseNames([...ingress.hosts, ...commaList(annotations[ANNOTATION.names])]).filter(
    (name) => !excluded.has(name),
  )
  if (wanted.length === 0) {
    return {
      kind: 'declined',
      verdict: refused(
        'NoNames',
        `Ingress ${nameOf(ingress.ref)} has no host in spec.rules or spec.tls to put on a certificate; add one, or name some in ${ANNOTATION.names}.`,
      ),
    }
  }
  const rejected: NameVerdict[] = []
  const names = wanted.filter((name) => {
    const problem = problemOf(name)
    if (problem === undefined) return true
    rejected.push({
      name,
      ...refused(
        'InvalidName',
        `The name "${name}" of Ingress ${nameOf(ingress.ref)} ${problem}, so ACM cannot issue for it; correct it, or leave it out with ${ANNOTATION.excludeNames}.`,
      ),
    })
    return false
  })
  const [first] = rejected
  if (names.length === 0 && first) return { kind: 'declined', verdict: refused(first.reason, first.message) }
  return {
    kind: 'wanted',
    names,
    rejected,
    keyAlgorithm: (annotations[ANNOTATION.keyAlgorithm] as KeyAlgorithm | undefined) ?? 'RSA_2048',
    retain: annotations[ANNOTATION.deletionPolicy] === 'retain',
    ...asked,
  }
}

function invalid(ingress: Ingress, annotation: string, value: string, expected: string): Declined {
  return refused(
    'InvalidAnnotation',
    `The annotation ${annotation} of Ingress ${nameOf(ingress.ref)} is "${value}"; expected ${expected}.`,
  )
}

function refused(reason: string, message: string): Declined {
  return { state: 'Refused', reason, message }
}

function deferred(reason: string, message: string): Declined {
  return { state: 'Deferred', reason, message }
}
