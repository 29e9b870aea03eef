import { describe, expect, it } from 'vitest'
import type { Action } from './action.ts'
import { plan } from './plan.ts'
import { atRest, callsOf, restarted } from './testing/at-rest.ts'
import { live, listing, turn } from './testing/life.ts'
import { claim, entry, loadBalancerArnOf, NOW, ours, report, situation } from './testing/situations.ts'
import { DAY, HOUR, MINUTE } from './time.ts'

const a = 'a.example.com'
const b = 'b.example.com'

const kinds = (actions: readonly { readonly action: Action }[]) => {
  const counts: Record<string, number> = {}
  for (const { action } of actions) counts[action.kind] = (counts[action.kind] ?? 0) + 1
  return counts
}

describe('planning', () => {
  const input = situation({
    claims: [
      claim({ name: 'x', hosts: [a] }),
      claim({ name: 'y', hosts: [a, b] }),
      claim({ name: 'z', hosts: ['c.example.org'] }),
    ],
    certificates: [ours([a]), ours([b], { status: 'PENDING_VALIDATION' }), ours(['old.example.com'])],
  })

  it('twice gives the same plan', () => {
    expect(plan(input)).toEqual(plan(input))
  })

  it('does not depend on the order in which the claims come', () => {
    expect(plan({ ...input, claims: [...input.claims].reverse() })).toEqual(plan(input))
  })

  it('changes nothing of what it is given', () => {
    const frozen = JSON.stringify([input.claims, [...(input.observation.certificates?.value ?? [])], input.settings])
    plan(input)
    expect(JSON.stringify([input.claims, [...(input.observation.certificates?.value ?? [])], input.settings])).toBe(
      frozen,
    )
  })

  it('again after everything was performed has nothing to do', () => {
    const once = turn(input)
    expect(once.actions.length).toBeGreaterThan(3)
    let { input: next } = once
    for (let round = 0; round < 4; round++) next = turn(next).input
    expect(plan(next).actions).toEqual([])
  })

  it('remembers every ARN that we had in an annotation, the last ones last, and each once', () => {
    const [A, B, gone] = [ours([a]), ours([b]), 'arn:aws:acm:eu-west-1:111122223333:certificate/gone']
    const made = claim({ hosts: [a, b], lists: [A, B] })
    const after = (published: readonly string[]) =>
      plan(situation({ claims: [made], certificates: [A, B], reports: [report(made, { published })] })).claims.get(
        made.ingress.ref.uid,
      )?.published
    expect(after([])).toEqual([A.arn, B.arn])
    expect(after([B.arn, gone])).toEqual([gone, A.arn, B.arn])
    expect(after([gone, A.arn, B.arn])).toEqual([gone, A.arn, B.arn])
  })

  it('of nothing has nothing to do', () => {
    expect(plan(situation()).actions).toEqual([])
  })
})

