import { resource } from '../resource.ts'
import { list, map, object, rootSchema, string, integer } from '../schema/build.ts'
import { ageColumn, nameColumn } from './columns.ts'

/** Served so that clients which look for the endpoints of a Service find that there are none; nobody makes any here. */
export const endpointSlice = resource({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  schema: rootSchema({
    addressType: string,
    endpoints: list(
      object({
        addresses: list(string),
        hostname: string,
        nodeName: string,
        zone: string,
        deprecatedTopology: map(string),
      }),
    ),
    ports: list(object({ name: string, port: integer, protocol: string, appProtocol: string })),
  }),
  columns: [nameColumn, ageColumn],
})
