import { readFileSync } from 'node:fs'
import { SETTINGS } from '../src/config.ts'

const ROOT = new URL('..', import.meta.url)

/** The rows of the README's table of annotations: they are written there, once. */
export function annotationRows(): readonly string[] {
  const rows = readFileSync(new URL('README.md', ROOT), 'utf8').split('\n')
  return rows.filter((line) => /^\| `(certwright\.dev|alb\.ingress\.kubernetes\.io)\//.test(line))
}

/** State and reasons, from the first table of docs/states.md. */
export function reasonsByState(): ReadonlyMap<string, readonly string[]> {
  const [table = ''] = readFileSync(new URL('docs/states.md', ROOT), 'utf8').split('## Conditions')
  const rows = table.split('\n').filter((line) => /^\| `[A-Z]/.test(line))
  return new Map(
    rows.map((line) => {
      const [, state = '', , reasons = ''] = line.split('|')
      return [
        state.replaceAll('`', '').trim(),
        [...reasons.matchAll(/`([A-Z][A-Za-z]+)`/g)].map(([, reason = '']) => reason),
      ]
    }),
  )
}

/** docs/reference.md, whole. */
export function referencePage(): string {
  const settings = Object.values(SETTINGS).map(({ flag, default: preset, sentence, required }) =>
    row([`\`${flag}\``, required ? 'required' : preset === undefined ? '' : `\`${preset}\``, sentence]),
  )
  const states = new Map<string, string[]>()
  for (const [state, reasons] of reasonsByState())
    for (const reason of reasons) states.set(reason, [...(states.get(reason) ?? []), `\`${state}\``])
  const reasons = [...states].sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    '# Reference',
    '',
    'Every setting, annotation, state and reason. This page is made by `test/reference.test.ts` from the code, the README and [states.md](states.md), and the',
    'test fails where it is not what they say; `node_modules/.bin/vitest run test/reference.test.ts -u` writes it anew.',
    '',
    '## Settings',
    '',
    'Of `certwright run`: flags, with `--` before them, and the fields of its configuration file.',
    '',
    row(['setting', 'default', '']),
    row(['---', '---', '---']),
    ...settings,
    '',
    '## Annotations of an Ingress',
    '',
    row(['annotation', 'value', '']),
    row(['---', '---', '---']),
    ...annotationRows(),
    '',
    '## States and reasons',
    '',
    'What each state means, what follows, and its conditions: [states.md](states.md).',
    '',
    row(['reason', 'state']),
    row(['---', '---']),
    ...reasons.map(([reason, of]) => row([`\`${reason}\``, of.join(', ')])),
    '',
  ].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
