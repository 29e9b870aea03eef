/**
 * What follows from a fact, worked out once. Facts never change, and each plan asks the same of most of them again: the answer is kept
 * for as long as the fact itself is.
 */
export function once<K extends object, V>(known: WeakMap<K, V>, fact: K, compute: () => V): V {
  const before = known.get(fact)
  if (before !== undefined) return before
  const value = compute()
  known.set(fact, value)
  return value
}
