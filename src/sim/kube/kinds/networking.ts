import { arrayAt, at, isObject, objectAt, stringAt } from '../json.ts'
import type { KubeObject } from '../object.ts'
import { resource } from '../resource.ts'
import { atomic, integer, list, object, omittedZero, pointer, rootSchema, string } from '../schema/build.ts'
import type { Schema } from '../schema/schema.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { validateIngressClass } from './ingress-class-validation.ts'
import { validateIngress, validateIngressStatus } from './ingress-validation.ts'

const group = 'networking.k8s.io'

const backend: Schema = object({
  service: object(
    { name: string, port: atomic(object({ name: string, number: omittedZero(integer) })) },
    { required: ['name'] },
  ),
  resource: atomic(
    object(
      { apiGroup: { ...pointer(string), default: null }, kind: string, name: string },
      { required: ['kind', 'name'] },
    ),
  ),
})

const ingressSpec: Schema = object({
  ingressClassName: pointer(string),
  defaultBackend: backend,
  tls: list(object({ hosts: list(string), secretName: string })),
  rules: list(
    object({
      host: string,
      http: object(
        {
          paths: list(
            object({ path: string, pathType: pointer(string), backend }, { required: ['pathType', 'backend'] }),
          ),
        },
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
        ports: list(
          object(
            { port: { ...integer, default: 0 }, protocol: { ...string, default: '' }, error: pointer(string) },
            { required: ['port', 'protocol'] },
          ),
        ),
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
  validateStatus: validateIngressStatus,
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
        {
          apiGroup: pointer(string),
          kind: string,
          name: string,
          namespace: pointer(string),
          scope: pointer(string),
        },
        { required: ['kind', 'name'] },
      ),
    }),
  }),
  zero: { spec: {} },
  defaults: (object) => {
    const parameters = at(object, 'spec', 'parameters')
    if (isObject(parameters)) parameters['scope'] ??= 'Cluster'
  },
  validate: validateIngressClass,
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
