import { refuse } from '../error.ts'
import { messages } from '../messages.ts'

/** The body of an awsJson call, read member by member with the checks that the service model makes. */
export class JsonInput {
  readonly #members: Readonly<Record<string, unknown>>

  constructor(members: Readonly<Record<string, unknown>>) {
    this.#members = members
  }

  /** @throws AwsError SerializationException when the body is not a JSON object. */
  static parse(body: string): JsonInput {
    try {
      const value: unknown = body === '' ? {} : JSON.parse(body)
      if (isObject(value)) return new JsonInput(value)
    } catch {
      // Said below, like any other body that is not an object.
    }
    throw refuse('SerializationException', messages.malformedBody)
  }

  get(name: string): unknown {
    return this.#members[name] ?? undefined
  }

  text(name: string): string | undefined {
    const value = this.get(name)
    if (value === undefined || typeof value === 'string') return value
    throw refuse('SerializationException', messages.malformedBody)
  }

  /** @throws AwsError ValidationException when it is absent. */
  requiredText(name: string): string {
    const value = this.text(name)
    if (value === undefined) throw violation({ value: 'null', at: name, constraint: messages.mustNotBeNull })
    return value
  }

  integer(name: string, range: readonly [number, number]): number | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    if (typeof value !== 'number') throw refuse('SerializationException', messages.malformedBody)
    if (value < range[0] || value > range[1]) {
      throw violation({ value, at: name, constraint: messages.valueBetween(range[0], range[1]) })
    }
    return value
  }

  texts(name: string): string[] | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
    throw refuse('SerializationException', messages.malformedBody)
  }

  structure(name: string): JsonInput | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    if (isObject(value)) return new JsonInput(value)
    throw refuse('SerializationException', messages.malformedBody)
  }

  structures(name: string): JsonInput[] | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    if (Array.isArray(value) && value.every(isObject)) return value.map((item) => new JsonInput(item))
    throw refuse('SerializationException', messages.malformedBody)
  }
}

/** What a value that breaks the service model's constraints is answered with. */
export function violation(options: { value: unknown; at: string; constraint: string }): Error {
  const at = options.at.charAt(0).toLowerCase() + options.at.slice(1)
  return refuse('ValidationException', messages.constraint({ ...options, at }))
}

/** An instant as awsJson writes it: seconds since 1970, with fraction. */
export function seconds(instant: number | undefined): number | undefined {
  return instant === undefined ? undefined : instant / 1_000
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
