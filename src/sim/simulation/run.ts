import { DEFAULT_ACCOUNT } from '../aws/accounts.ts'
import { validationRecord } from '../aws/acm/certificate.ts'
import { normalise } from '../aws/route53/names.ts'
import type { Breach, Law } from '../laws/book.ts'
import { checkEnds } from './ends.ts'
import { type Later, perform } from './perform.ts'
import type { Probe } from './probes.ts'
import type { Scenario } from './scenario.ts'
import { Stage } from './stage.ts'
import { describe } from './steps.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

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
  await stage.begin()
  try {
    await storm(stage)
    if (!stage.book.breach) await rest(stage)
    if (!stage.book.breach) checkEnds(stage)
    if (!stage.book.breach && atRest) atRest(stage)
    if (!stage.book.breach && !atRest) await quiet(stage)
    if (!stage.book.breach && !atRest && scenario.mischief) await mischief(stage)
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
    if (next.at > stage.elapsed) await advance(stage, next.at - stage.elapsed)
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
  if (scenario.stormMs > stage.elapsed) await advance(stage, scenario.stormMs - stage.elapsed)
  if (stage.book.breach) return
  stage.tell(() => '--- the storm is over')
  weather.stormy = false
  weather.apiDown = false
  for (const { what, run } of due.sort((a, b) => a.at - b.at)) {
    stage.tell(() => `--- ${what}`)
    run()
  }
  for (let number = 1; number <= scenario.replicas; number++) stage.startReplica(number)
  // What a watch swallowed comes to light when the server has forgotten its history, and all begin again with a list.
  stage.world.kube.compact()
  stage.world.kube.resetWatches()
  await advance(stage, MINUTE)
  stage.world.lbc.resync()
}

/** Time passes in small pieces, until something is broken. */
async function advance(stage: Stage, milliseconds: number): Promise<void> {
  const end = stage.clock.monotonic() + milliseconds
  while (stage.clock.monotonic() < end && !stage.book.breach)
    await stage.clock.advance(Math.min(MINUTE, end - stage.clock.monotonic()))
}

/** Until nothing of ours is written for an hour. */
async function rest(stage: Stage): Promise<void> {
  const { court, scenario } = stage
  await advance(stage, scenario.retireAfter + 3 * HOUR)
  for (let window = 0; window < 8 && !stage.book.breach; window++) {
    const before = court.written
    await advance(stage, HOUR)
    if (court.written === before) {
      stage.book.premise('L5')
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
  if (scenario.quietMs > 2 * HOUR) await advance(stage, scenario.quietMs)
  if (!stirring && !book.breach)
    book.check('L5', court.written === before, () => `at rest, ${court.lastWrite} was written`)
  if (book.breach || stirring) return
  const effects = court.written
  for (const number of stage.replicas) stage.killReplica(number)
  stage.tell(() => '--- everything is started again')
  for (const number of [1, 2]) stage.startReplica(number)
  await advance(stage, scenario.leaseMs + 30 * MINUTE)
  if (!book.breach) book.check('L6', court.written === effects, () => `a restart at rest wrote ${court.lastWrite}`)
}

/** L9: who stands by takes over from a leader that died. L4: a record that somebody deletes is back within one check of the records. */
async function mischief(stage: Stage): Promise<void> {
  const { book, court, scenario, settings, world } = stage
  const leader = court.fencing.leader
  if (scenario.replicas === 2 && stage.replicas.length === 2 && leader !== undefined) {
    stage.killReplica(Number(leader.slice(-1)))
    stage.tell(() => `--- ${leader} dies`)
    await advance(stage, settings.leaseDuration + settings.leaseRenewInterval)
    const next = court.fencing.leader
    if (!book.breach) book.check('L9', next !== undefined && next !== leader, () => `nobody took over from ${leader}`)
  }
  const arn = court.view.own.find((own) => court.view.isHealthy(own) && court.retirement.neededBy(own) !== undefined)
  const [name] = arn === undefined ? [] : court.view.namesOf(arn)
  const zone = world.aws.hostedZones().find(({ id }) => id === court.view.zonesOf(name ?? '')[0]?.id)
  if (arn === undefined || name === undefined || !zone || book.breach) return
  const record = validationRecord(DEFAULT_ACCOUNT, name)
  world.aws.deleteRecord(zone, { name: record.name, type: 'CNAME' })
  stage.tell(() => `--- a colleague deletes the record of ${name}`)
  await advance(stage, settings.recordCheckInterval + 5 * MINUTE)
  const back = zone.get(normalise(record.name), 'CNAME') !== undefined
  if (!book.breach) book.check('L4', back, () => `the record of ${name} on ${court.view.label(arn)} is not put back`)
}
