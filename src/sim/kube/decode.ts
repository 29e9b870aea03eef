import { parse } from 'yaml'
import type { Json, JsonObject } from './json.ts'
import { clone, isObject, textOf } from './json.ts'
import type { KubeObject } from './object.ts'
import type { Resource } from './resource.ts'
import { apiVersionOf, withZero } from './resource.ts'
import { typeFaults } from './apply/type-faults.ts'
import { applyDefaults, normalise, prune } from './schema/schema.ts'
import { ApiError, badRequest, fieldError, invalid } from './status.ts'

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

/** @throws ApiError 400 when the text is neither JSON nor, where it may be, YAML. */
export function parseBody(text: string, format: 'json' | 'yaml'): Json {
  try {
    return (format === 'json' ? JSON.parse(text) : parseYaml(text)) as Json
  } catch (error) {
    throw badRequest(`error decoding request body: ${(error as Error).message}`)
  }
}

/** JSON is YAML, and most that comes as YAML is JSON: its parser is many times faster. */
function parseYaml(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return parse(text)
  }
}

/**
 * A body as an object of `resource`: kind and version checked, unknown fields dropped, and named in `warnings` or refused.
 * @throws ApiError 400 for a body of another kind, or for unknown fields where validation is strict.
 */
export function decodeObject(options: {
  readonly resource: Resource
  readonly body: Json
  readonly fieldValidation: FieldValidation
  readonly warnings: string[]
}): KubeObject {
  const { resource, body, fieldValidation, warnings } = options
  if (!isObject(body))
    throw badRequest(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${JSON.stringify(body)} into Go value`,
    )
  const object = clone(body)
  if (resource.custom && !object['kind'])
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): Object 'Kind' is missing in '${JSON.stringify(body)}'`,
    )
  checkKind(resource, object)
  if (!isObject(object['metadata'])) object['metadata'] = {}
  const unknown = prune(resource.schema, object)
  if (unknown.length > 0 && fieldValidation === 'Strict')
    throw badRequest(
      `${resource.kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}: strict decoding error: ${unknownFields(unknown)}`,
    )
  if (fieldValidation === 'Warn') warnings.push(...unknown.map((path) => `unknown field "${path}"`))
  checkTypes(resource, object)
  return typed(resource, object as KubeObject)
}

/**
 * What a patch made of an object, as {@link decodeObject}.
 * @throws ApiError 422 when it is no object of `resource` any more.
 */
export function decodePatched(options: Parameters<typeof decodeObject>[0]): KubeObject {
  try {
    return decodeObject(options)
  } catch (error) {
    if (error instanceof ApiError && error.code === 400)
      throw invalid({ group: '', kind: '' }, '', [fieldError.invalid('patch', options.body, error.message)])
    throw error
  }
}

function unknownFields(paths: readonly string[]): string {
  return paths.map((path) => `unknown field "${path}"`).join(', ')
}

/** What decoding does beyond dropping fields: defaults, canonical forms, the members that are always there. */
export function typed(
  resource: Resource,
  object: KubeObject,
  { before, nulls = 'dropped' }: { before?: KubeObject | undefined; nulls?: 'dropped' | 'kept' } = {},
): KubeObject {
  if (resource.custom) normalise(resource.schema.properties?.['metadata'], object.metadata)
  else {
    normalise(resource.schema, object)
    withZero(object, resource.zero)
  }
  applyDefaults(resource.schema, object, nulls)
  resource.defaults?.(object, before)
  return object
}

