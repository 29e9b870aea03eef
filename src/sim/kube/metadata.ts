import type { Random } from '../../random.ts'
import type { JsonObject } from './json.ts'
import { equal, without } from './json.ts'
import {
  DNS_1035,
  isDns1035,
  isLabel,
  isSubdomain,
  LABEL,
  labelValueFault,
  qualifiedNameFault,
  SUBDOMAIN,
} from './kinds/names.ts'
import type { KubeObject, ObjectMeta } from './object.ts'
import type { Resource } from './resource.ts'
import type { FieldError } from './status.ts'
import { fieldError } from './status.ts'

/** No vowels and no digits that look like letters: what the server draws for `generateName`. */
const GENERATED = 'bcdfghjklmnpqrstvwxz2456789'

export function generatedName(base: string, random: Random): string {
  const suffix = Array.from({ length: 5 }, () => GENERATED[Math.floor(random.next() * GENERATED.length)]).join('')
  return `${base.slice(0, 58)}${suffix}`
}

const ANNOTATIONS_LIMIT = 262_144

/** What is wrong with an object's metadata, as it is about to be stored. */
export function validateMetadata(resource: Resource, object: KubeObject, before: KubeObject | undefined): FieldError[] {
  const { metadata } = object
  const errors: FieldError[] = []
  if (!metadata.name) errors.push(fieldError.required('metadata.name', 'name or generateName is required'))
  else if (!before) errors.push(...validateName(resource, metadata.name))
  let size = 0
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    size += Buffer.byteLength(key) + Buffer.byteLength(value)
    const fault = qualifiedNameFault(key.toLowerCase())
    if (fault) errors.push(fieldError.invalid('metadata.annotations', key, fault))
  }
  if (size > ANNOTATIONS_LIMIT) errors.push(fieldError.tooLong('metadata.annotations', ANNOTATIONS_LIMIT))
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    const fault = qualifiedNameFault(key)
    if (fault) errors.push(fieldError.invalid('metadata.labels', key, fault))
    const valueFault = labelValueFault(value)
    if (valueFault) errors.push(fieldError.invalid('metadata.labels', value, valueFault))
  }
  errors.push(...validateOwners(metadata), ...validateFinalizers(metadata, before?.metadata))
  if (before) errors.push(...validateUnchanged(metadata, before.metadata))
  return errors
}

function validateName(resource: Resource, name: string): FieldError[] {
  switch (resource.nameRule) {
    case 'any':
      return []
    case 'label':
      return isLabel(name) ? [] : [fieldError.invalid('metadata.name', name, LABEL)]
    case 'dns1035':
      return isDns1035(name) ? [] : [fieldError.invalid('metadata.name', name, DNS_1035)]
    case 'subdomain':
      return isSubdomain(name) ? [] : [fieldError.invalid('metadata.name', name, SUBDOMAIN)]
    default:
      return resource.nameRule satisfies never
  }
}

function validateUnchanged(metadata: ObjectMeta, before: ObjectMeta): FieldError[] {
  return (['uid', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const)
    .filter((name) => metadata[name] !== before[name])
    .map((name) => fieldError.invalid(`metadata.${name}`, metadata[name] ?? null, 'field is immutable'))
}

function validateOwners(metadata: ObjectMeta): FieldError[] {
  const references = metadata.ownerReferences ?? []
  const errors: FieldError[] = []
  for (const reference of references)
    for (const member of ['apiVersion', 'kind', 'name', 'uid'] as const)
      if (!reference[member])
        errors.push(
          member === 'apiVersion'
            ? fieldError.invalid('metadata.ownerReferences.apiVersion', '', 'version must not be empty')
            : fieldError.invalid(`metadata.ownerReferences.${member}`, '', 'must not be empty'),
        )
  const controllers = references.filter(({ controller }) => controller === true)
  if (controllers.length > 1)
    errors.push(
      fieldError.invalid(
        'metadata.ownerReferences',
        references,
        `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0]?.kind}/${controllers[0]?.name} and ${controllers[1]?.kind}/${controllers[1]?.name}`,
      ),
    )
  return errors
}

/** Those that need no domain before them: https://pkg.go.dev/k8s.io/kubernetes/pkg/apis/core/helper#IsStandardFinalizerName */
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion']

/** What some built-in kinds ask of finalizers beyond what all do. */
export function validateQualified(finalizers: readonly string[] = []): FieldError[] {
  return finalizers.flatMap((finalizer, index) =>
    finalizer.includes('/') || STANDARD_FINALIZERS.includes(finalizer)
      ? []
      : [
          fieldError.invalid(
            `metadata.finalizers[${index}]`,
            finalizer,
            'name is neither a standard finalizer name nor is it fully qualified',
          ),
        ],
  )
}

/** What the server says of finalizers that are new on a custom resource and belong to no domain. */
export function finalizerWarnings(metadata: ObjectMeta, before: ObjectMeta | undefined): string[] {
  const added = [...new Set(metadata.finalizers)].filter((name) => !before?.finalizers?.includes(name)).sort()
  return added
    .filter((name) => !name.includes('/'))
    .map(
      (name) =>
        `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name ${name.includes('.') ? 'including a path (/) ' : ''}to avoid accidental conflicts with other finalizer writers`,
    )
}

function validateFinalizers(metadata: ObjectMeta, before: ObjectMeta | undefined): FieldError[] {
  const errors: FieldError[] = []
  for (const finalizer of metadata.finalizers ?? []) {
    const fault = qualifiedNameFault(finalizer)
    if (fault) errors.push(fieldError.invalid('metadata.finalizers', finalizer, fault))
  }
  if (before?.deletionTimestamp) {
    const added = (metadata.finalizers ?? []).filter((finalizer) => !before.finalizers?.includes(finalizer))
    if (added.length > 0)
      errors.push(
        fieldError.forbidden(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`,
        ),
      )
  }
  return errors
}

/** The members that only the server sets, carried over from the stored object. What a client may not change otherwise is refused later. */
export function keepSystemMetadata(object: KubeObject, before: KubeObject): void {
  const { metadata } = object
  const { uid, creationTimestamp, generation, deletionTimestamp, deletionGracePeriodSeconds } = before.metadata
  delete metadata.generation
  Object.assign(metadata, {
    ...(uid && !metadata.uid ? { uid } : {}),
    ...(creationTimestamp ? { creationTimestamp } : {}),
    ...(generation === undefined ? {} : { generation }),
    ...(deletionTimestamp ? { deletionTimestamp } : {}),
  })
  if (deletionGracePeriodSeconds !== undefined) metadata.deletionGracePeriodSeconds ??= deletionGracePeriodSeconds
}

/** Did anything change that counts as a new generation: all but metadata and, where it is a subresource, status? */
export function specChanged(resource: Resource, before: KubeObject, after: KubeObject): boolean {
  const rest = (object: KubeObject): JsonObject =>
    resource.hasStatus ? without(object as JsonObject, 'metadata', 'status') : without(object as JsonObject, 'metadata')
  return !equal(rest(before), rest(after))
}
