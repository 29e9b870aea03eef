import { expect, it } from 'vitest'
import { decodeProtobuf } from './decode.ts'

const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)])
const text = (number: number, value: string | number[]): number[] => {
  const bytes = [...Buffer.from(value)]
  return [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes]
}
const integer = (number: number, value: number): number[] => [...varint(number << 3), ...varint(value)]

function body(apiVersion: string, kind: string, raw: number[]): Buffer {
  const envelope = [
    ...text(1, [...text(1, apiVersion), ...text(2, kind)]),
    ...text(2, raw),
    ...text(3, ''),
    ...text(4, ''),
  ]
  return Buffer.concat([Buffer.from('k8s\0'), Buffer.from(envelope)])
}

it('reads a namespace, and leaves out what Go writes of empty values', () => {
  const metadata = [...text(1, 'shop'), ...text(2, ''), ...text(5, ''), ...integer(7, 0), ...text(8, [])]
  const decoded = decodeProtobuf(
    body('v1', 'Namespace', [...text(1, metadata), ...text(2, []), ...text(3, text(1, ''))]),
  )
  expect(decoded).toEqual({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' }, spec: {} })
})

it('reads maps, lists, numbers and bytes', () => {
  const entry = (key: string, value: string) => [...text(1, key), ...text(2, value)]
  const metadata = [
    ...text(1, 'a'),
    ...text(11, entry('x', 'y')),
    ...text(11, entry('z', '')),
    ...text(14, 'f'),
    ...text(14, 'g'),
  ]
  const secret = decodeProtobuf(
    body('v1', 'Secret', [...text(1, metadata), ...text(2, entry('password', 'open')), ...integer(5, 0)]),
  )
  expect(secret).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'a', labels: { x: 'y', z: '' }, finalizers: ['f', 'g'] },
    data: { password: 'b3Blbg==' },
    immutable: false,
  })
})

it('reads the ports of a Service, by number and by name', () => {
  const port = (target: number[]) => [
    ...text(1, ''),
    ...text(2, 'TCP'),
    ...integer(3, 8443),
    ...text(4, target),
    ...integer(5, 0),
  ]
  const numbered = [...integer(1, 0), ...integer(2, 8080), ...text(3, '')]
  const named = [...integer(1, 1), ...integer(2, 0), ...text(3, 'http')]
  const spec = [...text(1, port(numbered)), ...text(1, port(named)), ...integer(13, 0)]
  expect(decodeProtobuf(body('v1', 'Service', text(2, spec)))).toMatchObject({
    spec: {
      ports: [
        { protocol: 'TCP', port: 8443, targetPort: 8080 },
        { protocol: 'TCP', port: 8443, targetPort: 'http' },
      ],
    },
  })
})

it('reads the rules of an Ingress, whose paths stand beside the host', () => {
  const backend = text(4, [...text(1, 'web'), ...text(2, [...text(1, ''), ...integer(2, 80)])])
  const path = [...text(1, '/'), ...text(2, backend), ...text(3, 'Prefix')]
  const rule = [...text(1, 'a.example.com'), ...text(2, text(1, text(1, path)))]
  expect(decodeProtobuf(body('networking.k8s.io/v1', 'Ingress', text(2, text(3, rule))))).toMatchObject({
    spec: {
      rules: [
        {
          host: 'a.example.com',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
          },
        },
      ],
    },
  })
})

it('reads nothing of a kind that it does not know, or of another form', () => {
  expect(decodeProtobuf(body('apps/v1', 'Deployment', []))).toBeUndefined()
  expect(decodeProtobuf(Buffer.from('{}'))).toBeUndefined()
})
