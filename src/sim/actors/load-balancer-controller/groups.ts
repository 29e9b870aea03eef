import { annotation, type Ingress, type IngressClassParams, nameOf, type Snapshot } from './objects.ts'

/** One load balancer: its members in the order that decides, and those that left it but still carry its finalizer. */
export interface Group {
  /** The group's name, or `namespace/name` of the one Ingress of an implicit group: the value of the tag `ingress.k8s.aws/stack`. */
  readonly key: string
  readonly finalizer: string
  readonly members: readonly Member[]
  readonly leaving: readonly Ingress[]
}

export interface Member {
  readonly ingress: Ingress
  readonly params: IngressClassParams | undefined
}

const CONTROLLER = 'ingress.k8s.aws/alb'
const LEGACY_CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const LEGACY_CLASS = 'alb'
const IMPLICIT_FINALIZER = 'ingress.k8s.aws/resources'
const EXPLICIT_FINALIZER_PREFIX = 'group.ingress.k8s.aws/'

/** The group with this key as the snapshot shows it; without members and without leavers where nobody belongs to it. */
export function groupOf(snapshot: Snapshot, key: string): Group {
  const finalizer = finalizerOf(key)
  const members: Member[] = []
  const leaving: Ingress[] = []
  for (const ingress of snapshot.ingresses) {
    const member = memberOf(snapshot, ingress)
    if (member && groupKey(member) === key) members.push(member)
    else if (carries(ingress, finalizer, key)) leaving.push(ingress)
  }
  return { key, finalizer, members: members.sort(byOrder), leaving }
}

/** The keys of all groups that have to look at this Ingress: the one it belongs to, and those whose finalizer it carries. */
export function groupsOf(snapshot: Snapshot, ingress: Ingress): string[] {
  const keys = new Set<string>()
  const member = memberOf(snapshot, ingress)
  if (member) keys.add(groupKey(member))
  for (const finalizer of ingress.metadata.finalizers ?? []) {
    if (finalizer === IMPLICIT_FINALIZER) keys.add(nameOf(ingress))
    if (finalizer.startsWith(EXPLICIT_FINALIZER_PREFIX)) keys.add(finalizer.slice(EXPLICIT_FINALIZER_PREFIX.length))
  }
  return [...keys]
}

/** Is it ours, and not on its way out? The legacy annotation decides where it is present; only a class brings parameters. */
function memberOf(snapshot: Snapshot, ingress: Ingress): Member | undefined {
  if (ingress.metadata.deletionTimestamp !== undefined) return undefined
  const legacy = ingress.metadata.annotations?.[LEGACY_CLASS_ANNOTATION]
  if (legacy !== undefined) return legacy === LEGACY_CLASS ? { ingress, params: undefined } : undefined
  const ingressClass = snapshot.classes.find((candidate) => candidate.metadata.name === ingress.spec.ingressClassName)
  if (ingressClass?.spec?.controller !== CONTROLLER) return undefined
  const reference = ingressClass.spec.parameters
  const params = snapshot.params.find((candidate) => candidate.metadata.name === reference?.name)
  return { ingress, params: reference?.kind === 'IngressClassParams' ? params : undefined }
}

function groupKey({ ingress, params }: Member): string {
  const explicit = params?.spec?.group?.name ?? annotation(ingress, 'group.name')
  return explicit || nameOf(ingress)
}

/** Names of explicit groups hold no slash, so the two kinds never meet. */
function finalizerOf(key: string): string {
  return key.includes('/') ? IMPLICIT_FINALIZER : `${EXPLICIT_FINALIZER_PREFIX}${key}`
}

function carries(ingress: Ingress, finalizer: string, key: string): boolean {
  if (!ingress.metadata.finalizers?.includes(finalizer)) return false
  return finalizer !== IMPLICIT_FINALIZER || nameOf(ingress) === key
}

function byOrder(a: Member, b: Member): number {
  const difference = orderOf(a) - orderOf(b)
  if (difference !== 0) return difference
  return nameOf(a.ingress) < nameOf(b.ingress) ? -1 : 1
}

function orderOf({ ingress }: Member): number {
  return Number(annotation(ingress, 'group.order') ?? '0')
}
