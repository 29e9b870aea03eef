import type { KeyAlgorithm, Tags } from './certificate.ts'
import type { Ingress } from './ingress.ts'
import type { Name } from './names.ts'
import type { NameVerdict, Verdict } from './verdict.ts'

/** Who signs: Amazon, or the private certificate authority with this ARN. */
export type Issuer = { readonly kind: 'amazon' } | { readonly kind: 'private'; readonly authority: string }

/** What one Kubernetes object says that it wants, before anything outside it is looked at. */
export interface Claim {
  readonly ingress: Ingress
  /** Whether the AWS Load Balancer Controller (or EKS Auto Mode) acts on this object. */
  readonly loadBalanced: boolean
  /** Its class is known to be somebody else's; a class that does not exist (any more) says nothing. */
  readonly handedOver: boolean
  /** False outside `--watch-namespace` and `--ingress-class`: what stands there is left alone, asked for or not. */
  readonly inScope: boolean
  /** The objects of one group share a load balancer. */
  readonly group: string
  /** The ports on which the object asks for TLS; empty where `listen-ports` has none. */
  readonly httpsPorts: readonly number[]
  /** `listen-ports` names one: without a certificate, the load balancer's controller builds nothing for the whole group. */
  readonly listensForHttps: boolean
  /** Hosts in the spec that could be served, normalised and sorted, whatever the annotations say. */
  readonly hosts: readonly Name[]
  /** We look and say, and do not act for this object, whatever else it says. */
  readonly paused: boolean
  /** The IngressClassParams whose certificates the load balancer uses for this object, whatever its annotations say. */
  readonly servedBy: string | undefined
  /** Its annotation `create-acm-cert` asks the controller's own feature for a certificate, whatever else asks us. */
  readonly createsCertificate: boolean
  /** It asks us for nothing by its own annotation, and the controller's own feature by that one. */
  readonly asksController: boolean
  readonly request: ClaimRequest
}

export type ClaimRequest =
  /** Nothing is asked of us. */
  | { readonly kind: 'none' }
  /** The object leaves it to its namespace, and what that says is not known: what is there stays, and nothing is asked for. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'wanted'
      /** All names that ACM could accept, normalised and sorted. */
      readonly names: readonly Name[]
      /** Names that ACM could never accept, each with its verdict. */
      readonly rejected: readonly NameVerdict[]
      readonly issuer: Issuer
      readonly keyAlgorithm: KeyAlgorithm
      /** What the object, and the parameters of its class, want on the certificate. */
      readonly tags: Tags
      /** Whether the certificate stays when nobody wants it any more. */
      readonly retain: boolean
      /** Have it issued beside certificates that somebody else chose, and publish it when those are gone. */
      readonly standby: boolean
    }
  /** Asked, but not honoured as written: `Refused`, or `Deferred` where we stand aside on purpose. */
  | { readonly kind: 'declined'; readonly verdict: Verdict & { readonly state: 'Refused' | 'Deferred' } }

/** Has somebody asked for a managed certificate here, even in a way that we cannot honour? */
export function isOptedIn({ request }: Claim): boolean {
  return request.kind === 'wanted' || request.kind === 'declined'
}
