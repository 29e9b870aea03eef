import { describe, expect, it } from 'vitest'
import { hash } from './hash.ts'
import { controllersCertificate, endangeredRecords, standAside } from './left-to-controller.ts'
import { assess } from './situation.ts'
import { claim, foreign, NOW, ours, situation } from './testing/situations.ts'
import type { ClaimOptions, SituationOptions } from './testing/situations.ts'
import { DAY, HOUR, MINUTE } from './time.ts'

const HOSTS = ['shop.example.com']

function tagged(overrides: Record<string, string> = {}) {
  const resource = `amazon_issued/shop.example.com-${hash('default/shop', 8)}`
  return {
    'elbv2.k8s.aws/cluster': 'any',
    'ingress.k8s.aws/stack': 'web',
    'ingress.k8s.aws/resource': resource,
    ...overrides,
  }
}

function asking(options: ClaimOptions = {}) {
  return { ...claim({ hosts: HOSTS, ...options }), asksController: true, createsCertificate: true }
}

function member(options: SituationOptions) {
  const assessed = assess(situation({ claims: [asking()], ...options }))
  const [first] = assessed.members
  if (!first) throw new Error('no member')
  return { member: first, situation: assessed }
}

/** The reason for which we stand aside. */
function reason(options: SituationOptions): string | undefined {
  const { member: of, situation: in_ } = member(options)
  return standAside(of, in_)?.verdict.reason
}

const CONTROLLERS = foreign(HOSTS, { tags: tagged() })

describe("an object that asks the controller's own feature alone", () => {
  it('is left to it while there is a certificate with its tags', () => {
    expect(reason({ certificates: [CONTROLLERS] })).toBe('ManagedByLoadBalancerController')
    expect(reason({ certificates: [foreign(HOSTS, { tags: tagged({ 'ingress.k8s.aws/stack': 'other' }) })] })).toBe(
      undefined,
    )
    const ofAnother = tagged({ 'ingress.k8s.aws/resource': 'amazon_issued/shop.example.com-00000000' })
    expect(reason({ certificates: [foreign(HOSTS, { tags: ofAnother })] })).toBe(undefined)
    expect(reason({ claims: [claim({ hosts: HOSTS })], certificates: [CONTROLLERS] })).toBe(undefined)
  })

  it('stays ours where we have published', () => {
    const own = ours(HOSTS)
    expect(reason({ claims: [asking({ lists: [own] })], certificates: [own, CONTROLLERS] })).toBe(undefined)
  })

  it('is looked at before anything is requested: who made a certificate of its names, and whether one has just been made', () => {
    const untagged = member({ certificates: [foreign(HOSTS, { tags: undefined })] })
    const [arn] = [...untagged.situation.inventory.all.keys()]
    expect(standAside(untagged.member, untagged.situation)?.looks).toEqual([
      { look: { kind: 'tagsOf', arn }, dueAt: NOW },
    ])
    const young = asking({ overrides: { createdAt: NOW } })
    const fresh = member({ claims: [young] })
    expect(standAside(fresh.member, fresh.situation)).toMatchObject({ verdict: { reason: 'ReadingTags' } })
    expect(standAside(fresh.member, fresh.situation)?.looks[0]?.look.kind).toBe('certificates')
  })

  it('finds the certificate of an implicit group, too', () => {
    const tags = tagged({ 'ingress.k8s.aws/stack': 'default/shop' })
    const alone = member({
      claims: [asking({ group: 'ingress/default/shop' })],
      certificates: [foreign(HOSTS, { tags })],
    })
    expect(controllersCertificate(alone.member, alone.situation)).toBeDefined()
  })
})

it("has its records looked at for an hour after a change, while the controller's feature may clean up", () => {
  const own = ours(HOSTS)
  const endangered = (changedAt: number) => {
    const input = situation({ claims: [asking({ lists: [own] })], certificates: [own] })
    const observation = { ...input.observation, groupChangedAt: new Map([['group/web', changedAt]]) }
    return [...endangeredRecords(assess({ ...input, observation }))]
  }
  expect(endangered(NOW - 5 * MINUTE)).toEqual([own.arn])
  expect(endangered(NOW - HOUR)).toEqual([])
  expect(endangered(NOW - DAY)).toEqual([])
})
