import { GROUP, VERSION } from '../../../src/kube/crds.ts'
import type { JsonObject } from '../../../src/sim/kube/json.ts'
import type { Kind, On, Space } from './operation.ts'

/** Where the objects of a kind are found. */
export interface Place {
  readonly apiVersion: string
  readonly kind: string
  /** Up to the version: `/apis/networking.k8s.io/v1`. */
  readonly root: string
  readonly plural: string
  readonly namespaced: boolean
  readonly hasStatus: boolean
  readonly custom: boolean
}

function place(apiVersion: string, kind: string, plural: string, more: Partial<Place> = {}): Place {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return { apiVersion, kind, root, plural, namespaced: true, hasStatus: false, custom: false, ...more }
}

const custom = { hasStatus: true, custom: true }

export const PLACES: Readonly<Record<Kind, Place>> = {
  Ingress: place('networking.k8s.io/v1', 'Ingress', 'ingresses', { hasStatus: true }),
  IngressClass: place('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', { namespaced: false }),
  ACMCertificate: place(`${GROUP}/${VERSION}`, 'ACMCertificate', 'acmcertificates', { ...custom, namespaced: false }),
  CertificateClaim: place(`${GROUP}/${VERSION}`, 'CertificateClaim', 'certificateclaims', custom),
  Lease: place('coordination.k8s.io/v1', 'Lease', 'leases'),
  Event: place('events.k8s.io/v1', 'Event', 'events'),
  CoreEvent: place('v1', 'Event', 'events'),
  Namespace: place('v1', 'Namespace', 'namespaces', { namespaced: false, hasStatus: true }),
  CustomResourceDefinition: place('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    namespaced: false,
    hasStatus: true,
  }),
}

/** The names that a sequence goes by on the servers, which it shares with others. */
export class Names {
  /** A DNS label that no other sequence has. */
  readonly prefix: string

  constructor(prefix: string) {
    this.prefix = prefix
  }

  namespace(space: Space): string {
    return `${this.prefix}-${space}`
  }

  object({ kind, name }: Pick<On, 'kind' | 'name'>): string {
    if (kind === 'CustomResourceDefinition') return `${name}.${this.group}`
    if (kind === 'Namespace') return `${this.prefix}-${name}`
    return PLACES[kind].namespaced ? name : `${this.prefix}-${name}`
  }

  /** The group of the kinds that a sequence defines. */
  get group(): string {
    return `${this.prefix}.example.com`
  }

  collection(kind: Kind, space: Space): string {
    const { root, plural, namespaced } = PLACES[kind]
    return namespaced && space !== '*' ? `${root}/namespaces/${this.namespace(space)}/${plural}` : `${root}/${plural}`
  }

  path(on: On): string {
    return `${this.collection(on.kind, on.space)}/${this.object(on)}`
  }

  /** Does an object belong to this sequence? */
  owns(object: JsonObject): boolean {
    const { name, namespace } = object['metadata'] as { name?: string; namespace?: string }
    const own = (text: string) => text.startsWith(`${this.prefix}-`) || text.endsWith(`.${this.group}`)
    return namespace === undefined ? own(name ?? '') : own(namespace)
  }
}
