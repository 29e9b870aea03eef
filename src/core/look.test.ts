import { describe, expect, it } from 'vitest'
import { plan } from './plan.ts'
import type { Look } from './step.ts'
import { lookKey } from './step.ts'
import type { Claim } from './claim.ts'
import type { ClaimEntry } from './ledger.ts'
import type { PlanInput } from './situation.ts'
import { atRest } from './testing/at-rest.ts'
import { live } from './testing/life.ts'
import { claim, detail, foreign, loadBalancerArnOf, looksAt, NOW, ours, situation } from './testing/situations.ts'
import type { SituationOptions } from './testing/situations.ts'
import { HOUR, MINUTE, SECOND } from './time.ts'

const a = 'a.example.com'
const A = ours([a])
const SEEN = NOW - SECOND

/** As it was, with another host. */
function claimed(of: Claim, host: string): Claim {
  const { request } = of
  if (request.kind !== 'wanted') return of
  return { ...of, hosts: [host], request: { ...request, names: [host] } }
}

function due(options: SituationOptions, kind: Look['kind']) {
  return plan(situation(options)).looks.filter(({ look }) => look.kind === kind)
}

describe('the certificates of the account', () => {
  const pending = (age: number) =>
    ours([a], { status: 'PENDING_VALIDATION', notAfter: undefined, createdAt: NOW - age })

  it('are swept every ten minutes, at once where the last sweep was not whole', () => {
    expect(due({}, 'certificates')).toEqual([
      { look: { kind: 'certificates', since: undefined }, dueAt: SEEN + 10 * MINUTE },
    ])
    const partial = { certificates: { value: new Map(), at: SEEN, complete: false } }
    expect(due({ observation: partial }, 'certificates')[0]?.dueAt).toBe(NOW)
  })

  it.each([
    [0, 5 * SECOND],
    [2 * MINUTE - 1, 5 * SECOND],
    [2 * MINUTE, 15 * SECOND],
    [10 * MINUTE, MINUTE],
    [HOUR, 5 * MINUTE],
  ])(
    'of which the youngest is pending for %i ms are polled after %i ms, back to the oldest pending one',
    (age, pause) => {
      const old = ours(['z.example.com'], { status: 'PENDING_VALIDATION', createdAt: NOW - 2 * HOUR })
      const claims = [claim({ hosts: [a] }), claim({ name: 'z', hosts: ['z.example.com'] })]
      expect(due({ claims, certificates: [pending(age), old] }, 'certificates')).toEqual([
        { look: { kind: 'certificates', since: NOW - 2 * HOUR - MINUTE }, dueAt: SEEN + pause },
      ])
    },
  )

  it('are swept whole also while some are pending', () => {
    const observation = { certificatesSweptAt: NOW - 10 * MINUTE }
    expect(due({ claims: [claim({ hosts: [a] })], certificates: [pending(0)], observation }, 'certificates')).toEqual([
      { look: { kind: 'certificates', since: undefined }, dueAt: NOW },
    ])
  })

  it.each([
    [false, [{ dueAt: SEEN + 30 * SECOND }]],
    [true, []],
  ])(
    'of which ACM said once that it does not exist are asked for by name until that is certain (%s), whatever lists show',
    (proven, expected) => {
      const held = pending(10 * MINUTE)
      const { arn } = held.certificate
      const gone = new Map([[arn, { since: SEEN, at: SEEN, proven }]])
      const options = { claims: [claim({ hosts: [a] })], certificates: [held], details: [detail(held)] }
      const looks = due({ ...options, observation: { gone } }, 'describe')
      expect(looks).toEqual(expected.map(({ dueAt }) => ({ look: { kind: 'describe', arn }, dueAt })))
    },
  )

  it('are polled once for all that are pending', () => {
    const held = Array.from({ length: 50 }, (_, index) =>
      ours([`n${index}.example.com`], { status: 'PENDING_VALIDATION', createdAt: NOW }),
    )
    const claims = held.map((of, index) => claim({ name: `n${index}`, hosts: of.certificate.names }))
    expect(due({ claims, certificates: held }, 'certificates')).toHaveLength(1)
  })
})

it('the tags of one of ours that the last sweep lacked are asked for by name', () => {
  const tags = (at: number) => ({ tags: new Map([[A.arn, { value: A.tags ?? {}, at, complete: true }]]) })
  const given = { claims: [claim({ hosts: [a], lists: [A] })], certificates: [A] }
  expect(due(given, 'tagsOf')).toEqual([])
  expect(due({ ...given, observation: tags(SEEN - 1) }, 'tagsOf')).toEqual([
    { look: { kind: 'tagsOf', arn: A.arn }, dueAt: NOW },
  ])
  const gone = { gone: new Map([[A.arn, { since: NOW, at: NOW, proven: false }]]) }
  expect(due({ ...given, observation: { ...tags(SEEN - 1), ...gone } }, 'tagsOf')).toEqual([])
})

