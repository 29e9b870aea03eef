import { UsageError } from '../../cli/usage-error.ts'
import type { Disturbance } from './stage.ts'
import { type Expectations, playDisturbed, type Reference } from './run.ts'
import type { Step } from './step.ts'
import { parseId, type Point, type Study } from './study.ts'
import { OlderView, Recreation, StaleView, UnseenState } from './views.ts'

/** The three ways in which a view misleads: https://www.usenix.org/conference/osdi22/presentation/sun, section 4. */
const PATTERNS = ['stale', 'unseen', 'recreated', 'older'] as const

type Pattern = (typeof PATTERNS)[number]

/** Two states of an object that come so close are seen as one by whoever is slow. */
const CLOSE_MS = 30_000
/** How many steps behind a server may be: little at one step, more at the next. */
const DEPTHS = [1, 4] as const

/** At each step of a story what the controller sees of it is late, or left out, or taken back. */
export const VIEWS: Study = {
  name: 'views',
  points: (story, reference) => {
    const points: Point[] = []
    reference.steps.forEach((step) => {
      const add = (...pattern: readonly (string | number)[]) =>
        points.push({
          id: ['views', story.name, step.index, ...pattern].join('/'),
          what: `${pattern.join(' ')} at step ${step.index}, ${step.what}`,
        })
      add('stale')
      add('older', step.of === 'aws' ? 1 : (DEPTHS[step.index % DEPTHS.length] as number))
      if (isPassing(step, reference)) add('unseen')
      for (const key of standing(step, reference)) add('recreated', key.replace('/', '.'))
    })
    return { effects: reference.steps.length, points, same: 0 }
  },
  play: async (story, { id, reference, tell }) => {
    const { disturbance, expectations } = disturbanceOf(id)
    return await playDisturbed(story, { reference, tell, disturbance, expectations })
  },
}

/** Does another state of the same object follow soon? */
function isPassing(step: Step, { steps }: Reference): boolean {
  if (step.of !== 'kubernetes') return false
  const next = steps.find(
    (other) =>
      other.index > step.index &&
      other.of === 'kubernetes' &&
      other.collection === step.collection &&
      other.key === step.key,
  )
  return next !== undefined && next.at - step.at <= CLOSE_MS
}

/** The Ingresses that are there after a step that somebody made who matters to them: their users, ACM, or we. */
function standing(step: Step, { steps }: Reference): readonly string[] {
  if (step.of === 'kubernetes' && step.collection !== 'ingresses') return []
  const there = new Set<string>()
  for (const earlier of steps.slice(0, step.index + 1)) {
    if (earlier.of !== 'kubernetes' || earlier.collection !== 'ingresses') continue
    if (earlier.state === 'there') there.add(earlier.key)
    else there.delete(earlier.key)
  }
  return [...there]
}

function disturbanceOf(id: string): { disturbance: Disturbance; expectations: Expectations } {
  const [index = '', name, more = ''] = parseId(id).rest
  const pattern = PATTERNS.find((candidate) => candidate === name)
  if (pattern === undefined || !/^\d+$/.test(index))
    throw new UsageError(`${id} names no point: give STORY/STEP/PATTERN.`)
  return {
    disturbance: made(pattern, Number(index), more),
    expectations: expectationsOf(pattern),
  }
}

/**
 * Whose view is behind for longer than a certificate takes has lent nothing meanwhile, or lends what another would not; what is remembered
 * of publishing tells of it. All else is counted.
 */
function expectationsOf(pattern: Pattern): Expectations {
  const ignore = /\.status\.published\./
  switch (pattern) {
    case 'stale':
    case 'unseen':
      return { lendsAsItComes: true, ignore }
    case 'recreated':
      // An object that is created again is published on again; where it has opted out, there is nothing to be said of it any more.
      return { lendsAsItComes: true, except: ['annotations'], ignore: /\.status\.published\.|^- CertificateClaim / }
    case 'older':
      // Whoever writes from an older ledger loses what was remembered since of certificates that are gone: that the brake counts them.
      return { lendsAsItComes: true, ignore: /\.status\.published\.|^- ACMCertificate \S+\.status\.certificates\./ }
  }
}

function made(pattern: Pattern, index: number, more: string): Disturbance {
  switch (pattern) {
    case 'stale':
      return new StaleView(index)
    case 'unseen':
      return new UnseenState(index)
    case 'recreated':
      return new Recreation(index, more.replace('.', '/'))
    case 'older':
      return new OlderView({ index, depth: Number(more) })
  }
}
