import type { JsonObject } from '../json.ts'
import { equal, isObject, objectAt, stringAt } from '../json.ts'
import type { KubeObject } from '../object.ts'
import type { FieldError } from '../status.ts'
import { fieldError } from '../status.ts'
import { validateQualified } from '../metadata.ts'
import { isSubdomain, qualifiedNameFault, SUBDOMAIN } from './names.ts'

/** Through which of its two APIs an event is written: the newer one is stricter. */
export type EventApi = 'v1' | 'events.k8s.io/v1'

const LONGEST = 128
const LONGEST_NOTE = 1024

/**
 * What is wrong with an event, in the form of the core group, whose names the server uses in its answers:
 * https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
export function validateEvent(event: KubeObject, before: KubeObject | undefined, api: EventApi): FieldError[] {
  const errors = validateAlways(event, api)
  if (api === 'v1') return errors
  return [...errors, ...(before ? validateChange(event, before) : validateNew(event))]
}

function validateAlways(event: KubeObject, api: EventApi): FieldError[] {
  const errors: FieldError[] = []
  const about = stringAt(event, 'involvedObject', 'namespace') ?? ''
  const own = event.metadata.namespace ?? ''
  const wrongNamespace = fieldError.invalid('involvedObject.namespace', about, 'does not match event.namespace')
  if (!event['eventTime']) {
    if (own !== (about || 'default')) errors.push(wrongNamespace)
    return errors
  }
  if (about === '' && own !== 'default' && own !== 'kube-system') errors.push(wrongNamespace)
  const controllerField = api === 'v1' ? 'reportingComponent' : 'reportingController'
  const controller = stringAt(event, 'reportingComponent') ?? ''
  if (controller === '') errors.push(fieldError.required(controllerField))
  const fault = qualifiedNameFault(controller)
  if (fault) errors.push(fieldError.invalid(controllerField, controller, fault))
  for (const name of ['reportingInstance', 'action', 'reason']) {
    const value = stringAt(event, name) ?? ''
    if (value === '') errors.push(fieldError.required(name))
    if (value.length > LONGEST) errors.push(fieldError.invalid(name, '', `can have at most ${LONGEST} characters`))
  }
  if ((stringAt(event, 'message') ?? '').length > LONGEST_NOTE)
    errors.push(fieldError.invalid('message', '', `can have at most ${LONGEST_NOTE} characters`))
  return errors
}

function validateNew(event: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const name = event.metadata.name ?? ''
  if (name !== '' && !isSubdomain(name)) errors.push(fieldError.invalid('metadata.name', name, SUBDOMAIN))
  errors.push(...validateQualified(event.metadata.finalizers), ...validateSeries(event))
  if (!event['eventTime']) errors.push(fieldError.required('eventTime'))
  const type = stringAt(event, 'type') ?? ''
  if (type !== 'Normal' && type !== 'Warning') errors.push(fieldError.invalid('type', '', `has invalid value: ${type}`))
  const { component, host } = objectAt(event, 'source')
  const deprecated: JsonObject = { ...event, source: component || host ? true : undefined }
  for (const former of ['firstTimestamp', 'lastTimestamp', 'count', 'source'])
    if (deprecated[former]) errors.push(fieldError.invalid(former, '', 'needs to be unset'))
  return errors
}

function validateSeries(event: KubeObject): FieldError[] {
  const series = event['series']
  if (!isObject(series)) return []
  const errors: FieldError[] = []
  if (Number(series['count'] ?? 0) < 2) errors.push(fieldError.invalid('series.count', '', 'should be at least 2'))
  if (!series['lastObservedTime']) errors.push(fieldError.required('series.lastObservedTime'))
  return errors
}

/** By which names the server tells that a field is not to be changed. */
const IMMUTABLE = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingInstance',
] as const

function validateChange(event: KubeObject, before: KubeObject): FieldError[] {
  const errors = validateQualified(event.metadata.finalizers)
  if (!equal(event['series'], before['series'])) errors.push(...validateSeries(event))
  for (const name of IMMUTABLE)
    if (!equal(event[name] ?? null, before[name] ?? null))
      errors.push(fieldError.invalid(name, event[name] ?? null, 'field is immutable'))
  const controller = event['reportingComponent']
  if (!equal(controller ?? null, before['reportingComponent'] ?? null))
    errors.push(fieldError.invalid('reportingController', controller ?? null, 'field is immutable'))
  return errors
}
