import type { Json, JsonObject } from '../json.ts'
import { arrayAt, at, isObject, objectAt, stringAt } from '../json.ts'
import type { KubeObject } from '../object.ts'
import { resource } from '../resource.ts'
import { atomic, integer, list, object, rootSchema, string } from '../schema/build.ts'
import type { Schema } from '../schema/schema.ts'
import type { FieldError } from '../status.ts'
import { fieldError } from '../status.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { isHost, isSubdomain, SUBDOMAIN } from './names.ts'

const group = 'networking.k8s.io'

const backend: Schema = object({
  service: object({ name: string, port: object({ name: string, number: integer }) }, { required: ['name'] }),
  resource: atomic(object({ apiGroup: string, kind: string, name: string }, { required: ['kind', 'name'] })),
})

const ingressSpec: Schema = object({
  ingressClassName: string,
  defaultBackend: backend,
  tls: list(object({ hosts: list(string), secretName: string })),
  rules: list(
    object({
      host: string,
      http: object(
        { paths: list(object({ path: string, pathType: string, backend }, { required: ['pathType', 'backend'] })) },
        { required: ['paths'] },
      ),
    }),
  ),
})

const ingressStatus: Schema = object({
  loadBalancer: object({
    ingress: list(
      object({
        ip: string,
        hostname: string,
        ports: list(object({ port: integer, protocol: string, error: string }, { required: ['port', 'protocol'] })),
      }),
    ),
  }),
})

export const ingress = resource({
  group,
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  shortNames: ['ing'],
  hasStatus: true,
  hasGeneration: true,
  schema: rootSchema({ spec: ingressSpec, status: ingressStatus }),
  zero: { spec: {}, status: { loadBalancer: {} } },
  validate: validateIngress,
  columns: [
    nameColumn,
    { name: 'Class', type: 'string', cell: (object) => classOf(object) },
    { name: 'Hosts', type: 'string', cell: (object) => hostsOf(object) },
    { name: 'Address', type: 'string', cell: (object) => addressOf(object) },
    { name: 'Ports', type: 'string', cell: (object) => (arrayAt(object, 'spec', 'tls').length > 0 ? '80, 443' : '80') },
    ageColumn,
  ],
})

function classOf(object: KubeObject): string {
  return (
    stringAt(object, 'spec', 'ingressClassName') ??
    object.metadata.annotations?.['kubernetes.io/ingress.class'] ??
    '<none>'
  )
}

