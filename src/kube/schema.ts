/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema */
export interface Schema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean'
  readonly description?: string
  readonly format?: 'date-time' | 'int32' | 'int64'
  readonly enum?: readonly string[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minimum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly maxProperties?: number
  readonly additionalProperties?: Schema
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message: string }[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
}

export const string = (description: string): Schema => ({ type: 'string', description })
export const instant = (description: string): Schema => ({ type: 'string', format: 'date-time', description })
export const boolean = (description: string): Schema => ({ type: 'boolean', description })
export const integer = (description: string): Schema => ({ type: 'integer', format: 'int64', description, minimum: 0 })

export function list(description: string, items: Schema, key?: string): Schema {
  const merge = key
    ? ({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] } as const)
    : ({ 'x-kubernetes-list-type': 'atomic' } as const)
  return { type: 'array', description, items, ...merge }
}

export function object(
  description: string,
  properties: Record<string, Schema>,
  required: readonly string[] = [],
): Schema {
  return { type: 'object', description, properties, ...(required.length > 0 ? { required } : {}) }
}
