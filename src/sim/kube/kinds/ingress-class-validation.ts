import { at, isObject, objectAt, stringAt } from '../json.ts'
import type { KubeObject } from '../object.ts'
import type { FieldError } from '../status.ts'
import { fieldError } from '../status.ts'
import { isLabel, isSubdomain, LABEL, SUBDOMAIN } from './names.ts'
import { validateQualified } from '../metadata.ts'
import { validateReference } from './reference-validation.ts'

/** What is wrong with an IngressClass: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-class-v1/ */
export function validateIngressClass(object: KubeObject, before: KubeObject | undefined): FieldError[] {
  const controller = stringAt(object, 'spec', 'controller') ?? ''
  const errors: FieldError[] = validateQualified(object.metadata.finalizers)
  if (before && (stringAt(before, 'spec', 'controller') ?? '') !== controller)
    errors.push(fieldError.invalid('spec.controller', controller, 'field is immutable'))
  if (controller.length > 250) errors.push(fieldError.tooLong('spec.controller', 250))
  errors.push(...validateController(controller, 'spec.controller'))
  if (isObject(at(object, 'spec', 'parameters'))) errors.push(...validateParameters(object, 'spec.parameters'))
  return errors
}

/** A path under a domain: `acme.io/foo`. */
function validateController(controller: string, path: string): FieldError[] {
  if (controller === '') return [fieldError.required(path)]
  const [domain, rest] = split(controller)
  if (domain === '' || rest === '')
    return [fieldError.invalid(path, controller, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  const errors: FieldError[] = []
  if (!isSubdomain(domain)) errors.push(fieldError.invalid(path, domain, SUBDOMAIN))
  if (!/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(rest)) errors.push(fieldError.invalid(path, rest, 'Invalid path'))
  return errors
}

function split(text: string): [string, string] {
  const slash = text.indexOf('/')
  return slash < 0 ? ['', ''] : [text.slice(0, slash), text.slice(slash + 1)]
}

function validateParameters(object: KubeObject, path: string): FieldError[] {
  const parameters = objectAt(object, 'spec', 'parameters')
  const errors = validateReference(parameters, path)
  const scope = stringAt(parameters, 'scope') ?? ''
  const namespace = stringAt(parameters, 'namespace')
  if (scope !== 'Cluster' && scope !== 'Namespace')
    errors.push(fieldError.unsupported(`${path}.scope`, scope, ['Cluster', 'Namespace']))
  else if (scope === 'Cluster' && namespace !== undefined)
    errors.push(fieldError.forbidden(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"))
  else if (scope === 'Namespace' && namespace === undefined)
    errors.push(fieldError.required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"))
  else if (scope === 'Namespace' && namespace !== undefined && !isLabel(namespace))
    errors.push(fieldError.invalid(`${path}.namespace`, namespace, LABEL))
  return errors
}
