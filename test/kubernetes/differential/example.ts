import type { Kind, On, Operation } from './operation.ts'

/** A sequence in which the two servers once differed, shrunk. */
export interface Example {
  readonly title: string
  readonly operations: readonly Operation[]
}

export const x = (kind: Kind): On => ({ kind, space: 'a', name: 'x' })
export const y = (kind: Kind): On => ({ kind, space: 'a', name: 'y' })
export const WIDGETS: On = { kind: 'CustomResourceDefinition', space: '*', name: 'widgets' }
export const HTTPS = { defaultBackend: { service: { name: 'web', port: { number: 443 } } } }
export const ALB = { controller: 'ingress.k8s.aws/alb' }
export const EVENT = {
  regarding: { namespace: '{own}' },
  eventTime: '2026-11-24T09:00:00.000000Z',
  reportingController: 'certwright.dev/certwright',
  reportingInstance: 'certwright-0',
  action: 'Attach',
  reason: 'Attached',
  type: 'Normal',
}
export const DEFINITION = {
  spec: {
    group: '{group}',
    scope: 'Namespaced',
    versions: [{ name: 'v1', storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    names: { kind: 'Widget', plural: 'widgets' },
  },
}
