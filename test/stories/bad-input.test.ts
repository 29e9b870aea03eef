import { afterAll, beforeAll, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { Story } from './story.ts'

const LONG = 'x'.repeat(10_000)

interface Bad {
  readonly annotations?: Readonly<Record<string, string>>
  /** Given where its own host is left out. */
  readonly hosts?: readonly []
  readonly reason: string
  /** The sentence names the object, the field or the value, and what to do. */
  readonly says: readonly string[]
}

function annotated(annotation: string, value: string, expected: string): Bad {
  const annotations = { [`certwright.dev/${annotation}`]: value }
  return { annotations, reason: 'InvalidAnnotation', says: [`certwright.dev/${annotation}`, expected] }
}

function named(names: string, problem: string): Bad {
  return {
    annotations: { 'certwright.dev/names': names },
    hosts: [],
    reason: 'InvalidName',
    says: [problem, 'correct it'],
  }
}

const BAD: Readonly<Record<string, Bad>> = {
  'asks-wrong': annotated('certificate', 'yes', 'expected "true", "false" or "standby"'),
  'asks-empty': annotated('certificate', '', 'expected "true"'),
  'asks-capitals': annotated('certificate', 'TRUE', 'expected "true"'),
  'asks-huge': annotated('certificate', LONG, 'expected "true"'),
  'asks-unicode': annotated('certificate', '“true”', 'expected "true"'),
  'paused-wrong': annotated('paused', 'maybe', 'expected "true" or "false"'),
  'paused-empty': annotated('paused', '', 'expected "true" or "false"'),
  'policy-wrong': annotated('deletion-policy', 'Retain', 'expected delete or retain'),
  'algorithm-wrong': annotated('key-algorithm', 'RSA-2048', 'RSA_2048'),
  'algorithm-huge': annotated('key-algorithm', LONG, 'RSA_2048'),
  'tags-wrong': annotated('tags', 'team', 'write it like team=shop'),
  'tags-character': annotated('tags', 'team=a*b', 'write it like team=shop'),
  'authority-wrong': annotated('certificate-authority', 'my-ca', 'name a CA'),
  'unknown-annotation': annotated('certifcate', 'true', 'expected one of'),
  'ports-wrong': {
    annotations: { 'alb.ingress.kubernetes.io/listen-ports': '443' },
    reason: 'InvalidAnnotation',
    says: ['alb.ingress.kubernetes.io/listen-ports', `'[{"HTTP":80},{"HTTPS":443}]'`],
  },
  'ports-huge': {
    annotations: { 'alb.ingress.kubernetes.io/listen-ports': '[{"HTTPS":70000}]' },
    reason: 'InvalidAnnotation',
    says: ['70000', 'expected a list'],
  },
  'names-none': { hosts: [], reason: 'NoNames', says: ['certwright.dev/names'] },
  'names-dots': named('a..example.com', 'has an empty label'),
  'names-unicode': named('bücher.example.com', 'a character other than'),
  'names-wildcard': named('a.*.example.com', 'a wildcard that is not its whole first label'),
  'names-half-wildcard': named('a*.example.com', 'a wildcard that is not its whole first label'),
  'names-two-wildcards': named('*.*.example.com', 'a wildcard that is not its whole first label'),
  'names-punycode': named('ab--c.example.com', 'hyphens in its third and fourth place'),
  'names-address': named('10.0.0.1', 'is an IP address'),
  'names-long-label': named(`${'y'.repeat(64)}.example.com`, 'longer than 63'),
  'names-huge': named(LONG, 'longer than 253'),
  'names-many': {
    annotations: {
      'certwright.dev/names': Array.from({ length: 3_000 }, (_, index) => `_${index}.example.com`).join(),
    },
    hosts: [],
    reason: 'InvalidName',
    says: ['a character other than'],
  },
}

const GOOD: Readonly<
  Record<string, { readonly annotations: Readonly<Record<string, string>>; readonly names: readonly string[] }>
> = {
  'good-capitals': { annotations: { 'certwright.dev/names': ' WWW.Example.com. ,, ' }, names: ['www.example.com'] },
  'good-punycode': {
    annotations: { 'certwright.dev/names': 'xn--bcher-kva.example.com' },
    names: ['xn--bcher-kva.example.com'],
  },
  'good-wildcard': { annotations: { 'certwright.dev/names': '*.example.com' }, names: ['*.example.com'] },
  'good-beside-bad': {
    annotations: { 'certwright.dev/names': 'ok.example.com,a..example.com' },
    names: ['ok.example.com'],
  },
}

const NAMED = Object.fromEntries(Object.entries(GOOD).map(([name, of]) => [name, { ...of, hosts: [] }]))

let story: Story

beforeAll(async () => {
  story = await Story.begin()
  story.world.prober.stop()
  story.world.lbc.stop()
  for (const [name, { annotations = {}, hosts }] of Object.entries({ ...BAD, ...NAMED })) {
    const host = `${name}.example.com`
    const excluded = hosts ? { 'certwright.dev/exclude-names': host } : {}
    await story.apply({ name, hosts: [host], annotations: { ...annotations, ...excluded } })
  }
  await story.pass(10 * MINUTE)
}, 120_000)

afterAll(async () => {
  await story[Symbol.asyncDispose]()
})

test.each(Object.entries(BAD))(
  '%s is said on its object, with what is wrong and what to do',
  (name, { reason, says }) => {
    const standing = story.standing(name)
    expect(standing).toMatchObject({ state: 'Refused', reason })
    expect(standing.message).toContain(`Ingress default/${name}`)
    for (const part of says) expect(standing.message).toContain(part)
    expect(standing.message.length).toBeLessThanOrEqual(1_024)
    expect(story.events(name).at(-1)).toMatchObject({ type: 'Warning', reason })
  },
)

test.each(Object.entries(GOOD))('%s is requested as it is meant, beside all that is wrong', (_name, { names }) => {
  expect(story.certificates(...names)).toHaveLength(1)
})

test('256 KiB of annotations, which is all that Kubernetes takes, hold up nobody', async () => {
  await story.apply({
    name: 'heavy',
    hosts: ['heavy.example.com'],
    annotations: {
      'certwright.dev/tags': `team=${'x'.repeat(200 * 1_024)}`,
      'example.com/other': 'y'.repeat(40 * 1_024),
    },
  })
  await story.reaches('heavy', 'InvalidAnnotation')
  await story.apply({ name: 'next', hosts: ['next.example.com'] })
  await story.until('the next is requested', () => story.certificates('next.example.com').length === 1, MINUTE)
})

test('nothing that is wrong is said again and again, and no object grows large', async () => {
  await story.pass(HOUR)
  const begun = story.clock.now()
  await story.pass(3 * HOUR)
  for (const name of Object.keys(BAD))
    expect(
      story.events(name).filter(({ eventTime }) => Date.parse(eventTime) > begun).length,
      name,
    ).toBeLessThanOrEqual(3)
  const written = story.world.kube.events.entries.filter(({ collection }) =>
    /certwright\.dev$|^events/.test(collection),
  )
  expect(Math.max(...written.map(({ after }) => JSON.stringify(after ?? {}).length))).toBeLessThan(64 * 1_024)
})
