import * as fc from 'fast-check'
import type { Json, JsonObject } from '../../../../src/sim/kube/json.ts'
import { all, mostly, type Shapes, seldom, some } from './shapes.ts'

const column = (name: string): JsonObject => ({ name, type: 'string', jsonPath: '.spec.size' })

const version = seldom(
  fc.constantFrom<JsonObject>(
    { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
    {
      name: 'v1',
      served: true,
      storage: true,
      subresources: { status: {} },
      additionalPrinterColumns: [column('Size')],
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: { spec: { type: 'object', properties: { size: { type: 'integer', minimum: 1, default: 2 } } } },
        },
      },
    },
  ),
  fc.constantFrom<JsonObject>(
    { name: 'v1', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } },
    { name: 'v1', served: true, storage: true },
  ),
)

const definition: Record<string, fc.Arbitrary<Json>> = {
  group: mostly(['{group}'], ['other.example.com', '']),
  scope: mostly(['Namespaced', 'Cluster'], ['Galaxy', '']),
  versions: seldom(
    version.map((each) => [each]),
    fc.constant([]),
  ),
}
const widgets = mostly<JsonObject>(
  [
    { kind: 'Widget', plural: 'widgets' },
    { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList', shortNames: ['wd'] },
  ],
  [{ kind: 'Widget', plural: 'gadgets' }, { kind: 'Widget' }, { plural: 'widgets' }],
)

export const definitionShapes: Shapes = {
  whole: all({ spec: all({ ...definition, names: widgets }) }),
  part: some({ spec: some({ scope: definition['scope'] as fc.Arbitrary<Json>, names: widgets }) }),
  pointers: ['/spec/scope', '/spec/names/shortNames', '/spec/versions/0/additionalPrinterColumns', '/spec/group'],
}
