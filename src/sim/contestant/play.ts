import type { Situation } from './situation.ts'
import { type Contestant, type Finding, Trial } from './trial.ts'

/** Plays a situation to its end. @returns all that the laws found, in milliseconds since that began which the situation is about. */
export async function playSituation(situation: Situation, contestant: Contestant): Promise<readonly Finding[]> {
  await using trial = await Trial.begin({ ...situation.options, contestant })
  await situation.play(trial)
  trial.conclude()
  return trial.findings.map((finding) => ({ ...finding, at: finding.at - trial.befellAt }))
}
