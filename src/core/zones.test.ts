import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isWithin } from './names.ts'
import type { Observation, Zone } from './observation.ts'
import { plan } from './plan.ts'
import { claim, NOW, settings, situation } from './testing/situations.ts'
import { ZoneIndex } from './zones.ts'

const zone = (id: string, name: string, isPrivate = false): Zone => ({ id, name, private: isPrivate })

function answer(name: string, zones: readonly Zone[], overrides: Partial<Observation> = {}, pins = {}) {
  const { observation } = situation({ zones, observation: overrides })
  return new ZoneIndex(observation, settings({ hostedZones: pins })).zoneFor(name)
}

describe('the zone of a name', () => {
  const zones = [zone('Z1', 'example.com'), zone('Z2', 'eu.example.com'), zone('Z3', 'com.example')]

  it.each([
    ['shop.example.com', 'Z1'],
    ['example.com', 'Z1'],
    ['*.example.com', 'Z1'],
    ['a.b.eu.example.com', 'Z2'],
    ['*.eu.example.com', 'Z2'],
    ['eu.example.com', 'Z2'],
    ['neu.example.com', 'Z1'],
  ])('%s is %s', (name, id) => {
    expect(answer(name, zones)).toEqual({ kind: 'zone', id })
  })

  it('is none where none of the account ends so', () => {
    expect(answer('notexample.com', zones)).toEqual({ kind: 'none' })
  })

  it('is the longest public suffix, whatever the zones', () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
      .map((labels) => `${labels.join('.')}.example`)
    const listed = fc.uniqueArray(fc.record({ name, private: fc.boolean() }), { selector: (entry) => entry.name })
    fc.assert(
      fc.property(name, listed, (of, entries) => {
        const all = entries.map((entry, index) => ({ ...entry, id: `Z${index}` }))
        const [best] = all
          .filter((entry) => !entry.private && isWithin(entry.name, of))
          .sort((x, y) => y.name.length - x.name.length)
        expect(answer(of, all)).toEqual(best ? { kind: 'zone', id: best.id } : { kind: 'none' })
      }),
    )
  })

  it('is never a private one', () => {
    expect(answer('a.eu.example.com', [zone('Z1', 'example.com'), zone('P', 'eu.example.com', true)])).toEqual({
      kind: 'zone',
      id: 'Z1',
    })
    expect(answer('a.example.com', [zone('P', 'example.com', true)])).toEqual({ kind: 'none' })
  })

  it('is the pinned one, unless a more specific one exists', () => {
    const pins = { 'example.com': 'PIN' }
    expect(answer('shop.example.com', zones, {}, pins)).toEqual({ kind: 'zone', id: 'PIN' })
    expect(answer('a.eu.example.com', zones, {}, pins)).toEqual({ kind: 'zone', id: 'Z2' })
    expect(answer('shop.example.com', [], {}, pins)).toEqual({ kind: 'zone', id: 'PIN' })
  })

  it('is not known before all zones were read, and unknown is not none', () => {
    expect(answer('shop.example.org', zones, { zones: undefined })).toEqual({ kind: 'unknown', delegation: undefined })
    const partial = { zones: { value: zones, at: NOW, complete: false } }
    expect(answer('shop.example.org', zones, partial)).toEqual({ kind: 'unknown', delegation: undefined })
  })
})

describe('several public zones of one name', () => {
  const twins = [zone('Z2', 'example.com'), zone('Z1', 'example.com')]
  const delegated = (value: string | undefined) => ({
    delegations: new Map([['example.com', { value, at: NOW, complete: true }]]),
  })

  it('are told apart by the delegation of public DNS', () => {
    expect(answer('shop.example.com', twins)).toEqual({ kind: 'unknown', delegation: 'example.com' })
    expect(answer('shop.example.com', twins, delegated('Z2'))).toEqual({ kind: 'zone', id: 'Z2' })
  })

  it.each([undefined, 'Z9'])('are ambiguous where it names none of them (%s)', (value) => {
    const ambiguous = { kind: 'ambiguous', zone: 'example.com', ids: ['Z1', 'Z2'] }
    expect(answer('shop.example.com', twins, delegated(value))).toEqual(ambiguous)
  })

  it('are ambiguous where nobody can say, and hold up no other name', () => {
    const failure = { kind: 'transient', code: 'ETIMEOUT', message: 'no answer', since: NOW, at: NOW } as const
    const failures = new Map([['look:delegation:example.com', failure]])
    expect(answer('shop.example.com', twins, { failures })).toMatchObject({ kind: 'ambiguous' })
    const made = claim({ hosts: ['a.example.com', 'a.example.org'] })
    const input = situation({
      claims: [made],
      zones: [...twins, zone('Z3', 'example.org')],
      observation: { failures },
    })
    expect(plan(input).claims.get(made.ingress.ref.uid)).toMatchObject({
      wished: ['a.example.org'],
      names: [
        {
          name: 'a.example.com',
          state: 'Held',
          reason: 'AmbiguousHostedZone',
          message:
            'Several public hosted zones are named example.com (Z1, Z2) and public DNS delegates to none of them, so none was chosen for a.example.com of Ingress default/shop; name the right one with --hosted-zone example.com=ID.',
        },
      ],
    })
  })

  it('are looked up once, however many names wait for it', () => {
    const claims = ['a', 'b', 'c'].map((name) => claim({ name, hosts: [`${name}.example.com`] }))
    const of = (overrides: Partial<Observation>) =>
      plan(situation({ claims, zones: twins, observation: overrides })).looks.filter(
        ({ look }) => look.kind === 'delegation',
      )
    expect(of({})).toEqual([{ look: { kind: 'delegation', zone: 'example.com' }, dueAt: NOW }])
    expect(of(delegated(undefined))).toHaveLength(1)
  })
})
