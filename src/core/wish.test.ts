import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claim } from './testing/situations.ts'
import { byAge, idempotencyToken, wishKey } from './wish.ts'

const name = fc
  .array(fc.stringMatching(/^[a-z0-9]{1,4}$/), { minLength: 1, maxLength: 3 })
  .map((labels) => `${labels.join('.')}.example`)
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 6 })
const wish = fc.record({
  names,
  issuer: fc.constantFrom({ kind: 'amazon' as const }, { kind: 'private' as const, authority: 'arn:ca/1' }),
  keyAlgorithm: fc.constantFrom('RSA_2048', 'EC_prime256v1', 'EC_secp384r1'),
  region: fc.constantFrom('eu-west-1', 'us-east-1'),
})

/** The same names as somebody else may write them. */
const spelled = (of: readonly string[]) =>
  fc
    .tuple(
      fc.shuffledSubarray([...of], { minLength: of.length }),
      fc.array(fc.constantFrom('', '.', 'upper', 'twice'), { minLength: of.length, maxLength: of.length }),
    )
    .map(([order, spellings]) =>
      order.flatMap((text, index) => {
        const spelling = spellings[index]
        if (spelling === 'upper') return [text.toUpperCase()]
        return spelling === 'twice' ? [text, `${text}.`] : [text + (spelling ?? '')]
      }),
    )

describe('the key of a wish', () => {
  it('is 32 hexadecimal digits', () => {
    fc.assert(fc.property(wish, (of) => /^[0-9a-f]{32}$/.test(wishKey(of))))
  })

  it('is blind to order, case, trailing dots and duplicates of the names', () => {
    const pair = wish.chain((of) => fc.tuple(fc.constant(of), spelled(of.names)))
    fc.assert(
      fc.property(pair, ([of, others]) => {
        expect(wishKey({ ...of, names: others })).toBe(wishKey(of))
      }),
    )
  })

  it('is another for other names, another issuer, another key algorithm, another region', () => {
    const canonical = (of: { names: string[]; issuer: object; keyAlgorithm: string; region: string }) =>
      JSON.stringify([[...of.names].sort(), of.issuer, of.keyAlgorithm, of.region])
    fc.assert(
      fc.property(wish, wish, fc.integer({ min: 0, max: 3 }), (a, b, which) => {
        const one = [{ names: b.names }, { issuer: b.issuer }, { keyAlgorithm: b.keyAlgorithm }, { region: b.region }]
        const changed = { ...a, ...one[which] }
        expect(wishKey(changed) === wishKey(a)).toBe(canonical(changed) === canonical(a))
      }),
    )
  })

  it('does not take one name with a comma or quote for two', () => {
    const rest = { issuer: { kind: 'amazon' } as const, keyAlgorithm: 'RSA_2048', region: 'eu-west-1' }
    expect(wishKey({ ...rest, names: ['a,b'] })).not.toBe(wishKey({ ...rest, names: ['a', 'b'] }))
    expect(wishKey({ ...rest, names: ['a","b'] })).not.toBe(wishKey({ ...rest, names: ['a', 'b'] }))
  })

  it('stays what it was: stored tags and objects carry it', () => {
    const key = wishKey({
      names: ['shop.example.com', 'example.com'],
      issuer: { kind: 'amazon' },
      keyAlgorithm: 'RSA_2048',
      region: 'eu-west-1',
    })
    expect(key).toBe('bed16e7e84861faa7a8133099fe1dbf4')
  })
})

describe('the idempotency token', () => {
  it('is 32 word characters without a hyphen', () => {
    fc.assert(
      fc.property(fc.string(), wish, fc.nat(), (owner, of, attempt) => {
        expect(idempotencyToken({ owner, key: wishKey(of), attempt })).toMatch(/^\w{32}$/)
      }),
    )
  })

  it('goes with one owner, one key and one attempt only', () => {
    const use = fc.record({
      owner: fc.stringMatching(/^[0-9a-f]{12}$/),
      key: fc.stringMatching(/^[0-9a-f]{32}$/),
      attempt: fc.integer({ min: 1, max: 40 }),
    })
    fc.assert(
      fc.property(use, use, fc.integer({ min: 0, max: 2 }), (a, b, which) => {
        const changed = { ...a, ...[{ owner: b.owner }, { key: b.key }, { attempt: b.attempt }][which] }
        expect(idempotencyToken(changed) === idempotencyToken(a)).toBe(JSON.stringify(changed) === JSON.stringify(a))
      }),
    )
  })
})

it('the oldest claim comes first; of two of one second, the one with the smaller UID', () => {
  const at = (name: string, createdAt: number) => claim({ name, overrides: { createdAt } })
  const sorted = [at('c', 2), at('b', 2), at('z', 1)].sort(byAge)
  expect(sorted.map((entry) => entry.ingress.ref.name)).toEqual(['z', 'b', 'c'])
})
