import { parseArgs } from 'node:util'
import { systemClock } from '../../clock.ts'
import { enter, wholeNumber } from '../entry.ts'
import { LAWS } from './law-book.ts'
import type { Law } from './law-book.ts'
import { playSeed } from './run.ts'
import { shrink } from './shrink.ts'

/** Plays a batch of seeds: prints each fault as a short story, and how often each law was put to the test. */
function main(): void {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      brief: { type: 'boolean', default: false },
      most: { type: 'string', default: '3' },
    },
  })
  const from = wholeNumber('FROM', values.from)
  const count = wholeNumber('SEEDS', values.seeds)
  const began = systemClock.monotonic()
  const premises = new Map<Law, number>()
  const faults = new Map<string, number[]>()
  for (let seed = from; seed < from + count; seed++) {
    const outcome = playSeed(seed)
    for (const [law, times] of outcome.premises) premises.set(law, (premises.get(law) ?? 0) + times)
    if (!outcome.breach) continue
    const { law } = outcome.breach
    const seeds = faults.get(law) ?? []
    seeds.push(seed)
    faults.set(law, seeds)
    if (seeds.length > Number(values.most)) continue
    const { story, breach, moves } = shrink(outcome.run, law)
    console.log(`\nseed ${seed} breaks ${law}, in ${moves.length} moves:`)
    for (const line of story) if (!values.brief || !/ we (show|remember) /.test(line)) console.log(`  ${line}`)
    console.log(`  ${breach.law}: ${breach.sentence}`)
  }
  const broken = [...faults.values()].flat().length
  console.log(`\nseeds ${from} to ${from + count - 1}: ${broken} with a fault`)
  for (const [law, seeds] of faults)
    console.log(`  ${law}: ${seeds.length} seeds, such as ${seeds.slice(0, 8).join(', ')}`)
  console.log('law  its premise held')
  for (const law of LAWS) console.log(`${law.padEnd(4)} ${premises.get(law) ?? 0}`)
  const took = (systemClock.monotonic() - began) / 1_000
  console.log(`${count} seeds in ${took.toFixed(0)} s on one core: ${Math.round((count / took) * 3_600)} an hour`)
  process.exitCode = broken > 0 ? 1 : 0
}

await enter(main)
