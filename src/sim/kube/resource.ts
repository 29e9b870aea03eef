import type { EpochMs } from '../../clock.ts'
import type { Json, JsonObject } from './json.ts'
import { clone } from './json.ts'
import type { KubeObject } from './object.ts'
import { groupVersion } from './object.ts'
import type { Schema } from './schema/schema.ts'
import type { FieldError } from './status.ts'

/** One column of a table. `cell` gives the value, or undefined for an absent one. */
export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format?: string
  readonly description?: string
  /** 0 shows always, more only with `-o wide`. */
  readonly priority?: number
  readonly cell: (object: KubeObject, now: EpochMs) => Json | undefined
}

/** One kind in one version, as the API serves it. */
export interface Resource {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  /** Of the whole object, `metadata` included. */
  readonly schema: Schema
  readonly columns: readonly Column[]
  readonly hasStatus: boolean
  /** Where its objects are kept: versions of one kind share it. */
  readonly collection: string
  /** The group under which a refusal of an invalid object speaks of the kind. */
  readonly errorGroup: string
  readonly nameRule: 'subdomain' | 'label' | 'dns1035' | 'any'
  /** `metadata.generation` counts changes of the specification. */
  readonly hasGeneration: boolean
  /** An update may leave out the resource version. */
  readonly unconditionalUpdate: boolean
  /** A DELETE answers with the object instead of a Status. */
  readonly returnsDeleted: boolean
  /** The garbage collector may hold and orphan for it. */
  readonly collected: boolean
  /** A PUT of an absent object creates it. */
  readonly createOnUpdate: boolean
  /** Of a custom resource: decoded as it is, only its status through the status subresource. */
  readonly custom: boolean
  /** Fields beside name and namespace that a field selector may name. */
  readonly selectableFields: readonly string[]
  /** What the typed form of a built-in kind always holds: `{ status: { loadBalancer: {} } }`. */
  readonly zero: JsonObject
  /** Defaults beyond the schema's, set while decoding: whoever wrote the object owns them. */
  readonly defaults?: ((object: KubeObject, before: KubeObject | undefined) => void) | undefined
  /** What the server itself fills in before it stores: nobody owns it. */
  readonly prepare?: ((object: KubeObject, before: KubeObject | undefined, context: PrepareContext) => void) | undefined
  readonly validate?: ((object: KubeObject, before: KubeObject | undefined) => FieldError[]) | undefined
  /** A new object's metadata is looked at only when nothing else is wrong. */
  readonly metadataLast?: boolean | undefined
  /** What is wrong with what the status subresource wrote; where absent, it is checked as the object is. */
  readonly validateStatus?: ((object: KubeObject) => FieldError[]) | undefined
  /** Between this version's form and the stored one. */
  readonly toStorage?: ((object: KubeObject) => KubeObject) | undefined
  readonly fromStorage?: ((object: KubeObject) => KubeObject) | undefined
}

export interface PrepareContext {
  readonly now: EpochMs
  /** How many objects the collection has handed addresses to: services draw theirs from it. */
  nextAddress(): string
}

type Given = Pick<Resource, 'version' | 'kind' | 'plural' | 'schema'> & Partial<Resource>

/** A resource with the usual answers for what is not given. */
export function resource(given: Given): Resource {
  const group = given.group ?? ''
  return {
    group,
    singular: given.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
    columns: [],
    hasStatus: false,
    collection: group ? `${given.plural}.${group}` : given.plural,
    errorGroup: group,
    nameRule: 'subdomain',
    hasGeneration: false,
    unconditionalUpdate: true,
    returnsDeleted: false,
    collected: true,
    createOnUpdate: false,
    custom: false,
    selectableFields: [],
    zero: {},
    ...given,
  }
}

export const apiVersionOf = (resource: Resource): string => groupVersion(resource.group, resource.version)

/** A stored object in the form of `resource`'s version. */
export function presented(resource: Resource, stored: KubeObject): KubeObject {
  if (resource.fromStorage) return resource.fromStorage(stored)
  const apiVersion = apiVersionOf(resource)
  return stored.apiVersion === apiVersion ? stored : { ...stored, apiVersion }
}

/** `object` with `zero` under it. */
export function withZero(object: JsonObject, zero: JsonObject): void {
  for (const [name, value] of Object.entries(zero)) {
    const member = object[name]
    if (member === undefined || member === null) object[name] = clone(value)
    else if (typeof member === 'object' && !Array.isArray(member) && typeof value === 'object' && !Array.isArray(value))
      withZero(member, value ?? {})
  }
}
