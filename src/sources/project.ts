import type { Ingress, IngressClass, IngressClassParameters, Namespace } from '../core/ingress.ts'
import { FIELD_MANAGER, INGRESS_CERTIFICATE_ANNOTATION } from '../core/ingress.ts'
import { parseInstant } from '../core/time.ts'
import { ANNOTATION, LEGACY_CLASS, PREFIX } from './annotations.ts'

/** A Kubernetes object as the API server sends it; nothing in it is relied upon to be there. */
export interface RawObject {
  readonly metadata?: {
    readonly name?: string
    readonly namespace?: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly generation?: number
    readonly creationTimestamp?: string
    readonly deletionTimestamp?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly managedFields?: readonly {
      readonly manager?: string
      readonly operation?: string
      readonly subresource?: string
      readonly fieldsV1?: unknown
    }[]
  }
  readonly spec?: unknown
  readonly status?: unknown
}

interface IngressSpec {
  readonly ingressClassName?: string
  readonly rules?: readonly { readonly host?: string }[]
  readonly tls?: readonly { readonly hosts?: readonly string[] }[]
}

/** Keeps of an Ingress what we need, so that ten thousand of them fit in little memory. */
export function projectIngress(raw: RawObject): Ingress {
  const metadata = raw.metadata ?? {}
  const spec = (raw.spec ?? {}) as IngressSpec
  const status = (raw.status ?? {}) as { loadBalancer?: { ingress?: readonly { hostname?: string }[] } }
  const annotations = Object.entries(metadata.annotations ?? {}).filter(
    ([key]) => key.startsWith(PREFIX) || key.startsWith('alb.ingress.kubernetes.io/') || key === LEGACY_CLASS,
  )
  return {
    ref: { kind: 'Ingress', namespace: metadata.namespace ?? '', name: metadata.name ?? '', uid: metadata.uid ?? '' },
    resourceVersion: metadata.resourceVersion ?? '',
    generation: metadata.generation ?? 0,
    createdAt: parseInstant(metadata.creationTimestamp) ?? 0,
    deleting: metadata.deletionTimestamp !== undefined,
    annotations: Object.fromEntries(annotations),
    ingressClassName: spec.ingressClassName,
    hosts: [
      ...(spec.rules ?? []).map((rule) => rule.host ?? ''),
      ...(spec.tls ?? []).flatMap((tls) => tls.hosts ?? []),
    ].filter((host) => host !== ''),
    annotationIsOurs: isApplied(metadata.managedFields ?? []),
    hostnames: (status.loadBalancer?.ingress ?? [])
      .map((entry) => (entry.hostname ?? '').toLowerCase())
      .filter((hostname) => hostname !== ''),
  }
}

/** Does an apply of ours own the certificate annotation? The path is that of fieldsV1: `f:metadata`, `f:annotations`, `f:…`. */
function isApplied(managedFields: NonNullable<NonNullable<RawObject['metadata']>['managedFields']>): boolean {
  return managedFields.some((entry) => {
    if (entry.manager !== FIELD_MANAGER || entry.operation !== 'Apply' || entry.subresource) return false
    const fields = entry.fieldsV1 as { 'f:metadata'?: { 'f:annotations'?: Record<string, unknown> } } | undefined
    return fields?.['f:metadata']?.['f:annotations']?.[`f:${INGRESS_CERTIFICATE_ANNOTATION}`] !== undefined
  })
}

export function projectIngressClass(raw: RawObject): IngressClass {
  const spec = (raw.spec ?? {}) as {
    controller?: string
    parameters?: { apiGroup?: string; kind?: string; name?: string }
  }
  const parameters = spec.parameters?.kind === 'IngressClassParams' ? spec.parameters : undefined
  return {
    name: raw.metadata?.name ?? '',
    controller: spec.controller ?? '',
    parameters: parameters?.name ? { apiGroup: parameters.apiGroup ?? '', name: parameters.name } : undefined,
    isDefault: raw.metadata?.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true',
    asks: raw.metadata?.annotations?.[ANNOTATION.certificate],
  }
}

export function projectNamespace(raw: RawObject): Namespace {
  return { name: raw.metadata?.name ?? '', labels: raw.metadata?.labels ?? {} }
}

/** `certificateArn` is what `elbv2.k8s.aws` calls it, `certificateARNs` is `eks.amazonaws.com`'s word. */
export function projectIngressClassParameters(apiGroup: string): (raw: RawObject) => IngressClassParameters {
  return (raw) => {
    const spec = (raw.spec ?? {}) as {
      certificateArn?: readonly string[]
      certificateARNs?: readonly string[]
      group?: { name?: string }
      tags?: readonly { readonly key?: string; readonly value?: string }[]
    }
    return {
      apiGroup,
      name: raw.metadata?.name ?? '',
      certificateArns: [...(spec.certificateArn ?? []), ...(spec.certificateARNs ?? [])],
      group: spec.group?.name,
      tags: Object.fromEntries((spec.tags ?? []).map(({ key = '', value = '' }) => [key, value])),
    }
  }
}
