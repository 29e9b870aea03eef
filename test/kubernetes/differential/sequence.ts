import * as fc from 'fast-check'
import type { Json, JsonObject } from '../../../src/sim/kube/json.ts'
import { isObject } from '../../../src/sim/kube/json.ts'
import { coreEventShapes, eventShapes, leaseShapes } from './bodies/coordination.ts'
import { acmCertificateShapes, certificateClaimShapes } from './bodies/custom.ts'
import { definitionShapes } from './bodies/definition.ts'
import { ingressClassShapes, ingressShapes } from './bodies/ingress.ts'
import { METADATA_POINTERS, metadata } from './bodies/metadata.ts'
import { nonsense, type Shapes, withNulls } from './bodies/shapes.ts'
import { directives } from './bodies/strategic.ts'
import { PLACES } from './kinds.ts'
import type { Kind, On, Operation, Space } from './operation.ts'

/** How many operations a sequence has after its first ones. */
const LENGTH = { min: 30, max: 42 }

const SHAPES: Readonly<Partial<Record<Kind, Shapes>>> = {
  Ingress: ingressShapes,
  IngressClass: ingressClassShapes,
  ACMCertificate: acmCertificateShapes,
  CertificateClaim: certificateClaimShapes,
  Lease: leaseShapes,
  Event: eventShapes,
  CoreEvent: coreEventShapes,
}

/** Sequences about one to three kinds, so that few names are met again and again. */
export const sequences: fc.Arbitrary<Operation[]> = fc
  .uniqueArray(
    fc.constantFrom<Kind>(
      'Ingress',
      'Ingress',
      'IngressClass',
      'ACMCertificate',
      'ACMCertificate',
      'CertificateClaim',
      'CertificateClaim',
      'Lease',
      'Event',
      'CoreEvent',
    ),
    // An event that both of its APIs wrote has owners of both, which are told apart by conversions.
    { minLength: 1, maxLength: 2, selector: (kind) => kind.replace('Core', '') },
  )
  .chain((kinds) =>
    fc
      .tuple(
        fc.tuple(...kinds.flatMap((kind) => [creation(kind), creation(kind)])),
        fc.array(fc.oneof(...weighted(kinds)), { minLength: LENGTH.min, maxLength: LENGTH.max }),
      )
      .map(([first, rest]) => [...first, ...rest]),
  )

/** What sequences begin with, so that most of what follows meets an object. */
function creation(kind: Kind): fc.Arbitrary<Operation> {
  const on: On = { kind, space: 'a', name: 'x' }
  return (SHAPES[kind] as Shapes).whole.map((body) => ({ verb: 'create', on, body, as: 'alpha' }))
}

function weighted(kinds: readonly Kind[]): fc.WeightedArbitrary<Operation>[] {
  const ofKinds = kinds.flatMap((kind) => operationsOf(kind, SHAPES[kind] as Shapes))
  const rest = kinds.length
  return [...ofKinds, ...definitions.map(({ weight, arbitrary }) => ({ weight: weight * rest, arbitrary }))]
}

const names = fc.constantFrom('x', 'x', 'x', 'x', 'y')
const spaces = fc.oneof(
  { weight: 20, arbitrary: fc.constant<Space>('a') },
  { weight: 5, arbitrary: fc.constant<Space>('b') },
  { weight: 1, arbitrary: fc.constant<Space>('absent') },
)
/** One of `values` once in `rarity + 1` times, otherwise nothing. */
const odd = <T>(rarity: number, ...values: T[]): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: rarity, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...values) })
/** A member that is absent where it is undefined. */
const maybe = <K extends string, V>(name: K, arbitrary: fc.Arbitrary<V | undefined>): fc.Arbitrary<{ [P in K]?: V }> =>
  arbitrary.map((value) => (value === undefined ? {} : { [name]: value }) as { [P in K]?: V })

/** One object of the fields of all. */
function joined<T extends object>(...parts: fc.Arbitrary<object>[]): fc.Arbitrary<T> {
  return fc.tuple(...parts).map((values) => Object.assign({}, ...values) as T)
}

const managers = fc.constantFrom('alpha', 'beta', 'gamma')
const write = [
  maybe('as', fc.option(managers, { nil: undefined, freq: 6 })),
  maybe('dryRun', odd(9, true)),
  maybe('validation', odd(5, 'Strict', 'Warn', 'Ignore')),
]
const oddity = maybe(
  'oddity',
  odd(20, 'other name', 'no name', 'other namespace', 'other kind', 'other version', 'no kind'),
)

/** Without empty lists in its metadata, of which a custom resource that is applied keeps a trace. */
function withoutEmptyLists({ body }: { body: JsonObject }): { body: JsonObject } {
  const { metadata: given } = body
  if (!isObject(given)) return { body }
  const filled = Object.entries(given).filter(([, member]) => !Array.isArray(member) || member.length > 0)
  return { body: { ...body, metadata: Object.fromEntries(filled) } }
}

