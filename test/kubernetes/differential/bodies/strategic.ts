import * as fc from 'fast-check'
import type { Json, JsonObject } from '../../../../src/sim/kube/json.ts'
import { isObject } from '../../../../src/sim/kube/json.ts'

/** Strategic merge patches: some with the directives that make them more than merge patches. */
export function directives(patch: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  return fc.oneof({ weight: 3, arbitrary: patch }, { weight: 2, arbitrary: fc.tuple(patch, extra).map(laid) })
}

const extra = fc.constantFrom<{ readonly at: string; readonly with: JsonObject }>(
  { at: 'metadata', with: { '$deleteFromPrimitiveList/finalizers': ['certwright.dev/hold'] } },
  { at: 'metadata', with: { '$setElementOrder/finalizers': ['example.com/keep', 'certwright.dev/hold'] } },
  { at: 'metadata', with: { finalizers: ['example.com/keep'], '$setElementOrder/finalizers': ['example.com/keep'] } },
  { at: 'metadata', with: { labels: { $patch: 'replace', app: 'two' } } },
  { at: 'metadata', with: { labels: { $patch: 'delete' } } },
  { at: 'metadata', with: { ownerReferences: [{ $patch: 'delete', uid: '{uid:x}' }] } },
  { at: 'spec', with: { $patch: 'replace' } },
  { at: 'spec', with: { $patch: 'merge' } },
  { at: 'spec', with: { $patch: 'sideways' } },
  { at: 'spec', with: { $retainKeys: ['rules', 'holderIdentity'] } },
)

function laid([patch, { at, with: more }]: [JsonObject, { at: string; with: JsonObject }]): JsonObject {
  const member: Json | undefined = patch[at]
  // Two keys about one list are taken in no order.
  const rest = isObject(member) ? { ...member } : {}
  if (Object.keys(more).some((name) => name.endsWith('/finalizers'))) delete rest['finalizers']
  return { ...patch, [at]: { ...rest, ...more } }
}
