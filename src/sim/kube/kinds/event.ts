import { ageOf } from '../age.ts'
import type { Json, JsonObject } from '../json.ts'
import { at, stringAt, textOf } from '../json.ts'
import type { KubeObject } from '../object.ts'
import type { Column } from '../resource.ts'
import { resource } from '../resource.ts'
import { atomic, integer, microTime, object, omittedZero, rootSchema, string, time } from '../schema/build.ts'
import type { Schema } from '../schema/schema.ts'
import { nameColumn } from './columns.ts'
import { validateEvent } from './event-validation.ts'

const reference = atomic(
  object({
    apiVersion: string,
    kind: string,
    namespace: string,
    name: string,
    uid: string,
    resourceVersion: string,
    fieldPath: string,
  }),
)
const source = object({ component: string, host: string })
/** Their times are no pointers: an absent one is null. */
const nullTime: Schema = { ...time, default: null }
const nullMicroTime: Schema = { ...microTime, default: null }
const observed = { lastObservedTime: nullMicroTime }
const coreSeries = object({ count: omittedZero(integer), ...observed })
const series = object({ count: { ...integer, default: 0 }, ...observed })

const columns: Column[] = [
  { name: 'Last Seen', type: 'string', cell: (event, now) => ageOf(lastSeen(event), now) },
  { name: 'Type', type: 'string', cell: (event) => stringAt(event, 'type') },
  { name: 'Reason', type: 'string', cell: (event) => stringAt(event, 'reason') },
  {
    name: 'Object',
    type: 'string',
    cell: (event) =>
      `${(stringAt(event, 'involvedObject', 'kind') ?? '').toLowerCase()}/${stringAt(event, 'involvedObject', 'name') ?? ''}`,
  },
  {
    name: 'Subobject',
    type: 'string',
    priority: 1,
    cell: (event) => stringAt(event, 'involvedObject', 'fieldPath') ?? '',
  },
  {
    name: 'Source',
    type: 'string',
    priority: 1,
    cell: (event) =>
      [
        stringAt(event, 'source', 'component') ?? stringAt(event, 'reportingComponent'),
        stringAt(event, 'source', 'host'),
      ]
        .filter(Boolean)
        .join(', '),
  },
  { name: 'Message', type: 'string', cell: (event) => (stringAt(event, 'message') ?? '').trim() },
  {
    name: 'First Seen',
    type: 'string',
    priority: 1,
    cell: (event, now) => ageOf(stringAt(event, 'firstTimestamp') ?? at(event, 'eventTime'), now),
  },
  {
    name: 'Count',
    type: 'string',
    priority: 1,
    cell: (event) => textOf(at(event, 'series', 'count') ?? at(event, 'count') ?? 1),
  },
  { ...nameColumn, priority: 1 },
]

function lastSeen(event: KubeObject): Json | undefined {
  return (
    at(event, 'series', 'lastObservedTime') ??
    stringAt(event, 'lastTimestamp') ??
    stringAt(event, 'firstTimestamp') ??
    at(event, 'eventTime')
  )
}

const shared = {
  kind: 'Event',
  // Both are one kind inside the server.
  errorGroup: '',
  collected: false,
  plural: 'events',
  shortNames: ['ev'],
  collection: 'events',
  createOnUpdate: true,
} as const

export const coreEvent = resource({
  ...shared,
  shortNames: ['ev'],
  version: 'v1',
  nameRule: 'any',
  selectableFields: [
    ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
      (name) => `involvedObject.${name}`,
    ),
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  schema: rootSchema({
    involvedObject: reference,
    reason: string,
    message: string,
    source,
    firstTimestamp: nullTime,
    lastTimestamp: nullTime,
    count: omittedZero(integer),
    type: string,
    eventTime: nullMicroTime,
    series: coreSeries,
    action: string,
    related: reference,
    reportingComponent: string,
    reportingInstance: string,
  }),
  zero: {
    involvedObject: {},
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  },
  fromStorage: (stored) => ({ reportingComponent: '', reportingInstance: '', ...stored }),
  validate: (event, before) => validateEvent(event, before, 'v1'),
  metadataLast: true,
  columns,
})

/** How `events.k8s.io/v1` names the members of the core form. */
const RENAMED: readonly (readonly [string, string])[] = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
]

export const event = resource({
  ...shared,
  shortNames: ['ev'],
  group: 'events.k8s.io',
  version: 'v1',
  nameRule: 'any',
  selectableFields: [
    ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
      (name) => `regarding.${name}`,
    ),
    'reason',
    'reportingController',
    'type',
  ],
  schema: rootSchema({
    regarding: reference,
    reason: string,
    note: string,
    deprecatedSource: source,
    deprecatedFirstTimestamp: nullTime,
    deprecatedLastTimestamp: nullTime,
    deprecatedCount: omittedZero(integer),
    type: string,
    eventTime: nullMicroTime,
    series,
    action: string,
    related: reference,
    reportingController: string,
    reportingInstance: string,
  }),
  zero: {
    regarding: {},
    deprecatedSource: {},
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
    eventTime: null,
  },
  toStorage: coreForm,
  fromStorage: newForm,
  validate: (event, before) => validateEvent(coreForm(event), before && coreForm(before), 'events.k8s.io/v1'),
  columns: columns.map((column) => ({
    ...column,
    cell: (event, now) => column.cell(rename(event, 'v1', RENAMED), now),
  })),
})

/** What the core group shows as empty, the newer form leaves out. */
function newForm(stored: KubeObject): KubeObject {
  const renamed = rename(
    stored,
    'events.k8s.io/v1',
    RENAMED.map(([newer, older]) => [older, newer] as const),
  )
  for (const name of ['reportingController', 'reportingInstance']) if (renamed[name] === '') delete renamed[name]
  return renamed
}

/** An event of `events.k8s.io/v1` as the core group has it, which is how it is stored. */
function coreForm(event: KubeObject): KubeObject {
  return rename(event, 'v1', RENAMED)
}

function rename(event: KubeObject, apiVersion: string, names: readonly (readonly [string, string])[]): KubeObject {
  const result: JsonObject = {}
  const table = new Map(names)
  for (const [name, value] of Object.entries(event)) result[table.get(name) ?? name] = value
  result['apiVersion'] = apiVersion
  return result as KubeObject
}

/** How long the API server keeps an event after its last write: `--event-ttl`, 1 h by default. */
export const EVENT_TTL_MS = 3_600_000
