import type { Json } from '../json.ts'
import { arrayAt, at, isObject, objectAt, stringAt, textOf } from '../json.ts'
import type { KubeObject } from '../object.ts'
import type { PrepareContext } from '../resource.ts'
import { resource } from '../resource.ts'
import {
  atomic,
  boolean,
  bytes,
  conditions,
  integer,
  intOrString,
  list,
  listMap,
  map,
  object,
  rootSchema,
  string,
} from '../schema/build.ts'
import { fieldError } from '../status.ts'
import { ageColumn, nameColumn } from './columns.ts'

export const namespace = resource({
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  hasStatus: true,
  nameRule: 'label',
  schema: rootSchema({
    spec: object({ finalizers: list(string) }),
    status: object({ phase: string, conditions }),
  }),
  zero: { spec: {}, status: {} },
  defaults: (object) => {
    const name = object.metadata.name
    if (name) object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': name }
  },
  prepare: (object, before) => {
    if (before) return
    object['spec'] = { finalizers: ['kubernetes'] }
    object['status'] = { phase: 'Active' }
  },
  columns: [
    nameColumn,
    { name: 'Status', type: 'string', cell: (object) => stringAt(object, 'status', 'phase') },
    ageColumn,
  ],
})

const loadBalancerStatus = object({
  ingress: list(
    object({
      ip: string,
      ipMode: string,
      hostname: string,
      ports: list(object({ port: integer, protocol: string, error: string })),
    }),
  ),
})

export const service = resource({
  version: 'v1',
  kind: 'Service',
  returnsDeleted: true,
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  hasStatus: true,
  nameRule: 'dns1035',
  schema: rootSchema({
    spec: object({
      type: string,
      selector: atomic(map(string)),
      ports: listMap({
        items: object(
          {
            name: string,
            protocol: { type: 'string', default: 'TCP' },
            port: integer,
            targetPort: intOrString,
            nodePort: integer,
            appProtocol: string,
          },
          { required: ['port'] },
        ),
        keys: ['port', 'protocol'],
        mergeKey: 'port',
      }),
      clusterIP: string,
      clusterIPs: list(string),
      externalIPs: list(string),
      externalName: string,
      externalTrafficPolicy: string,
      internalTrafficPolicy: string,
      trafficDistribution: string,
      sessionAffinity: string,
      sessionAffinityConfig: object({ clientIP: object({ timeoutSeconds: integer }) }),
      ipFamilies: list(string),
      ipFamilyPolicy: string,
      loadBalancerIP: string,
      loadBalancerClass: string,
      loadBalancerSourceRanges: list(string),
      allocateLoadBalancerNodePorts: boolean,
      healthCheckNodePort: integer,
      publishNotReadyAddresses: boolean,
    }),
    status: object({ loadBalancer: loadBalancerStatus, conditions }),
  }),
  zero: { spec: {}, status: { loadBalancer: {} } },
  defaults: defaultService,
  prepare: prepareService,
  columns: [
    nameColumn,
    { name: 'Type', type: 'string', cell: (object) => stringAt(object, 'spec', 'type') },
    { name: 'Cluster-IP', type: 'string', cell: (object) => stringAt(object, 'spec', 'clusterIP') ?? '<none>' },
    { name: 'External-IP', type: 'string', cell: (object) => externalAddress(object) },
    { name: 'Port(s)', type: 'string', cell: (object) => ports(object) },
    ageColumn,
    {
      name: 'Selector',
      type: 'string',
      priority: 1,
      cell: (object) =>
        Object.entries(objectAt(object, 'spec', 'selector'))
          .map(([key, value]) => `${key}=${textOf(value)}`)
          .join(',') || '<none>',
    },
  ],
})

