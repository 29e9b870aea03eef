/** A kind of object by the names under which the API server serves it. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  /** Lower-case plural: `ingresses`. */
  readonly plural: string
}

/** The part of an object's metadata that we rely on. Times are RFC 3339 strings. */
export interface ObjectMeta {
  readonly name?: string
  readonly generateName?: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly OwnerReference[]
  readonly managedFields?: readonly ManagedFields[]
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

export interface ManagedFields {
  readonly manager?: string
  readonly operation?: string
  readonly apiVersion?: string
  readonly time?: string
  readonly fieldsType?: string
  readonly fieldsV1?: unknown
  readonly subresource?: string
}

/** Any object as the API server sends it, its kind and apiVersion filled in. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly [field: string]: unknown
}

/** `networking.k8s.io/v1`, or `v1` for the core group. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
}

/** The path of a collection, an object or a subresource, each segment percent-encoded. Without `namespace`: cluster-wide. */
export function resourcePath(place: {
  readonly resource: Resource
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
}): string {
  const { resource, namespace, name, subresource } = place
  const segments = resource.group === '' ? ['api', resource.version] : ['apis', resource.group, resource.version]
  if (namespace !== undefined) segments.push('namespaces', namespace)
  segments.push(resource.plural)
  if (name !== undefined) segments.push(name)
  if (subresource !== undefined) segments.push(subresource)
  return `/${segments.map(encodeSegment).join('/')}`
}

/** Most segments need no encoding, and paths are made for every call. */
function encodeSegment(segment: string): string {
  return /^[\w.~-]*$/.test(segment) ? segment : encodeURIComponent(segment)
}
