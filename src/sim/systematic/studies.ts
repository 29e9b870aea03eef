import { UsageError } from '../../cli/usage-error.ts'
import { CRASHES } from './crash-study.ts'
import { REPLICAS } from './rival-study.ts'
import { VIEWS } from './view-study.ts'
import { playReference, type Outcome, type Reference, type RunOptions } from './run.ts'
import { STORIES } from './stories.ts'
import type { Story } from './story.ts'
import { parseId, type Study } from './study.ts'

export const STUDIES: readonly Study[] = [CRASHES, VIEWS, REPLICAS]

const references = new Map<string, Promise<Reference>>()

/** The undisturbed run of a story, played once. */
export function referenceOf(story: Story): Promise<Reference> {
  let reference = references.get(story.name)
  if (!reference) references.set(story.name, (reference = playReference(story)))
  return reference
}

export function storyNamed(name: string): Story {
  const story = STORIES.find((candidate) => candidate.name === name)
  if (!story)
    throw new UsageError(`There is no story "${name}": give one of ${STORIES.map((other) => other.name).join(', ')}.`)
  return story
}

/** Plays one point, by its id. @throws UsageError for an id that there is not. */
export async function playPoint(id: string, options: RunOptions = {}): Promise<Outcome> {
  const { study: name, story: storyName } = parseId(id)
  const study = STUDIES.find((candidate) => candidate.name === name)
  if (!study)
    throw new UsageError(`There is no study "${name}": give one of ${STUDIES.map((other) => other.name).join(', ')}.`)
  const story = storyNamed(storyName)
  return await study.play(story, { id, reference: await referenceOf(story), ...options })
}
