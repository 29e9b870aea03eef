import * as fc from 'fast-check'
import type { Json, JsonObject } from '../../../../src/sim/kube/json.ts'
import { isObject } from '../../../../src/sim/kube/json.ts'

/** What sequences are made of, for one kind. */
export interface Shapes {
  /** Whole bodies without metadata, most of them valid. */
  readonly whole: fc.Arbitrary<JsonObject>
  /** Some members of a body: what is applied or merged. */
  readonly part: fc.Arbitrary<JsonObject>
  readonly status?: fc.Arbitrary<JsonObject>
  /** Where JSON patches reach. */
  readonly pointers: readonly string[]
  /** Beside those that every kind has. */
  readonly fieldSelectors?: readonly string[]
}

/** An object with some of the members of `model`. */
export function some(model: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<JsonObject> {
  return fc.record(model, { requiredKeys: [] })
}

/** An object with all members of `model`. */
export function all(model: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<JsonObject> {
  return fc.record(model)
}

/** One of `usual`, or, one time in twelve, one of `odd`. */
export function mostly<T>(usual: readonly T[], odd: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 11, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  )
}

/** `usual`, or, one time in twelve, `odd`. */
export function seldom<T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 11, arbitrary: usual }, { weight: 1, arbitrary: odd })
}

export function listOf(item: fc.Arbitrary<Json>, max = 3, min = 0): fc.Arbitrary<Json[]> {
  return fc.array(item, { minLength: min, maxLength: max })
}

/** A value of the wrong kind, whatever is expected. */
export const nonsense: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  7,
  'text',
  true,
  null,
  [],
  {},
  ['x'],
  { x: 1 },
  1.5,
  '',
)

/** `body` with some of its members as null, which in a merge patch removes them. */
export function withNulls(body: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  return fc.tuple(body, fc.array(fc.nat(7), { minLength: 24, maxLength: 24 })).map(([given, draws]) => {
    let draw = 0
    const holed = (value: JsonObject, depth: number): JsonObject => {
      const result: JsonObject = {}
      for (const [name, member] of Object.entries(value)) {
        const goes = draws[draw++ % draws.length] === 0
        if (goes) result[name] = null
        else result[name] = isObject(member) && depth > 0 ? holed(member, depth - 1) : member
      }
      return result
    }
    return holed(given, 4)
  })
}
