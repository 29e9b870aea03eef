import { systemClock } from '../../../src/clock.ts'
import type { KubeRequest, Transport } from '../../../src/kube/transport.ts'
import type { Json, JsonObject } from '../../../src/sim/kube/json.ts'
import { arrayAt, isObject, stringAt } from '../../../src/sim/kube/json.ts'
import { mergePatch } from '../../../src/sim/kube/patch/merge.ts'
import { KubernetesClient, type Reply, WatchReader } from '../../contracts/kubernetes-client.ts'
import { type Names, PLACES } from './kinds.ts'
import type { Kind, On, Operation, Oddity, Space, Version } from './operation.ts'

/** A version and a uid that are nobody's. */
const NOBODYS_VERSION = '1'
const NOBODYS_UID = '00000000-0000-4000-8000-00000000dead'

export interface OpenWatch {
  /** Which operation of the sequence opened it. */
  readonly at: number
  readonly kind: Kind
  readonly space: Space
  /** The name of the one object that it is about. */
  readonly only: string | undefined
  readonly reader: WatchReader
}

/** What an operation came to: an answer, or a watch that was opened. */
export type Outcome =
  | { readonly kind: 'answer'; readonly status: number; readonly body: JsonObject; readonly warnings: string }
  | { readonly kind: 'watch'; readonly watch: Omit<OpenWatch, 'at'> }

type Write = Extract<Operation, { verb: 'create' | 'update' | 'merge' | 'strategic' | 'json' | 'apply' }>

/** One server in one sequence: sends operations, and remembers the versions, uids and tokens that later ones speak of. */
export class Side {
  readonly client: KubernetesClient
  readonly names: Names
  /** The first version of each object that there was, by its path. */
  readonly #first = new Map<string, string>()
  readonly #uids = new Map<string, string>()
  readonly #tokens = new Map<string, string>()
  /** Of the last list of each collection. */
  readonly #listed = new Map<string, string>()
  #begin = ''

  constructor(options: { transport: Transport; names: Names }) {
    this.client = new KubernetesClient(options.transport)
    this.names = options.names
  }

