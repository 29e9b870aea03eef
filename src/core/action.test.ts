import { describe, expect, it } from 'vitest'
import type { Action } from './action.ts'
import { lanesOf } from './action.ts'
import { plan } from './plan.ts'
import { claim, detail, entry, kept, keyOf, NOW, ours, situation } from './testing/situations.ts'
import { DAY, HOUR } from './time.ts'

const a = 'a.example.com'
const A = ours([a])
const AB = ours([a, 'b.example.com'])

function actionsOf(input: ReturnType<typeof situation>, kind: Action['kind']) {
  return plan(input).actions.filter((action) => action.kind === kind)
}

const [publication] = actionsOf(situation({ certificates: [A], claims: [claim({ hosts: [a] })] }), 'publish')
const [dropping] = actionsOf(
  situation({
    certificates: [A, AB],
    claims: [claim({ hosts: [a], lists: [A, AB] })],
    attached: { 'group/web': { 443: [A, AB] } },
  }),
  'publish',
)
const [deletion] = actionsOf(
  situation({
    certificates: [A],
    entries: [entry([a], { certificates: [kept(A, { since: NOW - 2 * DAY })] })],
    details: [detail(A)],
    observation: { unusedSince: new Map([[A.arn, NOW - HOUR]]) },
  }),
  'deleteCertificate',
)
const [request] = actionsOf(situation({ claims: [claim({ hosts: [a] })], entries: [entry([a])] }), 'requestCertificate')

/** Whether two actions may be under way at once: neither holds for itself what the other needs. */
function overlap(x: Action | undefined, y: Action | undefined): boolean {
  if (!x || !y) throw new Error('an action is missing')
  const [left, right] = [lanesOf(x), lanesOf(y)]
  const clash = (own: readonly string[], other: typeof left) =>
    own.some((lane) => other.own.includes(lane) || other.shared.includes(lane))
  return !clash(left.own, right) && !clash(right.own, left)
}

describe('two actions never overlap', () => {
  it('when one publishes an ARN and the other deletes it', () => {
    expect(overlap(publication, deletion)).toBe(false)
  })

  it('when one requests a key and the other deletes its certificate', () => {
    expect(lanesOf(request as Action).own).toEqual([`key:${keyOf([a])}`])
    expect(overlap(request, deletion)).toBe(false)
  })

  it('when both drop from one load balancer', () => {
    const other = { ...(dropping as Extract<Action, { kind: 'publish' }>), ingress: claim({ name: 'other' }).ingress }
    expect(overlap(dropping, other)).toBe(false)
  })

  it('when both write one object', () => {
    expect(overlap(publication, publication)).toBe(false)
  })
})

it('two objects may publish one certificate at once', () => {
  const other = { ...(publication as Extract<Action, { kind: 'publish' }>), ingress: claim({ name: 'other' }).ingress }
  expect(overlap(publication, other)).toBe(true)
})
