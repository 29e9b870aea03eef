import { describe, expect, it } from 'vitest'
import type { LedgerEntry, Unwanted } from './ledger.ts'
import type { Observation } from './observation.ts'
import { plan } from './plan.ts'
import { claim, detail, entry, foreign, kept, keyOf, NOW, ours, situation } from './testing/situations.ts'
import type { Held, SituationOptions } from './testing/situations.ts'
import { DAY, HOUR, MINUTE, SECOND } from './time.ts'

const nameAt = (index: number) => `n${index}.example.com`

/** `count` certificates of ours that nothing wants, with what the ledger says of each. */
function unwanted(
  count: number,
  stored: (index: number) => Partial<Unwanted> | undefined,
  options: SituationOptions = {},
) {
  const held = Array.from({ length: count }, (_, index) => ours([nameAt(index)]))
  return situation({
    certificates: [...held, ...(options.certificates ?? [])],
    entries: held.map((of, index) => entry(of.certificate.names, { certificates: [kept(of, stored(index))] })),
    details: held.map((of) => detail(of)),
    observation: { unusedSince: new Map(held.map((of) => [of.arn, NOW - HOUR])), ...options.observation },
    ...(options.settings ? { settings: options.settings } : {}),
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.claims ? { claims: options.claims } : {}),
  })
}

function outcome(input: ReturnType<typeof situation>) {
  const made = plan(input)
  const reasons = [...made.certificates.values()].map((of) => of.shown.verdict.reason)
  const marks = [...made.certificates.values()].flatMap((of) => of.certificates.map((held) => held.unwanted))
  const deletes = made.actions.flatMap((action) => (action.kind === 'deleteCertificate' ? [action.arn] : []))
  return { made, reasons, marks, deletes }
}

describe('the grace period', () => {
  const since = (age: number) => () => ({ since: NOW - age })

  it('begins when a certificate is first seen to be unwanted, and is stored', () => {
    const { marks, deletes, reasons } = outcome(unwanted(1, () => undefined))
    expect(marks).toEqual([{ since: NOW, because: 'namesGone', braked: false, releasedAt: undefined }])
    expect(deletes).toEqual([])
    expect(reasons).toEqual(['GracePeriod'])
  })

  it('is waited for to the millisecond', () => {
    expect(outcome(unwanted(1, since(DAY - 1))).deletes).toEqual([])
    expect(outcome(unwanted(1, since(DAY))).deletes).toHaveLength(1)
  })

  it('is what the plan wakes for, a minute before its end', () => {
    expect(plan(unwanted(1, since(DAY - 10 * MINUTE))).wakeAt).toBe(NOW + 9 * MINUTE)
  })

  it('never ends for what is to stay when nobody wants it', () => {
    const stays = ours(['n0.example.com'], {
      tags: { ...ours(['n0.example.com']).tags, 'certwright.dev/deletion-policy': 'retain' },
    })
    const input = situation({
      certificates: [stays],
      entries: [entry(stays.certificate.names, { certificates: [kept(stays, { since: NOW - 300 * DAY })] })],
      details: [detail(stays)],
      observation: { unusedSince: new Map([[stays.arn, NOW - DAY]]) },
    })
    const { deletes, made } = outcome(input)
    expect(deletes).toEqual([])
    expect(made.certificates.get(keyOf(stays.certificate.names))?.shown.verdict).toMatchObject({
      state: 'Retiring',
      reason: 'Retained',
    })
  })

  it('is the setting’s', () => {
    const settings = { retireAfter: HOUR }
    expect(outcome(unwanted(1, since(HOUR), { settings })).deletes).toHaveLength(1)
    expect(outcome(unwanted(1, since(HOUR - 1), { settings })).deletes).toEqual([])
  })

  it('ends where a certificate is wanted again, and begins anew', () => {
    const input = unwanted(1, since(DAY - 1), { claims: [claim({ hosts: [nameAt(0)] })] })
    expect(outcome(input).marks).toEqual([undefined])
  })

  it('begins anew where the ledger was lost', () => {
    const input = { ...unwanted(1, since(2 * DAY)), ledger: { certificates: new Map(), claims: new Map() } }
    expect(outcome(input).deletes).toEqual([])
    expect(outcome(input).marks[0]?.since).toBe(NOW)
  })
})

