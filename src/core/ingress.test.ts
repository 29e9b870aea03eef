import { expect, it } from 'vitest'
import { fingerprintOf, listedArns } from './ingress.ts'
import { ingress } from './testing/situations.ts'

it('the annotation lists ARNs as the load balancer’s controller reads it: trimmed, empties dropped, in order', () => {
  const annotations = { 'alb.ingress.kubernetes.io/certificate-arn': ' arn:b , arn:a,, ' }
  expect(listedArns(ingress({ annotations }))).toEqual(['arn:b', 'arn:a'])
  expect(listedArns(ingress())).toEqual([])
})

it('what matters of an object is its identity, its spec, its annotations and whether it goes, not what its controller writes', () => {
  const base = fingerprintOf(ingress())
  expect(fingerprintOf(ingress({ overrides: { resourceVersion: '9', hostnames: ['x'] } }))).toBe(base)
  expect(fingerprintOf(ingress({ overrides: { generation: 2 } }))).not.toBe(base)
  expect(fingerprintOf(ingress({ overrides: { deleting: true } }))).not.toBe(base)
  expect(fingerprintOf(ingress({ annotations: { x: 'y' } }))).not.toBe(base)
  expect(fingerprintOf(ingress({ lists: ['arn:a'] }))).not.toBe(base)
  expect(fingerprintOf(ingress({ name: 'other' }))).not.toBe(base)
  expect(fingerprintOf(ingress({ annotations: { a: '1', b: '2' } }))).toBe(
    fingerprintOf(ingress({ annotations: { b: '2', a: '1' } })),
  )
})