  /** Makes the namespaces. @throws Error when that is refused. */
  async begin(): Promise<void> {
    for (const space of ['a', 'b'] as const) {
      const metadata = { name: this.names.namespace(space), labels: { app: 'one' } }
      const made = await this.client.created('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata })
      this.#begin = made.metadata.resourceVersion
    }
  }

  async perform(operation: Operation): Promise<Outcome> {
    switch (operation.verb) {
      case 'create':
      case 'update':
      case 'merge':
      case 'strategic':
      case 'json':
      case 'apply':
        return answerOf(await this.#write(operation))
      case 'delete':
        return answerOf(await this.#delete(operation))
      case 'get':
        return answerOf(await this.client.get(this.#path(operation.on, operation.status)))
      case 'list':
        return answerOf(await this.#list(operation))
      case 'watch':
        return await this.#watch(operation)
      default:
        return operation satisfies never
    }
  }

  /** What is stored now; remembers its first version and its uid. */
  async read(on: On): Promise<Reply> {
    const path = this.names.path(on)
    const reply = on.kind === 'CustomResourceDefinition' ? await this.#settled(path) : await this.client.get(path)
    if (reply.status !== 200) return reply
    const { resourceVersion, uid } = reply.body.metadata
    if (!this.#first.has(path)) this.#first.set(path, resourceVersion)
    this.#uids.set(path, uid)
    return reply
  }

  /** A definition once the server's own controllers have served its kind, or have let it go. */
  async #settled(path: string): Promise<Reply> {
    const deadline = systemClock.monotonic() + PATIENCE_MS
    for (;;) {
      const reply = await this.client.get(path)
      if (reply.status !== 200 || isSettled(reply.body as unknown as JsonObject)) return reply
      if (systemClock.monotonic() > deadline) throw new Error(`the definition at ${path} did not come to rest`)
      await systemClock.sleepUntil(systemClock.now() + POLL_MS)
    }
  }

  #path(on: On, status: true | undefined): string {
    return this.names.path(on) + (status ? '/status' : '')
  }

  async #write(operation: Write): Promise<Reply> {
    const { on, as, dryRun, validation, verb } = operation
    const query = {
      ...(as ? { fieldManager: as } : {}),
      ...(dryRun ? { dryRun: 'All' } : {}),
      ...(validation ? { fieldValidation: validation } : {}),
      ...(verb === 'apply' && operation.force !== undefined ? { force: String(operation.force) } : {}),
    }
    const path = verb === 'create' ? this.names.collection(on.kind, on.space) : this.#path(on, operation.status)
    const headers = { 'user-agent': 'differential/1.0', 'content-type': CONTENT_TYPES[verb] }
    const method = METHODS[verb]
    const body = await this.#bodyOf(operation)
    return await this.client.send({ method, path, query, headers, body })
  }

  async #bodyOf(operation: Write): Promise<Json> {
    const { on } = operation
    if (operation.verb === 'json') return this.#filledIn(operation.patch, on)
    if ('patch' in operation) {
      const patch = this.#filledIn(operation.patch, on)
      if (!isObject(patch)) return patch
      const version = await this.#version(on, operation.version)
      return version === undefined ? patch : mergePatch(patch, { metadata: { resourceVersion: version } })
    }
    const given = this.#filledIn(operation.body, on) as JsonObject
    let body: Json = this.#typed(on, given)
    if (operation.verb === 'update' && operation.base === 'current') {
      const stored = await this.client.get(this.names.path(on))
      if (stored.status === 200) body = mergePatch(stored.body as unknown as Json, body)
    }
    if (operation.verb !== 'create') {
      const version = await this.#version(on, operation.version)
      body = mergePatch(body, { metadata: { resourceVersion: version ?? null } })
    }
    return operation.oddity ? this.#odd(body as JsonObject, on, operation.oddity) : body
  }

  #typed(on: On, body: JsonObject): JsonObject {
    const { apiVersion, kind } = PLACES[on.kind]
    const metadata = isObject(body['metadata']) ? body['metadata'] : {}
    return { apiVersion, kind, ...body, metadata: { name: this.names.object(on), ...metadata } }
  }

  #odd(body: JsonObject, on: On, oddity: Oddity): JsonObject {
    const metadata = isObject(body['metadata']) ? body['metadata'] : {}
    switch (oddity) {
      case 'other name':
        return { ...body, metadata: { ...metadata, name: this.names.object({ kind: on.kind, name: 'other' }) } }
      case 'no name':
        return mergePatch(body, { metadata: { name: null } }) as JsonObject
      case 'other namespace':
        return { ...body, metadata: { ...metadata, namespace: this.names.namespace('absent') } }
      case 'other kind':
        return { ...body, kind: 'Gadget' }
      case 'other version':
        return { ...body, apiVersion: `${PLACES[on.kind].apiVersion}beta9` }
      case 'no kind':
        return mergePatch(body, { kind: null, apiVersion: null }) as JsonObject
      default:
        return oddity satisfies never
    }
  }

  async #version(on: On, version: Version | undefined): Promise<string | undefined> {
    switch (version) {
      case undefined:
      case 'none':
        return undefined
      case 'fresh':
        return (await this.client.get(this.names.path(on))).body.metadata.resourceVersion ?? NOBODYS_VERSION
      case 'stale':
        return this.#first.get(this.names.path(on)) ?? NOBODYS_VERSION
      case 'wrong':
        return NOBODYS_VERSION
      default:
        return version satisfies never
    }
  }