describe('a certificate is deleted', () => {
  const due = (observation: Partial<Observation> = {}) => unwanted(1, () => ({ since: NOW - 2 * DAY }), { observation })
  const { arn } = ours([nameAt(0)])

  it('after ACM has said for a minute that nothing uses it', () => {
    expect(outcome(due({ unusedSince: new Map([[arn, NOW - MINUTE + 1]]) })).deletes).toEqual([])
    expect(outcome(due({ unusedSince: new Map([[arn, NOW - MINUTE]]) })).deletes).toEqual([arn])
  })

  it('only when ACM was asked', () => {
    const input = due({ unusedSince: new Map(), details: new Map() })
    expect(outcome(input).deletes).toEqual([])
    const look = outcome(input).made.looks.find((of) => of.look.kind === 'describe')
    expect(look?.dueAt).toBeLessThanOrEqual(NOW)
  })

  it('not while something uses it, which is named', () => {
    const held = ours([nameAt(0)])
    const used = detail(held, { inUseBy: ['arn:lb/theirs'] })
    const { deletes, made } = outcome(due({ details: new Map([[arn, { value: used, at: NOW, complete: true }]]) }))
    expect(deletes).toEqual([])
    const verdict = made.certificates.get(keyOf([nameAt(0)]))?.shown.verdict
    expect(verdict).toMatchObject({ state: 'Retiring', reason: 'StillInUse' })
    expect(verdict?.message).toContain('arn:lb/theirs')
  })

  it('with the evidence of since when it is unwanted', () => {
    const [action] = plan(due()).actions.filter((of) => of.kind === 'deleteCertificate')
    expect(action).toEqual({ kind: 'deleteCertificate', arn, key: keyOf([nameAt(0)]), unwantedSince: NOW - 2 * DAY })
  })
})

describe('nothing is deleted', () => {
  const due = (options: SituationOptions = {}) => unwanted(1, () => ({ since: NOW - 2 * DAY }), options)

  it.each(['ingresses', 'ingressClasses', 'ingressClassParameters'] as const)(
    'while %s are not read whole',
    (source) => {
      const observation = { [source]: { value: new Map(), at: NOW, complete: false } }
      expect(outcome(due({ observation })).deletes).toEqual([])
      expect(plan(due({ observation })).actions).toEqual([])
    },
  )

  it('while the ledger was not read', () => {
    const input = { ...due(), ledger: { certificates: undefined, claims: new Map() } }
    expect(outcome(input).deletes).toEqual([])
  })

  it('that is not proven to be ours: no tags, other names than its key, another owner, another cluster', () => {
    const base = ours([nameAt(0)])
    const others: Held[] = [
      ours([nameAt(0)], { tags: undefined }),
      ours([nameAt(0)], { tags: {} }),
      ours(['other.example.com'], { tags: base.tags }),
      ours([nameAt(0)], { tags: { ...base.tags, 'certwright.dev/owner': 'ffffffffffff' } }),
      ours([nameAt(0)], { tags: { ...base.tags, 'certwright.dev/cluster': 'green' } }),
      ours([nameAt(0)], { namesComplete: false }),
    ]
    for (const held of others) {
      const input = situation({
        certificates: [held],
        entries: [entry([nameAt(0)], { certificates: [kept(held, { since: NOW - 9 * DAY })] })],
        details: [detail(held)],
        observation: { unusedSince: new Map([[held.arn, NOW - HOUR]]) },
      })
      expect(outcome(input).deletes).toEqual([])
    }
  })
})

