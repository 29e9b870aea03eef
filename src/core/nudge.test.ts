import { describe, expect, it } from 'vitest'
import { NUDGE_ANNOTATION } from './ingress.ts'
import { plan } from './plan.ts'
import { claim, type ClaimOptions, foreign, looksAt, NOW, ours, situation } from './testing/situations.ts'
import type { SituationOptions } from './testing/situations.ts'
import { MINUTE, SECOND } from './time.ts'

const a = 'a.example.com'
const b = 'b.example.com'
const A = ours([a])
const B = ours([b])

const said = (count: number | string) => ({ [NUDGE_ANNOTATION]: String(count) })
const shop = (options: ClaimOptions = {}) => claim({ hosts: [a], lists: [A], ...options })

/** What the group last changed `ago`, and its load balancer was looked at `looked` ago. */
function nudges(
  options: SituationOptions & { ago?: number; looked?: number; attached?: SituationOptions['attached'] } = {},
): readonly (readonly [string, number])[] {
  const { ago = 20 * SECOND, looked = SECOND, attached, ...others } = options
  const input = situation({
    claims: [shop()],
    certificates: [A, B],
    attached: attached ?? { 'group/web': looksAt({ 443: [] }, NOW - looked) },
    observation: { groupChangedAt: new Map([['group/web', NOW - ago]]) },
    ...others,
  })
  return plan(input).actions.flatMap((action) =>
    action.kind === 'nudge' ? [[action.ingress.ref.name, action.count] as const] : [],
  )
}

describe('where nothing serves what was published', () => {
  it('the load balancer’s controller is asked again after a quarter of a minute, and what is listed stays', () => {
    expect(nudges()).toEqual([['shop', 1]])
    expect(nudges({ ago: 14 * SECOND })).toEqual([])
  })

  it('is asked a minute after that, then five, then no more', () => {
    const after = (count: number, ago: number) =>
      nudges({ ago, claims: [shop({ annotations: said(count) })] }).map(([, next]) => next)
    expect(after(1, 59 * SECOND)).toEqual([])
    expect(after(1, 62 * SECOND)).toEqual([2])
    expect(after(2, 4 * MINUTE)).toEqual([])
    expect(after(2, 6 * MINUTE)).toEqual([3])
    expect(after(3, 24 * 60 * MINUTE)).toEqual([])
  })

  it('plans again when the pause is over, though nothing happens', () => {
    const input = situation({
      claims: [shop({ balanced: false })],
      certificates: [A],
      observation: { groupChangedAt: new Map([['group/web', NOW - 5 * SECOND]]) },
    })
    expect(plan(input).wakeAt).toBe(NOW + 10 * SECOND)
  })

  it('is asked though there is no load balancer yet', () => {
    expect(nudges({ claims: [shop({ balanced: false })] })).toEqual([['shop', 1]])
  })

  it('is not asked before a look of after the pause has shown it', () => {
    expect(nudges({ looked: 6 * SECOND })).toEqual([])
  })

  it('is not asked where it serves all that we published', () => {
    expect(nudges({ attached: { 'group/web': looksAt({ 443: [A] }, NOW - SECOND) } })).toEqual([])
  })

  it('is asked once a group, on its oldest object, and as often as on any of them', () => {
    const other = claim({ name: 'blog', hosts: [b], lists: [B], annotations: said(1) })
    expect(nudges({ claims: [shop(), other] })).toEqual([])
    expect(nudges({ claims: [shop(), other], ago: 2 * MINUTE })).toEqual([['blog', 2]])
  })

  it.each([
    ['paused', shop({ paused: true })],
    ['of another', shop({ ours: false, lists: [foreign([a])] })],
    ['opted out', shop({ request: { kind: 'none' } })],
    ['being deleted', shop({ overrides: { deleting: true, hostnames: [] } })],
    ['marked with what is no number', shop({ annotations: said('please') })],
  ])('is not asked on an object that is %s', (_, object) => {
    expect(nudges({ claims: [object] })).toEqual([])
  })

  it('is not asked for a certificate that is not issued', () => {
    const pending = ours([a], { status: 'PENDING_VALIDATION' })
    expect(nudges({ certificates: [pending], claims: [shop({ lists: [pending] })] })).toEqual([])
  })
})
