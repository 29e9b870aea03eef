import { plan } from '../src/core/plan.ts'
import type { PlanInput } from '../src/core/situation.ts'
import { MINUTE } from '../src/core/time.ts'
import { atRest, callsOf, restarted } from '../src/core/testing/at-rest.ts'
import { live } from '../src/core/testing/life.ts'

/**
 * What a plan costs, and what a start costs in calls to AWS. Absolute times say something of the machine; the ratio of
 * 2,500 wishes to 250, measured in one run, says whether a plan grows faster than its world. Ends with code 1 where a bound is missed.
 */
const FEW = 250
const MANY = 2_500
const TURNS = 40

const BOUNDS = { ratio: 20, start: 60 }

/** One look has brought one certificate and one load balancer anew: what most plans of a busy hour rest on. */
function changed({ observation, ...input }: PlanInput, turn: number): PlanInput {
  const { certificates, listeners } = observation
  const [certificate] = [...(certificates?.value.values() ?? [])].slice(turn)
  const [looked] = [...listeners].slice(turn % listeners.size)
  if (!certificates || !certificate || !looked) throw new Error('a world at rest has certificates and load balancers')
  const value = new Map(certificates.value).set(certificate.arn, { ...certificate })
  return {
    ...input,
    observation: {
      ...observation,
      certificates: { ...certificates, value },
      listeners: new Map(listeners).set(looked[0], { ...looked[1] }),
    },
  }
}

/** Milliseconds of this thread: what else the machine does counts little. The platform counts in steps of some, so that only sums say anything. */
function millisecondsOf(work: () => void): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}

function main(): void {
  const worlds = { few: atRest(FEW), many: atRest(MANY) }
  const spent = { few: 0, many: 0 }
  const spentChanged = { ...spent }
  for (let turn = 0; turn < TURNS; turn++) {
    for (const world of ['few', 'many'] as const) {
      const same = { ...worlds[world], now: worlds[world].now + turn }
      const other = changed(same, turn)
      spent[world] += millisecondsOf(() => plan(same)) / TURNS
      spentChanged[world] += millisecondsOf(() => plan(other)) / TURNS
    }
  }
  const ratio = spent.many / spent.few
  const ratioChanged = spentChanged.many / spentChanged.few
  const { many } = worlds
  const callsIn = (input: PlanInput, milliseconds: number) =>
    live(input, input.now + milliseconds).looks.reduce((sum, { look }) => sum + callsOf(look), 0)
  const start = callsIn(restarted(many), MINUTE)
  const row = (what: string, few: number, of: number) =>
    `${what.padEnd(52)} ${few.toFixed(2).padStart(8)} ms ${of.toFixed(2).padStart(8)} ms   × ${(of / few).toFixed(1)}`
  console.log(`${'one plan, in CPU time'.padEnd(52)} ${`${FEW}`.padStart(11)} ${`${MANY}`.padStart(11)}`)
  console.log(row('nothing changed but the time', spent.few, spent.many))
  console.log(row('one certificate and one load balancer changed', spentChanged.few, spentChanged.many))
  console.log(
    `calls to AWS in the first minute after a start, ${MANY} wishes with their ledger: ${start} (at most ${BOUNDS.start})`,
  )
  const missed = ratio > BOUNDS.ratio || ratioChanged > BOUNDS.ratio || start > BOUNDS.start
  if (missed) console.log(`a bound is missed; ratios are to be at most ${BOUNDS.ratio}`)
  process.exitCode = missed ? 1 : 0
}

main()
