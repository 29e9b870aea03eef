import type { JsonObject } from './json.ts'

export type StatusCause = { reason?: string; message?: string; field?: string }

export type StatusDetails = {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

/** What a failed request answers: a `metav1.Status`. */
export class ApiError extends Error {
  readonly code: number
  readonly reason: string | undefined
  readonly details: StatusDetails | undefined
  /** For an expired list: where to go on, inconsistently. */
  readonly continue: string | undefined

  constructor(options: {
    code: number
    reason?: string | undefined
    message: string
    details?: StatusDetails
    continue?: string
  }) {
    super(options.message)
    this.name = 'ApiError'
    this.code = options.code
    this.reason = options.reason
    this.details = options.details
    this.continue = options.continue
  }

  status(): JsonObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continue ? { continue: this.continue } : {},
      status: 'Failure',
      message: this.message,
      ...(this.reason ? { reason: this.reason } : {}),
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    }
  }
}

/** What an error is about: the resource as `kind`, as the real server has it. */
export interface Subject {
  readonly group: string
  readonly plural: string
  readonly kind: string
}

const qualified = (subject: Subject): string => (subject.group ? `${subject.plural}.${subject.group}` : subject.plural)

function detailsOf(subject: Subject, name: string): StatusDetails {
  return { name, ...(subject.group ? { group: subject.group } : {}), kind: subject.plural }
}

export function notFound(subject: Subject, name: string): ApiError {
  return new ApiError({
    code: 404,
    reason: 'NotFound',
    message: `${qualified(subject)} "${name}" not found`,
    details: detailsOf(subject, name),
  })
}

export function alreadyExists(subject: Subject, name: string, isBeingDeleted: boolean): ApiError {
  return new ApiError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${isBeingDeleted ? 'object is being deleted: ' : ''}${qualified(subject)} "${name}" already exists`,
    details: detailsOf(subject, name),
  })
}

export function conflict(subject: Subject, name: string, because: string): ApiError {
  return new ApiError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${because}`,
    details: detailsOf(subject, name),
  })
}

/** What an apply is told that names an object which is not there any more. */
export function absentUid(uid: string): string {
  return `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`
}

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again'

export function badRequest(message: string): ApiError {
  return new ApiError({ code: 400, reason: 'BadRequest', message })
}

export function forbidden(subject: Subject, name: string, because: string, causes: StatusCause[] = []): ApiError {
  return new ApiError({
    code: 403,
    reason: 'Forbidden',
    message: `${qualified(subject)} "${name}" is forbidden: ${because}`,
    details: { ...detailsOf(subject, name), ...(causes.length > 0 ? { causes } : {}) },
  })
}

export function methodNotAllowed(): ApiError {
  return new ApiError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  })
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  return new ApiError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  })
}

export function expired(message: string, continueToken?: string): ApiError {
  return new ApiError({
    code: 410,
    reason: 'Expired',
    message,
    ...(continueToken ? { continue: continueToken } : {}),
  })
}

/** One field that is wrong. `reason` is the machine word (`FieldValueInvalid`), `message` starts with its plain form. */
export interface FieldError {
  readonly field: string
  readonly reason:
    | 'FieldValueInvalid'
    | 'FieldValueRequired'
    | 'FieldValueNotSupported'
    | 'FieldValueDuplicate'
    | 'FieldValueForbidden'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid'
    | 'FieldValueNotFound'
  readonly message: string
}

export const fieldError = {
  required: (field: string, detail = ''): FieldError => ({
    field,
    reason: 'FieldValueRequired',
    message: detail ? `Required value: ${detail}` : 'Required value',
  }),
  invalid: (field: string, value: unknown, detail: string): FieldError => ({
    field,
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${shown(value)}: ${detail}`,
  }),
  typeInvalid: (field: string, value: unknown, detail: string): FieldError => ({
    field,
    reason: 'FieldValueTypeInvalid',
    message: `Invalid value: ${shown(value)}: ${detail}`,
  }),
  unsupported: (field: string, value: unknown, supported: readonly unknown[]): FieldError => ({
    field,
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${shown(value)}: supported values: ${supported.map(shown).join(', ')}`,
  }),
  duplicate: (field: string, value: unknown): FieldError => ({
    field,
    reason: 'FieldValueDuplicate',
    message: `Duplicate value: ${shown(value)}`,
  }),
  forbidden: (field: string, detail: string): FieldError => ({
    field,
    reason: 'FieldValueForbidden',
    message: `Forbidden: ${detail}`,
  }),
  tooLong: (field: string, limit: number): FieldError => ({
    field,
    reason: 'FieldValueTooLong',
    message: `Too long: may not be more than ${limit} bytes`,
  }),
  tooMany: (field: string, count: number, limit: number): FieldError => ({
    field,
    reason: 'FieldValueTooMany',
    message: `Too many: ${count}: must have at most ${limit} items`,
  }),
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? 'null')
}

/** 422 for an object: `Ingress.networking.k8s.io "x" is invalid: …`, one cause a field. */
export function invalid(
  subject: { group: string; kind: string },
  name: string,
  errors: readonly FieldError[],
): ApiError {
  const texts = errors.map(({ field, message }) => `${field}: ${message}`)
  const distinct = [...new Set(texts)]
  const kind = subject.group ? `${subject.kind}.${subject.group}` : subject.kind
  return new ApiError({
    code: 422,
    reason: 'Invalid',
    message: `${kind} "${name}" is invalid: ${distinct.length === 1 ? distinct[0] : `[${distinct.join(', ')}]`}`,
    details: {
      ...(name ? { name } : {}),
      ...(subject.group ? { group: subject.group } : {}),
      ...(subject.kind ? { kind: subject.kind } : {}),
      causes: errors.map(({ field, reason, message }) => ({ reason, message, field })),
    },
  })
}