function operationsOf(kind: Kind, shapes: Shapes): fc.WeightedArbitrary<Operation>[] {
  const { whole, part, status } = shapes
  const { custom, hasStatus, namespaced } = PLACES[kind]
  const on = fc.record({ kind: fc.constant(kind), space: namespaced ? spaces : fc.constant<Space>('a'), name: names })
  const target = on.map((value) => ({ on: value satisfies On }))
  const withMetadata = (body: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> =>
    fc.tuple(body, fc.option(metadata, { freq: 2 })).map(([rest, meta]) => (meta ? { ...rest, metadata: meta } : rest))
  const say = (verb: Operation['verb'], ...parts: fc.Arbitrary<object>[]): fc.Arbitrary<Operation> =>
    joined<Operation>(fc.constant({ verb }), target, ...parts)
  const bodyOf = (body: fc.Arbitrary<JsonObject>) => withMetadata(body).map((value) => ({ body: value }))
  const patchOf = (body: fc.Arbitrary<Json>) => body.map((value) => ({ patch: value }))
  const version = fc.oneof(
    { weight: 6, arbitrary: fc.constant('fresh') },
    { weight: 2, arbitrary: fc.constantFrom('stale', 'none') },
    { weight: 1, arbitrary: fc.constant('wrong') },
  )
  const versioned = version.map((value) => ({ version: value }))
  const base = fc.constantFrom('current', 'current', 'nothing').map((value) => ({ base: value }))
  const patch = withNulls(withMetadata(part))
  const force = maybe('force', odd(1, true, false))
  const rarelyVersioned = maybe('version', odd(8, 'fresh', 'stale', 'wrong'))
  const jsonPatch = jsonPatches([...shapes.pointers, ...METADATA_POINTERS])
  const strategic = custom ? patch : directives(patch)
  const viaStatus = fc.constant({ status: true })
  const ofStatus = status ? withMetadata(status) : withMetadata(part)
  return [
    { weight: 14, arbitrary: say('create', bodyOf(whole), ...write, oddity) },
    { weight: 10, arbitrary: say('update', bodyOf(fc.oneof(whole, part)), versioned, base, ...write, oddity) },
    { weight: 9, arbitrary: say('merge', patchOf(patch), rarelyVersioned, ...write) },
    { weight: custom ? 2 : 9, arbitrary: say('strategic', patchOf(strategic), ...write) },
    { weight: 9, arbitrary: say('json', patchOf(jsonPatch), ...write) },
    {
      weight: 18,
      arbitrary: say(
        'apply',
        custom ? bodyOf(part).map(withoutEmptyLists) : bodyOf(part),
        managers.map((as) => ({ as })),
        force,
        rarelyVersioned,
        ...write.slice(1),
        oddity,
      ),
    },
    { weight: 8, arbitrary: say('delete', deletions) },
    { weight: 5, arbitrary: say('get', hasStatus ? maybe('status', odd(3, true)) : fc.constant({})) },
    { weight: 8, arbitrary: lists(kind, shapes) },
    { weight: 6, arbitrary: watches(kind) },
    ...(hasStatus
      ? [
          {
            weight: 18,
            arbitrary: fc.oneof(
              say('update', bodyOf(ofStatus), versioned, base, viaStatus, ...write),
              say('merge', patchOf(withNulls(ofStatus)), viaStatus, ...write),
              say('strategic', patchOf(custom ? ofStatus : directives(withNulls(ofStatus))), viaStatus, ...write),
              say('json', patchOf(jsonPatch), viaStatus, ...write),
              say(
                'apply',
                custom ? bodyOf(ofStatus).map(withoutEmptyLists) : bodyOf(ofStatus),
                managers.map((as) => ({ as })),
                force,
                viaStatus,
                ...write.slice(1),
              ),
            ),
          },
        ]
      : []),
  ]
}

const deletions = joined<object>(
  maybe('propagation', odd(2, 'Background', 'Foreground', 'Orphan', 'Sideways')),
  maybe('uid', odd(4, 'right', 'wrong')),
  maybe('version', odd(4, 'fresh', 'stale')),
  maybe('dryRun', odd(9, true)),
)

function jsonPatches(pointers: readonly string[]): fc.Arbitrary<Json> {
  const path = fc.constantFrom(...pointers)
  const value = fc.oneof(
    fc.constantFrom<Json>('one', 'two', 'shop.example.com', 'certwright.dev/hold', ['api.example.com'], 5, null),
    nonsense,
  )
  const operation = fc.oneof(
    {
      weight: 4,
      arbitrary: joined<JsonObject>(
        fc.constant({ op: 'add' }),
        path.map((to) => ({ path: to })),
        value.map((each) => ({ value: each })),
      ),
    },
    {
      weight: 3,
      arbitrary: joined<JsonObject>(
        fc.constant({ op: 'replace' }),
        path.map((to) => ({ path: to })),
        value.map((each) => ({ value: each })),
      ),
    },
    { weight: 3, arbitrary: path.map((to): JsonObject => ({ op: 'remove', path: to })) },
    {
      weight: 1,
      arbitrary: joined<JsonObject>(
        fc.constant({ op: 'test' }),
        path.map((to) => ({ path: to })),
        value.map((each) => ({ value: each })),
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('copy', 'move'), path, path)
        .map(([op, from, to]): JsonObject => ({ op, from, path: to })),
    },
  )
  return fc.array(operation, { minLength: 1, maxLength: 3 })
}

const LABEL_SELECTORS = ['app=one', 'app', 'app in (one,two)', 'app!=two', '!tier', 'app==one,!tier']

function lists(kind: Kind, { fieldSelectors = [] }: Shapes): fc.Arbitrary<Operation> {
  const space = PLACES[kind].namespaced
    ? fc.oneof(
        { weight: 6, arbitrary: fc.constant<Space>('a') },
        { weight: 3, arbitrary: fc.constantFrom<Space>('b', '*', 'absent') },
      )
    : fc.constant<Space>('*')
  return space.chain((where) =>
    joined<Operation>(
      fc.constant({ verb: 'list', kind, space: where }),
      // A page of what others share is cut where they are.
      where === '*' ? fc.constant({}) : pages,
      maybe(
        'labels',
        odd(3, ...LABEL_SELECTORS, 'tier notin (web)', 'app=one,tier=web', 'not a selector', 'app in one'),
      ),
      maybe(
        'fields',
        odd(4, 'metadata.name=x', 'metadata.name!=x', 'metadata.namespace={a}', 'spec.nowhere=x', ...fieldSelectors),
      ),
    ),
  )
}

const pages = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: fc.constant({ limit: 1 }) },
  { weight: 3, arbitrary: fc.constantFrom({ goOn: true }, { goOn: true, limit: 1 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ exactly: 'begin' }, { exactly: 'last list' }, { exactly: 'begin', limit: 1 }),
  },
)

