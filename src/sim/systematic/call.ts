import type { AwsRequest } from '../../aws/handler.ts'
import type { KubeRequest } from '../../kube/transport.ts'
import { route } from '../aws/route53/operations.ts'
import { open } from '../aws/wire/protocol.ts'

/** A request that a process is about to send, by the words in which a run is printed and replayed. */
export interface Call {
  /** Among all that the processes of a run sent, from 0. */
  readonly index: number
  /** The number of the process. */
  readonly by: number
  readonly to: 'aws' | 'kubernetes'
  /** `RequestCertificate`, `apply acmcertificates/a-example-com-4f1c9a02be status`: the same in every run of the same story. */
  readonly label: string
  readonly kind: CallKind
  /** Milliseconds since the story began. */
  readonly at: number
}

/** What a call is for: reads change nothing; `ledger`: what is stored of our own; `notice`: what only people read. */
export type CallKind = 'read' | 'change' | 'ledger' | 'lease' | 'notice'

export function isWrite({ kind }: Pick<Call, 'kind'>): boolean {
  return kind !== 'read'
}

export function nameOfAwsCall(request: AwsRequest): { label: string; kind: CallKind } {
  const envelope = open(request)
  const label =
    envelope.protocol === 'rest-xml'
      ? (route(request.method, request.path)?.operation ?? request.path)
      : envelope.operation
  return { label, kind: /^(List|Describe|Get)/.test(label) ? 'read' : 'change' }
}

export function nameOfKubeCall(request: KubeRequest): { label: string; kind: CallKind } {
  const { collection, place } = placeOf(request.path)
  const verb = verbOf(request)
  return { label: `${verb} ${collection}${place}`, kind: kindOf(verb, collection) }
}

function kindOf(verb: string, collection: string): CallKind {
  if (['get', 'watch'].includes(verb)) return 'read'
  switch (collection) {
    case 'leases':
      return 'lease'
    case 'events':
      return 'notice'
    case 'acmcertificates':
    case 'certificateclaims':
      return 'ledger'
    default:
      return 'change'
  }
}

function verbOf({ method, query, headers }: KubeRequest): string {
  if (method === 'GET') return query?.['watch'] === 'true' || query?.['watch'] === '1' ? 'watch' : 'get'
  if (method === 'PATCH') return headers?.['content-type']?.includes('apply-patch') === true ? 'apply' : 'patch'
  return { POST: 'create', PUT: 'update', DELETE: 'delete' }[method]
}

/** `/apis/networking.k8s.io/v1/namespaces/default/ingresses/shop` → `ingresses` and `/default/shop`. The names of events are drawn by chance. */
function placeOf(path: string): { collection: string; place: string } {
  const [root, ...rest] = path.split('/').slice(1)
  const parts = rest.slice(root === 'api' ? 1 : 2)
  const isNamespaced = parts[0] === 'namespaces' && parts.length > 2
  const [collection = '', name, subresource] = isNamespaced ? parts.slice(2) : parts
  const place = [...(isNamespaced ? [parts[1]] : []), ...(name === undefined || collection === 'events' ? [] : [name])]
  return {
    collection,
    place: `${place.map((part) => `/${part}`).join('')}${subresource === undefined ? '' : ` ${subresource}`}`,
  }
}
