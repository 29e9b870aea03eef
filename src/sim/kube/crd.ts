import { ageOf } from './age.ts'
import type { Json } from './json.ts'
import { arrayAt, at, isObject, objectAt, stringAt, textOf } from './json.ts'
import { jsonPath } from './jsonpath.ts'
import { ageColumn, nameColumn } from './kinds/columns.ts'
import type { KubeObject } from './object.ts'
import type { Column, Resource } from './resource.ts'
import { resource } from './resource.ts'
import { objectMeta, string } from './schema/build.ts'
import type { Schema } from './schema/schema.ts'

/** The resources that a CustomResourceDefinition defines: one for each version that is served. */
export function resourcesOf(definition: KubeObject): Resource[] {
  const spec = objectAt(definition, 'spec')
  const names = objectAt(spec, 'names')
  return arrayAt(spec, 'versions')
    .filter((version) => at(version, 'served') === true)
    .map((version) => {
      const columns = arrayAt(version, 'additionalPrinterColumns')
      const status = isObject(at(version, 'subresources', 'status'))
      return resource({
        group: stringAt(spec, 'group') ?? '',
        version: stringAt(version, 'name') ?? '',
        kind: stringAt(names, 'kind') ?? '',
        plural: stringAt(names, 'plural') ?? '',
        singular: stringAt(names, 'singular') ?? '',
        shortNames: arrayAt(names, 'shortNames').map(String),
        categories: arrayAt(names, 'categories').map(String),
        namespaced: spec['scope'] === 'Namespaced',
        custom: true,
        hasStatus: status,
        hasGeneration: true,
        unconditionalUpdate: false,
        selectableFields: arrayAt(version, 'selectableFields').map((field) =>
          (stringAt(field, 'jsonPath') ?? '').replace(/^\./, ''),
        ),
        schema: withMeta((at(version, 'schema', 'openAPIV3Schema') ?? {}) as Schema),
        columns: [nameColumn, ...(columns.length > 0 ? columns.map(printerColumn) : [ageColumn])],
      })
    })
}

/** Type and object metadata are the API server's own, whatever the definition says of them. */
function withMeta(schema: Schema): Schema {
  return {
    ...schema,
    type: 'object',
    properties: { ...schema.properties, apiVersion: string, kind: string, metadata: objectMeta },
  }
}

function printerColumn(column: Json): Column {
  const find = jsonPath(stringAt(column, 'jsonPath') ?? '')
  const type = (stringAt(column, 'type') ?? 'string') as Column['type']
  const format = stringAt(column, 'format')
  const description = stringAt(column, 'description')
  return {
    name: stringAt(column, 'name') ?? '',
    type,
    ...(format ? { format } : {}),
    ...(description ? { description } : {}),
    priority: Number(at(column, 'priority') ?? 0),
    cell: (object, now) => {
      const found = find(object)
      const [first] = found
      if (first === undefined || first === null) return undefined
      if (type === 'date') return ageOf(first, now)
      return type === 'string' ? found.map(textOf).join(' ') : first
    },
  }
}

/** The status that the API server's controllers give an accepted definition. */
export function establishedStatus(definition: KubeObject, time: string): Json {
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: 'True',
    lastTransitionTime: time,
    reason,
    message,
  })
  const former = arrayAt(definition, 'status', 'conditions')
  return {
    conditions:
      former.length > 0
        ? former
        : [
            condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
            condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
          ],
    acceptedNames: objectAt(definition, 'spec', 'names'),
    storedVersions: [
      ...new Set([
        ...arrayAt(definition, 'status', 'storedVersions').map(String),
        ...arrayAt(definition, 'spec', 'versions')
          .filter((version) => at(version, 'storage') === true)
          .map((version) => stringAt(version, 'name') ?? ''),
      ]),
    ],
  }
}
