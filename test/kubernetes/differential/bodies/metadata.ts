import * as fc from 'fast-check'
import type { JsonObject } from '../../../../src/sim/kube/json.ts'
import { mostly, seldom, some } from './shapes.ts'

const isFilled = (map: JsonObject): boolean => Object.keys(map).length > 0

const labels = seldom(
  some({ app: mostly(['one', 'two'], ['', 'not valid', '-x']), tier: fc.constantFrom('web', 'db') }).filter(isFilled),
  fc.constantFrom<JsonObject>({ 'not a key': 'x' }, { 'example.com/a/b': 'x' }, { '/x': 'y' }),
)

const annotations = seldom(
  some({
    'certwright.dev/certificate': fc.constantFrom('true', 'false', ''),
    note: fc.constantFrom('first', 'second', 'third'),
  }).filter(isFilled),
  fc.constantFrom<JsonObject>({ 'not a key': 'x' }, { 'Example.com/a': 'x' }),
)

const finalizers = fc.uniqueArray(mostly(['certwright.dev/hold', 'example.com/keep'], ['example.com/not valid']), {
  maxLength: 2,
})

const owners = fc.uniqueArray(
  seldom(
    some({ controller: fc.boolean(), blockOwnerDeletion: fc.boolean() }).chain((flags) =>
      fc.constantFrom<JsonObject>(
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: '{uid:x}', ...flags },
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'y', uid: '11111111-0000-4000-8000-000000000000', ...flags },
      ),
    ),
    fc.constantFrom<JsonObject>(
      { apiVersion: 'v1', kind: 'ConfigMap', name: '', uid: '{uid:x}' },
      { apiVersion: 'v1', kind: '', name: 'x', uid: '' },
      { apiVersion: '', kind: 'ConfigMap', name: 'x', uid: '{uid:x}' },
    ),
  ),
  { maxLength: 2, selector: ({ uid }) => uid },
)

/** Metadata as a client writes it. */
export const metadata: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 4, arbitrary: some({ labels, annotations }) },
  { weight: 2, arbitrary: some({ labels, annotations, finalizers }) },
  { weight: 1, arbitrary: some({ labels, annotations, finalizers, ownerReferences: owners }) },
  {
    weight: 1,
    // What only the server sets.
    arbitrary: some({
      uid: fc.constantFrom('{uid:x}', '{uid:y}'),
      generation: fc.constant(9),
      creationTimestamp: fc.constantFrom('2020-01-01T00:00:00Z', null),
      deletionTimestamp: fc.constant('2020-01-01T00:00:00Z'),
      deletionGracePeriodSeconds: fc.constant(5),
    }),
  },
)

export const METADATA_POINTERS = [
  '/metadata/labels',
  '/metadata/labels/app',
  '/metadata/labels/tier',
  '/metadata/annotations',
  '/metadata/annotations/note',
  '/metadata/annotations/certwright.dev~1certificate',
  '/metadata/finalizers',
  '/metadata/finalizers/-',
  '/metadata/finalizers/0',
] as const