  /** The names of this sequence in the place of their stand-ins. */
  #filledIn(value: Json, on: On): Json {
    const text = JSON.stringify(value)
      .replaceAll('{a}', this.names.namespace('a'))
      .replaceAll('{b}', this.names.namespace('b'))
      .replaceAll('{own}', this.names.namespace(on.space))
      .replaceAll('{group}', this.names.group)
      .replaceAll(
        /\{uid:(\w+)\}/g,
        (_, name: string) => this.#uids.get(this.names.path({ ...on, name })) ?? NOBODYS_UID,
      )
    return JSON.parse(text) as Json
  }

  async #delete(operation: Extract<Operation, { verb: 'delete' }>): Promise<Reply> {
    const { on, propagation, uid, dryRun } = operation
    const version = await this.#version(on, operation.version)
    const own = this.#uids.get(this.names.path(on))
    const preconditions = {
      ...(uid === undefined ? {} : { uid: (uid === 'right' ? own : undefined) ?? NOBODYS_UID }),
      ...(version === undefined ? {} : { resourceVersion: version }),
    }
    const body = {
      ...(propagation ? { propagationPolicy: propagation } : {}),
      ...(Object.keys(preconditions).length > 0 ? { preconditions } : {}),
      ...(dryRun ? { dryRun: ['All'] } : {}),
    }
    return await this.client.delete(this.names.path(on), Object.keys(body).length > 0 ? body : undefined)
  }

  async #list(operation: Extract<Operation, { verb: 'list' }>): Promise<Reply> {
    const { kind, space, limit, goOn, labels, fields, exactly } = operation
    const path = this.names.collection(kind, space)
    const version = exactly === 'begin' ? this.#begin : (this.#listed.get(path) ?? this.#begin)
    const reply = await this.client.get(path, {
      ...(limit === undefined ? {} : { limit: String(limit) }),
      ...(goOn ? { continue: this.#tokens.get(path) ?? 'nonsense' } : {}),
      ...(labels === undefined ? {} : { labelSelector: labels }),
      ...(fields === undefined ? {} : { fieldSelector: this.#filledIn(fields, { kind, space, name: '' }) as string }),
      ...(exactly ? { resourceVersion: version, resourceVersionMatch: 'Exact' } : {}),
    })
    if (reply.status === 200) {
      this.#listed.set(path, reply.body.metadata.resourceVersion)
      this.#tokens.set(path, reply.body.metadata.continue || 'nonsense')
    }
    return reply
  }

  async #watch(operation: Extract<Operation, { verb: 'watch' }>): Promise<Outcome> {
    const { kind, space, from, labels, only } = operation
    const path = this.names.collection(kind, space)
    const name = only === undefined ? undefined : this.names.object({ kind, name: only })
    const query = {
      ...(labels === undefined ? {} : { labelSelector: labels }),
      ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }),
      ...(await this.#start(path, from)),
    }
    const controller = new AbortController()
    const { status, body } = await this.client.transport.request({
      method: 'GET',
      path,
      query: { watch: 'true', ...query },
      signal: controller.signal,
    })
    if (status === 200)
      return { kind: 'watch', watch: { kind, space, only, reader: new WatchReader({ status, body, controller }) } }
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    return { kind: 'answer', status, body: JSON.parse(Buffer.concat(chunks).toString()) as JsonObject, warnings: '' }
  }

  async #start(path: string, from: Extract<Operation, { verb: 'watch' }>['from']): Promise<KubeRequest['query']> {
    switch (from) {
      case 'begin':
        return { resourceVersion: this.#begin }
      case 'last list':
        return { resourceVersion: this.#listed.get(path) ?? this.#begin }
      case 'now':
        return { resourceVersion: (await this.client.get(path)).body.metadata.resourceVersion }
      case 'state':
        return { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' }
      case 'nonsense':
        return { resourceVersion: 'nonsense' }
      default:
        return from satisfies never
    }
  }

  /** Removes an object, whatever holds it. */
  async remove(on: On): Promise<void> {
    await this.#removePath(this.names.path(on))
  }

  /** Removes all objects that were ever seen. */
  async clean(): Promise<void> {
    await Promise.all([...this.#first.keys()].map((path) => this.#removePath(path)))
  }

  async #removePath(path: string): Promise<void> {
    const { status } = await this.client.delete(path)
    if (status !== 404) await this.client.patch('merge', path, { metadata: { finalizers: null } })
  }
}

/** Definitions go one after the other, and many sequences have one. */
const PATIENCE_MS = 120_000
const POLL_MS = 10

function isSettled(definition: JsonObject): boolean {
  const conditions = arrayAt(definition, 'status', 'conditions')
  const isServed = conditions.some(
    (each) => stringAt(each, 'type') === 'Established' && stringAt(each, 'status') === 'True',
  )
  return isServed && stringAt(definition, 'metadata', 'deletionTimestamp') === undefined
}

const CONTENT_TYPES = {
  create: 'application/json',
  update: 'application/json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

const METHODS = {
  create: 'POST',
  update: 'PUT',
  merge: 'PATCH',
  strategic: 'PATCH',
  json: 'PATCH',
  apply: 'PATCH',
} as const

function answerOf({ status, body, text, headers }: Reply): Outcome {
  const known = text.startsWith('{') ? (body as unknown as JsonObject) : { text }
  return { kind: 'answer', status, body: known, warnings: headers['warning'] ?? '' }
}
