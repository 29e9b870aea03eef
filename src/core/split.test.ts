import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normaliseNames } from './names.ts'
import { splitNames } from './split.ts'

const most = fc.integer({ min: 1, max: 12 })
const name = fc
  .tuple(fc.constantFrom('', '*.'), fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/))
  .map(([star, label]) => `${star}${label}.example.com`)
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 120 }).map(normaliseNames)

const asText = (buckets: readonly (readonly string[])[]) => new Set(buckets.map((bucket) => bucket.join()))
const without = (a: ReadonlySet<string>, b: ReadonlySet<string>) => [...a].filter((bucket) => !b.has(bucket))

describe('splitting', () => {
  it('keeps up to the limit together, as they are', () => {
    const few = normaliseNames(Array.from({ length: 10 }, (_, index) => `h${index}.example.com`))
    expect(splitNames(few, 10)).toEqual([few])
    expect(splitNames(few, 10)[0]).toBe(few)
  })

  it('puts each name in exactly one bucket, none too full or empty, whatever their order', () => {
    fc.assert(
      fc.property(names, most, (all, limit) => {
        const buckets = splitNames(all, limit)
        expect(buckets.flat().sort()).toEqual(all)
        for (const bucket of buckets) {
          expect(bucket.length).toBeGreaterThan(0)
          expect(bucket.length).toBeLessThanOrEqual(limit)
        }
        expect(asText(splitNames(all.toReversed(), limit).map((bucket) => bucket.toSorted()))).toEqual(asText(buckets))
      }),
    )
  })

  it('one name more changes one bucket, or divides one, or adds one; every other stays as it is', () => {
    fc.assert(
      fc.property(names, name, most, (all, added, limit) => {
        fc.pre(!all.includes(added))
        const before = asText(splitNames(all, limit))
        const after = asText(splitNames(normaliseNames([...all, added]), limit))
        const gone = without(before, after)
        const come = without(after, before)
        expect(gone.length).toBeLessThanOrEqual(1)
        expect(come.length).toBeLessThanOrEqual(2)
        expect(come.length).toBeGreaterThanOrEqual(1)
        // What came holds what went, and the name.
        expect(come.flatMap((bucket) => bucket.split(',')).sort()).toEqual(
          normaliseNames([...gone.flatMap((bucket) => bucket.split(',')), added]),
        )
      }),
    )
  })

  it('one name less undoes it: of two merged buckets, or of one', () => {
    fc.assert(
      fc.property(names, fc.nat(), most, (all, index, limit) => {
        fc.pre(all.length > 1)
        const removed = all[index % all.length]
        const before = asText(splitNames(all, limit))
        const after = asText(
          splitNames(
            all.filter((each) => each !== removed),
            limit,
          ),
        )
        expect(without(before, after).length).toBeLessThanOrEqual(2)
        expect(without(after, before).length).toBeLessThanOrEqual(1)
      }),
    )
  })
})