it('tags are swept at start and hourly, zones every five minutes, load balancers every ten', () => {
  expect(due({}, 'tags')).toEqual([{ look: { kind: 'tags' }, dueAt: SEEN + HOUR }])
  expect(due({ observation: { tagsSweptAt: undefined } }, 'tags')[0]?.dueAt).toBe(NOW)
  expect(due({}, 'zones')).toEqual([{ look: { kind: 'zones' }, dueAt: SEEN + 5 * MINUTE }])
  expect(due({}, 'loadBalancers')).toEqual([{ look: { kind: 'loadBalancers' }, dueAt: SEEN + 10 * MINUTE }])
})

it('zones are looked at again when an object changed since and a name of it has none', () => {
  const claims = [claim({ hosts: ['a.example.org'] })]
  const changed = { groupChangedAt: new Map([['group/web', NOW]]) }
  expect(due({ claims, observation: changed }, 'zones')[0]?.dueAt).toBe(SEEN + SECOND)
  expect(due({ claims }, 'zones')[0]?.dueAt).toBe(SEEN + 5 * MINUTE)
})

describe('the listeners of a load balancer', () => {
  const loadBalancer = loadBalancerArnOf('group/web')
  const attaching = (age: number) => ({
    claims: [claim({ hosts: [a], lists: [A] })],
    certificates: [A],
    observation: { groupChangedAt: new Map([['group/web', NOW - age]]) },
  })

  it.each([
    [0, 2 * SECOND],
    [30 * SECOND, 5 * SECOND],
    [2 * MINUTE, 15 * SECOND],
    [15 * MINUTE, MINUTE],
    [HOUR, 5 * MINUTE],
  ])('on which something is attaching since %i ms are looked at after %i ms', (age, pause) => {
    expect(due(attaching(age), 'listeners')).toEqual([
      { look: { kind: 'listeners', loadBalancer }, dueAt: SEEN + pause },
    ])
  })

  const AGES = [12, 20, 3]

  it('on which nothing happens are looked at in turn, the one that waits for longest first', () => {
    const group = (index: number) => `group/g${index}`
    const held = [0, 1, 2].map((index) => ours([`n${index}.example.com`]))
    const claims = held.map((of, index) =>
      claim({ name: `i${index}`, group: group(index), hosts: of.certificate.names, lists: [of] }),
    )
    const attached = Object.fromEntries(
      held.map((of, index) => [group(index), looksAt({ 443: [of] }, NOW - (AGES[index] ?? 0) * MINUTE)]),
    )
    expect(due({ claims, certificates: held, attached }, 'listeners')).toEqual([
      { look: { kind: 'listeners', loadBalancer: loadBalancerArnOf(group(1)) }, dueAt: NOW + 2 * MINUTE },
    ])
    const failure = { kind: 'denied', code: 'AccessDenied', message: '', since: NOW, at: NOW } as const
    const failures = new Map([[`look:listeners:${loadBalancerArnOf(group(1))}`, failure]])
    const others = due({ claims, certificates: held, attached, observation: { failures } }, 'listeners')
    expect(others.map(({ look }) => lookKey(look)).sort()).toEqual(
      [0, 1].map((index) => `look:listeners:${loadBalancerArnOf(group(index))}`),
    )
  })

  /** A restart of 30 load balancers at rest, of which `seen` were looked at by now, each a second before the next. */
  const rest = atRest(30 * 25)
  function restarted(seen: readonly string[] = []) {
    const looks = seen.map((arn, index) => {
      const known = rest.observation.listeners.get(arn)
      if (!known) throw new Error(`${arn} is not known`)
      return [arn, { ...known, at: rest.now - (seen.length - index) * SECOND }] as const
    })
    return { ...rest, observation: { ...rest.observation, listeners: new Map(looks) } }
  }

  function dueListeners(input: PlanInput) {
    return plan(input).looks.flatMap(({ look, dueAt }) =>
      look.kind === 'listeners' ? [{ arn: look.loadBalancer, in: dueAt - input.now }] : [],
    )
  }

  it('are looked at one after the other after a start, eight of them at once, all within the check interval', () => {
    const first = dueListeners(restarted())
    expect(first).toHaveLength(8)
    expect(first.every((entry) => entry.in === 0)).toBe(true)
    const seen = first.map(({ arn }) => arn)
    expect(dueListeners({ ...restarted(), now: restarted().now + 1 })).toHaveLength(8)
    let waited = 0
    while (seen.length < 30) {
      const [next, ...others] = dueListeners(restarted(seen))
      expect(others).toEqual([])
      expect(seen).not.toContain(next?.arn)
      waited += next?.in ?? Number.POSITIVE_INFINITY
      seen.push(next?.arn ?? '')
    }
    expect(waited).toBeLessThanOrEqual(HOUR)
    expect(waited).toBeGreaterThan(HOUR / 2)
  })

  it('are looked at right away after a start where an object stands otherwise than was said of it', () => {
    const begun = restarted()
    const seen = dueListeners(begun).map(({ arn }) => arn)
    const waiting = loadBalancerArnOf('group/g29')
    expect(seen).not.toContain(waiting)
    const of = begun.claims.find(({ group }) => group === 'group/g29') as Claim
    const dueOf = (input: PlanInput) => dueListeners(input).find(({ arn }) => arn === waiting)?.in
    const claims = begun.claims.map((other) => (other === of ? claimed(of, 'other.example.com') : other))
    expect(dueOf({ ...begun, claims })).toBe(0)
    const said = begun.ledger.claims.get(of.ingress.ref.uid) as ClaimEntry
    const attaching = { ...said, verdict: { ...said.verdict, state: 'Attaching' as const } }
    const ledger = { ...begun.ledger, claims: new Map(begun.ledger.claims).set(said.uid, attaching) }
    expect(dueOf({ ...begun, ledger })).toBe(0)
    expect(dueOf({ ...begun, ledger: { ...ledger, certificates: undefined } })).toBeUndefined()
  })

  it('are not looked at where nothing of it is ours', () => {
    const claims = [claim({ hosts: [a], request: { kind: 'none' } })]
    expect(due({ claims, certificates: [foreign([a])] }, 'listeners')).toEqual([])
  })
})

