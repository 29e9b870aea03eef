import type { Tags } from './certificate.ts'
import { once } from './once.ts'
import type { EpochMs } from './time.ts'

export const INGRESS_CERTIFICATE_ANNOTATION = 'alb.ingress.kubernetes.io/certificate-arn'

/** How often its load balancer's controller was asked again to serve what we wrote last. */
export const NUDGE_ANNOTATION = 'certwright.dev/nudge'

/** The field manager of everything that we apply. */
export const FIELD_MANAGER = 'certwright'

export interface ObjectRef {
  readonly kind: 'Ingress'
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** `namespace/name`: how people name an object. */
export function nameOf(ref: { readonly namespace: string; readonly name: string }): string {
  return `${ref.namespace}/${ref.name}`
}

/** An Ingress, projected to what we need as it arrives. */
export interface Ingress {
  readonly ref: ObjectRef
  readonly resourceVersion: string
  readonly generation: number
  readonly createdAt: EpochMs
  readonly deleting: boolean
  /** Only `certwright.dev/*`, `alb.ingress.kubernetes.io/*` and the legacy class annotation. */
  readonly annotations: Readonly<Record<string, string>>
  readonly ingressClassName: string | undefined
  /** `spec.rules[].host` and `spec.tls[].hosts` as written, empties dropped. */
  readonly hosts: readonly string[]
  /** Whether `metadata.managedFields` says that the certificate annotation is applied by us. */
  readonly annotationIsOurs: boolean
  /** `status.loadBalancer.ingress[].hostname`, lower-case. */
  readonly hostnames: readonly string[]
}

export interface IngressClass {
  readonly name: string
  readonly controller: string
  /** `spec.parameters`, where it names IngressClassParams. */
  readonly parameters: { readonly apiGroup: string; readonly name: string } | undefined
  readonly isDefault: boolean
  /** Its annotation `certwright.dev/certificate`: what its Ingresses ask for that say nothing themselves. */
  readonly asks: string | undefined
}

/** A Namespace, projected to what decisions rest on. */
export interface Namespace {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** IngressClassParams of the AWS Load Balancer Controller or of EKS Auto Mode. */
export interface IngressClassParameters {
  readonly apiGroup: string
  readonly name: string
  readonly certificateArns: readonly string[]
  readonly group: string | undefined
  readonly tags: Tags
}

/**
 * What of an Ingress matters to the load balancer and to us: a change of it may be under way there for a while. Status and finalizers
 * are left out, since the load balancer's controller writes them itself.
 */
export function fingerprintOf(ingress: Ingress): string {
  const annotations = Object.entries(ingress.annotations).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([ingress.ref.uid, ingress.generation, ingress.deleting, annotations])
}

/** The certificate annotation as a list, as the AWS Load Balancer Controller reads it: trimmed, empties dropped. */
export function listedArns(ingress: Ingress): readonly string[] {
  return once(LISTED, ingress, () =>
    (ingress.annotations[INGRESS_CERTIFICATE_ANNOTATION] ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
}

const LISTED = new WeakMap<Ingress, readonly string[]>()
