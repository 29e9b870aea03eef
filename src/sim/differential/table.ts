import type { Kind, Verdict } from './comparison.ts'

/** What came of each kind of comparison, and why some seeds say nothing. */
export function table(kinds: readonly Kind[], verdicts: readonly Verdict[]): string {
  const row = (...cells: readonly (string | number)[]) =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(16) : String(cell).padStart(16))).join('')
  const lines = [row('what differs', 'equal', 'differs', 'not comparable', 'lines compared')]
  const whys = new Map<string, number>()
  for (const kind of kinds) {
    const of = verdicts.filter((verdict) => verdict.kind === kind)
    const count = (result: Verdict['result']) => of.filter((verdict) => verdict.result === result).length
    const compared = of.reduce((sum, verdict) => sum + verdict.compared, 0)
    lines.push(row(kind, count('equal'), count('differs'), count('not comparable'), compared))
    for (const { result, lines: why } of of) {
      if (result !== 'not comparable') continue
      const reason = (why[0] ?? '').replace(/:.*/s, '')
      whys.set(reason, (whys.get(reason) ?? 0) + 1)
    }
  }
  const reasons = [...whys].sort(([, a], [, b]) => b - a).map(([why, times]) => `  ${times}: ${why}`)
  return [...lines, 'not comparable because', ...reasons].join('\n')
}
