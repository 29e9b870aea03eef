import { expect, it } from 'vitest'
import { flagsOf } from '../../cli/setting.ts'
import { SETTINGS } from '../../config.ts'
import { drawPlain, drawScenario, type Scenario } from './scenario.ts'
import { describe } from './steps.ts'
import { dress, THEMES, type Theme } from './themes.ts'

const SEEDS = Array.from({ length: 400 }, (_, index) => index + 1)

/** Each theme alone, in a few scenarios. */
const DRESSED = THEMES.flatMap((theme) =>
  SEEDS.slice(0, 20).map((seed): readonly [Theme, Scenario] => [
    theme,
    dress(drawPlain(seed), [{ ...theme, share: 1 }]),
  ]),
)

it('has themes with names of their own', () => {
  expect(new Set(THEMES.map(({ name }) => name)).size).toBe(THEMES.length)
})

it('draws each theme as often as its share says', () => {
  const drawn = SEEDS.flatMap((seed) => drawScenario(seed).themes)
  for (const { name, share } of THEMES) {
    const times = drawn.filter((each) => each === name).length
    expect(times, name).toBeGreaterThan(0)
    expect(times, name).toBeLessThan(SEEDS.length * share * 3)
  }
})

it('a theme more changes no seed that does not draw it', () => {
  const more: Theme = { name: 'one more', share: 0.2, dress: (scenario) => ({ ...scenario, stormMs: 1 }) }
  for (const seed of SEEDS) {
    const scenario = dress(drawPlain(seed), [...THEMES, more])
    if (!scenario.themes.includes(more.name)) expect(scenario).toEqual(drawScenario(seed))
  }
})

it('every scenario survives being written to a file and read again', () => {
  for (const [{ name }, scenario] of DRESSED) expect(JSON.parse(JSON.stringify(scenario)), name).toEqual(scenario)
})

it('gives the program no flag that it does not know, and ends every storm after the last step', () => {
  const known = flagsOf(SETTINGS)
  for (const [{ name }, { flags, steps, stormMs }] of DRESSED) {
    const restarted = steps.flatMap((step) => (step.do === 'restart' ? Object.keys(step.flags) : []))
    for (const flag of [...Object.keys(flags), ...restarted]) expect(known, name).toContain(flag)
    for (const step of steps) {
      expect(step.at, `${name}: ${describe(step)}`).toBeLessThanOrEqual(stormMs)
      expect(describe(step)).not.toContain('undefined')
    }
  }
})
