import * as fc from 'fast-check'
import type { Json, JsonObject } from '../../../../src/sim/kube/json.ts'
import { all, listOf, mostly, nonsense, type Shapes, seldom, some } from './shapes.ts'

const name = mostly(['shop.example.com', 'api.example.com'], ['', 'a'.repeat(254)])
const names = listOf(name, 3)
const instant = mostly(
  ['2026-11-24T09:00:00Z', '2026-11-24T09:00:00.123Z', '2026-11-24T10:00:00+01:00'],
  ['yesterday', ''],
)
const text = fc.constantFrom('first', 'second', '')
const count = mostly([0, 1, 2], [-1])
const state = mostly(['Ready', 'Issuing', 'Held'], ['Perhaps', ''])

const conditions = listOf(
  seldom(
    all({
      type: fc.constantFrom('Ready', 'Issued'),
      status: mostly(['True', 'False'], ['Perhaps']),
      reason: mostly(['Served', 'Waiting'], ['']),
      message: text,
      lastTransitionTime: instant,
    }),
    some({ type: fc.constantFrom('Ready', 'Issued'), status: text, observedGeneration: count }),
  ),
  2,
)

const certificateSpec = { key: mostly(['k1', 'k2'], ['']), names, domains: text, issuer: text, region: text }
const odd = (spec: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<JsonObject> =>
  some({ spec: fc.oneof(some({ ...spec, surprise: nonsense }), nonsense), surprise: nonsense, status: nonsense })

const shared = { state, reason: text, message: text, since: instant, arn: text, inUse: fc.boolean(), conditions }

const certificates = listOf(
  seldom(
    all({ arn: fc.constantFrom('arn:1', 'arn:2'), attempt: count }),
    some({
      arn: fc.constantFrom('arn:1', 'arn:2'),
      braked: fc.boolean(),
      unwantedSince: instant,
      records: listOf(some({ name, recordName: text, recordValue: text }), 2),
    }),
  ),
  2,
)

export const acmCertificateShapes: Shapes = {
  whole: seldom(
    all({ spec: fc.oneof(all({ key: certificateSpec.key, names }), all(certificateSpec)) }),
    odd(certificateSpec),
  ),
  part: seldom(some({ spec: some(certificateSpec) }), odd(certificateSpec)),
  status: some({
    status: seldom(
      some({
        ...shared,
        claims: listOf(text, 2),
        attempt: count,
        attemptAt: instant,
        failure: some({ arn: text, at: instant, fingerprint: text }),
        certificates,
      }),
      fc.oneof(some({ state: nonsense, certificates: nonsense, surprise: nonsense }), nonsense),
    ),
    spec: some(certificateSpec),
  }),
  pointers: [
    '/spec/key',
    '/spec/names',
    '/spec/names/-',
    '/spec/names/0',
    '/spec/issuer',
    '/spec/surprise',
    '/status',
    '/status/state',
    '/status/certificates',
    '/status/certificates/0/arn',
    '/status/conditions/-',
  ],
}

const object = seldom(
  all({ kind: fc.constant('Ingress'), name: fc.constantFrom('shop', 'api'), uid: fc.constantFrom('u1', 'u2') }),
  some({ kind: text, name: text, surprise: text }),
)
const claimSpec = { object, names, domains: text, keyAlgorithm: text }

export const certificateClaimShapes: Shapes = {
  whole: seldom(all({ spec: fc.oneof(all({ object }), all(claimSpec)) }), odd(claimSpec)),
  part: seldom(some({ spec: some(claimSpec) }), odd(claimSpec)),
  status: some({
    status: seldom(
      some({
        ...shared,
        certificate: text,
        published: listOf(text, 2),
        names: listOf(some({ name, state, reason: text }), 2),
        observedGeneration: count,
      }),
      fc.oneof(some({ state: nonsense, names: nonsense, surprise: nonsense }), nonsense),
    ),
    spec: some(claimSpec),
  }),
  pointers: [
    '/spec/object/name',
    '/spec/object/uid',
    '/spec/names',
    '/spec/names/-',
    '/spec/domains',
    '/status',
    '/status/published',
    '/status/names/0/state',
    '/status/conditions',
  ],
}