/** The first three hosts, and how many more. */
function hostsOf(object: KubeObject): string {
  const hosts = arrayAt(object, 'spec', 'rules')
    .map((rule) => stringAt(rule, 'host') ?? '')
    .filter(Boolean)
  if (hosts.length === 0) return '*'
  return hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${hosts.length - 3} more...` : hosts.join(',')
}

function addressOf(object: KubeObject): string {
  return arrayAt(object, 'status', 'loadBalancer', 'ingress')
    .map((entry) => stringAt(entry, 'ip') ?? stringAt(entry, 'hostname') ?? '')
    .filter(Boolean)
    .join(',')
}

function validateIngress(ingress: KubeObject): FieldError[] {
  const spec = objectAt(ingress, 'spec')
  const rules = arrayAt(spec, 'rules')
  const errors: FieldError[] = []
  if (rules.length === 0 && spec['defaultBackend'] === undefined)
    errors.push(fieldError.invalid('spec', spec, 'either `defaultBackend` or `rules` must be specified'))
  if (spec['defaultBackend'] !== undefined)
    errors.push(...validateBackend(objectAt(spec, 'defaultBackend'), 'spec.defaultBackend'))
  for (const [index, rule] of rules.entries()) errors.push(...validateRule(rule, `spec.rules[${index}]`))
  for (const [index, entry] of arrayAt(spec, 'tls').entries())
    for (const [position, host] of arrayAt(entry, 'hosts').entries())
      errors.push(...validateHost(host, `spec.tls[${index}].hosts[${position}]`))
  const className = stringAt(spec, 'ingressClassName')
  if (className !== undefined && !isSubdomain(className))
    errors.push(fieldError.invalid('spec.ingressClassName', className, SUBDOMAIN))
  return errors
}

function validateHost(host: Json, path: string): FieldError[] {
  return typeof host === 'string' && isHost(host) ? [] : [fieldError.invalid(path, host, SUBDOMAIN)]
}

function validateRule(rule: Json, path: string): FieldError[] {
  const errors: FieldError[] = []
  const host = stringAt(rule, 'host')
  if (host !== undefined) {
    if (/^\d+(\.\d+){3}$/.test(host))
      errors.push(fieldError.invalid(`${path}.host`, host, 'must be a DNS name, not an IP address'))
    else errors.push(...validateHost(host, `${path}.host`))
  }
  const http = at(rule, 'http')
  if (!isObject(http)) return errors
  const paths = arrayAt(http, 'paths')
  if (paths.length === 0) errors.push(fieldError.required(`${path}.http.paths`))
  for (const [index, entry] of paths.entries()) errors.push(...validatePath(entry, `${path}.http.paths[${index}]`))
  return errors
}

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']

function validatePath(entry: Json, path: string): FieldError[] {
  const errors: FieldError[] = []
  const pathType = stringAt(entry, 'pathType')
  const value = stringAt(entry, 'path') ?? ''
  if (pathType === undefined) errors.push(fieldError.required(`${path}.pathType`, 'pathType must be specified'))
  else if (!PATH_TYPES.includes(pathType)) errors.push(fieldError.unsupported(`${path}.pathType`, pathType, PATH_TYPES))
  else if (!value.startsWith('/') && (pathType !== 'ImplementationSpecific' || value !== ''))
    errors.push(fieldError.invalid(`${path}.path`, value, 'must be an absolute path'))
  errors.push(...validateBackend(objectAt(entry, 'backend'), `${path}.backend`))
  return errors
}

function validateBackend(backend: JsonObject, path: string): FieldError[] {
  const service = backend['service']
  if (service === undefined)
    return backend['resource'] === undefined
      ? [fieldError.required(path, 'resource or service backend is required')]
      : []
  const errors: FieldError[] = []
  if (!stringAt(service, 'name')) errors.push(fieldError.required(`${path}.service.name`))
  const number = at(service, 'port', 'number')
  const name = at(service, 'port', 'name')
  if (number === undefined && name === undefined)
    errors.push(fieldError.required(path, 'port name or number is required'))
  if (number !== undefined && name !== undefined)
    errors.push(fieldError.invalid(path, '', 'cannot set both port name & port number'))
  return errors
}

export const ingressClass = resource({
  group,
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  namespaced: false,
  hasGeneration: true,
  schema: rootSchema({
    spec: object({
      controller: string,
      parameters: object(
        { apiGroup: string, kind: string, name: string, namespace: string, scope: string },
        { required: ['kind', 'name'] },
      ),
    }),
  }),
  zero: { spec: {} },
  defaults: (object) => {
    const parameters = at(object, 'spec', 'parameters')
    if (isObject(parameters)) parameters['scope'] ??= 'Cluster'
  },
  validate: (object, before) => {
    const controller = stringAt(object, 'spec', 'controller') ?? ''
    if (before && stringAt(before, 'spec', 'controller') !== controller)
      return [fieldError.invalid('spec.controller', controller, 'field is immutable')]
    if (controller === '') return [fieldError.required('spec.controller')]
    return []
  },
  columns: [
    nameColumn,
    { name: 'Controller', type: 'string', cell: (object) => stringAt(object, 'spec', 'controller') },
    {
      name: 'Parameters',
      type: 'string',
      cell: (object) => {
        const parameters = objectAt(object, 'spec', 'parameters')
        const kind = stringAt(parameters, 'kind')
        if (!kind) return '<none>'
        const parametersGroup = stringAt(parameters, 'apiGroup')
        return `${kind}${parametersGroup ? `.${parametersGroup}` : ''}/${stringAt(parameters, 'name') ?? ''}`
      },
    },
    ageColumn,
  ],
})
