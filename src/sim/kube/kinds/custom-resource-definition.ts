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
            served: boolean,
            storage: boolean,
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
          { required: ['name', 'served', 'storage'] },
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

function validate(definition: KubeObject): FieldError[] {
  const spec = objectAt(definition, 'spec')
  const errors: FieldError[] = []
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
