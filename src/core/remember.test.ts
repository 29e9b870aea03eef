import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Claim } from './claim.ts'
import type { LedgerEntry } from './ledger.ts'
import { plan } from './plan.ts'
import { isSame } from './remember.ts'
import { claim, entry, kept, keyOf, NOW, ours, report, situation } from './testing/situations.ts'
import { HOUR } from './time.ts'

describe('equality of what is stored', () => {
  const value = fc.jsonValue({ maxDepth: 3 })

  it('holds between a value and its copy through JSON', () => {
    fc.assert(fc.property(value, (of) => isSame(of, JSON.parse(JSON.stringify(of)))))
  })

  it('tells any two apart that JSON tells apart', () => {
    const sorted = (of: unknown): unknown => {
      if (Array.isArray(of)) return of.map(sorted)
      if (typeof of !== 'object' || of === null) return of
      const entries = Object.entries(of).sort(([x], [y]) => (x < y ? -1 : 1))
      return ['{', ...entries.map(([key, inner]) => [key, sorted(inner)])]
    }
    fc.assert(
      fc.property(value, value, (x, y) => {
        expect(isSame(x, y)).toBe(JSON.stringify(sorted(x)) === JSON.stringify(sorted(y)))
      }),
    )
  })

  it('takes what is absent for undefined, on either side', () => {
    expect(isSame({ a: 1, b: undefined }, { a: 1 })).toBe(true)
    expect(isSame({ a: 1 }, { a: 1, b: undefined })).toBe(true)
    expect(isSame({ a: 1 }, { a: 1, b: null })).toBe(false)
    expect(isSame({ a: 1, b: 2 }, { a: 1 })).toBe(false)
  })
})

it('the claim of an object that asks for nothing and lists nothing goes, though nothing is looked at for it any more', () => {
  const over = claim({ request: { kind: 'none' } })
  const unread = { certificates: undefined, tagsSweptAt: undefined, loadBalancers: undefined }
  const kindsOf = (of: Claim) =>
    plan(situation({ claims: [of], reports: [report(of)], observation: unread })).actions.map(({ kind }) => kind)
  expect(kindsOf(over)).toEqual(['unreport'])
  expect(kindsOf(claim({ request: { kind: 'none' }, lists: [ours(['a.example.com'])] }))).toEqual([])
})

describe('an entry of the ledger', () => {
  const a = 'a.example.com'
  const A = ours([a])
  const gone = { gone: new Map([[A.arn, { since: NOW - HOUR, at: NOW, proven: true }]]) }
  const stored = (overrides: Partial<LedgerEntry>) => [entry([a], { certificates: [kept(A)], ...overrides })]
  const kinds = (input: ReturnType<typeof situation>) => plan(input).actions.map((action) => action.kind)

  it('outlives its certificate by an hour', () => {
    const after = plan(situation({ entries: stored({}), observation: gone })).certificates.get(keyOf([a]))
    expect(after).toMatchObject({ idleSince: NOW, attempt: 1 })
    const idle = (since: number) => kinds(situation({ entries: stored({ idleSince: since }), observation: gone }))
    expect(idle(NOW - HOUR + 1)).not.toContain('forget')
    expect(idle(NOW - HOUR)).toContain('forget')
  })

  it('is not forgotten for a list that lacks its certificate', () => {
    expect(kinds(situation({ entries: stored({}) }))).not.toContain('forget')
    expect(plan(situation({ entries: stored({}) })).certificates.get(keyOf([a]))?.idleSince).toBeUndefined()
  })

  it('is not written anew before the account was read', () => {
    const unread = { certificates: undefined, tagsSweptAt: undefined }
    const claims = [claim({ hosts: [a], lists: [A] })]
    expect(kinds(situation({ claims, entries: stored({}), observation: unread }))).toEqual([])
    expect(kinds(situation({ claims, entries: stored({}), certificates: [A] }))).toContain('remember')
  })

  it('is not written anew before the zones were looked up, on which the wishes rest', () => {
    const given = {
      claims: [claim({ hosts: [a], lists: [A] })],
      entries: stored({ claims: ['x/y'] }),
      certificates: [A],
    }
    const denied = { kind: 'denied', code: 'AccessDenied', message: 'no', since: NOW, at: NOW } as const
    expect(kinds(situation({ ...given, observation: { zones: undefined } }))).not.toContain('remember')
    const failures = new Map([['look:zones', denied]])
    expect(kinds(situation({ ...given, observation: { zones: undefined, failures } }))).toContain('remember')
  })

  it('keeps its attempt, its failure and its approval when it is written anew', () => {
    const before = stored({ attempt: 7, retireApproved: true, failure: { arn: 'arn:f', at: NOW, fingerprint: 'f' } })
    const made = plan(situation({ entries: before, certificates: [A], claims: [claim({ hosts: [a], lists: [A] })] }))
    expect(made.certificates.get(keyOf([a]))).toMatchObject({
      attempt: 7,
      retireApproved: true,
      failure: { arn: 'arn:f' },
    })
  })
})
