import type { Situation } from './situation.ts'
import { LIFECYCLE } from './situations/lifecycle.ts'
import { OUTAGES } from './situations/outages.ts'
import { OWNERSHIP } from './situations/ownership.ts'
import { ZONES_AND_SCALE } from './situations/zones-and-scale.ts'

/** All of them, in the order of the reference's defects. */
export const SITUATIONS: readonly Situation[] = [...OUTAGES, ...LIFECYCLE, ...OWNERSHIP, ...ZONES_AND_SCALE].sort(
  (a, b) => orderOf(a.defect) - orderOf(b.defect),
)

function orderOf(defect: string): number {
  return (defect.codePointAt(0) ?? 0) * 100 + Number(defect.slice(1))
}
