import type { KubeObject } from './object.ts'
import type { Resource } from './resource.ts'
import { badRequest } from './status.ts'

/**
 * Puts an object that a request brought into the namespace of the request's path.
 * @throws ApiError 400 when it names another namespace.
 */
export function placed(object: KubeObject, namespace: string, resource: Resource): KubeObject {
  if (!resource.namespaced) {
    delete object.metadata.namespace
    return object
  }
  if (object.metadata.namespace && object.metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  object.metadata.namespace = namespace
  return object
}

/** @throws ApiError 400 unless the object has the name that the request's path has. */
export function checkName(object: KubeObject, name: string): void {
  const given = object.metadata.name
  if (!given)
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (given !== name) throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`)
}
