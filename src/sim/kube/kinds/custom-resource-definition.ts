import type { JsonObject } from '../json.ts'
import { arrayAt, at, isObject, objectAt, stringAt, textOf } from '../json.ts'
import type { KubeObject } from '../object.ts'
import { resource } from '../resource.ts'
import { anything, boolean, bytes, conditions, integer, list, object, rootSchema, string } from '../schema/build.ts'
import type { FieldError } from '../status.ts'
import { fieldError } from '../status.ts'
import { nameColumn } from './columns.ts'

const names = object(
  {
    plural: string,
    singular: string,
    shortNames: list(string),
    kind: string,
    listKind: string,
    categories: list(string),
  },
  { required: ['plural', 'kind'] },
)

export const customResourceDefinition = resource({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  hasStatus: true,
  hasGeneration: true,
  unconditionalUpdate: false,
  schema: rootSchema({
    spec: object({
      group: string,
      names,
      scope: string,
      versions: list(
        object(
          {
            name: string,
            served: { ...boolean, default: false },
            storage: { ...boolean, default: false },
            deprecated: boolean,
            deprecationWarning: string,
            schema: object({ openAPIV3Schema: anything }),
            subresources: object({
              status: anything,
              scale: object({ specReplicasPath: string, statusReplicasPath: string, labelSelectorPath: string }),
            }),
            additionalPrinterColumns: list(
              object(
                {
                  name: string,
                  type: string,
                  format: string,
                  description: string,
                  priority: integer,
                  jsonPath: string,
                },
                { required: ['name', 'type', 'jsonPath'] },
              ),
            ),
            selectableFields: list(object({ jsonPath: string }, { required: ['jsonPath'] })),
          },
          { required: ['name'] },
        ),
      ),
      conversion: object({
        strategy: string,
        webhook: object({
          clientConfig: object({
            url: string,
            caBundle: bytes,
            service: object({ namespace: string, name: string, path: string, port: integer }),
          }),
          conversionReviewVersions: list(string),
        }),
      }),
      preserveUnknownFields: boolean,
    }),
    status: object({ conditions, acceptedNames: names, storedVersions: list(string) }),
  }),
  zero: { spec: { group: '', names: { plural: '', kind: '' }, scope: '' } },
  defaults: (definition) => {
    const spec = objectAt(definition, 'spec')
    const given = objectAt(spec, 'names')
    given['singular'] ??= textOf(given['kind']).toLowerCase()
    given['listKind'] ??= `${textOf(given['kind'])}List`
    spec['conversion'] ??= { strategy: 'None' }
  },
  prepare: (definition, before) => {
    if (!before)
      definition['status'] = {
        conditions: [],
        acceptedNames: { plural: '', kind: '' },
        storedVersions: storageVersions(definition),
      }
  },
  validate,
  columns: [
    nameColumn,
    { name: 'Created At', type: 'date', cell: (definition) => definition.metadata.creationTimestamp },
  ],
})

export function storageVersions(definition: KubeObject): string[] {
  return arrayAt(definition, 'spec', 'versions')
    .filter((version) => at(version, 'storage') === true)
    .map((version) => stringAt(version, 'name') ?? '')
}

/** What an established definition may not change. */
function validateUnchanged(spec: JsonObject, before: JsonObject): FieldError[] {
  const paths = [['group'], ['scope'], ['names', 'kind'], ['names', 'plural']]
  return paths
    .filter((path) => stringAt(spec, ...path) !== stringAt(before, ...path))
    .map((path) => fieldError.invalid(`spec.${path.join('.')}`, stringAt(spec, ...path) ?? '', 'field is immutable'))
}

function validate(definition: KubeObject, before: KubeObject | undefined): FieldError[] {
  const spec = objectAt(definition, 'spec')
  const errors: FieldError[] = []
  if (before) errors.push(...validateUnchanged(spec, objectAt(before, 'spec')))
  const wanted = `${stringAt(spec, 'names', 'plural') ?? ''}.${stringAt(spec, 'group') ?? ''}`
  if (!stringAt(spec, 'group')) errors.push(fieldError.required('spec.group'))
  if (!stringAt(spec, 'names', 'plural')) errors.push(fieldError.required('spec.names.plural'))
  if (!stringAt(spec, 'names', 'kind')) errors.push(fieldError.required('spec.names.kind'))
  if (definition.metadata.name !== wanted)
    errors.push(
      fieldError.invalid('metadata.name', definition.metadata.name, 'must be spec.names.plural+"."+spec.group'),
    )
  if (!stringAt(spec, 'scope')) errors.push(fieldError.required('spec.scope'))
  else if (!['Cluster', 'Namespaced'].includes(textOf(spec['scope'])))
    errors.push(fieldError.unsupported('spec.scope', spec['scope'], ['Cluster', 'Namespaced']))
  if (storageVersions(definition).length !== 1)
    errors.push(
      fieldError.invalid(
        'spec.versions',
        spec['versions'] ?? [],
        'must have exactly one version marked as storage version',
      ),
    )
  for (const [index, version] of arrayAt(spec, 'versions').entries())
    if (!isObject(at(version, 'schema', 'openAPIV3Schema')))
      errors.push(fieldError.required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required'))
  return errors
}