function checkKind(resource: Resource, object: JsonObject): void {
  const wanted = apiVersionOf(resource)
  object['apiVersion'] ??= wanted
  object['kind'] ??= resource.kind
  const { apiVersion, kind } = object
  // Of a custom resource any kind can be decoded; it is refused when it is validated.
  if (apiVersion === wanted && (kind === resource.kind || resource.custom)) return
  if (kind === resource.kind)
    throw badRequest(
      `the API version in the data (${textOf(apiVersion)}) does not match the expected API version (${wanted})`,
    )
  throw badRequest(
    `${textOf(kind)} in version "${textOf(apiVersion).split('/').pop() ?? ''}" cannot be handled as a ${resource.kind}: no kind "${textOf(kind)}" is registered for version "${textOf(apiVersion)}"`,
  )
}

/** A built-in kind is decoded into a struct: a value of the wrong type cannot be. Custom resources are validated instead. */
function checkTypes(resource: Resource, object: JsonObject): void {
  const schema = resource.custom
    ? { properties: { metadata: resource.schema.properties?.['metadata'] ?? {} } }
    : resource.schema
  const wrong = wrongType(schema, object, '')
  if (wrong)
    throw badRequest(
      `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: json: cannot unmarshal ${wrong.found} into Go struct field ${wrong.path} of type ${wrong.wanted}`,
    )
}

/**
 * What an apply made of an object, as {@link typed}.
 * @throws ApiError 500 when a built-in kind cannot hold it.
 */
export function typedConfiguration(resource: Resource, object: KubeObject, before: KubeObject | undefined): KubeObject {
  try {
    checkTypes(resource, object)
  } catch (error) {
    throw new ApiError({
      code: 500,
      message: `failed to convert new object to proper version: ${(error as Error).message}`,
    })
  }
  if (object['status'] === null) delete object['status']
  // What an apply leaves of a custom resource is not decoded again: nulls stay, and are refused.
  return typed(resource, object, { before, nulls: resource.custom ? 'kept' : 'dropped' })
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
const MICRO_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/

function isInstant(format: string | undefined, value: Json): boolean {
  if (typeof value !== 'string') return true
  if (format === 'date-time') return INSTANT.test(value)
  return format !== 'micro-time' || MICRO_INSTANT.test(value)
}

function wrongType(
  schema: Resource['schema'] | undefined,
  value: Json | undefined,
  path: string,
): { path: string; found: string; wanted: string } | undefined {
  if (!schema || value === undefined || value === null) return undefined
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  const fits =
    schema.type === undefined ||
    (schema.type === 'integer'
      ? Number.isInteger(value)
      : schema.type === 'array'
        ? Array.isArray(value)
        : schema.type === 'object'
          ? isObject(value)
          : typeof value === schema.type && isInstant(schema.format, value))
  if (!fits) return { path, found, wanted: schema.type === 'integer' ? 'int32' : String(schema.type) }
  if (Array.isArray(value)) return first(value, (item) => wrongType(schema.items, item, path))
  if (!isObject(value)) return undefined
  return first(Object.entries(value), ([name, member]) => {
    const inner =
      schema.properties?.[name] ?? (isObject(schema.additionalProperties) ? schema.additionalProperties : undefined)
    return wrongType(inner, member, path ? `${path}.${name}` : name)
  })
}

function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}

/** An apply configuration: kept as it was written, since what it does not say it does not own. */
export function decodeConfiguration(resource: Resource, body: Json): KubeObject {
  if (!isObject(body)) throw badRequest('error decoding YAML: an object was expected')
  const config = clone(body)
  if (!config['kind'] || !config['apiVersion']) throw badRequest('invalid object type: /, Kind=')
  checkKind({ ...resource, custom: false }, config)
  if (!isObject(config['metadata'])) config['metadata'] = {}
  const object = config as KubeObject
  if (object.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  const faults = typeFaults(resource.schema, config, { duplicates: 'refused' })
  if (faults.length > 0)
    throw new ApiError({
      code: 500,
      message: `failed to create typed patch object (${object.metadata.namespace ? `${object.metadata.namespace}/` : ''}${object.metadata.name ?? ''}; ${apiVersionOf(resource)}, Kind=${resource.kind}): ${faults.join('\n')}`,
    })
  return object
}
