import { ageOf } from '../age.ts'
import type { Json, JsonObject } from '../json.ts'
import { at, stringAt, textOf } from '../json.ts'
import type { KubeObject } from '../object.ts'
import type { Column } from '../resource.ts'
import { resource } from '../resource.ts'
import { atomic, integer, microTime, object, rootSchema, string, time } from '../schema/build.ts'
import type { FieldError } from '../status.ts'
import { fieldError } from '../status.ts'
import { nameColumn } from './columns.ts'

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
const series = object({ count: integer, lastObservedTime: microTime })

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
    firstTimestamp: time,
    lastTimestamp: time,
    count: integer,
    type: string,
    eventTime: microTime,
    series,
    action: string,
    related: reference,
    reportingComponent: string,
    reportingInstance: string,
  }),
  zero: { involvedObject: {}, source: {}, reportingComponent: '', reportingInstance: '' },
  fromStorage: withEmptyTimes(['firstTimestamp', 'lastTimestamp', 'eventTime']),
  validate: (event) => {
    const about = stringAt(event, 'involvedObject', 'namespace') ?? 'default'
    return about === event.metadata.namespace
      ? []
      : [
          fieldError.invalid(
            'involvedObject.namespace',
            stringAt(event, 'involvedObject', 'namespace') ?? '',
            'does not match event.namespace',
          ),
        ]
  },
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
    deprecatedFirstTimestamp: time,
    deprecatedLastTimestamp: time,
    deprecatedCount: integer,
    type: string,
    eventTime: microTime,
    series,
    action: string,
    related: reference,
    reportingController: string,
    reportingInstance: string,
  }),
  zero: { regarding: {}, deprecatedSource: {} },
  toStorage: (event) => rename(event, 'v1', RENAMED),
  fromStorage: (event) =>
    withEmptyTimes(['deprecatedFirstTimestamp', 'deprecatedLastTimestamp', 'eventTime'])(
      rename(
        event,
        'events.k8s.io/v1',
        RENAMED.map(([newer, older]) => [older, newer] as const),
      ),
    ),
  validate: validateEvent,
  columns: columns.map((column) => ({
    ...column,
    cell: (event, now) => column.cell(rename(event, 'v1', RENAMED), now),
  })),
})

/** Events show absent instants as null: their times are no pointers. */
function withEmptyTimes(names: readonly string[]): (event: KubeObject) => KubeObject {
  return (event) => {
    const result: JsonObject = { ...event }
    for (const name of names) result[name] ??= null
    return result as KubeObject
  }
}

function rename(event: KubeObject, apiVersion: string, names: readonly (readonly [string, string])[]): KubeObject {
  const result: JsonObject = {}
  const table = new Map(names)
  for (const [name, value] of Object.entries(event)) result[table.get(name) ?? name] = value
  result['apiVersion'] = apiVersion
  return result as KubeObject
}

/** The stricter rules of `events.k8s.io/v1`: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
function validateEvent(event: KubeObject, before: KubeObject | undefined): FieldError[] {
  const errors: FieldError[] = []
  const about = stringAt(event, 'regarding', 'namespace') ?? 'default'
  if (about !== event.metadata.namespace)
    errors.push(
      fieldError.invalid(
        'involvedObject.namespace',
        stringAt(event, 'regarding', 'namespace') ?? '',
        'does not match event.namespace',
      ),
    )
  if (before) return errors
  if (!event['eventTime']) errors.push(fieldError.required('eventTime'))
  const type = stringAt(event, 'type') ?? ''
  if (type !== 'Normal' && type !== 'Warning') errors.push(fieldError.invalid('type', type, 'has invalid value: '))
  for (const [name, label] of [
    ['reportingController', 'reportingController'],
    ['reportingInstance', 'reportingInstance'],
    ['action', 'action'],
    ['reason', 'reason'],
  ] as const) {
    const value = stringAt(event, name) ?? ''
    if (value === '') errors.push(fieldError.required(label))
    else if (value.length > 128) errors.push(fieldError.invalid(label, value, 'can have at most 128 characters'))
  }
  const note = stringAt(event, 'note') ?? ''
  if (note.length > 1024) errors.push(fieldError.invalid('note', note, 'can have at most 1024 characters'))
  return errors
}

/** How long the API server keeps an event after its last write: `--event-ttl`, 1 h by default. */
export const EVENT_TTL_MS = 3_600_000
