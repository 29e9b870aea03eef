import type { EpochMs } from '../../clock.ts'
import type { JsonObject } from './json.ts'

export type OwnerReference = {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

export type ManagedFieldsEntry = {
  manager?: string
  operation?: string
  apiVersion?: string
  time?: string
  fieldsType?: string
  fieldsV1?: JsonObject
  subresource?: string
}

export type ObjectMeta = {
  name?: string
  generateName?: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: { [key: string]: string }
  annotations?: { [key: string]: string }
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
  managedFields?: ManagedFieldsEntry[]
}

/** A Kubernetes object, as it stands on the wire. */
export type KubeObject = JsonObject & { apiVersion: string; kind: string; metadata: ObjectMeta }

/** `metav1.Time`: whole seconds, UTC. */
export function timestamp(instant: EpochMs): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`
}

export const nameOf = (object: KubeObject): string => object.metadata.name ?? ''
export const namespaceOf = (object: KubeObject): string => object.metadata.namespace ?? ''

export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''
}

export function groupVersion(group: string, version: string): string {
  return group ? `${group}/${version}` : version
}
