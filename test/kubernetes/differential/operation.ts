import type { Json, JsonObject } from '../../../src/sim/kube/json.ts'

/** The kinds that sequences are about. `Event` is that of events.k8s.io, `CoreEvent` that of the core group. */
export type Kind =
  | 'Ingress'
  | 'IngressClass'
  | 'ACMCertificate'
  | 'CertificateClaim'
  | 'Lease'
  | 'Event'
  | 'CoreEvent'
  | 'Namespace'
  | 'CustomResourceDefinition'

/** The two namespaces of a sequence, one that there is not, and all of them at once. */
export type Space = 'a' | 'b' | 'absent' | '*'

export interface On {
  readonly kind: Kind
  /** Of no meaning for what belongs to no namespace. */
  readonly space: Space
  readonly name: string
}

/** A resource version: the object's own, the first that it ever had, none, or one that was never anybody's. */
export type Version = 'fresh' | 'stale' | 'none' | 'wrong'

/** What is wrong with a body besides its content. */
export type Oddity = 'other name' | 'no name' | 'other namespace' | 'other kind' | 'other version' | 'no kind'

/** What writes have in common. */
interface Write {
  readonly on: On
  /** The field manager; absent: taken from the user agent. */
  readonly as?: string
  readonly dryRun?: true
  readonly validation?: 'Strict' | 'Warn' | 'Ignore'
  readonly oddity?: Oddity
}

/** Through the status subresource rather than the object. */
interface WithStatus {
  readonly status?: true
}

/**
 * One request, in words that mean the same to both servers. Strings may hold `{a}` and `{b}` for the names of the namespaces and `{uid:x}`
 * for the uid of the object of that name, of the same kind and namespace.
 */
export type Operation =
  | ({ readonly verb: 'create'; readonly body: JsonObject } & Write)
  | ({
      readonly verb: 'update'
      /** `current`: what is stored, with `body` laid over it as a merge patch; where nothing is, the body alone. */
      readonly base: 'current' | 'nothing'
      readonly body: JsonObject
      readonly version: Version
    } & Write &
      WithStatus)
  | ({ readonly verb: 'merge' | 'strategic'; readonly patch: Json; readonly version?: Version } & Write & WithStatus)
  | ({ readonly verb: 'json'; readonly patch: Json } & Write & WithStatus)
  | ({
      readonly verb: 'apply'
      readonly body: JsonObject
      readonly force?: boolean
      readonly version?: Version
    } & Write &
      WithStatus)
  | {
      readonly verb: 'delete'
      readonly on: On
      readonly propagation?: string
      readonly uid?: 'right' | 'wrong'
      readonly version?: Version
      readonly dryRun?: true
    }
  | { readonly verb: 'get'; readonly on: On; readonly status?: true }
  | {
      readonly verb: 'list'
      readonly kind: Kind
      readonly space: Space
      readonly limit?: number
      /** Goes on where the last list of this kind and namespace stopped. */
      readonly goOn?: true
      readonly labels?: string
      readonly fields?: string
      /** Exactly the state at the begin of the sequence, or at the last list of the kind. */
      readonly exactly?: 'begin' | 'last list'
    }
  | {
      readonly verb: 'watch'
      readonly kind: Kind
      readonly space: Space
      /** From which version on: that of the sequence's begin, of the last list of the kind, of now; `state`: what is there comes first. */
      readonly from: 'begin' | 'last list' | 'now' | 'state' | 'nonsense'
      readonly labels?: string
      /** Only the object of this name. */
      readonly only?: string
    }

/** The rows of the histogram. */
export const VERBS = [
  'create',
  'update',
  'merge patch',
  'strategic merge patch',
  'json patch',
  'apply',
  'delete',
  'get',
  'list',
  'watch',
  'status',
  'crd',
] as const
export type Verb = (typeof VERBS)[number]

/** Under which row of the histogram an operation counts. */
export function verbOf(operation: Operation): Verb {
  if ('on' in operation && operation.on.kind === 'CustomResourceDefinition') return 'crd'
  if ('status' in operation && operation.status) return 'status'
  switch (operation.verb) {
    case 'merge':
      return 'merge patch'
    case 'strategic':
      return 'strategic merge patch'
    case 'json':
      return 'json patch'
    case 'create':
    case 'update':
    case 'apply':
    case 'delete':
    case 'get':
    case 'list':
    case 'watch':
      return operation.verb
    default:
      return operation satisfies never
  }
}

/** An operation as a line that can be kept among the examples. */
export function lineOf(operation: Operation): string {
  return JSON.stringify(operation).replaceAll(/"([A-Za-z_$][\w$]*)":/g, '$1: ')
}
