import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ANNOTATION, LBC } from '../src/sources/annotations.ts'
import { annotationRows, reasonsByState, referencePage } from './reference.ts'

/** Of events alone: the state is another's. */
const OF_EVENTS = ['GroupWaits']

const ROOT = new URL('..', import.meta.url)

/** What decides and what reads objects: every reason is written there. */
const SOURCES = globSync(['src/core/**/*.ts', 'src/sources/*.ts', 'src/loop/*.ts'], { cwd: ROOT })
  .filter((path) => !path.endsWith('.test.ts') && !path.includes('/testing/'))
  .map((path) => readFileSync(new URL(path, ROOT), 'utf8'))
  .join('\n')

it('docs/reference.md says what the code says', async () => {
  await expect(referencePage()).toMatchFileSnapshot('../docs/reference.md')
})

it('every annotation that is read stands in the table of the README', () => {
  const table = annotationRows().join('\n')
  expect(Object.values(ANNOTATION).filter((annotation) => !table.includes(`\`${annotation}\``))).toEqual([])
  const aliases = [LBC.createCertificate, LBC.tags, LBC.certificateAuthority]
  expect(aliases.filter((alias) => !table.includes(`/${alias.split('/')[1]}\``))).toEqual([])
})

it('every reason that the code gives stands in docs/states.md, and none that it does not give', () => {
  const listed = [...reasonsByState().values()].flat()
  expect(listed.filter((reason) => !SOURCES.includes(`'${reason}'`))).toEqual([])
  const literal =
    /(?:reason: |(?:held|failed|deferred|refused|requesting|retiring|waiting|validating)\(\s*)'([A-Z][A-Za-z]+)'/g
  const given = [...SOURCES.matchAll(literal)].map(([, reason = '']) => reason)
  expect(given.length).toBeGreaterThan(40)
  expect([...new Set(given)].filter((reason) => ![...listed, ...OF_EVENTS].includes(reason)).sort()).toEqual([])
})
