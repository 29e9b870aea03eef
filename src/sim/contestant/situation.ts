import type { Finding, Trial, TrialOptions } from './trial.ts'

/** A moment in the life of a controller in which the reference does what a law forbids. Both contestants are put into it. */
export interface Situation {
  /** Of the table of the reference's defects: `reference-defects.ts`. */
  readonly defect: string
  /** What befalls the controller. */
  readonly story: string
  /** What the reference makes of it. */
  readonly outcome: string
  readonly law: Finding['law']
  /** What the sentence of the breach must name. */
  readonly names: string
  readonly options?: Omit<TrialOptions, 'contestant'>
  /** The same for both: it asks nothing of the contestant. */
  play(trial: Trial): Promise<void>
}
