import { FieldSet, field } from './apply/field-set.ts'
import { clone } from './json.ts'
import type { KubeObject } from './object.ts'
import type { Resource } from './resource.ts'

/** What an endpoint changes: the status endpoint only the status (and a built-in kind's metadata), the main one all but the status. */
export function scoped(
  resource: Resource,
  subresource: '' | 'status',
  before: KubeObject,
  object: KubeObject,
): KubeObject {
  if (!resource.hasStatus) return object
  if (subresource === '') {
    const next: KubeObject = { ...object }
    if (before['status'] === undefined) delete next['status']
    else next['status'] = before['status']
    return next
  }
  const metadata = resource.custom ? { ...before.metadata } : object.metadata
  const next: KubeObject = { ...clone(before), metadata }
  if (object['status'] === undefined) delete next['status']
  else next['status'] = object['status']
  return next
}

/** The fields that an endpoint neither changes nor gives anybody. */
export function ignoredBy(resource: Resource, subresource: '' | 'status'): FieldSet {
  if (!resource.hasStatus) return new FieldSet()
  if (subresource === '') return FieldSet.of([field('status')])
  return resource.custom ? FieldSet.of([field('spec')], [field('metadata')]) : FieldSet.of([field('spec')])
}
