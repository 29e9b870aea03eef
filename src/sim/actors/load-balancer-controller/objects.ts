import type { AnyObject } from '../kubernetes-api.ts'

/** An Ingress, as far as the AWS Load Balancer Controller reads it. */
export interface Ingress extends AnyObject {
  readonly spec: {
    readonly ingressClassName?: string
    readonly rules?: readonly {
      readonly host?: string
      readonly http?: { readonly paths?: readonly { readonly path?: string; readonly backend?: unknown }[] }
    }[]
    readonly tls?: readonly { readonly hosts?: readonly string[] }[]
  }
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly hostname?: string }[] } }
}

export interface IngressClass extends AnyObject {
  readonly spec?: {
    readonly controller?: string
    readonly parameters?: { readonly apiGroup?: string; readonly kind?: string; readonly name?: string }
  }
}

/** `elbv2.k8s.aws/v1beta1`, cluster-scoped. */
export interface IngressClassParams extends AnyObject {
  readonly spec?: {
    readonly certificateArn?: readonly string[]
    readonly group?: { readonly name?: string }
  }
}

/** What the controller knows of Kubernetes at one moment. */
export interface Snapshot {
  readonly ingresses: readonly Ingress[]
  readonly classes: readonly IngressClass[]
  readonly params: readonly IngressClassParams[]
}

export function nameOf(object: AnyObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}

/** An annotation of the `alb.ingress.kubernetes.io/` family. */
export function annotation(ingress: Ingress, suffix: string): string | undefined {
  return ingress.metadata.annotations?.[`alb.ingress.kubernetes.io/${suffix}`]
}

/** Hosts of rules and of TLS, each once, sorted. */
export function hostsOf(ingress: Ingress): string[] {
  const hosts = new Set<string>()
  for (const rule of ingress.spec.rules ?? []) if (rule.host) hosts.add(rule.host)
  for (const tls of ingress.spec.tls ?? []) for (const host of tls.hosts ?? []) hosts.add(host)
  return [...hosts].sort()
}
