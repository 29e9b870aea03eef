import type { JsonObject } from '../json.ts'
import { stringAt } from '../json.ts'
import type { FieldError } from '../status.ts'
import { fieldError } from '../status.ts'
import { isSubdomain, SUBDOMAIN } from './names.ts'

/** What is wrong with a reference to an object by group, kind and name. */
export function validateReference(reference: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = []
  const group = stringAt(reference, 'apiGroup')
  if (group !== undefined && !isSubdomain(group)) errors.push(fieldError.invalid(`${path}.apiGroup`, group, SUBDOMAIN))
  for (const name of ['kind', 'name']) {
    const value = stringAt(reference, name) ?? ''
    if (value === '') errors.push(fieldError.required(`${path}.${name}`))
    else if (!isPathSegment(value))
      errors.push(fieldError.invalid(`${path}.${name}`, value, "may not be '.' or '..', nor contain '/' or '%'"))
  }
  return errors
}

const isPathSegment = (text: string): boolean => text !== '.' && text !== '..' && !/[/%]/.test(text)
