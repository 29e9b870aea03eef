import { readings, type Readings } from '../../../../src/sim/aws/readings.ts'
import type { AwsSettings, Span } from '../../../../src/sim/aws/settings.ts'
import type { Episode, Obstacle, OpenFact, Reading } from '../fact.ts'
import { type AwsHarness } from '../harness.ts'
import { type Site } from '../site.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const NONE: Span = [0, 0]
export const ACCOUNT = '111122223333'

export const exactly = (milliseconds: number): Span => [milliseconds, milliseconds]

/** Both answers to one of the simulator's questions. */
export function both<Key extends keyof Readings>(
  key: Key,
  answers: readonly [Readings[Key], Readings[Key]],
  settings: Partial<AwsSettings> = {},
): readonly [Reading, Reading] {
  const one = (answer: Readings[Key]): Reading => ({
    name: answer,
    settings: { ...settings, ...readings({ [key]: answer }) },
  })
  return [one(answers[0]), one(answers[1])]
}

export function question(options: {
  says: string
  unknown: string
  readings: readonly [Reading, Reading]
  look: OpenFact['ask']
  episode?: Episode
}): OpenFact {
  const { says, unknown, readings: pair, look, episode } = options
  const source = { mark: 'open', where: [unknown] } as const
  return { area: 'Open questions', says, source, on: 'both readings', readings: pair, ask: look, episode }
}

export const anybody = (look: (site: Site) => Promise<string>): OpenFact['ask'] => ({ of: 'anybody', look })
export const simulator = (
  look: (world: AwsHarness) => Promise<string>,
  because: Obstacle = 'AWS must be told how to behave',
) => ({ of: 'the simulator', because, look }) as const

/** How long after now `look` is true first, asked at these distances. */
export async function first(world: AwsHarness, distances: readonly [string, number][], look: () => Promise<boolean>) {
  let passed = 0
  for (const [name, distance] of distances) {
    await world.clock.advance(distance - passed)
    passed = distance
    if (await look()) return name
  }
  return 'later'
}
