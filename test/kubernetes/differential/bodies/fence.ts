import type { JsonObject } from '../../../../src/sim/kube/json.ts'
import type { Kind } from '../operation.ts'

/** A body of each kind that is never refused, as plain as can be. */
export const FENCES: Readonly<Record<Kind, JsonObject>> = {
  Ingress: { spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } } },
  IngressClass: { spec: { controller: 'ingress.k8s.aws/alb' } },
  ACMCertificate: { spec: { key: 'fence' } },
  CertificateClaim: { spec: { object: { kind: 'Ingress', name: 'fence' } } },
  Lease: { spec: { holderIdentity: 'fence' } },
  Event: {
    regarding: { kind: 'Ingress', namespace: '{own}', name: 'fence' },
    eventTime: '2026-11-24T09:00:00.000000Z',
    reportingController: 'certwright.dev/certwright',
    reportingInstance: 'certwright-0',
    action: 'Fence',
    reason: 'Fence',
    type: 'Normal',
  },
  CoreEvent: {
    involvedObject: { kind: 'Ingress', namespace: '{own}', name: 'fence' },
    reason: 'Fence',
    type: 'Normal',
  },
  Namespace: {},
  CustomResourceDefinition: {},
}
