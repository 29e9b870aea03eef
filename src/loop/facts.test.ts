import { expect, it } from 'vitest'
import type { Ingress } from '../core/ingress.ts'
import { ingress, settings } from '../core/testing/situations.ts'
import type { StoredClaim } from '../kube/certificate-claim.ts'
import { VirtualClock } from '../sim/clock.ts'
import { Facts } from './facts.ts'

const STORED = { uid: 'claim-1', resourceVersion: '7', entry: { uid: 'ingress-1' } } as unknown as StoredClaim

function version(uid: string, resourceVersion: string): Ingress {
  const of = ingress()
  return { ...of, ref: { ...of.ref, uid }, resourceVersion }
}

function begin(): Facts {
  const facts = new Facts({ settings: settings(), clock: new VirtualClock() })
  facts.setClaim(STORED)
  return facts
}

it('believes an object again that a list lacked and a watch or a later write shows', () => {
  const facts = begin()
  facts.deleteClaim(STORED)
  facts.setClaim(STORED, facts.deletions)
  expect(facts.claims.get('ingress-1')).toBe(STORED)
  facts.deleteClaim(STORED)
  facts.setClaim(STORED)
  expect(facts.claims.get('ingress-1')).toBe(STORED)
})

it('does not believe the answer to a write that was sent before the object was gone, nor anything after we deleted it', () => {
  const facts = begin()
  const { deletions } = facts
  facts.deleteClaim(STORED)
  facts.setClaim(STORED, deletions)
  expect(facts.claims.size).toBe(0)
  facts.deleteClaim(STORED, 'us')
  facts.setClaim(STORED)
  expect(facts.claims.size).toBe(0)
})

it('lets go of what only an answer told of when a whole list that is not older lacks it', () => {
  const facts = begin()
  facts.listedClaims({ uids: new Set(['claim-1']), resourceVersion: '9' })
  facts.listedClaims({ uids: new Set(), resourceVersion: '6' })
  facts.listedClaims({ uids: new Set(), resourceVersion: undefined })
  expect(facts.claims.size).toBe(1)
  facts.listedClaims({ uids: new Set(), resourceVersion: '9' })
  expect(facts.claims.size).toBe(0)
})

it('takes an object that was created again for the one of that name, whatever news of the old one comes late or never', () => {
  const facts = begin()
  const old = version('old', '10')
  const created = version('new', '20')
  facts.setIngress(old)
  facts.setIngress(created)
  facts.setIngress(old)
  facts.deleteIngress(old)
  expect(facts.input().claims.map((claim) => claim.ingress.ref.uid)).toEqual(['new'])
})

it('takes a claim that passed to another object for that of the other alone', () => {
  const facts = begin()
  const passed = { ...STORED, resourceVersion: '8', entry: { uid: 'ingress-2' } } as unknown as StoredClaim
  facts.setClaim(passed)
  expect([...facts.claims.keys()]).toEqual(['ingress-2'])
  facts.deleteClaim(STORED)
  expect(facts.claims.size).toBe(0)
})
