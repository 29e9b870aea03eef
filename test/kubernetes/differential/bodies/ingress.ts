import * as fc from 'fast-check'
import type { Json, JsonObject } from '../../../../src/sim/kube/json.ts'
import { all, listOf, mostly, nonsense, type Shapes, seldom, some } from './shapes.ts'

const host = mostly(
  ['shop.example.com', 'api.example.com', '*.example.com'],
  ['', 'Shop.example.com', '10.0.0.1', '*.*.example.com', '*', 'a_b.example.com'],
)

const service = (port: JsonObject): JsonObject => ({ service: { name: 'web', port } })
const backend = mostly<JsonObject>(
  [service({ number: 80 }), service({ number: 443 }), service({ name: 'http' })],
  [
    {},
    service({}),
    service({ number: 80, name: 'http' }),
    service({ number: 0 }),
    service({ number: 70_000 }),
    service({ name: 'Not valid' }),
    { service: { name: '', port: { number: 80 } } },
    { service: { name: 'Not-valid', port: { number: 80 } } },
    { resource: { apiGroup: 'example.com', kind: 'Bucket', name: 'x' } },
    { ...service({ number: 80 }), resource: { kind: 'Bucket', name: 'x' } },
    { resource: { kind: 'Bucket', name: '' } },
  ],
)

const path = seldom(
  all({ path: fc.constantFrom('/', '/api', '/*'), pathType: fc.constantFrom('Prefix', 'Exact'), backend }),
  some({
    path: fc.constantFrom('', 'api', '/a//b', '/a/../b', '/a/./b', '/a%2fb', '/x'),
    pathType: fc.constantFrom('Prefix', 'Exact', 'ImplementationSpecific', 'Regex', ''),
    backend,
  }),
)

const rule = seldom(
  some({ host, http: all({ paths: listOf(path, 2, 1) }) }),
  fc.constantFrom<JsonObject>({}, { http: {} }, { http: { paths: [] } }, { host: 'shop.example.com', http: null }),
)
const rules = listOf(rule, 2)
const tls = listOf(
  some({ hosts: listOf(host, 2, 1), secretName: mostly(['shop-tls', 'api-tls'], ['', 'Not valid']) }),
  2,
)
const ingressClassName = mostly(['alb', 'nginx'], ['', 'Not valid'])
const spec: Record<string, fc.Arbitrary<Json>> = { ingressClassName, defaultBackend: backend, rules, tls }

const loadBalancer = some({
  ingress: listOf(
    some({
      ip: mostly(['192.0.2.1', '2001:db8::1'], ['not an address', '']),
      hostname: mostly(['lb.example.com', 'lb-2.example.com'], ['Not valid', '192.0.2.1', '']),
      ports: listOf(
        some({
          port: mostly([80, 443], [0, 70_000]),
          protocol: mostly(['TCP', 'UDP'], ['HTTP', '']),
          error: fc.constantFrom('example.com/Broken', 'Broken', 'not valid'),
        }),
        2,
        1,
      ),
    }),
    2,
  ),
})

export const ingressShapes: Shapes = {
  whole: seldom(
    all({
      spec: fc.oneof(
        { weight: 5, arbitrary: all({ ingressClassName, rules: listOf(rule, 2, 1) }) },
        { weight: 2, arbitrary: some(spec) },
      ),
    }),
    some({ spec: fc.oneof(some({ ...spec, surprise: nonsense }), nonsense), status: nonsense, surprise: nonsense }),
  ),
  part: some({ spec: some(spec) }),
  status: some({ status: seldom(some({ loadBalancer }), nonsense), spec: some(spec) }),
  pointers: [
    '/spec',
    '/spec/ingressClassName',
    '/spec/rules',
    '/spec/rules/0',
    '/spec/rules/-',
    '/spec/rules/0/host',
    '/spec/rules/0/http/paths/0/path',
    '/spec/tls',
    '/spec/tls/0/secretName',
    '/spec/defaultBackend',
    '/status',
    '/status/loadBalancer/ingress',
    '/status/loadBalancer/ingress/0/hostname',
  ],
}

const parameters = seldom(
  all({
    apiGroup: fc.constant('elbv2.k8s.aws'),
    kind: fc.constant('IngressClassParams'),
    name: fc.constantFrom('alb', 'nlb'),
  }),
  some({
    apiGroup: fc.constantFrom('elbv2.k8s.aws', '', 'Not valid'),
    kind: fc.constantFrom('IngressClassParams', ''),
    name: fc.constantFrom('alb', '', 'a/b'),
    scope: fc.constantFrom('Cluster', 'Namespace', 'Galaxy', ''),
    namespace: fc.constantFrom('kube-system', '', 'Not valid'),
  }),
)
const controller = mostly(['ingress.k8s.aws/alb'], ['example.com/other', '', 'Not valid', 'nodomain'])

export const ingressClassShapes: Shapes = {
  whole: seldom(
    all({ spec: fc.oneof(all({ controller }), all({ controller, parameters })) }),
    some({ spec: some({ controller, parameters, surprise: nonsense }) }),
  ),
  part: some({ spec: some({ controller, parameters }) }),
  pointers: ['/spec/controller', '/spec/parameters', '/spec/parameters/name', '/spec/parameters/scope'],
}
