import type { Ingress, IngressClass, IngressClassParameters, Namespace } from '../core/ingress.ts'
import { ACM_CERTIFICATES, fromAcmCertificate, type StoredCertificate } from '../kube/acm-certificate.ts'
import { CERTIFICATE_CLAIMS, fromCertificateClaim, type StoredClaim } from '../kube/certificate-claim.ts'
import { CERTIFICATE_POLICIES, fromCertificatePolicy, type StoredPolicy } from '../kube/certificate-policy.ts'
import { fromRequestBudget, REQUEST_BUDGETS, type StoredRequests } from '../kube/request-budget.ts'
import { createReflector, type Reflector, type ReflectorState, type WholeList } from '../kube/reflector.ts'
import type { KubeObject, Resource } from '../kube/resource.ts'
import type { Change } from '../kube/store.ts'
import {
  projectIngress,
  projectIngressClass,
  projectIngressClassParameters,
  projectNamespace,
} from '../sources/project.ts'
import type { World } from '../world.ts'
import type { Facts } from './facts.ts'
import { INGRESSES } from './perform.ts'

const INGRESS_CLASSES: Resource = { group: 'networking.k8s.io', version: 'v1', plural: 'ingressclasses' }

export const NAMESPACES: Resource = { group: '', version: 'v1', plural: 'namespaces' }

/** Where IngressClassParams come from: the AWS Load Balancer Controller's, and EKS Auto Mode's. Either may be absent. */
const PARAMETERS: readonly Resource[] = [
  { group: 'elbv2.k8s.aws', version: 'v1beta1', plural: 'ingressclassparams' },
  { group: 'eks.amazonaws.com', version: 'v1', plural: 'ingressclassparams' },
]

export interface WatchesOptions {
  readonly world: World
  readonly facts: Facts
  readonly watchNamespace: string | undefined
  readonly userAgent: string
  readonly onNews: () => void
  /** A watch cannot follow, or can again: once a change. `sentence` is for people. */
  readonly onTrouble: (resource: Resource, trouble: ReflectorState['error']) => void
  readonly onHandlerError: (error: unknown) => void
}

export interface Watches {
  /** Resolves when all have come to rest. */
  stop(): Promise<void>
}

/** Follows everything in Kubernetes that decisions rest on, and feeds it into the facts. */
export function startWatches(options: WatchesOptions): Watches {
  const { facts, watchNamespace } = options
  const parametersSynced = new Set<Resource>()
  const reflectors: Reflector<unknown>[] = [
    follow<Ingress>(options, {
      resource: { ...INGRESSES, namespace: watchNamespace },
      project: (raw) => projectIngress(raw),
      set: (ingress) => facts.setIngress(ingress),
      remove: (ingress) => facts.deleteIngress(ingress),
      listed: (list) => facts.listedIngresses(list),
      synced: () => facts.synced('ingresses'),
    }),
    follow<IngressClass>(options, {
      resource: INGRESS_CLASSES,
      project: (raw) => projectIngressClass(raw),
      set: (ingressClass) => facts.setClass(ingressClass),
      remove: (ingressClass) => facts.deleteClass(ingressClass),
      synced: () => facts.synced('classes'),
    }),
    follow<Namespace>(options, {
      resource: NAMESPACES,
      project: projectNamespace,
      set: (namespace) => facts.setNamespace(namespace),
      remove: (namespace) => facts.deleteNamespace(namespace),
      synced: () => facts.synced('namespaces'),
      // What could not be read once holds up nobody: only what rests on a label waits.
      onTrouble: (error) => facts.namespacesTrouble(error),
    }),
    follow<StoredCertificate | undefined>(options, {
      resource: ACM_CERTIFICATES,
      project: fromAcmCertificate,
      set: (stored) => stored && facts.setCertificate(stored),
      remove: (stored) => stored && facts.deleteCertificate(stored),
      listed: (list) => facts.listedCertificates(list),
      synced: () => facts.synced('certificates'),
      onTrouble: (error) => facts.watchTrouble('acmcertificates', error),
    }),
    follow<StoredClaim | undefined>(options, {
      resource: { ...CERTIFICATE_CLAIMS, namespace: watchNamespace },
      project: fromCertificateClaim,
      set: (stored) => stored && facts.setClaim(stored),
      remove: (stored) => stored && facts.deleteClaim(stored),
      listed: (list) => facts.listedClaims(list),
      synced: () => facts.synced('claims'),
    }),
    follow<StoredRequests | undefined>(options, {
      resource: REQUEST_BUDGETS,
      project: fromRequestBudget,
      set: (stored) => stored && facts.setRequests(stored),
      remove: (stored) => stored && facts.deleteRequests(stored),
      synced: () => facts.synced('requests'),
      onTrouble: (error) => facts.watchTrouble('requestbudgets', error),
    }),
    ...((facts.settings.policyMode ?? 'off') === 'off' ? [] : [policies(options)]),
    ...PARAMETERS.map((resource) =>
      follow<IngressClassParameters>(options, {
        resource,
        project: projectIngressClassParameters(resource.group),
        set: (parameters) => facts.setParameters(parameters),
        remove: (parameters) => facts.deleteParameters(parameters),
        synced: () => {
          parametersSynced.add(resource)
          if (parametersSynced.size === PARAMETERS.length) facts.synced('parameters')
        },
        optional: true,
      }),
    ),
  ]
  return {
    stop: async () => {
      for (const reflector of reflectors) reflector.stop()
      await Promise.all(reflectors.map((reflector) => reflector.done))
    },
  }
}

function policies(options: WatchesOptions): Reflector<unknown> {
  const { facts } = options
  return follow<StoredPolicy>(options, {
    resource: CERTIFICATE_POLICIES,
    project: fromCertificatePolicy,
    set: (policy) => facts.setPolicy(policy),
    remove: (policy) => facts.deletePolicy(policy),
    synced: () => facts.synced('policies'),
    onTrouble: (error) => facts.policiesTrouble(error),
  })
}

interface Following<T> {
  readonly resource: Resource & { readonly namespace?: string | undefined }
  readonly project: (raw: KubeObject) => T
  readonly set: (value: T) => void
  readonly remove: (value: T) => void
  /** What came from elsewhere than the watch, and is not on a whole list, must be let go of. */
  readonly listed?: (list: WholeList) => void
  readonly synced: () => void
  readonly onTrouble?: (error: ReflectorState['error']) => void
  /** A kind that is not installed counts as known: there are none of it. */
  readonly optional?: boolean
}

function follow<T>(options: WatchesOptions, following: Following<T>): Reflector<unknown> {
  const { world, onNews, onTrouble, onHandlerError, userAgent } = options
  const { resource, project, optional = false } = following
  const onChange = (change: Change<T>) => {
    if (change.kind === 'deleted') following.remove(change.value)
    else following.set(change.value)
    onNews()
  }
  const onState = ({ synced, error }: ReflectorState) => {
    const absent = optional && error?.kind === 'notFound'
    if (synced || absent) following.synced()
    following.onTrouble?.(error)
    onTrouble(resource, absent ? undefined : error)
    onNews()
  }
  return createReflector({
    transport: world.kube,
    clock: world.clock,
    random: world.random,
    resource,
    project,
    onChange,
    onList: (list) => following.listed?.(list),
    onState,
    onHandlerError,
    userAgent,
    optional,
  })
}
