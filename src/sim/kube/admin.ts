import type { Api } from './api.ts'
import { SERVER, type Target, type WriteOptions } from './write-options.ts'
import { deleteObject } from './delete.ts'
import type { Json, JsonObject } from './json.ts'
import { stringAt } from './json.ts'
import type { KubeObject } from './object.ts'
import type { Resource } from './resource.ts'
import { presented } from './resource.ts'
import { ApiError } from './status.ts'
import { keyOf } from './store.ts'

/** Which kind: `{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }`. */
export interface KindReference {
  readonly apiVersion: string
  readonly kind: string
}

export interface ObjectReference extends KindReference {
  /** Absent for what belongs to no namespace. */
  readonly namespace?: string
  readonly name: string
}

/** Reads and writes at once, past the wire: what tests arrange and look at. Writes are in the ledger under the field manager `admin`. */
export class Admin {
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
  }

  /** @returns undefined when there is none. @throws Error for a kind that is not served. */
  get(reference: ObjectReference): KubeObject | undefined {
    const { resource, namespace, name } = this.#target(reference)
    const stored = this.#api.store.get(resource.collection, keyOf(namespace, name))
    return stored && presented(resource, stored)
  }

  /** All objects of a kind, of one namespace where it is given. @throws Error for a kind that is not served. */
  list(reference: KindReference & { readonly namespace?: string }): KubeObject[] {
    const resource = this.#resource(reference)
    return this.#api.store.list(resource.collection, reference.namespace).map((stored) => presented(resource, stored))
  }

  /** Creates an object. @throws ApiError as a request would be refused. */
  create(object: JsonObject): KubeObject {
    const { resource, namespace } = this.#target(referenceOf(object))
    return this.#api.create({ resource, namespace }, object, options())
  }

  /** Server-side apply, by force. @throws ApiError as a request would be refused. */
  apply(object: JsonObject, by: { readonly fieldManager?: string; readonly subresource?: 'status' } = {}): KubeObject {
    const given = { ...options(), ...by, force: true }
    return this.#api.apply(this.#target(referenceOf(object)), object, given).object
  }

  /** Changes an object by a function from the current one to the next. @throws ApiError as a request would be refused. */
  edit(reference: ObjectReference, change: (current: KubeObject) => Json, subresource: '' | 'status' = ''): KubeObject {
    const target = this.#target(reference)
    return this.#api.patch(target, (current) => change(structuredClone(current)), { ...options(), subresource })
  }

  /** Deletes an object, or marks it where finalizers hold it. @returns whether there was one. */
  delete(reference: ObjectReference): boolean {
    const wanted = { propagationPolicy: undefined, uid: undefined, resourceVersion: undefined }
    try {
      deleteObject(this.#api, this.#target(reference), wanted, options())
      return true
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return false
      throw error
    }
  }

  #target(reference: ObjectReference): Target {
    const resource = this.#resource(reference)
    return { resource, namespace: resource.namespaced ? (reference.namespace ?? 'default') : '', name: reference.name }
  }

  #resource({ apiVersion, kind }: KindReference): Resource {
    const resource = this.#api.registry.byKind(apiVersion, kind)
    if (!resource) throw new Error(`${kind} of ${apiVersion} is not served: create its CustomResourceDefinition first.`)
    return resource
  }
}

const options = (): WriteOptions => ({ ...SERVER, userAgent: 'admin', fieldManager: 'admin', warnings: [] })

function referenceOf(object: JsonObject): ObjectReference {
  const namespace = stringAt(object, 'metadata', 'namespace')
  return {
    apiVersion: stringAt(object, 'apiVersion') ?? '',
    kind: stringAt(object, 'kind') ?? '',
    name: stringAt(object, 'metadata', 'name') ?? '',
    ...(namespace ? { namespace } : {}),
  }
}
