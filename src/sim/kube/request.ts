import type { KubeRequest } from '../../kube/transport.ts'
import type { WriteOptions } from './write-options.ts'
import type { FieldValidation } from './decode.ts'
import { parseBody } from './decode.ts'
import type { Json } from './json.ts'
import { arrayAt, stringAt } from './json.ts'
import type { Query } from './list.ts'
import type { FieldError } from './status.ts'
import { ApiError, badRequest, fieldError, unsupportedMediaType } from './status.ts'

/** How a PATCH says what changes. */
export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

/** @throws ApiError 415 for a form that is not served: strategic merge patches are for built-in kinds only. */
export function patchTypeOf(request: KubeRequest, custom: boolean): PatchType {
  const type = PATCH_TYPES[mediaType(request)]
  if (type === undefined || (custom && type === 'strategic')) {
    const accepted = Object.keys(PATCH_TYPES).filter((name) => !custom || PATCH_TYPES[name] !== 'strategic')
    throw unsupportedMediaType(accepted)
  }
  return type
}

function mediaType({ headers }: KubeRequest): string {
  return (headers?.['content-type'] ?? 'application/json').split(';')[0]?.trim() ?? ''
}

/**
 * The body of a request that brings an object.
 * @throws ApiError 400 or 415.
 */
export function bodyOf(request: KubeRequest): Json {
  const type = mediaType(request)
  if (type.endsWith('yaml')) return parseBody(request.body ?? '', 'yaml')
  if (type.endsWith('json') || type === '') return parseBody(request.body ?? '', 'json')
  throw unsupportedMediaType(['application/json', 'application/yaml'])
}

/** The body of a DELETE, which may be absent. @throws ApiError 400 or 415. */
export function optionalBodyOf(request: KubeRequest): Json | undefined {
  return request.body ? bodyOf(request) : undefined
}

/**
 * How the query says that a write is meant.
 * @throws ApiError 422 for parameters that do not go together.
 */
export function writeOptions(options: {
  request: KubeRequest
  verb: 'Create' | 'Update' | 'Patch' | 'Delete'
  subresource: '' | 'status'
  apply?: boolean
  body?: Json | undefined
}): WriteOptions {
  const { request, verb, subresource, apply = false, body } = options
  const query: Query = request.query ?? {}
  const errors: FieldError[] = []
  const manager = query['fieldManager'] ?? ''
  if (apply && manager === '') errors.push(fieldError.required('fieldManager', 'is required for apply patch'))
  if (verb === 'Patch' && !apply && query['force'] !== undefined)
    errors.push(fieldError.forbidden('force', 'may not be specified for non-apply patch'))
  if (Buffer.byteLength(manager) > 128) errors.push(fieldError.tooLong('fieldManager', 128))
  const dryRuns = [query['dryRun'], ...arrayAt(body, 'dryRun')].filter((value) => value !== undefined && value !== '')
  if (dryRuns.some((value) => value !== 'All')) errors.push(fieldError.unsupported('dryRun', dryRuns, ['All']))
  const validation = query['fieldValidation'] || 'Warn'
  if (!['Strict', 'Warn', 'Ignore'].includes(validation))
    errors.push(fieldError.unsupported('fieldValidation', validation, ['Ignore', 'Strict', 'Warn']))
  const policy = stringAt(body, 'propagationPolicy') ?? query['propagationPolicy']
  if (verb === 'Delete' && policy !== undefined && !POLICIES.includes(policy))
    errors.push(fieldError.unsupported('propagationPolicy', policy, [...POLICIES, 'nil']))
  if (errors.length > 0) throw optionsInvalid(`${verb}Options`, errors)
  const userAgent = request.headers?.['user-agent'] ?? ''
  return {
    userAgent,
    fieldManager: manager || managerOf(userAgent),
    fieldValidation: validation as FieldValidation,
    dryRun: dryRuns.length > 0,
    subresource,
    warnings: [],
  }
}

const POLICIES = ['Foreground', 'Background', 'Orphan']

/** Without a name of its own a writer is called after its program: the user agent's text before the first slash. */
function managerOf(userAgent: string): string {
  return (userAgent.split('/')[0] ?? '').slice(0, 128) || 'unknown'
}

function optionsInvalid(kind: string, errors: readonly FieldError[]): ApiError {
  const texts = errors.map(({ field, message }) => `${field}: ${message}`)
  return new ApiError({
    code: 422,
    reason: 'Invalid',
    message: `${kind}.meta.k8s.io "" is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`,
    details: {
      group: 'meta.k8s.io',
      kind,
      causes: errors.map(({ field, reason, message }) => ({ reason, message, field })),
    },
  })
}

/** Lists become watches by a parameter. */
export const isWatch = ({ method, query }: KubeRequest): boolean =>
  method === 'GET' && (query?.['watch'] === 'true' || query?.['watch'] === '1')

/** What `limit` and the times of a list are must be numbers. @throws ApiError 400. */
export function checkNumbers(query: Query): void {
  for (const name of ['limit', 'timeoutSeconds'])
    if (query[name] !== undefined && !/^-?\d*$/.test(query[name]))
      throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(query[name])}: invalid syntax`)
}
