import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCovers, baseOf, covers, isWithin, normaliseName, normaliseNames, problemOf } from './names.ts'

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html, DomainName. */
const ACM_PATTERN = /^(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])$/

/** What is refused beyond the pattern: ACM issues for public names of somebody else's only. */
const BEYOND_THE_PATTERN = [
  'is an IP address',
  'belongs to Amazon',
  'has a label with hyphens in its third and fourth place that is not a valid internationalised label',
]

const label = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?$/) },
  fc.constantFrom('', '-', '*', 'a-', '-a', 'a_b', 'ü', 'xn--abc', 'ab--cd', 'a'.repeat(63), 'b'.repeat(64), '7'),
)
const anyName = fc.oneof(
  fc.array(label, { maxLength: 6 }).map((labels) => labels.join('.')),
  fc.array(fc.constantFrom('a', '-', '.', '*', '0', '_', ' '), { maxLength: 12 }).map((parts) => parts.join('')),
)
const goodName = fc
  .tuple(fc.boolean(), fc.array(fc.stringMatching(/^[a-z0-9]{1,5}$/), { minLength: 1, maxLength: 3 }))
  .map(([wild, labels]) => `${wild ? '*.' : ''}${labels.join('.')}.example`)

describe('a name that could be on a certificate', () => {
  it('is exactly one that matches the pattern of ACM, but for what is refused beyond it', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const problem = problemOf(name)
        const matches = ACM_PATTERN.test(name) && name.length <= 253
        if (problem === undefined) expect(matches, name).toBe(true)
        else if (!BEYOND_THE_PATTERN.includes(problem)) expect(matches, `${name} ${problem}`).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['', 'empty'],
    ['localhost', 'has fewer than two labels'],
    ['*.com', 'has fewer than two labels'],
    ['10.0.0.1', 'is an IP address'],
    ['a.*.example.com', 'has a wildcard that is not its whole first label'],
    ['a*.example.com', 'has a wildcard that is not its whole first label'],
    ['a..example.com', 'has an empty label'],
    [`${'a'.repeat(64)}.example.com`, 'has a label longer than 63 characters'],
    [`${'a.'.repeat(130)}com`, 'longer than 253 characters'],
    ['a_b.example.com', 'has a character other than letters, digits and hyphens'],
    ['-a.example.com', 'has a label that begins or ends with a hyphen'],
    ['a-.example.com', 'has a label that begins or ends with a hyphen'],
    ['a.example.c', 'has a top-level label of one character'],
    ['ab--cd.example.com', BEYOND_THE_PATTERN[2]],
    ['web-1.eu-west-1.elb.amazonaws.com', 'belongs to Amazon'],
    ['d1.cloudfront.net', 'belongs to Amazon'],
  ])('is not %j, which says why', (name, problem) => {
    expect(problemOf(name)).toBe(problem)
  })

  it.each(['shop.example.com', '*.example.com', 'xn--bcher-kva.example', '1.2.3.4.example', 'notamazon.com'])(
    'may be %s',
    (name) => {
      expect(problemOf(name)).toBeUndefined()
    },
  )
})

describe('normalising', () => {
  it('lower-cases, trims, and drops one trailing dot', () => {
    expect(normaliseName(' Shop.Example.COM. ')).toBe('shop.example.com')
  })

  it('sorts by code unit, and drops duplicates and empties', () => {
    expect(normaliseNames(['b.example', '', ' ', 'A.example', 'a.example.', '*.example'])).toEqual([
      '*.example',
      'a.example',
      'b.example',
    ])
  })

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.array(goodName), (names) => {
        const once = normaliseNames(names)
        expect(normaliseNames(once)).toEqual(once)
      }),
    )
  })
})

describe('covering', () => {
  it.each([
    ['a.example', 'a.example', true],
    ['*.example', 'a.example', true],
    ['*.example', '*.example', true],
    ['*.example', 'a.b.example', false],
    ['*.example', 'example', false],
    ['*.b.example', '*.example', false],
    ['a.example', '*.example', false],
    ['*.example', 'a.notexample', false],
    ['b.example', 'a.example', false],
  ])('%s covers %s: %s', (pattern, host, answer) => {
    expect(covers(pattern, host)).toBe(answer)
  })

  it('of a wildcard is one label more than its base, whatever the label', () => {
    fc.assert(
      fc.property(goodName, fc.stringMatching(/^[a-z0-9]{1,5}$/), (name, first) => {
        const base = baseOf(name)
        expect(covers(`*.${base}`, `${first}.${base}`)).toBe(true)
        expect(covers(`*.${base}`, base)).toBe(false)
        expect(covers(`*.${base}`, `a.${first}.${base}`)).toBe(false)
        expect(anyCovers(['x.invalid', `*.${base}`], `${first}.${base}`)).toBe(true)
      }),
    )
  })
})

it('a name is within its own zone and those above, not within one that only ends alike', () => {
  expect(isWithin('example.com', 'example.com')).toBe(true)
  expect(isWithin('example.com', 'a.b.example.com')).toBe(true)
  expect(isWithin('example.com', 'notexample.com')).toBe(false)
})
