import { forkRandom } from '../random.ts'
import type { Scenario } from '../simulation/scenario.ts'
import { PLACES, type Step } from '../simulation/steps.ts'
import { undisturbed } from './variants.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** What one object is to come to, by every way. */
interface Wanted {
  readonly ingress: number
  readonly hosts: readonly number[]
  readonly group: string | null
  readonly ports: readonly number[]
}

const HOST_SETS: readonly (readonly number[])[] = [
  [0],
  [1],
  [0, 1],
  [0, 2],
  [1, 2],
  [0, 1, 2],
  [3],
  [4],
  [4, 0],
  [5],
  [5, 6],
]

/**
 * What happens in a scenario, until somebody puts everything right: then the wish is one of which everything is decided, valid, of one
 * mind, and with room for it.
 */
export function righted(scenario: Scenario): Scenario {
  const steps = [...scenario.steps, ...corrections(drawWish(scenario), scenario.stormMs)]
  return { ...scenario, ...DECIDED, steps, stormMs: lastOf(steps) + 2 * MINUTE }
}

/** Different ways to one wish: all at once; backwards and slowly; and by what people of the seed do, until it is put right. */
export function histories(scenario: Scenario): readonly Scenario[] {
  const wish = drawWish(scenario)
  const atOnce = wish.map((wanted, index): Step => applied(wanted, index * SECOND))
  const slowly = [...wish].reverse().map((wanted, index): Step => applied(wanted, index * 20 * MINUTE))
  const base = undisturbed(righted(scenario))
  const direct = [atOnce, slowly].map((steps) => ({ ...base, steps, stormMs: lastOf(steps) + 2 * MINUTE }))
  return [...direct, base]
}

const DECIDED = {
  bad: undefined,
  namesPerCertificate: 10,
  certificatesPerLoadBalancer: 25,
  retireBrake: false,
} as const

function lastOf(steps: readonly Step[]): number {
  return Math.max(0, ...steps.map(({ at }) => at))
}

function drawWish({ seed }: Scenario): readonly Wanted[] {
  const random = forkRandom(seed, 'wish')
  const pick = <T>(values: readonly T[]) => values[Math.floor(random.next() * values.length)] as T
  return PLACES.slice(0, pick([1, 2, 3, 4])).map((_, ingress) => ({
    ingress,
    hosts: pick(HOST_SETS),
    group: pick(['shared', 'shared', 'second', null]),
    ports: pick([[443], [443], [443, 8443]]),
  }))
}

function applied({ ingress, hosts, group, ports }: Wanted, at: number): Step {
  return { at, do: 'apply', ingress, hosts, group, ports, asks: 'true' }
}

/** An object that is being deleted may take so long to go as the load balancer's controller stands still. */
const GONE_MS = 40 * MINUTE

/** Whatever stands there by then: each object as it is to be, and none that is not to be; and again, for what was on its way out. */
function corrections(wish: readonly Wanted[], from: number): readonly Step[] {
  return [from, from + GONE_MS].flatMap((begin) =>
    PLACES.flatMap((_, ingress): readonly Step[] => {
      const at = begin + ingress * 5 * SECOND
      const wanted = wish.find((other) => other.ingress === ingress)
      if (!wanted) return [{ at, do: 'delete', ingress }]
      const later = at + MINUTE
      return [
        applied(wanted, at),
        { at: later, do: 'group', ingress, group: wanted.group },
        { at: later + SECOND, do: 'class', ingress, value: 'alb' },
        { at: later + 2 * SECOND, do: 'pause', ingress, value: false },
        // An ARN that somebody wrote, or that came from a backup, is taken away; ours is put back.
        { at: later + 3 * SECOND, do: 'empty', ingress, remove: true },
      ]
    }),
  )
}
