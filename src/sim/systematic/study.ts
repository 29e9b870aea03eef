import type { Outcome, Reference, RunOptions } from './run.ts'
import type { Story } from './story.ts'

/** One run of a story with something done to it. */
export interface Point {
  /** `crash/life/17/late`: by which it is replayed. */
  readonly id: string
  /** In words. */
  readonly what: string
}

/** The points of one story, and how many more there are that need no run of their own, because they come to the same. */
export interface Points {
  readonly effects: number
  readonly points: readonly Point[]
  readonly same: number
}

/** One kind of disturbance, tried at every place of a story. */
export interface Study {
  readonly name: string
  points(story: Story, reference: Reference): Points
  /** @throws Error for an id that is not one of its own. */
  play(story: Story, point: { readonly id: string; readonly reference: Reference } & RunOptions): Promise<Outcome>
}

/** `crash/ledger lost/17/late` → study, story, and what the study makes of the rest. */
export function parseId(id: string): {
  readonly study: string
  readonly story: string
  readonly rest: readonly string[]
} {
  const [study = '', story = '', ...rest] = id.split('/')
  return { study, story, rest }
}
