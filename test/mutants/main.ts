import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type * as ScenarioModule from '../../src/sim/simulation/scenario.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { systemClock } from '../../src/clock.ts'
import { enter, wholeNumber } from '../../src/sim/entry.ts'
import { BrokenSeeds } from './broken-seeds.ts'
import { type Bench, folderOf, judge, type Verdict } from './judge.ts'
import type { Mutant } from './mutant.ts'
import { stalePatches } from './stale.ts'
import { TABLE } from './table.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const CACHE = join(ROOT, '.cache/mutants')

/** `make mutants`: puts each bug into a copy of the program and prints which law notices it, and after how many seeds. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      /** Only those whose names contain this; several times: any of them. */
      only: { type: 'string', multiple: true },
      world: { type: 'string' },
      from: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '100' },
      /** Seconds after which a mutant is given up. */
      patience: { type: 'string', default: '3600' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      /** These seeds, separated by commas, instead of the first ones. */
      on: { type: 'string' },
      /** Another checkout to take the unmutated program from. */
      source: { type: 'string', default: ROOT },
    },
  })
  const chosen = TABLE.filter(
    ({ name, world }) =>
      (values.world === undefined || values.world === world) &&
      (values.only === undefined || values.only.some((text) => name.includes(text))),
  )
  if (chosen.length === 0)
    throw new UsageError(
      `No mutant has ${values.only?.join(' or ') ?? values.world} in its name or world: see test/mutants.`,
    )
  const stale = chosen.flatMap((mutant) => stalePatches([mutant], values.source))
  const mutants = chosen.filter((mutant) => stalePatches([mutant], values.source).length === 0)
  if (stale.length > 0) console.log(`not played, and to be written anew:\n${stale.join('\n')}`)
  const [from, jobs] = [wholeNumber('--from', values.from), wholeNumber('--jobs', values.jobs)]
  const copies = join(CACHE, `run-${process.pid}`)
  const brokenSeeds = new BrokenSeeds({ source: values.source, copies, cache: join(CACHE, 'broken-seeds.json') })
  const bench: Bench = {
    source: values.source,
    copies,
    clock: systemClock,
    brokenSeeds,
    patience: wholeNumber('--patience', values.patience),
    draw: await drawerOf(values.source),
    seeds:
      values.on?.split(',').map((seed) => wholeNumber('--on', seed)) ??
      Array.from({ length: wholeNumber('--seeds', values.seeds) }, (_, index) => from + index),
  }
  console.log(`${mutants.length} mutants, each on at most ${bench.seeds.length} seeds from ${bench.seeds[0]} on`)
  console.log(line('mutant', 'world', 'expected', 'caught by', 'seeds', 'seconds'))
  try {
    const verdicts = await judgeAll(mutants, jobs, bench)
    process.exitCode = conclude(verdicts, brokenSeeds) && stale.length === 0 ? 0 : 1
  } finally {
    brokenSeeds.end()
    rmSync(copies, { recursive: true, force: true })
  }
}

async function drawerOf(source: string): Promise<Bench['draw']> {
  const url = pathToFileURL(join(source, 'src/sim/simulation/scenario.ts')).href
  return ((await import(url)) as typeof ScenarioModule).drawScenario
}

/** What costs least comes first: the model, then scripts, then seeds. */
function costOf(mutant: Mutant): number {
  if (mutant.world === 'model') return 0
  return mutant.stage ? 1 : 2
}

/** As many side by side as there are jobs; each is told when it is done. */
async function judgeAll(mutants: readonly Mutant[], jobs: number, bench: Bench): Promise<readonly Verdict[]> {
  const left = mutants.toSorted((a, b) => costOf(a) - costOf(b))
  const verdicts: Verdict[] = []
  const work = async (): Promise<void> => {
    for (let mutant = left.shift(); mutant; mutant = left.shift()) {
      const folder = folderOf(mutant, bench.copies)
      const verdict = await judge(mutant, folder, bench)
      rmSync(folder, { recursive: true, force: true })
      verdicts.push(verdict)
      tell(verdict)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, work))
  return verdicts
}

function tell({ mutant, caught, others, spoilt, seeds, seconds }: Verdict): void {
  const { name, world, expected } = mutant
  const by = caught ? `${caught.law} in ${caught.where}` : 'NOT CAUGHT'
  console.log(line(name, world, expected.join(' '), by, String(seeds), seconds.toFixed(0)))
  if (caught) console.log(`    ${caught.sentence}`)
  if (spoilt.length > 0)
    console.log(`    does not count, since the program breaks there as it is: ${spoilt.join(', ')}`)
  for (const [law, { where, sentence }] of others) console.log(`    also ${law} in ${where}: ${sentence}`)
}

function conclude(verdicts: readonly Verdict[], brokenSeeds: BrokenSeeds): boolean {
  const missed = verdicts.filter(({ caught }) => !caught)
  console.log(`\n${verdicts.length - missed.length} of ${verdicts.length} caught`)
  for (const { mutant, others } of missed)
    console.log(
      others.size === 0
        ? `not caught: ${mutant.name}`
        : `caught by another law than ${mutant.expected.join(' ')} only, by ${[...others.keys()].join(' ')}: ${mutant.name}`,
    )
  const broken = [...brokenSeeds.found].map(([seed, law]) => `${seed} (${law})`)
  if (broken.length > 0)
    console.log(`seeds that do not count, since the program breaks on them as it is: ${broken.join(', ')}`)
  return missed.length === 0
}

function line(name: string, world: string, expected: string, by: string, seeds: string, seconds: string): string {
  return `${name.padEnd(68)} ${world.padEnd(8)} ${expected.padEnd(12)} ${by.padEnd(22)} ${seeds.padStart(6)} ${seconds.padStart(8)}`
}

await enter(main)
