import { forkRandom } from '../random.ts'
import { Draw } from './draw.ts'
import type { Scenario } from './scenario.ts'
import { absentAtFirst } from './themes/absent-at-first.ts'
import { allGone } from './themes/all-gone.ts'
import { anyOrder } from './themes/any-order.ts'
import { badFromTheStart } from './themes/bad-from-the-start.ts'
import { crowd } from './themes/crowd.ts'
import { full } from './themes/full.ts'
import { inTheMiddle } from './themes/in-the-middle.ts'
import { lostWhileDown } from './themes/lost-while-down.ts'
import { neighbours } from './themes/neighbours.ts'
import { oneOfTwo } from './themes/one-of-two.ts'
import { otherClasses } from './themes/other-classes.ts'
import { policies } from './themes/policies.ts'
import { shortLives } from './themes/short-lives.ts'
import { shortPages } from './themes/short-pages.ts'
import { subZones } from './themes/sub-zones.ts'
import { tags } from './themes/tags.ts'
import { unheard } from './themes/unheard.ts'

/**
 * A theme is what only some seeds have: a capability that few users use, or a story that chance alone would not tell. To add one:
 * 1. Write `themes/NAME.ts`: a constant of type {@link Theme}, and add it to {@link THEMES}, where the order does not matter but to those that draw both.
 * 2. `share` is how many of all seeds have it: 0.02 to 0.1, so that a thousand seeds meet it often and few seeds change.
 * 3. `dress` gets the scenario of the seed and a {@link Draw} from a generator of the theme's own: no other seed changes by a new theme.
 * 4. It may replace anything in the scenario. Steps are added by `withSteps` of themes/story.ts, which makes the storm long enough for them.
 * 5. Settings of the program: `flags: { ...scenario.flags, 'default-tags': 'team=shop' }`. How AWS behaves: `aws: { ...scenario.aws, … }`.
 * 6. Deeds for any capability: `annotate` (of the Ingress of a place), `administer` (applies any object of Kubernetes by force: IngressClassParams,
 *    the labels of a Namespace, a policy), `withdraw` (deletes one), `restart` (all replicas, with other flags).
 * 7. Whoever needs a new deed adds it to steps.ts, perform.ts and faults.ts. Every scenario must be JSON, and hold without any of its steps.
 * 8. `make simulate SEED=…` prints the themes of a seed; `themes` in the table at the end of a batch says which seed is the first of each.
 */
export interface Theme {
  readonly name: string
  /** Of all seeds: 0 to 1. */
  readonly share: number
  readonly dress: (scenario: Scenario, draw: Draw) => Scenario
}

/** Every theme there is. */
export const THEMES: readonly Theme[] = [
  absentAtFirst,
  allGone,
  anyOrder,
  badFromTheStart,
  crowd,
  full,
  inTheMiddle,
  lostWhileDown,
  neighbours,
  oneOfTwo,
  otherClasses,
  policies,
  shortLives,
  shortPages,
  subZones,
  tags,
  unheard,
]

/** How a theme is counted among what befell the world. */
export function countedAs({ name }: Pick<Theme, 'name'>): string {
  return `theme ${name}`
}

/** Gives a scenario the themes that its seed draws. */
export function dress(plain: Scenario, themes: readonly Theme[] = THEMES): Scenario {
  let scenario = plain
  for (const { name, share, dress: wear } of themes) {
    const draw = new Draw(forkRandom(plain.seed, `theme ${name}`))
    if (!draw.chance(share)) continue
    scenario = wear({ ...scenario, themes: [...scenario.themes, name] }, draw)
  }
  return scenario
}
