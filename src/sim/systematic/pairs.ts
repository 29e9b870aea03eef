import type { Moment } from './crash.ts'

/** A single death that was played, and how many writes its successor sent. */
export interface Recovery {
  readonly id: string
  readonly writes: number
}

/** Moments of the second death: in all others nothing is on its way that is not in one of these. */
const SECOND_MOMENTS: readonly Moment[] = ['before', 'late', 'after', 'lost']

/**
 * Deaths of the successor too, at any of its writes: all of them, or, where there are more than `budget`, so many, spread evenly, the
 * same in every run.
 */
export function choosePairs(
  recoveries: readonly Recovery[],
  budget: number,
): { readonly ids: readonly string[]; readonly of: number } {
  const of = recoveries.reduce((sum, { writes }) => sum + writes * SECOND_MOMENTS.length, 0)
  const stride = Math.max(1, of / budget)
  const ids: string[] = []
  let next = 0
  let index = 0
  for (const { id, writes } of recoveries) {
    for (let write = 0; write < writes; write++) {
      for (const moment of SECOND_MOMENTS) {
        if (index++ < Math.floor(next)) continue
        ids.push(`${id}/${write}/${moment}`)
        next += stride
      }
    }
  }
  return { ids: ids.slice(0, budget), of }
}