function defaultService(object: KubeObject): void {
  const spec = objectAt(object, 'spec')
  spec['type'] ??= 'ClusterIP'
  spec['sessionAffinity'] ??= 'None'
  for (const port of arrayAt(spec, 'ports')) if (isObject(port)) port['targetPort'] ??= port['port']
  if (spec['type'] === 'ExternalName') return
  spec['internalTrafficPolicy'] ??= 'Cluster'
  if (spec['type'] !== 'ClusterIP') spec['externalTrafficPolicy'] ??= 'Cluster'
  if (spec['type'] === 'LoadBalancer') spec['allocateLoadBalancerNodePorts'] ??= true
}

function prepareService(object: KubeObject, before: KubeObject | undefined, context: PrepareContext): void {
  const spec = objectAt(object, 'spec')
  if (spec['type'] === 'ExternalName') return
  spec['clusterIP'] ??= stringAt(before, 'spec', 'clusterIP') ?? context.nextAddress()
  spec['clusterIPs'] ??= [spec['clusterIP']]
  spec['ipFamilies'] ??= ['IPv4']
  spec['ipFamilyPolicy'] ??= 'SingleStack'
}

function externalAddress(object: KubeObject): string {
  if (stringAt(object, 'spec', 'type') === 'ExternalName') return stringAt(object, 'spec', 'externalName') ?? ''
  const addresses = arrayAt(object, 'status', 'loadBalancer', 'ingress').map(
    (entry) => stringAt(entry, 'ip') ?? stringAt(entry, 'hostname') ?? '',
  )
  if (addresses.length > 0) return addresses.join(',')
  return stringAt(object, 'spec', 'type') === 'LoadBalancer' ? '<pending>' : '<none>'
}

function ports(object: KubeObject): string {
  const text = (port: Json) => {
    const nodePort = at(port, 'nodePort')
    return `${textOf(at(port, 'port'))}${nodePort === undefined ? '' : `:${textOf(nodePort)}`}/${stringAt(port, 'protocol') ?? 'TCP'}`
  }
  return arrayAt(object, 'spec', 'ports').map(text).join(',') || '<none>'
}

export const secret = resource({
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  schema: rootSchema({ data: map(bytes), stringData: map(string), type: string, immutable: boolean }),
  selectableFields: ['type'],
  defaults: (object, before) => {
    object['type'] ??= before?.['type'] ?? 'Opaque'
    const written = objectAt(object, 'stringData')
    if (Object.keys(written).length > 0) {
      const encoded = Object.entries(written).map(([key, value]) => [
        key,
        Buffer.from(textOf(value)).toString('base64'),
      ])
      object['data'] = { ...objectAt(object, 'data'), ...Object.fromEntries(encoded) }
    }
    delete object['stringData']
  },
  validate: (object, before) =>
    before && before['type'] !== object['type']
      ? [fieldError.invalid('type', object['type'], 'field is immutable')]
      : [],
  columns: [
    nameColumn,
    { name: 'Type', type: 'string', cell: (object) => stringAt(object, 'type') },
    { name: 'Data', type: 'string', cell: (object) => String(Object.keys(objectAt(object, 'data')).length) },
    ageColumn,
  ],
})

export const configMap = resource({
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  schema: rootSchema({ data: map(string), binaryData: map(bytes), immutable: boolean }),
  columns: [
    nameColumn,
    {
      name: 'Data',
      type: 'string',
      cell: (object) =>
        String(Object.keys(objectAt(object, 'data')).length + Object.keys(objectAt(object, 'binaryData')).length),
    },
    ageColumn,
  ],
})

export const serviceAccount = resource({
  version: 'v1',
  kind: 'ServiceAccount',
  returnsDeleted: true,
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  schema: rootSchema({
    secrets: listMap({ items: object({ name: string, namespace: string }), keys: ['name'] }),
    imagePullSecrets: list(object({ name: string })),
    automountServiceAccountToken: boolean,
  }),
  columns: [
    nameColumn,
    { name: 'Secrets', type: 'string', cell: (object) => String(arrayAt(object, 'secrets').length) },
    ageColumn,
  ],
})