describe('a life', () => {
  const begin = situation({ claims: [claim({ hosts: [a, b] })] })
  const born = live(begin, NOW + 10 * MINUTE)

  it('is one request, two records, one publication, and then rest', () => {
    expect(kinds(born.actions)).toMatchObject({ requestCertificate: 1, createRecord: 2, publish: 1 })
    expect(born.actions.filter(({ at }) => at > NOW + 3 * MINUTE)).toEqual([])
    const [uid] = [...born.input.ledger.claims.keys()]
    expect(born.input.ledger.claims.get(uid as string)?.verdict).toMatchObject({ state: 'Ready', reason: 'Served' })
  })

  it('writes nothing for a day at rest', () => {
    expect(live(born.input, born.input.now + DAY).actions).toEqual([])
  })

  it('begins anew without its observations and writes nothing', () => {
    const { ingresses, ingressClasses, ingressClassParameters, namespaces, groupChangedAt, certificates, tags } =
      born.input.observation
    const restarted = situation({ claims: born.input.claims, now: born.input.now }).observation
    const known = {
      ...restarted,
      ingresses,
      ingressClasses,
      ingressClassParameters,
      namespaces,
      groupChangedAt,
      certificates,
      tags,
      listeners: new Map(),
      loadBalancers: undefined,
      details: new Map(),
    }
    // Records are in the ledger, and what stands in the zone is not known any more.
    const zoneOnly = { ...known, records: born.input.observation.records }
    expect(live({ ...born.input, observation: zoneOnly }, born.input.now + HOUR).actions).toEqual([])
  })

  it('survives the loss of its whole ledger without another request', () => {
    const lost = { ...born.input, ledger: { certificates: new Map(), claims: new Map() } }
    const after = live(lost, born.input.now + DAY)
    expect(Object.keys(kinds(after.actions)).sort()).toEqual(['remember', 'report'])
    expect(after.actions.filter(({ at }) => at > born.input.now + MINUTE)).toEqual([])
  })

  it('ends a day after its object went, and an hour later nothing remembers it', () => {
    const without = { ...born.input, claims: [] }
    const ended = live(without, born.input.now + 3 * DAY)
    const deletion = ended.actions.find(({ action }) => action.kind === 'deleteCertificate')
    expect(deletion?.at).toBeGreaterThanOrEqual(born.input.now + DAY)
    expect(deletion?.at).toBeLessThanOrEqual(born.input.now + DAY + 5 * MINUTE)
    expect(kinds(ended.actions)).toMatchObject({ deleteCertificate: 1, forget: 1 })
    expect(kinds(ended.actions)).not.toHaveProperty('requestCertificate')
    expect(ended.input.ledger.certificates?.size).toBe(0)
    expect(live(ended.input, ended.input.now + DAY).actions).toEqual([])
  })

  it('of a changed object makes before it breaks: the successor is listed beside the old one, which leaves later', () => {
    const changed = born.input.claims.map((made) => {
      const next = claim({ hosts: [a] })
      const [old] = (made.ingress.annotations['alb.ingress.kubernetes.io/certificate-arn'] ?? '').split(',')
      return listing({ ...next, ingress: { ...next.ingress, generation: 2 } }, [old as string])
    })
    const observation = { ...born.input.observation, groupChangedAt: new Map([['group/web', born.input.now]]) }
    const after = live({ ...born.input, claims: changed, observation }, born.input.now + HOUR)
    const writes = after.actions.flatMap(({ at, action }) =>
      action.kind === 'publish' ? [{ at, arns: action.arns }] : [],
    )
    expect(writes.map(({ arns }) => arns.length)).toEqual([2, 1])
    expect((writes[1]?.at ?? 0) - (writes[0]?.at ?? 0)).toBeGreaterThanOrEqual(MINUTE)
    expect(writes[0]?.arns).toContain(writes[1]?.arns[0])
  })
})

it('says nothing new of a certificate that another group serves, until that group was looked at after a start', () => {
  const wished = ours([a])
  const claims = [
    claim({ name: 'paused', hosts: [a], paused: true, group: 'group/own' }),
    claim({ name: 'stranger', hosts: [a], group: 'group/other', request: { kind: 'none' } }),
  ]
  const seen = situation({
    claims,
    certificates: [wished],
    attached: { 'group/other': { 443: [wished] } },
    entries: [entry([a], { claims: claims.map(({ ingress }) => `default/${ingress.ref.name}`) })],
  })
  const listeners = new Map(seen.observation.listeners)
  listeners.delete(loadBalancerArnOf('group/other'))
  const begun = { ...seen, observation: { ...seen.observation, listeners } }
  const said = (input: typeof seen) =>
    plan(input).actions.flatMap((action) => (action.kind === 'remember' ? [action.entry.shown.verdict.state] : []))
  expect(said(begun)).not.toContain('Attaching')
})

describe('2,500 certificates at rest', () => {
  const input = atRest(2_500)

  it('cost at most 60 calls in the first minute after a start with the ledger, and write nothing', () => {
    const begun = live(restarted(input), input.now + 5 * MINUTE)
    expect(begun.actions).toEqual([])
    const minute = begun.looks.filter(({ at }) => at < input.now + MINUTE).map(({ look }) => look)
    expect(minute.filter(({ kind }) => kind === 'listeners').length).toBeGreaterThanOrEqual(8)
    expect(minute.reduce((sum, look) => sum + callsOf(look), 0)).toBeLessThanOrEqual(60)
    const listeners = begun.looks.filter(({ look }) => look.kind === 'listeners')
    expect(listeners.length).toBeLessThanOrEqual(8 + (100 * 5 * MINUTE) / HOUR + 1)
  }, 120_000)

  it('cost at most 100 calls an hour, and write nothing', () => {
    const first = live(input, input.now + 3 * HOUR)
    const day = live(first.input, first.input.now + 2 * HOUR)
    expect(day.actions).toEqual([])
    const costs: Record<string, number> = {}
    for (const { look } of day.looks) costs[look.kind] = (costs[look.kind] ?? 0) + callsOf(look) / 2
    const total = Object.values(costs).reduce((sum, cost) => sum + cost, 0)
    expect(total, JSON.stringify(costs)).toBeLessThanOrEqual(100)
  }, 120_000)
})
