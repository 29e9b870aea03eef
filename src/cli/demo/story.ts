import type { Stage } from './stage.ts'

/** One step of the story. */
export interface Step {
  readonly title: string
  /** What somebody does. */
  act(stage: Stage): Promise<void>
  /** What has to become true, and by when. */
  readonly until: string
  holds(stage: Stage): Promise<boolean> | boolean
  /** In seconds. */
  readonly limit: number
  /** What the step has shown, once it holds. */
  shown(stage: Stage): Promise<string> | string
}
