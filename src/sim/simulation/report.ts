import { LAWS } from '../laws/book.ts'
import { CLASSES } from './faults.ts'
import { PROBES } from './probes.ts'
import { countedAs, THEMES } from './themes.ts'
import type { BatchOutcome, Count } from './tally.ts'

/** A batch of so many seeds has met every class of faults. */
const ALL_CLASSES_FROM = 200

/** A batch of so many seeds has reached every rare state, and put every law to the test. */
const NIGHTLY_FROM = 1_000
/** How often each law is put to the test in such a batch. */
const PREMISES = 1_000

const NONE: Count = { times: 0, seeds: 0, first: undefined }

/** The tables with which a batch ends, and what it fails: a breach, or something that never came about. */
export function tables(outcome: BatchOutcome): { readonly text: string; readonly failures: readonly string[] } {
  const { broken, faults, laws, probes, seeds } = outcome
  const themes = THEMES.map(countedAs)
  const others = Object.keys(faults).filter((what) => !CLASSES.includes(what) && !themes.includes(what))
  const failures = [
    ...broken.map(({ seed, law, sentence }) => `seed ${seed} breaks ${law}: ${sentence}`),
    ...(seeds < ALL_CLASSES_FROM ? [] : CLASSES)
      .filter((name) => !faults[name])
      .map((name) => `"${name}" befell nobody in ${seeds} seeds`),
    ...(seeds < NIGHTLY_FROM ? [] : themes)
      .filter((name) => !faults[name])
      .map((name) => `no seed of ${seeds} has the ${name}`),
    ...LAWS.filter((law) => law !== 'P' && seeds >= NIGHTLY_FROM && laws[law].times < PREMISES).map(
      (law) => `${law} was put to the test ${laws[law].times} times in ${seeds} seeds, and has to be ${PREMISES} times`,
    ),
    ...(seeds < NIGHTLY_FROM ? [] : PROBES)
      .filter((probe) => probes[probe].seeds === 0)
      .map((probe) => `no seed of ${seeds} reached "${probe}"`),
  ]
  const lines = [
    ...table(
      'fault',
      CLASSES.map((name) => [name, faults[name] ?? NONE]),
    ),
    `${CLASSES.length} classes of faults, ${CLASSES.filter((name) => faults[name]).length} of them hit`,
    ...table(
      'beside',
      others.map((name) => [name, faults[name] ?? NONE]),
    ),
    ...table(
      'themes',
      themes.map((name) => [name, faults[name] ?? NONE]),
    ),
    ...table(
      'sometimes',
      PROBES.map((probe) => [probe, probes[probe]]),
    ),
    `${PROBES.length} rare states, ${PROBES.filter((probe) => probes[probe].seeds > 0).length} of them reached`,
    ...table(
      'law',
      LAWS.map((law) => [law, laws[law]]),
    ),
    '',
    ...failures,
    `${seeds} seeds, ${broken.length} broken`,
  ]
  return { text: lines.join('\n'), failures }
}

function table(title: string, rows: readonly (readonly [string, Count])[]): string[] {
  const line = (what: string, times: string, seeds: string, first: string) =>
    `${what.padEnd(64)} ${times.padStart(9)} ${seeds.padStart(7)} ${first.padStart(7)}`
  return [
    '',
    line(title, 'times', 'seeds', 'first'),
    ...rows.map(([what, { times, seeds, first }]) => line(what, String(times), String(seeds), String(first ?? '–'))),
  ]
}
