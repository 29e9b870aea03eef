import { isIP } from 'node:net'
import type { Json, JsonObject } from '../json.ts'
import { arrayAt, at, isObject, objectAt, stringAt } from '../json.ts'
import type { KubeObject } from '../object.ts'
import type { FieldError } from '../status.ts'
import { fieldError } from '../status.ts'
import { DNS_1035, isDns1035, isHost, isSubdomain, SUBDOMAIN } from './names.ts'
import { validateQualified } from '../metadata.ts'
import { validateReference } from './reference-validation.ts'

/** What is wrong with an Ingress: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/ */
export function validateIngress(ingress: KubeObject, before: KubeObject | undefined): FieldError[] {
  const spec = objectAt(ingress, 'spec')
  const rules = arrayAt(spec, 'rules')
  const errors: FieldError[] = validateQualified(ingress.metadata.finalizers)
  if (rules.length === 0 && spec['defaultBackend'] === undefined)
    errors.push(fieldError.invalid('spec', null, 'either `defaultBackend` or `rules` must be specified'))
  if (spec['defaultBackend'] !== undefined)
    errors.push(...validateBackend(objectAt(spec, 'defaultBackend'), 'spec.defaultBackend'))
  for (const [index, rule] of rules.entries()) errors.push(...validateRule(rule, `spec.rules[${index}]`))
  for (const [index, entry] of arrayAt(spec, 'tls').entries()) errors.push(...validateTls(entry, `spec.tls[${index}]`))
  const className = stringAt(spec, 'ingressClassName')
  if (className !== undefined && !isSubdomain(className))
    errors.push(fieldError.invalid('spec.ingressClassName', className, SUBDOMAIN))
  const annotation = ingress.metadata.annotations?.[CLASS_ANNOTATION]
  if (!before && annotation !== undefined && className !== undefined && annotation !== className)
    errors.push(
      fieldError.invalid(
        `annotations.${CLASS_ANNOTATION}`,
        annotation,
        'must match `ingressClassName` when both are specified',
      ),
    )
  return errors
}

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'

/** What is wrong with the status that was written of an Ingress. */
export function validateIngressStatus(ingress: KubeObject): FieldError[] {
  const errors = validateQualified(ingress.metadata.finalizers)
  for (const [index, entry] of arrayAt(ingress, 'status', 'loadBalancer', 'ingress').entries()) {
    const path = `status.loadBalancer.ingress[${index}]`
    const ip = stringAt(entry, 'ip') ?? ''
    if (ip !== '' && isIP(ip) === 0)
      errors.push(fieldError.invalid(`${path}.ip`, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'))
    const hostname = stringAt(entry, 'hostname') ?? ''
    if (hostname !== '' && !isSubdomain(hostname))
      errors.push(fieldError.invalid(`${path}.hostname`, hostname, SUBDOMAIN))
    if (isIP(hostname) !== 0)
      errors.push(fieldError.invalid(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address'))
  }
  return errors
}

function validateTls(entry: Json, path: string): FieldError[] {
  const errors = arrayAt(entry, 'hosts').flatMap((host, position) => validateHost(host, `${path}.hosts[${position}]`))
  const secretName = stringAt(entry, 'secretName') ?? ''
  if (secretName !== '' && !isSubdomain(secretName))
    errors.push(fieldError.invalid(`${path}.secretName`, secretName, SUBDOMAIN))
  return errors
}

function validateHost(host: Json, path: string): FieldError[] {
  return typeof host === 'string' && isHost(host) ? [] : [fieldError.invalid(path, host, SUBDOMAIN)]
}

function validateRule(rule: Json, path: string): FieldError[] {
  const errors: FieldError[] = []
  const host = stringAt(rule, 'host')
  if (host !== undefined) {
    if (isIP(host) !== 0) errors.push(fieldError.invalid(`${path}.host`, host, 'must be a DNS name, not an IP address'))
    errors.push(...validateHost(host, `${path}.host`))
  }
  const http = at(rule, 'http')
  if (!isObject(http)) return errors
  const paths = arrayAt(http, 'paths')
  if (paths.length === 0) errors.push(fieldError.required(`${path}.http.paths`))
  for (const [index, entry] of paths.entries()) errors.push(...validatePath(entry, `${path}.http.paths[${index}]`))
  return errors
}

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']
const FORBIDDEN_IN_PATHS = ['//', '/./', '/../', '%2f', '%2F']
const FORBIDDEN_AT_THE_END = ['/..', '/.']

function validatePath(entry: Json, path: string): FieldError[] {
  const pathType = stringAt(entry, 'pathType')
  if (pathType === undefined) return [fieldError.required(`${path}.pathType`, 'pathType must be specified')]
  const errors: FieldError[] = []
  const value = stringAt(entry, 'path') ?? ''
  const wrong = (why: string) => errors.push(fieldError.invalid(`${path}.path`, value, why))
  if (!PATH_TYPES.includes(pathType)) errors.push(fieldError.unsupported(`${path}.pathType`, pathType, PATH_TYPES))
  else {
    const isOpen = pathType === 'ImplementationSpecific'
    if (!value.startsWith('/') && !(isOpen && value === '')) wrong('must be an absolute path')
    if (!isOpen) {
      for (const text of FORBIDDEN_IN_PATHS) if (value.includes(text)) wrong(`must not contain '${text}'`)
      for (const text of FORBIDDEN_AT_THE_END) if (value.endsWith(text)) wrong(`cannot end with '${text}'`)
    }
  }
  return [...errors, ...validateBackend(objectAt(entry, 'backend'), `${path}.backend`)]
}

function validateBackend(backend: JsonObject, path: string): FieldError[] {
  const { service, resource } = backend
  if (service !== undefined && resource !== undefined)
    return [fieldError.invalid(path, '', 'cannot set both resource and service backends')]
  if (resource !== undefined) return validateReference(objectAt(backend, 'resource'), `${path}.resource`)
  if (service === undefined) return [fieldError.invalid(path, '', 'resource or service backend is required')]
  const errors: FieldError[] = []
  const serviceName = stringAt(service, 'name') ?? ''
  if (serviceName === '') errors.push(fieldError.required(`${path}.service.name`))
  else if (!isDns1035(serviceName)) errors.push(fieldError.invalid(`${path}.service.name`, serviceName, DNS_1035))
  const number = Number(at(service, 'port', 'number') ?? 0)
  const name = stringAt(service, 'port', 'name') ?? ''
  if (name !== '' && number !== 0) errors.push(fieldError.invalid(path, '', 'cannot set both port name & port number'))
  else if (name !== '') errors.push(...validatePortName(name, `${path}.service.port.name`))
  else if (number === 0) errors.push(fieldError.required(path, 'port name or number is required'))
  else if (number < 1 || number > 65_535)
    errors.push(fieldError.invalid(`${path}.service.port.number`, number, 'must be between 1 and 65535, inclusive'))
  return errors
}

/** An IANA service name: https://www.rfc-editor.org/rfc/rfc6335#section-5.1 */
function validatePortName(name: string, path: string): FieldError[] {
  const holds = name.length <= 15 && /^[a-z0-9-]*[a-z][a-z0-9-]*$/.test(name) && !/--|^-|-$/.test(name)
  return holds
    ? []
    : [fieldError.invalid(path, name, 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')]
}
