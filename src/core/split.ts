import { hash } from './hash.ts'
import type { Name } from './names.ts'

/**
 * More names than one certificate holds become several: a bucket that is too full is divided by the next bit of the SHA-256 of its names,
 * until each fits. Pure: the same names, in whatever order, give the same buckets, each sorted as the names are.
 *
 * What is promised where one name is added or removed: every other bucket stays as it is. An addition replaces one bucket by one with the
 * name more, or by two where it would be too full, or adds one; a removal is that backwards. So one host more or less changes one
 * certificate, and at a limit divides one or merges two. A wildcard and what it covers are names of their own.
 */
export function splitNames(names: readonly Name[], most: number): readonly (readonly Name[])[] {
  const known = SPLITS.get(names)
  if (known?.most === most) return known.buckets
  const buckets = divide(
    names.map((name) => ({ name, digest: hash(name, DIGITS) })),
    most,
    0,
  ).map((bucket) => bucket.map(({ name }) => name))
  const whole = buckets.length === 1 ? [names] : buckets
  SPLITS.set(names, { most, buckets: whole })
  return whole
}

/** The last answer for a list of names: the same lists are the same objects, from plan to plan. */
const SPLITS = new WeakMap<readonly Name[], { readonly most: number; readonly buckets: readonly (readonly Name[])[] }>()

/** All of SHA-256. */
const DIGITS = 64

interface Hashed {
  readonly name: Name
  readonly digest: string
}

function divide(names: readonly Hashed[], most: number, depth: number): readonly (readonly Hashed[])[] {
  if (names.length <= most || depth === DIGITS * 4) return names.length === 0 ? [] : [names]
  const bit = ({ digest }: Hashed) => (Number.parseInt(digest[depth >> 2] as string, 16) >> (3 - (depth & 3))) & 1
  const [zeros, ones] = [names.filter((name) => bit(name) === 0), names.filter((name) => bit(name) === 1)]
  return [...divide(zeros, most, depth + 1), ...divide(ones, most, depth + 1)]
}
