import { readFileSync, writeFileSync } from 'node:fs'
import { systemClock } from '../../../src/clock.ts'
import { systemRandom } from '../../../src/random.ts'
import { FACTS } from '../aws/facts/index.ts'
import { identityOf, tally, type AccountRuns } from '../aws/tally.ts'
import { connect, siteOf, type Account } from './account.ts'
import { cleanUp, Inventory } from './inventory.ts'
import { readOptions, USAGE, type Options } from './options.ts'
import { choose, describePlan } from './plan.ts'
import { rehearse, tryOn } from './rehearsal.ts'

const RUNS = new URL('../aws/account-runs.json', import.meta.url)

const say = (...lines: readonly string[]) => void process.stdout.write(`${lines.join('\n')}\n`)

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), process.env)
  if (options === 'help') {
    say(USAGE)
    return 0
  }
  const account = await connect(options)
  const run = `cw${systemRandom.hex(3)}`
  const chosen = choose(FACTS, options)
  if (chosen.length === 0) throw new Error(`no fact that can be tried has "${options.only ?? ''}" in it`)
  const rehearsal = await rehearse(chosen)
  say(...describePlan({ options, account, run, all: FACTS, chosen, rehearsal }))
  if (!options.yes) {
    say('Nothing was made. Add --yes to do it.')
    return 2
  }
  return await perform({ options, account, run, chosen })
}

async function perform(task: {
  options: Options
  account: Account
  run: string
  chosen: ReturnType<typeof choose>
}): Promise<number> {
  const { options, account, run, chosen } = task
  const inventory = new Inventory()
  const site = siteOf({ account, options, inventory, run })
  const held: string[] = []
  let differing = 0
  let interrupted = false
  process.once('SIGINT', () => {
    interrupted = true
    say(
      'Interrupted: it ends after this fact, and takes away what it made. Once more ends it at once, and leaves that behind.',
    )
  })
  for (const fact of chosen) {
    if (interrupted) break
    const told = `${fact.area}: ${fact.says}`
    try {
      const answer = await tryOn(site, fact)
      say(answer === undefined ? `ok      ${told}` : `answer  ${told}: ${answer}`)
      held.push(identityOf(fact))
    } catch (error) {
      differing += 1
      const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
      say(`NOT SO  ${told}`, `        ${reason}`, `        ${fact.source.where.join(', ')}`)
    }
  }
  say('It takes away what it made.')
  const left = await cleanUp({
    inventory,
    clients: account.clients(),
    patiently: async (what, attempt) => {
      await site.until(what, async () => ((await attempt()) ? true : undefined))
    },
  })
  for (const line of left) say(`LEFT    ${line}`)
  if (options.endpoint === undefined) record(held)
  const runs = JSON.parse(readFileSync(RUNS, 'utf8')) as AccountRuns
  say(
    `${held.length} hold, ${differing} do not, ${left.length} things are left behind.`,
    ...tally(FACTS, new Set(), runs).slice(2, 3),
  )
  return differing > 0 || left.length > 0 ? 1 : 0
}

/** Notes the day on which each fact was found true; to be committed. */
function record(held: readonly string[]): void {
  const day = new Date(systemClock.now()).toISOString().slice(0, 10)
  const before = JSON.parse(readFileSync(RUNS, 'utf8')) as AccountRuns
  const runs = { ...before, ...Object.fromEntries(held.map((identity) => [identity, day])) }
  writeFileSync(RUNS, `${JSON.stringify(runs, Object.keys(runs).sort(), 2)}\n`)
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`test-aws-account: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
