import type { Json } from '../../../src/sim/kube/json.ts'
import { isObject } from '../../../src/sim/kube/json.ts'
import type { Operation } from './operation.ts'

/** How many sequences may be tried on the way to a minimal one. */
const TRIES = 200

/**
 * The least of a sequence that still differs: first without operations, by halves down to one, then with less in those that are left.
 * fast-check's own shrinking keeps to the length that is asked of a sequence, and so could never show three operations where they suffice.
 * @param differs plays a sequence on both servers
 */
export async function shrink(
  operations: readonly Operation[],
  differs: (operations: readonly Operation[]) => Promise<boolean>,
): Promise<readonly Operation[]> {
  let tries = 0
  const holds = async (candidate: readonly Operation[]) => tries++ < TRIES && (await differs(candidate))
  let least = operations
  for (let size = Math.ceil(least.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = least.length - size; start > -size; start -= size) {
      const candidate = [...least.slice(0, Math.max(start, 0)), ...least.slice(start + size)]
      if (await holds(candidate)) least = candidate
    }
  }
  for (let index = 0; index < least.length; index++) {
    for (let candidates = simpler(least[index] as unknown as Json); candidates.length > 0; ) {
      const candidate = least.with(index, candidates.shift() as unknown as Operation)
      if (!(await holds(candidate))) continue
      least = candidate
      candidates = simpler(least[index] as unknown as Json)
    }
  }
  return least
}

/** Members that an operation cannot do without. */
const NEEDED = new Set([
  'verb',
  'on',
  'body',
  'patch',
  'kind',
  'space',
  'name',
  'base',
  'version',
  'from',
  'op',
  'path',
])

/** The value with one member or item less, the greater ones first. */
function simpler(value: Json, isTop = true): Json[] {
  if (Array.isArray(value))
    return [
      ...value.map((_, index) => value.toSpliced(index, 1)),
      ...value.flatMap((item, index) => simpler(item, false).map((less) => value.with(index, less))),
    ]
  if (!isObject(value)) return []
  const names = Object.keys(value)
  const without = names
    .filter((name) => !isTop || !NEEDED.has(name))
    .map((name) => Object.fromEntries(Object.entries(value).filter(([other]) => other !== name)))
  const within = names
    .filter((name) => !isTop || name !== 'on')
    .flatMap((name) => simpler(value[name] ?? null, false).map((less) => ({ ...value, [name]: less })))
  return [...without, ...within]
}
