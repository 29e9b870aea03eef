import { DeadlineExceeded } from '../clock.ts'
import type { KubeRequest } from './transport.ts'

/**
 * What an answer means for us, decided once, here, by code and never by text.
 * - `unreachable`: the request did not reach the server, or it was a read that got no answer
 * - `transient`: the server said that it cannot do it now, and did nothing
 * - `ambiguous`: a write may have happened: look before you conclude anything
 */
export type KubeErrorKind =
  | 'unreachable'
  | 'unauthorized'
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  | 'alreadyExists'
  | 'expired'
  | 'invalid'
  | 'throttled'
  | 'transient'
  | 'ambiguous'

/** The part of a `Status` object (meta/v1) that we read. */
export interface Status {
  readonly kind?: string
  readonly code?: number
  readonly reason?: string
  readonly message?: string
  readonly details?: {
    readonly name?: string
    readonly kind?: string
    readonly retryAfterSeconds?: number
    readonly causes?: readonly { readonly reason?: string; readonly field?: string; readonly message?: string }[]
  }
}

type RequestLine = Pick<KubeRequest, 'method' | 'path'>

/** A call to the API server that did not do what was asked. */
export class KubeError extends Error {
  readonly kind: KubeErrorKind
  /** The HTTP status, where there was an answer. */
  readonly code: number | undefined
  /** The API server's own reason in CamelCase, such as `Invalid`. */
  readonly reason: string | undefined
  /** The API server's own sentence, as it was sent. */
  readonly statusMessage: string | undefined
  /** How long the server asks us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(options: {
    kind: KubeErrorKind
    message: string
    code?: number | undefined
    status?: Status | undefined
    retryAfterMs?: number | undefined
    cause?: unknown
  }) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'KubeError'
    this.kind = options.kind
    this.code = options.code
    this.reason = options.status?.reason
    this.statusMessage = options.status?.message
    this.retryAfterMs = options.retryAfterMs
  }
}

/** Narrows anything thrown to a KubeError, of `kind` when one is given. */
export function isKubeError(error: unknown, kind?: KubeErrorKind): error is KubeError {
  return error instanceof KubeError && (kind === undefined || error.kind === kind)
}

/** Classifies an answer whose status is not 2xx. `body` is what came with it: a Status, or whatever a proxy wrote. */
export function answerError(options: {
  request: RequestLine
  code: number
  headers?: Readonly<Record<string, string>>
  body: string
}): KubeError {
  const status = parseStatus(options.body)
  return statusError({ ...options, status: status ?? {}, fromServer: status !== undefined })
}

/** Classifies a Status object: the body of an answer, or the object of a watch's ERROR event. */
export function statusError(options: {
  request: RequestLine
  status: Status
  code?: number
  headers?: Readonly<Record<string, string>>
  /** Whether the API server itself said it, rather than something in between. */
  fromServer?: boolean
}): KubeError {
  const { request, status, fromServer = true } = options
  const code = options.code ?? status.code ?? 500
  const said = status.message ?? `HTTP ${code}`
  return new KubeError({
    kind: kindOf({ code, reason: status.reason, fromServer, read: request.method === 'GET' }),
    message: `${request.method} ${request.path} was refused: ${said}`,
    code,
    status,
    retryAfterMs: retryAfter(status, options.headers),
  })
}

/** Classifies a request that got no answer, or whose answer broke off. An abort by the caller is the caller's to handle: see `client.ts`. */
export function networkError(request: RequestLine, cause: unknown): KubeError {
  const kind = networkErrorKind(request, codesOf(cause))
  const text = cause instanceof DeadlineExceeded ? cause.message : describe(cause)
  const doubt = kind === 'ambiguous' ? '; it may have taken effect' : ''
  return new KubeError({ kind, message: `${request.method} ${request.path} got no answer: ${text}${doubt}`, cause })
}

function networkErrorKind(request: RequestLine, codes: readonly string[]): KubeErrorKind {
  // The transport's own code: it had nothing to show the server.
  if (codes.includes('ERR_CREDENTIALS')) return 'unauthorized'
  const neverSent = codes.some((code) => NEVER_SENT.has(code))
  return request.method === 'GET' || neverSent ? 'unreachable' : 'ambiguous'
}

function kindOf(answer: {
  code: number
  reason: string | undefined
  fromServer: boolean
  read: boolean
}): KubeErrorKind {
  switch (answer.code) {
    case 401:
      return 'unauthorized'
    case 403:
      return 'forbidden'
    case 404:
      return 'notFound'
    case 409:
      return answer.reason === 'AlreadyExists' ? 'alreadyExists' : 'conflict'
    case 410:
      return 'expired'
    case 429:
      return 'throttled'
    default:
  }
  if (answer.code >= 400 && answer.code < 500) return 'invalid'
  if (answer.read) return 'transient'
  // The API server refuses with 503 before it acts; a proxy may send one after it has passed the request on. 500 and 504 leave it open.
  return answer.code === 503 && answer.fromServer ? 'transient' : 'ambiguous'
}

/** Codes of Node, of undici and of OpenSSL that mean that no byte of the request was sent. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

function codesOf(error: unknown): string[] {
  const codes: string[] = []
  for (let next = error; next instanceof Error; next = next.cause) {
    if ('code' in next && typeof next.code === 'string') codes.push(next.code)
    // Happy eyeballs: one error an address.
    if (next instanceof AggregateError) codes.push(...next.errors.flatMap(codesOf))
  }
  return codes
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.message !== '') return error.message
  return codesOf(error)[0] ?? error.name
}

function parseStatus(body: string): Status | undefined {
  // A kind that is not installed is answered in plain text, and asked for again and again: no reason to fail at parsing it.
  if (!body.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(body)
    const isStatus = typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status'
    return isStatus ? (value as Status) : undefined
  } catch {
    return undefined
  }
}

/** In milliseconds. A Retry-After in the form of a date is not used by Kubernetes and is ignored. */
function retryAfter(status: Status, headers: Readonly<Record<string, string>> | undefined): number | undefined {
  const seconds = status.details?.retryAfterSeconds ?? Number(headers?.['retry-after'] ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}
