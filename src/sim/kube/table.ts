import type { EpochMs } from '../../clock.ts'
import type { JsonObject } from './json.ts'
import type { KubeObject } from './object.ts'
import type { Resource } from './resource.ts'

/** Objects as `kubectl get` shows them: the server's columns, one row an object (`includeObject=Metadata|Object|None`). */
export function tableOf(options: {
  readonly resource: Resource
  readonly objects: readonly KubeObject[]
  readonly metadata: JsonObject
  readonly includeObject: string | undefined
  readonly now: EpochMs
  /** A watch sends the column definitions with its first event only. */
  readonly columns?: boolean
}): JsonObject {
  const { resource, objects, metadata, includeObject, now } = options
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions:
      options.columns === false
        ? null
        : resource.columns.map(({ name, type, format, description, priority }) => ({
            name,
            type,
            format: format ?? '',
            description: description ?? '',
            priority: priority ?? 0,
          })),
    rows: objects.map((object) => ({
      cells: resource.columns.map((column) => column.cell(object, now) ?? null),
      ...(includeObject === 'None' ? {} : { object: includeObject === 'Object' ? object : partialMetadata(object) }),
    })),
  }
}

/** An object's metadata alone. */
export function partialMetadata(object: KubeObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata }
}
