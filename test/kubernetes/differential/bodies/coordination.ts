import * as fc from 'fast-check'
import { all, mostly, nonsense, type Shapes, seldom, some } from './shapes.ts'

const micro = mostly(
  ['2026-11-24T09:00:00.000000Z', '2026-11-24T09:00:01.500000Z', '2026-11-24T10:00:00.250000+01:00'],
  ['2026-11-24T09:00:00Z', 'yesterday'],
)
const whole = mostly(['2026-11-24T09:00:00Z', '2026-11-24T10:00:00+01:00'], ['yesterday', '2026-11-24T09:00:00.5Z'])
const text = fc.constantFrom('first', 'second')

const leaseSpec = {
  holderIdentity: mostly(['me', 'you'], ['']),
  leaseDurationSeconds: mostly([30, 15], [0, -1, 1.5]),
  leaseTransitions: mostly([0, 1, 2], [-1]),
  acquireTime: micro,
  renewTime: micro,
}

export const leaseShapes: Shapes = {
  whole: seldom(
    all({ spec: fc.oneof(all(leaseSpec), some(leaseSpec)) }),
    some({ spec: fc.oneof(some({ ...leaseSpec, surprise: nonsense }), nonsense), surprise: nonsense }),
  ),
  part: some({ spec: some(leaseSpec) }),
  pointers: ['/spec', '/spec/holderIdentity', '/spec/leaseTransitions', '/spec/renewTime'],
}

const reference = seldom(
  all({
    kind: fc.constant('Ingress'),
    namespace: mostly(['{own}'], ['{a}', '{b}', 'default']),
    name: fc.constantFrom('x', 'y'),
  }),
  some({ kind: text, namespace: fc.constantFrom('{b}', ''), name: text, fieldPath: text }),
)
const type = mostly(['Normal', 'Warning'], ['', 'Loud'])
const series = all({ count: fc.constantFrom(2, 3), lastObservedTime: micro })

const eventMembers = {
  regarding: reference,
  eventTime: micro,
  reportingController: mostly(['certwright.dev/certwright'], ['', 'Not valid']),
  reportingInstance: mostly(['certwright-0'], ['', 'x'.repeat(129)]),
  action: mostly(['Request', 'Attach'], ['', 'x'.repeat(129)]),
  reason: mostly(['Requested', 'Attached'], ['', 'x'.repeat(129)]),
  type,
  note: mostly(['It was requested.', 'It was attached.', ''], ['x'.repeat(1025)]),
}
const eventMore = { series, related: reference }

export const eventShapes: Shapes = {
  whole: seldom(
    fc.oneof(all(eventMembers), all({ ...eventMembers, series })),
    some({ ...eventMembers, ...eventMore, surprise: nonsense }),
  ),
  part: some({ ...eventMembers, ...eventMore }),
  pointers: ['/note', '/series', '/series/count', '/reason', '/regarding/name', '/related'],
  fieldSelectors: [
    'reason=Requested',
    'regarding.name=x',
    'type!=Normal',
    'reportingController=certwright.dev/certwright',
  ],
}

const coreMembers = {
  involvedObject: reference,
  reason: text,
  message: text,
  type,
  count: fc.constantFrom(1, 2),
  firstTimestamp: whole,
  lastTimestamp: whole,
  source: some({ component: text, host: text }),
}

export const coreEventShapes: Shapes = {
  whole: seldom(
    all({ involvedObject: reference, reason: text, message: text, type }),
    some({ ...coreMembers, series, reportingComponent: text, eventTime: micro, surprise: nonsense }),
  ),
  part: some({ ...coreMembers, related: reference, action: text }),
  pointers: ['/message', '/count', '/involvedObject/name', '/source', '/lastTimestamp'],
  fieldSelectors: [
    'reason=first',
    'involvedObject.name=x',
    'type!=Normal',
    'source=first',
    'involvedObject.kind=Ingress',
  ],
}
