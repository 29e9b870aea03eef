import { LAWS, TO_COME } from '../laws/book.ts'
import type { BatchOutcome, Count } from './tally.ts'

/** The tables with which a batch ends, and how many requirements it fails. */
export function tables(outcome: BatchOutcome): { readonly text: string; readonly failures: number } {
  const { broken, faults, laws, seeds } = outcome
  const failed = broken.map(({ seed, law, sentence }) => `seed ${seed} breaks ${law}: ${sentence}`)
  const lines = [
    ...table('fault or deed', Object.entries(faults)),
    ...table(
      'law',
      LAWS.map((law): [string, Count] => [law, laws[law]]),
    ),
    '',
    ...Object.entries(TO_COME).map(([what, why]) => `to come: ${what}: ${why}`),
    '',
    ...failed,
    `${seeds} seeds, ${broken.length} broken`,
  ]
  return { text: lines.join('\n'), failures: failed.length }
}

function table(title: string, rows: readonly (readonly [string, Count])[]): string[] {
  const line = (what: string, times: string, seeds: string, first: string) =>
    `${what.padEnd(56)} ${times.padStart(9)} ${seeds.padStart(7)} ${first.padStart(7)}`
  return [
    '',
    line(title, 'times', 'seeds', 'first'),
    ...rows.map(([what, { times, seeds, first }]) => line(what, String(times), String(seeds), String(first ?? '–'))),
  ]
}
