import { objectAt, stringAt } from '../json.ts'
import { resource } from '../resource.ts'
import { integer, microTime, object, pointer, rootSchema, string } from '../schema/build.ts'
import { fieldError } from '../status.ts'
import { ageColumn, nameColumn } from './columns.ts'

export const lease = resource({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  unconditionalUpdate: false,
  createOnUpdate: true,
  schema: rootSchema({
    spec: object({
      holderIdentity: pointer(string),
      leaseDurationSeconds: integer,
      acquireTime: microTime,
      renewTime: microTime,
      leaseTransitions: integer,
      strategy: string,
      preferredHolder: string,
    }),
  }),
  zero: { spec: {} },
  validate: (lease) => {
    const { leaseDurationSeconds, leaseTransitions } = objectAt(lease, 'spec')
    return [
      ...(typeof leaseDurationSeconds === 'number' && leaseDurationSeconds <= 0
        ? [fieldError.invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0')]
        : []),
      ...(typeof leaseTransitions === 'number' && leaseTransitions < 0
        ? [fieldError.invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0')]
        : []),
    ]
  },
  columns: [
    nameColumn,
    { name: 'Holder', type: 'string', cell: (object) => stringAt(object, 'spec', 'holderIdentity') },
    ageColumn,
  ],
})
