import { actionOf, factsOf, type Operation } from './operations.ts'

/** What an error means for whoever called. */
export type ErrorKind =
  /** Too many calls: the same again later. */
  | 'throttled'
  /** It did not happen, for a reason that passes: the same again later. */
  | 'transient'
  /** IAM does not allow it: a person must change a policy. */
  | 'denied'
  /** What the call is about is not there, or not there yet. */
  | 'notFound'
  /** The state of the world forbids it now: look again, then decide. */
  | 'conflict'
  /** The call itself is wrong: the same again fails again. */
  | 'invalid'
  /** A quota of the account that time does not refill. */
  | 'quota'
  /** It may have happened: the answer to a change was lost. */
  | 'ambiguous'
  /** Who we are is not known to AWS: no credentials, expired or foreign ones. */
  | 'credentials'
  /** This endpoint does not have the operation: an implementation of AWS's API that is not AWS's, or an older one. */
  | 'unsupported'

/** Every failure of a call to AWS, classified once, at the edge. */
export class AwsError extends Error {
  readonly kind: ErrorKind
  /** AWS's error code (`ResourceInUseException`), or the platform's (`ECONNRESET`). For the log: branch on `kind`. */
  readonly code: string
  /** AWS's own words. */
  readonly detail: string
  readonly operation: Operation
  /** The IAM action that the call needs: `acm:RequestCertificate`. */
  readonly action: string

  constructor(options: { kind: ErrorKind; code: string; detail: string; operation: Operation; cause?: unknown }) {
    super(sentence(options), { cause: options.cause })
    this.name = 'AwsError'
    this.kind = options.kind
    this.code = options.code
    this.detail = options.detail
    this.operation = options.operation
    this.action = actionOf(options.operation)
  }
}

/** `access.credentials` failed: told apart from what AWS answers to a call. */
export class CredentialsUnavailable extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.name = 'CredentialsUnavailable'
  }
}

/** Gives any failure of a call as an {@link AwsError}. */
export function classify(error: unknown, operation: Operation): AwsError {
  if (error instanceof AwsError) return error
  const facts = read(error)
  return new AwsError({
    kind: kindOf(facts, factsOf(operation).mutating),
    code: facts.code,
    detail: facts.detail,
    operation,
    cause: error,
  })
}

interface ErrorFacts {
  readonly code: string
  readonly detail: string
  /** Undefined where no answer came. */
  readonly status: number | undefined
  /** Nothing was sent: the connection was never there. */
  readonly unsent: boolean
}

/** The words of the SDK and of Node's sockets, in one shape. */
function read(error: unknown): ErrorFacts {
  if (!(error instanceof Error)) return { code: 'Unknown', detail: String(error), status: undefined, unsent: false }
  const raw = error as Error & {
    code?: unknown
    syscall?: unknown
    messages?: unknown
    Messages?: unknown
    $metadata?: { httpStatusCode?: number }
  }
  const status = raw.$metadata?.httpStatusCode
  const detail = messagesOf(raw) ?? error.message
  // Route 53's modelled form of this error has no code, and the SDK then has no name for it.
  if (raw.Messages !== undefined) return { code: 'InvalidChangeBatch', detail, status, unsent: false }
  const socketCode = typeof raw.code === 'string' && status === undefined ? raw.code : undefined
  const unsent = raw.syscall === 'connect' || raw.syscall === 'getaddrinfo'
  return { code: socketCode ?? error.name, detail, status, unsent }
}

function messagesOf(raw: { messages?: unknown; Messages?: unknown }): string | undefined {
  const listed = raw.messages ?? (raw.Messages as { Message?: unknown } | undefined)?.Message
  const texts = (Array.isArray(listed) ? listed : [listed]).filter((text) => typeof text === 'string')
  return texts.length === 0 ? undefined : texts.join(' ')
}

/** Codes come with and without `Exception`, by protocol; all that we know of, without it. */
const kinds: Readonly<Record<string, ErrorKind>> = {
  ...of('throttled', [
    'Throttling',
    'Throttled',
    'ThrottledException',
    'RequestThrottled',
    'TooManyRequests',
    'RequestLimitExceeded',
    'PriorRequestNotComplete',
    'SlowDown',
  ]),
  ...of('denied', ['AccessDenied', 'UnauthorizedOperation', 'UnauthorizedAccess', 'NotAuthorized', 'OptInRequired']),
  ...of('credentials', [
    'CredentialsUnavailable',
    'CredentialsProviderError',
    'TokenProviderError',
    'ExpiredToken',
    'RequestExpired',
    'RequestTimeTooSkewed',
    'TokenRefreshRequired',
    'InvalidClientTokenId',
    'UnrecognizedClient',
    'InvalidAccessKeyId',
    'SignatureDoesNotMatch',
    'InvalidSignature',
    'IncompleteSignature',
    'MissingAuthenticationToken',
    'AuthFailure',
  ]),
  ...of('notFound', [
    'ResourceNotFound',
    'NoSuchHostedZone',
    'NoSuchChange',
    'LoadBalancerNotFound',
    'ListenerNotFound',
    'CertificateNotFound',
  ]),
  ...of('conflict', [
    'ResourceInUse',
    'Conflict',
    'InvalidChangeBatch',
    'InvalidState',
    'RequestInProgress',
    'OperationNotPermitted',
  ]),
  ...of('quota', ['LimitExceeded', 'LimitsExceeded', 'ServiceQuotaExceeded', 'TooManyCertificates']),
  ...of('transient', ['PaginationTokenExpired']),
  ...of('unsupported', ['UnknownOperation', 'InvalidAction', 'NotImplemented', 'UnsupportedOperation']),
}

function of(kind: ErrorKind, codes: readonly string[]): Record<string, ErrorKind> {
  return Object.fromEntries(codes.map((code) => [code, kind]))
}

function kindOf(facts: ErrorFacts, mutating: boolean): ErrorKind {
  const known = kinds[facts.code] ?? kinds[facts.code.replace(/Exception$/, '')]
  if (known !== undefined) return known
  const unanswered = mutating && !facts.unsent ? 'ambiguous' : 'transient'
  const { status } = facts
  if (status === undefined) return unanswered
  if (status === 429) return 'throttled'
  if (status === 401 || status === 403) return 'denied'
  if (status === 501 || status === 404 || status === 405) return 'unsupported'
  if (status >= 400 && status < 500) return 'invalid'
  // 5xx, or a success whose body could not be read: what was asked for may have been done.
  return unanswered
}

function sentence(options: { kind: ErrorKind; code: string; detail: string; operation: Operation }): string {
  const { kind, code, detail, operation } = options
  const action = actionOf(operation)
  switch (kind) {
    case 'denied':
      return `${action} is denied; allow it to Certwright's role (${code}: ${detail})`
    case 'credentials':
      return `${action} could not be called with these credentials; check the role and its trust policy (${code}: ${detail})`
    case 'unsupported':
      return `${action} is not known at this endpoint; check AWS_ENDPOINT_URL and the region (${code}: ${detail})`
    case 'ambiguous':
      return `${action} may or may not have been done: its answer was lost (${code}: ${detail})`
    case 'throttled':
    case 'transient':
    case 'notFound':
    case 'conflict':
    case 'invalid':
    case 'quota':
      return `${action} failed (${code}: ${detail})`
  }
}
