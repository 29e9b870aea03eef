// Stands in for src/sim/kube/world.ts until that exists: requests in process, merge patches and applies only.
import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import type { KubeRequest, Transport } from '../kube/transport.ts'
import { Api, type WriteOptions } from './kube/api.ts'
import { deleteObject, deleteOptions } from './kube/delete.ts'
import { Ledger } from './kube/ledger.ts'
import { listPage } from './kube/list.ts'
import { mergePatch } from './kube/patch/merge.ts'
import { Registry } from './kube/registry.ts'
import { apiVersionOf } from './kube/resource.ts'
import { ApiError } from './kube/status.ts'
import { Store } from './kube/store.ts'
import { watch } from './kube/watch.ts'

export class SimulatedKubernetes {
  readonly events = new Ledger({ limit: 100_000 })
  readonly transport: Transport
  readonly api: Api
  constructor({ clock, random }: { clock: Clock; random: Random }) {
    const store = new Store({ historyLimit: 10_000 })
    const registry = new Registry()
    const api = new Api({ store, registry, ledger: this.events, clock, random })
    this.api = api
    const W: WriteOptions = {
      userAgent: 's',
      fieldManager: 's',
      fieldValidation: 'Ignore',
      dryRun: false,
      subresource: '',
      warnings: [],
    }
    for (const name of ['default', 'kube-system'])
      api.create(
        { resource: registry.byPath('', 'v1', 'namespaces')!, namespace: '' },
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
        W,
      )
    const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value) + '\n')
    const handle = (request: KubeRequest): { status: number; body: AsyncIterable<Uint8Array> } => {
      const parts = request.path.split('/').filter(Boolean).map(decodeURIComponent)
      const core = parts[0] === 'api'
      const [group, version] = core ? ['', parts[1]!] : [parts[1]!, parts[2]!]
      let rest = parts.slice(core ? 2 : 3)
      let namespace = ''
      if (rest[0] === 'namespaces' && rest.length > 2) {
        namespace = rest[1]!
        rest = rest.slice(2)
      }
      const [plural, name, sub] = rest
      const resource = registry.byPath(group, version, plural!)
      if (!resource)
        return {
          status: 404,
          body: one(
            bytes({ kind: 'Status', message: `no ${request.path}`, code: 404, reason: 'NotFound', status: 'Failure' }),
          ),
        }
      const options: WriteOptions = {
        ...W,
        fieldManager: request.query?.['fieldManager'] ?? 'unknown',
        userAgent: request.headers?.['user-agent'] ?? '',
        subresource: sub === 'status' ? 'status' : '',
      }
      const body = request.body === undefined ? undefined : JSON.parse(request.body)
      const target = { resource, namespace, name: name ?? '' }
      const query = request.query ?? {}
      try {
        switch (request.method) {
          case 'GET': {
            if (name) return { status: 200, body: one(bytes(api.get(target))) }
            if (query['watch']) {
              const events = watch({ store, clock, random, resource, namespace, query, signal: request.signal })
              return {
                status: 200,
                body: (async function* () {
                  for await (const event of events) yield bytes(event)
                })(),
              }
            }
            const page = listPage({ store, resource, namespace, query })
            return {
              status: 200,
              body: one(
                bytes({
                  kind: `${resource.kind}List`,
                  apiVersion: apiVersionOf(resource),
                  metadata: page.metadata,
                  items: page.items,
                }),
              ),
            }
          }
          case 'POST':
            return { status: 201, body: one(bytes(api.create({ resource, namespace }, body, options))) }
          case 'PUT':
            return { status: 200, body: one(bytes(api.update(target, body, options))) }
          case 'DELETE':
            return { status: 200, body: one(bytes(deleteObject(api, target, deleteOptions(body, query), options))) }
          case 'PATCH': {
            const type = request.headers?.['content-type'] ?? ''
            if (type.includes('apply')) {
              const { object, created } = api.apply(target, body, { ...options, force: query['force'] === 'true' })
              return { status: created ? 201 : 200, body: one(bytes(object)) }
            }
            return {
              status: 200,
              body: one(bytes(api.patch(target, (current) => mergePatch(current, body), options))),
            }
          }
        }
      } catch (error) {
        if (error instanceof ApiError) return { status: error.code, body: one(bytes(error.status())) }
        throw error
      }
    }
    this.transport = {
      request: async (request) => {
        request.signal.throwIfAborted()
        return { headers: {}, ...handle(request) }
      },
    }
  }
}
async function* one(chunk: Uint8Array) {
  yield chunk
}
