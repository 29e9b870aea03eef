import { expect, it } from 'vitest'
import { compare, KINDS, type Kind } from '../../src/sim/differential/comparison.ts'

/** Seeds whose deeds come to one end, so that there is something to hold against each other. A nightly batch plays many more. */
const SEEDS: Readonly<Record<Kind, readonly number[]>> = {
  'calm faults': [219],
  faults: [201],
  history: [101],
  order: [101],
  namespaces: [101],
  tenant: [101],
  'slower world': [101],
  'slower people': [101],
}

it.each(KINDS.flatMap((kind) => SEEDS[kind].map((seed) => [kind, seed] as const)))(
  'the end is the same: %s, seed %i',
  { timeout: 300_000 },
  async (kind, seed) => {
    const { result, lines, compared } = await compare(kind, seed)
    expect({ result, lines }).toEqual({ result: 'equal', lines: [] })
    expect(compared).toBeGreaterThan(0)
  },
)
