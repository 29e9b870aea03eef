import { parseArgs } from 'node:util'
import { systemClock } from '../../clock.ts'
import { chosenOf, enter, wholeNumber } from '../entry.ts'
import { compare, KINDS } from './comparison.ts'
import { table } from './table.ts'
import type { Verdict } from './comparison.ts'

/** Plays each seed in the ways that must make no difference, tells what differs, and ends with a table. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '20' },
      from: { type: 'string', default: '1' },
      kind: { type: 'string', multiple: true },
      verbose: { type: 'boolean', default: false },
    },
  })
  const [seeds, from] = [wholeNumber('SEEDS', values.seeds), wholeNumber('FROM', values.from)]
  const kinds = chosenOf('--kind', values.kind, KINDS)
  const verdicts: Verdict[] = []
  const begun = systemClock.monotonic()
  for (let seed = from; seed < from + seeds; seed++) {
    for (const kind of kinds) {
      const verdict = await compare(kind, seed)
      verdicts.push(verdict)
      if (verdict.result === 'differs' || values.verbose)
        console.log([`seed ${seed}, ${kind}: ${verdict.result}`, ...verdict.lines].join('\n  '))
    }
  }
  console.log(table(kinds, verdicts))
  console.log(`${seeds} seeds in ${Math.round((systemClock.monotonic() - begun) / 1_000)} s`)
  process.exitCode = verdicts.some(({ result }) => result === 'differs') ? 1 : 0
}

await enter(main)
