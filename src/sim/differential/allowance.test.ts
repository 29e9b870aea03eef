import { describe, expect, it } from 'vitest'
import { excesses } from './allowance.ts'
import type { Counts } from './counts.ts'

const NONE: Counts = {
  requests: new Map(),
  deletes: new Map(),
  records: new Map(),
  attachments: new Map(),
  detachments: new Map(),
  lostCertificates: new Map(),
  lostRecords: new Map(),
  lostAttachments: new Map(),
  late: new Map(),
}

const once: Counts = {
  ...NONE,
  requests: new Map([['a', 1]]),
  deletes: new Map([['a', 1]]),
  records: new Map([['_a', 1]]),
  attachments: new Map([['a', 1]]),
  detachments: new Map([['a', 1]]),
}

const twice = (what: keyof Counts, name: string): Counts => ({ ...once, [what]: new Map([[name, 2]]) })

describe('the counts of a disturbed run', () => {
  it('are those of the fault-free one', () => {
    expect(excesses(once, once)).toEqual([])
  })

  it.each([
    ['requests', 'a', 'request of a: 2 times instead of 1'],
    ['deletes', 'a', 'delete of a: 2 times instead of 1'],
    ['records', '_a', 'record of _a: 2 times instead of 1'],
    ['attachments', 'a', 'attachment of a: 2 times instead of 1'],
    ['detachments', 'a', 'detachment of a: 2 times instead of 1'],
  ] as const)('are not more without a reason: %s', (what, name, sentence) => {
    expect(excesses(once, twice(what, name))).toEqual([sentence])
  })

  it('are not fewer either, but for what stands in where nobody was there to write it', () => {
    expect(excesses(once, NONE)).toEqual([
      'request of a: 0 times instead of 1',
      'delete of a: 0 times instead of 1',
      'record of _a: 0 times instead of 1',
    ])
    const often = { ...once, attachments: new Map([['a', 3]]) }
    expect(excesses(often, { ...once, attachments: new Map() })).toEqual(['attachment of a: 0 times instead of 3'])
  })

  it('are one request and one delete more for the interim certificate of what came late', () => {
    const late = new Map([['a+b', 1]])
    const asked = { ...NONE, late, requests: new Map([['a', 1]]), deletes: new Map([['a', 1]]) }
    expect(excesses(NONE, asked)).toEqual([])
    expect(excesses(NONE, { ...asked, requests: new Map([['a', 2]]) })).toHaveLength(1)
    expect(excesses(NONE, { ...asked, requests: new Map([['c', 1]]) })).toHaveLength(1)
    expect(excesses(NONE, { ...asked, late: new Map([['a', 1]]) })).toHaveLength(2)
  })

  it('hold what was not done in the fault-free run', () => {
    expect(excesses(NONE, { ...NONE, requests: new Map([['b', 1]]) })).toEqual(['request of b: 1 times instead of 0'])
  })

  it.each([
    ['requests', 'a', 'lostCertificates', 'a'],
    ['attachments', 'a', 'lostAttachments', 'a'],
    ['detachments', 'a', 'lostAttachments', 'a'],
    ['records', '_a', 'lostRecords', '_a'],
  ] as const)('are one more for each that others took away, and no more than that: %s', (what, name, taken, of) => {
    const lost = { ...twice(what, name), [taken]: new Map([[of, 1]]) }
    expect(excesses(once, lost)).toEqual([])
    expect(excesses(once, { ...lost, [what]: new Map([[name, 3]]) })).toHaveLength(1)
  })

  it('are one delete less for each certificate that somebody else deleted', () => {
    const lost = { ...once, deletes: new Map(), lostCertificates: new Map([['a', 1]]) }
    expect(excesses(once, lost)).toEqual([])
  })
})
