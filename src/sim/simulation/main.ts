import { parseArgs } from 'node:util'
import { LAWS, type Law } from '../laws/book.ts'
import { type Outcome, play } from './run.ts'
import { drawScenario, type Scenario } from './scenario.ts'
import { shrink } from './shrink.ts'
import { describe } from './steps.ts'

/** `make simulate`: plays one seed with its story, or a batch with its tables. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string', default: '100' },
      from: { type: 'string', default: '1' },
      shrink: { type: 'boolean', default: true },
      'no-shrink': { type: 'boolean', default: false },
      log: { type: 'boolean', default: false },
    },
  })
  const broken =
    values.seed === undefined
      ? await batch({ from: Number(values.from), seeds: Number(values.seeds), shrinks: !values['no-shrink'] })
      : await single(Number(values.seed), values.log)
  process.exitCode = broken ? 1 : 0
}

function sayScenario(scenario: Scenario): void {
  const { seed, steps, rates, aws: _aws, ...others } = scenario
  console.log(`seed ${seed}: make simulate SEED=${seed}`)
  console.log(
    `faults: ${
      Object.entries(rates)
        .map(([name, rate]) => `${name} ${rate}`)
        .join(', ') || 'none by chance'
    }`,
  )
  console.log(`${steps.length} steps, ${JSON.stringify(others)}`)
}

async function single(seed: number, log: boolean): Promise<boolean> {
  const scenario = drawScenario(seed)
  sayScenario(scenario)
  const story: string[] = []
  const outcome = await play(scenario, story)
  console.log(story.join('\n'))
  if (log) console.log(outcome.log.join('\n'))
  console.log(
    outcome.breach
      ? `BROKEN ${outcome.breach.law} at ${outcome.breach.at / 1_000} s: ${outcome.breach.sentence}`
      : 'all laws held',
  )
  console.log(`trace ${outcome.trace}`)
  return outcome.breach !== undefined
}

async function batch(options: { from: number; seeds: number; shrinks: boolean }): Promise<boolean> {
  const { from, seeds, shrinks } = options
  const premises = new Map<Law, number>()
  const hits = new Map<string, number>()
  const failed: Outcome[] = []
  console.log(`seeds ${from} to ${from + seeds - 1}; each prints its faults with make simulate SEED=…`)
  for (let seed = from; seed < from + seeds; seed++) {
    const outcome = await play(drawScenario(seed))
    for (const [law, times] of outcome.premises) premises.set(law, (premises.get(law) ?? 0) + times)
    for (const [what, times] of outcome.hits) hits.set(what, (hits.get(what) ?? 0) + times)
    if (!outcome.breach) continue
    failed.push(outcome)
    console.log(`seed ${seed} breaks ${outcome.breach.law}: ${outcome.breach.sentence}`)
  }
  const [first] = failed
  if (first?.breach && shrinks) await tellShortest(first)
  console.log('\nfault or deed                 times')
  for (const [what, times] of [...hits].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${what.padEnd(28)} ${String(times).padStart(6)}`)
  console.log('\nlaw   premise held')
  for (const law of LAWS) console.log(`${law.padEnd(5)} ${String(premises.get(law) ?? 0).padStart(12)}`)
  console.log(`\n${seeds} seeds, ${failed.length} broken`)
  return failed.length > 0
}

async function tellShortest(outcome: Outcome): Promise<void> {
  const { scenario, story, breach } = await shrink(outcome)
  console.log(`\nthe shortest way found to it, from seed ${scenario.seed}:`)
  console.log(`faults: ${JSON.stringify(scenario.rates)}`)
  for (const step of scenario.steps) console.log(`  ${step.at / 1_000} s: ${describe(step)}`)
  console.log(story.join('\n'))
  console.log(`${breach.law}: ${breach.sentence}`)
}

await main()
