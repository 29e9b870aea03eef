import { describe, expect, it } from 'vitest'
import type { Claim, ClaimRequest } from './claim.ts'
import type { TagAction } from './action.ts'
import { plan } from './plan.ts'
import { TAG } from './settings.ts'
import { tagsOf } from './tags.ts'
import type { ClaimOptions, SituationOptions } from './testing/situations.ts'
import { claim, entry, kept, keyOf, NOW, ours, settings, situation, wanted } from './testing/situations.ts'
import { MINUTE } from './time.ts'
import type { Wish } from './wish.ts'

const a = 'a.example.com'

type Tagged = { tags?: Record<string, string>; retain?: boolean }

function asking(of: Tagged, options: ClaimOptions = {}): Claim {
  const request = { ...wanted([a]), tags: of.tags ?? {}, retain: of.retain ?? false } as ClaimRequest
  return claim({ hosts: [a], request, ...options })
}

function wishOf(...claims: readonly Claim[]): Wish {
  const key = keyOf([a])
  return {
    key,
    names: [a],
    domainName: a,
    issuer: { kind: 'amazon' },
    keyAlgorithm: 'RSA_2048',
    claims,
    interim: false,
  }
}

describe('the tags of a request', () => {
  it('are ours, then those of the claims, the oldest first, then the defaults', () => {
    const claims = [asking({ tags: { team: 'shop', stage: 'prod' } }), asking({ tags: { team: 'other', more: '1' } })]
    const tags = tagsOf(
      { wish: wishOf(...claims), attempt: 3 },
      settings({ defaultTags: { stage: 'none', cost: '42' } }),
    )
    expect(tags).toEqual({
      [TAG.cluster]: settings().cluster,
      [TAG.owner]: settings().owner,
      [TAG.key]: keyOf([a]),
      [TAG.attempt]: '3',
      [TAG.claim]: 'default/shop',
      team: 'shop',
      stage: 'prod',
      more: '1',
      cost: '42',
    })
  })

  it('say that the certificate is to stay where one of the claims wants that', () => {
    expect(tagsOf({ wish: wishOf(asking({}), asking({ retain: true })), attempt: 1 }, settings())).toMatchObject({
      [TAG.deletionPolicy]: 'retain',
    })
    expect(tagsOf({ wish: wishOf(asking({})), attempt: 1 }, settings())).not.toHaveProperty(TAG.deletionPolicy)
  })

  it('are never more than ACM holds, and ours are always among them', () => {
    const many = (prefix: string) => Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${prefix}${i}`, 'v']))
    const tags = tagsOf(
      { wish: wishOf(asking({ tags: many('a') }), asking({ tags: many('b') })), attempt: 1 },
      settings(),
    )
    expect(Object.keys(tags)).toHaveLength(50)
    expect(tags).toMatchObject({ [TAG.key]: keyOf([a]), a39: 'v' })
  })
})

describe('the tags of a certificate that exists', () => {
  const A = ours([a])
  const B = { ...A, tags: { ...A.tags, team: 'shop', others: 'stay' } }
  const put = (keys: readonly string[]) => [entry([a], { certificates: [{ ...kept(A), tags: keys }] })]
  const changes = (options: SituationOptions): TagAction[] =>
    plan(situation(options)).actions.filter((action) => action.kind === 'tag')

  it('follow the claims in place', () => {
    const claims = [asking({ tags: { team: 'web', new: 'x' } }, { lists: [A] })]
    expect(changes({ claims, certificates: [B], entries: put(['team']) })).toEqual([
      { kind: 'tag', arn: A.arn, set: { team: 'web', new: 'x' }, remove: [] },
    ])
  })

  it('are taken away again where we put them, and nowhere else', () => {
    const claims = [asking({}, { lists: [A] })]
    expect(changes({ claims, certificates: [B], entries: put(['team']) })).toEqual([
      { kind: 'tag', arn: A.arn, set: {}, remove: ['team'] },
    ])
    expect(changes({ claims, certificates: [B], entries: put([]) })).toEqual([])
  })

  it('are remembered as ours to take away as long as they are there', () => {
    const claims = [asking({ tags: { new: 'x' } }, { lists: [A] })]
    const remembered = (held: typeof A, keys: readonly string[]) =>
      plan(situation({ claims, certificates: [held], entries: put(keys) })).certificates.get(keyOf([a]))
        ?.certificates[0]?.tags
    expect(remembered(B, ['team'])).toEqual(['new', 'team'])
    expect(remembered(A, ['team'])).toEqual(['new'])
  })

  it('say whether it is to stay', () => {
    const stays = { ...A, tags: { ...A.tags, [TAG.deletionPolicy]: 'retain' } }
    const of = (retain: boolean, held: typeof A) =>
      changes({ claims: [asking({ retain }, { lists: [A] })], certificates: [held], entries: put([]) })
    expect(of(true, A)).toMatchObject([{ set: { [TAG.deletionPolicy]: 'retain' }, remove: [] }])
    expect(of(true, stays)).toEqual([])
    expect(of(false, stays)).toMatchObject([{ set: {}, remove: [TAG.deletionPolicy] }])
  })

  it('are left alone when they are as wanted, unknown, changed a moment ago, or all claims are paused', () => {
    const tags = { team: 'shop' }
    expect(changes({ claims: [asking({ tags }, { lists: [A] })], certificates: [B], entries: put(['team']) })).toEqual(
      [],
    )
    const claims = [asking({ tags: { team: 'web' } }, { lists: [A] })]
    expect(changes({ claims, certificates: [{ ...A, tags: undefined }] })).toEqual([])
    const taggedAt = (ago: number) => ({ taggedAt: new Map([[A.arn, NOW - ago]]) })
    expect(changes({ claims, certificates: [B], observation: taggedAt(10 * MINUTE - 1) })).toEqual([])
    expect(changes({ claims, certificates: [B], observation: taggedAt(10 * MINUTE) })).toHaveLength(1)
    const paused = [asking({ tags: { team: 'web' } }, { lists: [A], paused: true })]
    expect(changes({ claims: paused, certificates: [B] })).toEqual([])
  })

  it('stay as they are when nothing wishes it any more', () => {
    expect(changes({ certificates: [B], entries: put(['team']) })).toEqual([])
  })
})
