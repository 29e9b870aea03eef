import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { UsageError } from '../../cli/usage-error.ts'
import { systemClock } from '../../clock.ts'
import { enter, wholeNumber } from '../entry.ts'
import type { Breach } from '../laws/book.ts'
import { playBatch } from './batch.ts'
import { tables } from './report.ts'
import { play } from './run.ts'
import { drawScenario, type Scenario } from './scenario.ts'
import { shrink } from './shrink.ts'
import { describe } from './steps.ts'
import { Tally } from './tally.ts'

/** Where the shortest way to a breach is left, to be played again. */
const FOUND = '.cache/simulation'

/** `make simulate`: plays one seed, or a scenario from a file, with its story; or a batch with its tables. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      scenario: { type: 'string' },
      seeds: { type: 'string', default: '100' },
      from: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      json: { type: 'string' },
      shrink: { type: 'boolean', default: false },
      'no-shrink': { type: 'boolean', default: false },
      log: { type: 'boolean', default: false },
    },
  })
  const { seed, scenario, log } = values
  if (scenario !== undefined || seed !== undefined) {
    const chosen = scenario === undefined ? drawScenario(wholeNumber('SEED', seed ?? '')) : readScenario(scenario)
    process.exitCode = (await single(chosen, { log, shrinks: values.shrink })) ? 1 : 0
    return
  }
  const broken = await batch({
    from: wholeNumber('FROM', values.from),
    seeds: wholeNumber('SEEDS', values.seeds),
    jobs: wholeNumber('JOBS', values.jobs),
    json: values.json,
    shrinks: !values['no-shrink'],
  })
  process.exitCode = broken ? 1 : 0
}

/** @throws UsageError where the file is not there, or holds no scenario. */
function readScenario(path: string): Scenario {
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new UsageError(`The scenario ${path} cannot be read: name a file that make simulate has left in ${FOUND}.`)
  }
  const scenario = parsed(text)
  if (scenario) return scenario
  throw new UsageError(`${path} holds no scenario: name a file that make simulate has left in ${FOUND}.`)
}

function parsed(text: string): Scenario | undefined {
  try {
    const read = JSON.parse(text) as Partial<Scenario> | null
    return read && Array.isArray(read.steps) && read.rates
      ? ({ flags: {}, foreignTags: {}, relists: true, themes: [], ...read } as Scenario)
      : undefined
  } catch {
    return undefined
  }
}

function sayFaults({ rates }: Scenario): void {
  const said = Object.entries(rates).map(([name, rate]) => `${name} ${rate}`)
  console.log(`faults: ${said.join(', ') || 'none by chance'}`)
}

async function single(scenario: Scenario, options: { log: boolean; shrinks: boolean }): Promise<boolean> {
  const { seed, steps, rates: _rates, aws: _aws, themes: _themes, ...others } = scenario
  console.log(`seed ${seed}: make simulate SEED=${seed}`)
  console.log(`themes: ${scenario.themes.join(', ') || 'none'}`)
  sayFaults(scenario)
  console.log(`${steps.length} steps, ${JSON.stringify(others)}`)
  const story: string[] = []
  const outcome = await play(scenario, story)
  console.log(story.join('\n'))
  if (options.log) console.log(outcome.log.join('\n'))
  console.log(outcome.breach ? said(outcome.breach) : 'all laws held')
  console.log(`trace ${outcome.trace}`)
  if (outcome.breach && options.shrinks) await tellShortest(scenario, outcome.breach)
  return outcome.breach !== undefined
}

function said({ law, at, sentence }: Breach): string {
  return `BROKEN ${law} at ${at / 1_000} s: ${sentence}`
}

async function batch(options: {
  from: number
  seeds: number
  jobs: number
  json: string | undefined
  shrinks: boolean
}): Promise<boolean> {
  const { from, seeds, jobs, json, shrinks } = options
  const tally = new Tally(from)
  const begun = systemClock.monotonic()
  const mark = Math.max(10, Math.ceil(seeds / 10))
  console.log(`seeds ${from} to ${from + seeds - 1}; each prints its faults with make simulate SEED=…`)
  await playBatch({
    from,
    seeds,
    jobs,
    onOutcome: (seed, outcome) => {
      if ('thrown' in outcome) tally.thrown(seed, outcome.thrown)
      else tally.add(seed, outcome)
      const breach = tally.breachOf(seed)
      if (breach) console.log(`seed ${seed} breaks ${breach.law}: ${breach.sentence}`)
      const done = seed - from + 1
      if (done % mark === 0 && done < seeds) console.error(`${done} of ${seeds} seeds`)
    },
  })
  const took = (systemClock.monotonic() - begun) / 1_000
  const { outcome } = tally
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(outcome, null, 2)}\n`)
  const [first] = outcome.broken
  if (first && shrinks) await tellShortest(drawScenario(first.seed), first)
  const { text, failures } = tables(outcome)
  console.log(text)
  console.log(
    `${seeds} seeds in ${took.toFixed(0)} s: ${Math.round((seeds / took) * 3_600)} seeds an hour, with ${jobs} at a time`,
  )
  return failures.length > 0
}

async function tellShortest(full: Scenario, found: Breach): Promise<void> {
  const { scenario, story, breach } = await shrink({ scenario: full, breach: found })
  console.log(`\nthe shortest way found to it, from seed ${scenario.seed}:`)
  sayFaults(scenario)
  for (const step of scenario.steps) console.log(`  ${step.at / 1_000} s: ${describe(step)}`)
  console.log(story.join('\n'))
  console.log(said(breach))
  mkdirSync(FOUND, { recursive: true })
  const file = `${FOUND}/seed-${scenario.seed}.json`
  writeFileSync(file, `${JSON.stringify(scenario, null, 2)}\n`)
  console.log(`make simulate SCENARIO=${file} plays it again`)
}

await enter(main)
