import type { Breach, Law } from '../laws/book.ts'
import { forkRandom } from '../random.ts'
import { checkEnds, checkLost, isExpected, isFrozen } from './ends.ts'
import { hinder } from './hindrance.ts'
import { mischief } from './mischief.ts'
import { type Later, perform } from './perform.ts'
import type { Probe } from './probes.ts'
import type { Scenario } from './scenario.ts'
import { Stage } from './stage.ts'
import { describe } from './steps.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export interface Outcome {
  readonly scenario: Scenario
  readonly breach: Breach | undefined
  readonly premises: ReadonlyMap<Law, number>
  /** How often each fault and deed befell the world. */
  readonly hits: ReadonlyMap<string, number>
  /** Rare states that were reached, and how often. */
  readonly probes: ReadonlyMap<Probe, number>
  /** SHA-256 of the trace of both worlds. */
  readonly trace: string
  readonly log: readonly string[]
}

/**
 * Plays a scenario: storm, heal, rest, quiet, restart. The laws are asked after every event, and the run ends with the first breach.
 * @param atRest looks at the world when it has come to rest, and ends the run there.
 */
export async function play(scenario: Scenario, story?: string[], atRest?: (stage: Stage) => void): Promise<Outcome> {
  const stage = new Stage(scenario, story)
  if (forkRandom(scenario.seed, 'expired watches').next() < 0.5) stage.world.kube.refuseExpiredWatches()
  await stage.begin()
  try {
    await storm(stage)
    if (!stage.book.breach) await rest(stage)
    if (!stage.book.breach) checkEnds(stage)
    if (!stage.book.breach && atRest) atRest(stage)
    if (!stage.book.breach && !atRest) await quiet(stage)
    if (!stage.book.breach && !atRest && scenario.mischief) await mischief(stage)
    if (!stage.book.breach && !atRest && scenario.longMs > 0) await years(stage)
  } finally {
    await stage.end()
  }
  const { breach, premises } = stage.book
  const { weather, probes, log } = stage
  return { scenario, breach, premises, hits: weather.hits, probes, trace: stage.traceHash(), log }
}

async function storm(stage: Stage): Promise<void> {
  const { scenario, weather } = stage
  weather.stormy = true
  const due: { at: number; run: () => readonly Later[]; what: string }[] = scenario.steps.map((step) => ({
    at: step.at,
    run: () => perform(stage, step),
    what: describe(step),
  }))
  const take = (limit: number) => {
    const [first] = due.sort((a, b) => a.at - b.at)
    return first && first.at <= limit ? due.shift() : undefined
  }
  for (let next = take(scenario.stormMs); next && !stage.book.breach; next = take(scenario.stormMs)) {
    if (next.at > stage.elapsed) await stage.pass(next.at - stage.elapsed)
    if (stage.book.breach) break
    const { what, run } = next
    stage.tell(() => `--- ${what}`)
    for (const { at, what: then, run: undo } of run())
      due.push({
        at,
        what: then,
        run: () => {
          undo()
          return []
        },
      })
  }
  if (stage.book.breach) return
  if (scenario.stormMs > stage.elapsed) await stage.pass(scenario.stormMs - stage.elapsed)
  if (stage.book.breach) return
  stage.tell(() => '--- the storm is over')
  weather.stormy = false
  weather.apiDown = false
  weather.deaf = false
  for (const { what, run } of due.sort((a, b) => a.at - b.at)) {
    stage.tell(() => `--- ${what}`)
    run()
  }
  stage.startReplicas()
  // What a watch swallowed comes to light when the server has forgotten its history, and all begin again with a list.
  if (scenario.relists) {
    stage.world.kube.compact()
    stage.world.kube.resetWatches()
  }
  await stage.pass(MINUTE)
  stage.world.lbc.resync()
}

/** What is remembered of a certificate that was deleted goes an hour later: rest is longer. */
const REST_MS = 70 * MINUTE

/** Until nothing of ours is written for long enough. */
async function rest(stage: Stage): Promise<void> {
  const { court, scenario } = stage
  for (let passed = 0; passed < scenario.retireAfter + 3 * HOUR; passed += MINUTE) {
    await stage.pass(MINUTE)
    // Before that it may still wait for what the storm held up.
    if (passed > HOUR) stage.standing.blast((ingress) => isExpected(stage, ingress) && !isFrozen(stage, ingress.group))
  }
  for (let window = 0; window < 8 && !stage.book.breach; window++) {
    const before = court.written
    await stage.pass(REST_MS)
    if (court.written === before) {
      stage.book.premise('L5', 1 + court.view.own.length)
      return
    }
  }
  if (!stage.book.breach) stage.book.broken('L5', `there is no hour without a write; the last was ${court.lastWrite}`)
}

async function quiet(stage: Stage): Promise<void> {
  const { court, book, scenario } = stage
  const { view } = court
  // What pends or failed has a life of its own.
  const stirring = view.own.some((arn) => !view.isHealthy(arn))
  const before = court.written
  if (scenario.quietMs > 2 * HOUR) await stage.pass(scenario.quietMs)
  if (!stirring && !book.breach)
    book.check('L5', court.written === before, () => `at rest, ${court.lastWrite} was written`)
  if (book.breach || stirring) return
  const effects = court.written
  for (const number of stage.replicas) stage.killReplica(number)
  stage.tell(() => '--- everything is started again')
  stage.startReplicas()
  await stage.pass(scenario.leaseMs + 30 * MINUTE)
  // Each certificate could be asked for once more, and each object be written.
  book.premise('L6', view.own.length + view.ingresses.length)
  if (!book.breach) book.check('L6', court.written === effects, () => `a restart at rest wrote ${court.lastWrite}`)
}

/** While nothing is due, one day in so many is played with the program: the others would be like it. */
const AWAKE_EVERY = 5

/**
 * A long time in which nobody does anything: ACM renews what is in use, and what was served before is served at the end. The program is
 * there all the time while something is to be renewed or issued, else now and then.
 */
async function years(stage: Stage): Promise<void> {
  if (stage.scenario.hindrance) hinder(stage, stage.scenario.hindrance)
  stage.tell(() => '--- a long time passes')
  stage.slowDown()
  const { lost } = stage.court.served
  const before = lost.length
  const piece = Math.min(DAY, stage.world.aws.settings.validity / 200)
  for (let day = 0; day * DAY < stage.scenario.longMs && !stage.book.breach; day++) {
    if (piece < DAY || day % AWAKE_EVERY === 0 || isSomethingDue(stage)) stage.startReplica(1)
    else void stage.stopReplica(1)
    await stage.pass(DAY, piece)
  }
  stage.startReplica(1)
  await stage.pass(DAY, piece)
  if (!stage.book.breach) checkLost(stage, lost.slice(before))
  if (!stage.book.breach) checkEnds(stage)
}

function isSomethingDue({ clock, court, world }: Stage): boolean {
  const soon = clock.now() + world.aws.settings.renewalLead + 2 * DAY
  return court.view.own.some((arn) => {
    const notAfter = world.aws.certificate(arn)?.notAfter ?? clock.now()
    return court.view.isAttached(arn) ? notAfter < soon : court.view.statusOf(arn) === 'PENDING_VALIDATION'
  })
}