describe('records', () => {
  const held = ['aa.example.com', 'bbb.example.com', 'cccc.example.com'].map((name) => ours([name]))
  const claims = held.map((of, index) => claim({ name: `n${index}`, hosts: of.certificate.names, lists: [of] }))
  const details = held.map((of) => detail(of))
  const readAt = (times: readonly number[]) =>
    new Map(
      details.map((of, index) => {
        const record = of.validations[0]?.record
        const value = { kind: 'cname', value: record?.value ?? '', plain: true } as const
        return [`Z1/${record?.name}`, { value, at: times[index] ?? 0, complete: true }]
      }),
    )

  it('that nobody waits for are checked together, when the first of a zone is due', () => {
    const records = readAt([NOW - 30 * MINUTE, NOW - 10 * MINUTE, NOW])
    const looks = due({ claims, certificates: held, details, observation: { records } }, 'records')
    expect(looks).toHaveLength(1)
    expect(looks[0]).toMatchObject({ dueAt: NOW + 30 * MINUTE, look: { zone: 'Z1' } })
    expect(looks[0]?.look.kind === 'records' && looks[0].look.names).toHaveLength(3)
  })

  it('that ACM waits for do not take all the others along', () => {
    const [first, ...rest] = held
    const waiting = ours(first?.certificate.names ?? [], { status: 'PENDING_VALIDATION', createdAt: NOW - MINUTE })
    const records = readAt([NOW, NOW - 10 * MINUTE, NOW])
    const [look] = due({ claims, certificates: [waiting, ...rest], details, observation: { records } }, 'records')
    expect(look).toMatchObject({ dueAt: NOW + MINUTE })
    expect(look?.look.kind === 'records' && look.look.names).toHaveLength(1)
  })
})

it('no look stands in a plan twice, and no look is due again right after it was done', () => {
  const claims = [
    claim({ name: 'x', hosts: [a], lists: [ours(['gone.example.com'])] }),
    claim({ name: 'y', hosts: ['b.example.com', 'c.example.org'] }),
    claim({ name: 'o', hosts: ['o.example.com'], lists: [ours(['o.example.com'])], request: { kind: 'none' } }),
  ]
  const begin = situation({ claims, certificates: [ours(['o.example.com']), ours(['old.example.com'])] })
  const keys = plan(begin).looks.map(({ look }) => lookKey(look))
  expect(new Set(keys).size).toBe(keys.length)
  const times = new Map<string, number>()
  for (const { look, at } of live(begin, NOW + 2 * HOUR).looks) {
    const before = times.get(lookKey(look))
    if (before !== undefined) expect(at - before, lookKey(look)).toBeGreaterThanOrEqual(SECOND)
    times.set(lookKey(look), at)
  }
})
