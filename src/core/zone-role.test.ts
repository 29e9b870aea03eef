import { expect, it } from 'vitest'
import { plan } from './plan.ts'
import { claim, keyOf, NOW, settings, situation } from './testing/situations.ts'
import { roleFor, roleForRecord } from './zone-role.ts'

const ORG = { suffix: 'example.org', arn: 'arn:aws:iam::999988887777:role/dns', externalId: undefined }
const SHOP = { suffix: 'shop.example.org', arn: 'arn:aws:iam::111122223333:role/shop', externalId: 'x' }

it.each([
  ['example.org', ORG],
  ['a.example.org', ORG],
  ['*.example.org', ORG],
  ['shop.example.org', SHOP],
  ['*.shop.example.org', SHOP],
  ['myshop.example.org', ORG],
  ['example.com', undefined],
  ['myexample.org', undefined],
])('the zone of %s is reached through the role of the longest suffix', (name, role) => {
  expect(roleFor(name, [ORG, SHOP])).toBe(role)
  expect(roleFor(name, [SHOP, ORG])).toBe(role)
})

it('a validation record is written where the name is that it proves', () => {
  expect(roleForRecord('_0a1b.shop.example.org', [ORG, SHOP])).toBe(SHOP)
  expect(roleForRecord('_0a1b.example.com', [ORG, SHOP])).toBeUndefined()
})

it('what a role denies leaves out the names that need it, what is not known yet waits', () => {
  const claims = [claim({ hosts: ['a.example.com', 'a.example.org'] })]
  const given = { claims, settings: settings({ zoneRoles: [ORG] }) }
  const failure = { kind: 'denied', code: 'AccessDenied', message: 'no', since: NOW, at: NOW } as const
  const failures = new Map([['look:zones:example.org', failure]])
  expect(
    plan(situation({ ...given, observation: { failures } }))
      .claims.values()
      .next().value?.wished,
  ).toEqual(['a.example.com'])
  const unknown = plan(situation(given))
  expect([...unknown.certificates.keys()]).toEqual([])
  expect(unknown.looks).toContainEqual({ look: { kind: 'zones', role: 'example.org' }, dueAt: NOW })
  const zones = { value: [{ id: 'Z2', name: 'example.org', private: false }], at: NOW, complete: true }
  const known = plan(situation({ ...given, observation: { zonesByRole: new Map([['example.org', zones]]) } }))
  expect([...known.certificates.keys()]).toEqual([keyOf(['a.example.com', 'a.example.org'])])
})