describe('the brake', () => {
  const fresh = (index: number) => ({ since: NOW - index * SECOND, because: 'namesGone' as const })

  it('lets three go and stops four', () => {
    expect(outcome(unwanted(3, () => undefined)).reasons).toEqual(['GracePeriod', 'GracePeriod', 'GracePeriod'])
    const { reasons, marks } = outcome(unwanted(4, () => undefined))
    expect(new Set(reasons)).toEqual(new Set(['Braked']))
    expect(marks.every((mark) => mark?.braked)).toBe(true)
  })

  it('lets a tenth go where that is more', () => {
    const wanted = (count: number) => {
      const held = Array.from({ length: count }, (_, index) => ours([`w${index}.example.com`]))
      const claims = held.map((of, index) => claim({ name: `w${index}`, hosts: of.certificate.names, lists: [of] }))
      return { certificates: held, claims }
    }
    expect(outcome(unwanted(5, fresh, wanted(45))).reasons).not.toContain('Braked')
    expect(outcome(unwanted(5, fresh, wanted(44))).reasons).toContain('Braked')
  })

  it('counts those of the last hour, however they came', () => {
    const spread = (pause: number) => (index: number) => ({ since: NOW - index * pause, because: 'namesGone' as const })
    expect(outcome(unwanted(4, spread(19 * MINUTE))).reasons).toContain('Braked')
    expect(outcome(unwanted(4, spread(20 * MINUTE))).reasons).not.toContain('Braked')
  })

  it('does not count what a successor replaced', () => {
    expect(outcome(unwanted(9, () => ({ since: NOW, because: 'replaced' }))).reasons).not.toContain('Braked')
  })

  it('calls replaced what has a name that is still live, and gone what has none', () => {
    const wild = foreign(['*.example.com'])
    const claims = [claim({ hosts: [nameAt(0)], lists: [wild], ours: false, request: { kind: 'none' } })]
    expect(outcome(unwanted(1, () => undefined, { claims, certificates: [wild] })).marks[0]?.because).toBe('namesGone')
    const both = ours([nameAt(0), 'more.example.com'])
    const successor = [claim({ hosts: both.certificate.names, lists: [both] })]
    const { made } = outcome(unwanted(1, () => undefined, { claims: successor, certificates: [both] }))
    expect(made.certificates.get(keyOf([nameAt(0)]))?.certificates[0]?.unwanted?.because).toBe('replaced')
  })

  it('holds for ever, and deletes nothing, whatever the time', () => {
    const stuck = unwanted(4, () => ({ since: NOW - 300 * DAY, because: 'namesGone', braked: true }))
    const { deletes, reasons } = outcome(stuck)
    expect(deletes).toEqual([])
    expect(new Set(reasons)).toEqual(new Set(['Braked']))
    expect(plan(stuck).certificates.values().next().value?.shown.verdict.message).toContain(
      'kubectl annotate acmcert NAME certwright.dev/retire-approved=true',
    )
  })

  it('holds those that are left when others of them are wanted again', () => {
    const stuck = unwanted(4, () => ({ since: NOW - 2 * HOUR, because: 'namesGone', braked: true }), {
      claims: [0, 1, 2].map((index) => claim({ name: `n${index}`, hosts: [nameAt(index)] })),
    })
    expect(outcome(stuck).made.certificates.get(keyOf([nameAt(3)]))?.shown.verdict.reason).toBe('Braked')
  })

  it('is released by a person, for what was approved alone, and the grace period begins then', () => {
    const braked = unwanted(4, () => ({ since: NOW - 3 * DAY, because: 'namesGone', braked: true }))
    const certificates = new Map(braked.ledger.certificates)
    const first = certificates.get(keyOf([nameAt(0)])) as LedgerEntry
    certificates.set(first.key, { ...first, retireApproved: true })
    const { made, deletes } = outcome({ ...braked, ledger: { ...braked.ledger, certificates } })
    expect(deletes).toEqual([])
    expect(made.certificates.get(first.key)?.certificates[0]?.unwanted).toMatchObject({
      braked: false,
      since: NOW - 3 * DAY,
      releasedAt: NOW,
    })
    expect(made.certificates.get(keyOf([nameAt(1)]))?.certificates[0]?.unwanted?.braked).toBe(true)
    const released = (releasedAt: number) =>
      outcome(unwanted(1, () => ({ since: NOW - 3 * DAY, because: 'namesGone', releasedAt }))).deletes
    expect(released(NOW - DAY + 1)).toEqual([])
    expect(released(NOW - DAY)).toHaveLength(1)
  })

  it('does not take hold again of what was released', () => {
    const mixed = unwanted(8, (index) => ({
      since: NOW - MINUTE,
      because: 'namesGone',
      ...(index < 4 ? { releasedAt: NOW - SECOND } : {}),
    }))
    const braked = outcome(mixed).marks.filter((mark) => mark?.braked)
    expect(braked).toHaveLength(4)
    expect(braked.every((mark) => mark?.releasedAt === undefined)).toBe(true)
  })

  it('neither holds nor counts what is to stay for ever', () => {
    const input = unwanted(4, () => ({ since: NOW - MINUTE, because: 'namesGone' }))
    const [first] = input.observation.tags
    if (!first) throw new Error('no tags')
    const [arn, { value, ...seen }] = first
    const retained = { ...seen, value: { ...value, 'certwright.dev/deletion-policy': 'retain' } }
    const tags = new Map(input.observation.tags).set(arn, retained)
    const { reasons } = outcome({ ...input, observation: { ...input.observation, tags } })
    expect(reasons.sort()).toEqual(['GracePeriod', 'GracePeriod', 'GracePeriod', 'Retained'])
  })

  it('can be turned off', () => {
    const settings = { retireBrake: false }
    expect(outcome(unwanted(9, () => undefined, { settings })).reasons).not.toContain('Braked')
    const braked = () => ({ since: NOW - 2 * DAY, because: 'namesGone' as const, braked: true })
    expect(outcome(unwanted(9, braked, { settings })).deletes).toHaveLength(9)
  })

  it('stops a mass deletion also where the grace period is shorter than its hour', () => {
    const settings = { retireAfter: 10 * MINUTE }
    const after = (age: number) => {
      const input = unwanted(4, () => ({ since: NOW - age, because: 'namesGone' }), { settings })
      // Three of the four were deleted a moment ago.
      const left = new Map([...(input.observation.certificates?.value ?? [])].slice(3))
      const gone = new Map(
        [...(input.observation.certificates?.value.keys() ?? [])]
          .slice(0, 3)
          .map((arn) => [arn, { since: NOW, at: NOW, proven: true }]),
      )
      const certificates = { value: left, at: NOW, complete: true }
      return outcome({ ...input, observation: { ...input.observation, certificates, gone } })
    }
    expect(after(20 * MINUTE).deletes).toEqual([])
    expect(after(20 * MINUTE).marks.filter((mark) => mark?.braked)).toHaveLength(1)
    expect(after(20 * MINUTE).marks).toHaveLength(4)
    expect(after(HOUR).deletes).toHaveLength(1)
    expect(after(HOUR).marks).toHaveLength(1)
  })
})
