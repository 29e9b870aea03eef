/**
 * What clients may write in protobuf, by the field numbers of the generated.proto files of k8s.io/api and k8s.io/apimachinery: as much as
 * `kubectl create KIND`, `kubectl expose` and `kubectl auth` send. Everything else that kubectl writes is JSON.
 */

/** How a field stands in JSON. */
export type FieldType =
  | 'string'
  | 'integer'
  /** Kept when false: absent means something else. */
  | 'boolean'
  /** Always on the wire, and left out of JSON when false. */
  | 'flag'
  | 'bytes'
  | 'time'
  | 'intOrString'
  | { readonly kind: 'message'; readonly of: Message }
  /** Its members stand beside it in JSON. */
  | { readonly kind: 'inline'; readonly of: Message }
  | { readonly kind: 'list'; readonly of: FieldType }
  | { readonly kind: 'map'; readonly of: 'string' | 'bytes' }

export type Message = Readonly<Record<number, readonly [name: string, type: FieldType]>>

const message = (of: Message): FieldType => ({ kind: 'message', of })
const inline = (of: Message): FieldType => ({ kind: 'inline', of })
const list = (of: FieldType): FieldType => ({ kind: 'list', of })
const map = (of: 'string' | 'bytes'): FieldType => ({ kind: 'map', of })

const ownerReference: Message = {
  1: ['kind', 'string'],
  3: ['name', 'string'],
  4: ['uid', 'string'],
  5: ['apiVersion', 'string'],
  6: ['controller', 'boolean'],
  7: ['blockOwnerDeletion', 'boolean'],
}

const objectMeta: Message = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  7: ['generation', 'integer'],
  8: ['creationTimestamp', 'time'],
  9: ['deletionTimestamp', 'time'],
  11: ['labels', map('string')],
  12: ['annotations', map('string')],
  13: ['ownerReferences', list(message(ownerReference))],
  14: ['finalizers', list('string')],
}

const root = (fields: Message): Message => ({ 1: ['metadata', message(objectMeta)], ...fields })

const servicePort: Message = {
  1: ['name', 'string'],
  2: ['protocol', 'string'],
  3: ['port', 'integer'],
  4: ['targetPort', 'intOrString'],
  5: ['nodePort', 'integer'],
  6: ['appProtocol', 'string'],
}

const serviceSpec: Message = {
  1: ['ports', list(message(servicePort))],
  2: ['selector', map('string')],
  3: ['clusterIP', 'string'],
  4: ['type', 'string'],
  5: ['externalIPs', list('string')],
  7: ['sessionAffinity', 'string'],
  8: ['loadBalancerIP', 'string'],
  9: ['loadBalancerSourceRanges', list('string')],
  10: ['externalName', 'string'],
  11: ['externalTrafficPolicy', 'string'],
  12: ['healthCheckNodePort', 'integer'],
  13: ['publishNotReadyAddresses', 'flag'],
  17: ['ipFamilyPolicy', 'string'],
  18: ['clusterIPs', list('string')],
  19: ['ipFamilies', list('string')],
  20: ['allocateLoadBalancerNodePorts', 'boolean'],
  21: ['loadBalancerClass', 'string'],
  22: ['internalTrafficPolicy', 'string'],
  23: ['trafficDistribution', 'string'],
}

const ingressBackend: Message = {
  3: ['resource', message({ 1: ['apiGroup', 'string'], 2: ['kind', 'string'], 3: ['name', 'string'] })],
  4: [
    'service',
    message({ 1: ['name', 'string'], 2: ['port', message({ 1: ['name', 'string'], 2: ['number', 'integer'] })] }),
  ],
}

const ingressPath: Message = {
  1: ['path', 'string'],
  2: ['backend', message(ingressBackend)],
  3: ['pathType', 'string'],
}

const ingressRule: Message = {
  1: ['host', 'string'],
  2: ['', inline({ 1: ['http', message({ 1: ['paths', list(message(ingressPath))] })] })],
}

const ingressSpec: Message = {
  1: ['defaultBackend', message(ingressBackend)],
  2: ['tls', list(message({ 1: ['hosts', list('string')], 2: ['secretName', 'string'] }))],
  3: ['rules', list(message(ingressRule))],
  4: ['ingressClassName', 'string'],
}

const resourceAttributes: Message = {
  1: ['namespace', 'string'],
  2: ['verb', 'string'],
  3: ['group', 'string'],
  4: ['version', 'string'],
  5: ['resource', 'string'],
  6: ['subresource', 'string'],
  7: ['name', 'string'],
}

/** Messages by `apiVersion kind`. */
export const MESSAGES: Readonly<Record<string, Message>> = {
  'v1 Namespace': root({ 2: ['spec', message({ 1: ['finalizers', list('string')] })] }),
  'v1 ConfigMap': root({ 2: ['data', map('string')], 3: ['binaryData', map('bytes')], 4: ['immutable', 'boolean'] }),
  'v1 Secret': root({
    2: ['data', map('bytes')],
    3: ['type', 'string'],
    4: ['stringData', map('string')],
    5: ['immutable', 'boolean'],
  }),
  'v1 Service': root({ 2: ['spec', message(serviceSpec)] }),
  'v1 ServiceAccount': root({ 4: ['automountServiceAccountToken', 'boolean'] }),
  'networking.k8s.io/v1 Ingress': root({ 2: ['spec', message(ingressSpec)] }),
  'authorization.k8s.io/v1 SelfSubjectAccessReview': root({
    2: [
      'spec',
      message({
        1: ['resourceAttributes', message(resourceAttributes)],
        2: ['nonResourceAttributes', message({ 1: ['path', 'string'], 2: ['verb', 'string'] })],
      }),
    ],
  }),
  'authorization.k8s.io/v1 SelfSubjectRulesReview': root({ 2: ['spec', message({ 1: ['namespace', 'string'] })] }),
  'authentication.k8s.io/v1 SelfSubjectReview': root({}),
}