function watches(kind: Kind): fc.Arbitrary<Operation> {
  const space = PLACES[kind].namespaced ? fc.constantFrom<Space>('a', 'a', 'a', 'b', '*') : fc.constant<Space>('*')
  return joined<Operation>(
    fc.constant({ verb: 'watch', kind }),
    space.map((where) => ({ space: where })),
    fc
      .oneof(
        { weight: 12, arbitrary: fc.constantFrom('begin', 'last list', 'now', 'state') },
        { weight: 1, arbitrary: fc.constant('nonsense') },
      )
      .map((from) => ({ from })),
    maybe('labels', odd(2, ...LABEL_SELECTORS)),
    maybe('only', odd(4, 'x')),
  )
}

/** Reads of namespaces, and definitions of other kinds. */
const definitions: fc.WeightedArbitrary<Operation>[] = [
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('a', 'b', 'absent')
      .map((name): Operation => ({ verb: 'get', on: { kind: 'Namespace', space: '*', name } })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Operation>(
      { verb: 'list', kind: 'Namespace', space: '*' },
      { verb: 'list', kind: 'Namespace', space: '*', labels: 'app=one' },
    ),
  },
  { weight: 5, arbitrary: definitionOperations() },
]

function definitionOperations(): fc.Arbitrary<Operation> {
  const on: On = { kind: 'CustomResourceDefinition', space: '*', name: 'widgets' }
  const { whole, part, pointers } = definitionShapes
  const say = (verb: Operation['verb'], ...parts: fc.Arbitrary<object>[]): fc.Arbitrary<Operation> =>
    joined<Operation>(fc.constant({ verb, on }), ...parts)
  return fc.oneof(
    {
      weight: 5,
      arbitrary: say(
        'create',
        whole.map((body) => ({ body })),
        maybe('dryRun', odd(3, true)),
      ),
    },
    {
      weight: 2,
      arbitrary: say(
        'apply',
        whole.map((body) => ({ body })),
        managers.map((as) => ({ as })),
      ),
    },
    {
      weight: 2,
      arbitrary: say(
        'merge',
        part.map((patch) => ({ patch })),
      ),
    },
    {
      weight: 1,
      arbitrary: say(
        'json',
        jsonPatches(pointers).map((patch) => ({ patch })),
      ),
    },
    { weight: 2, arbitrary: say('get') },
    { weight: 3, arbitrary: say('delete') },
  )
}
