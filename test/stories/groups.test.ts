import { expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import { MANAGED, Story } from './story.ts'

const GROUP_NAME = 'alb.ingress.kubernetes.io/group.name'
const inGroup = (name: string) => ({ ...MANAGED, [GROUP_NAME]: name })
const named = (name: string) => ({ namespace: 'default', name })

/** Two members of one group, the first an older one. */
async function begin(flags: Readonly<Record<string, string>> = {}): Promise<Story> {
  const story = await Story.begin({ flags: { 'leader-elect': 'false', 'retire-after': '10m', ...flags } })
  await story.apply({ name: 'one', hosts: ['a.example.com'], annotations: inGroup('web') })
  await story.pass(SECOND)
  await story.apply({ name: 'two', hosts: ['b.example.com'], annotations: inGroup('web') })
  await story.ready('one')
  await story.ready('two')
  await story.until('each lists only its own', () => ['one', 'two'].every((name) => story.listed(name).length === 1))
  return story
}

test('members of a group that wish the same share it, and deleting one leaves what the other needs', async () => {
  await using story = await begin()
  const [shared] = story.listed('one')
  await story.apply({ name: 'twin', hosts: ['a.example.com'], annotations: inGroup('web') })
  await story.ready('twin')
  expect(story.listed('twin')).toEqual([shared])
  expect(story.requests()).toBe(2)
  await story.during(story.world.user.delete(named('one')))
  await story.pass(30 * MINUTE)
  expect(story.listed('twin')).toEqual([shared])
  expect(story.isReady('twin')).toBe(true)
  expect(story.certificates('a.example.com')).toMatchObject([{ arn: shared, status: 'ISSUED' }])
  expect(story.world.prober.failures).toEqual([])
})

test('a member that was lent its neighbour’s certificate keeps the load balancer whole when that neighbour goes', async () => {
  await using story = await begin()
  story.world.aws.setValidates('c.example.com', false)
  await story.apply({ name: 'late', hosts: ['c.example.com'], annotations: inGroup('web') })
  await story.until('it is lent one', () => story.listed('late').length === 1, MINUTE)
  await story.during(story.world.user.delete(named('one')))
  await story.pass(30 * MINUTE)
  expect(story.isReady('two')).toBe(true)
  expect(story.world.prober.failures).toEqual([])
})

test('a group that is renamed keeps its certificates, and nothing is requested anew', async () => {
  await using story = await begin()
  story.world.prober.stop()
  const before = ['one', 'two'].map((name) => story.listed(name))
  for (const name of ['one', 'two'])
    await story.during(story.world.user.annotate(named(name), { [GROUP_NAME]: 'shop' }))
  await story.until('both are served there', () => story.isReady('one') && story.isReady('two'), 10 * MINUTE)
  await story.pass(30 * MINUTE)
  expect(['one', 'two'].map((name) => story.listed(name))).toEqual(before)
  expect(story.requests()).toBe(2)
})

test('a member that leaves its group takes its certificate along, and the others keep theirs', async () => {
  await using story = await begin()
  story.world.prober.stop()
  const before = ['one', 'two'].map((name) => story.listed(name))
  await story.during(story.world.user.annotate(named('two'), { [GROUP_NAME]: null }))
  await story.until('it is served on its own', () => story.isReady('two'), 10 * MINUTE)
  await story.pass(30 * MINUTE)
  expect(['one', 'two'].map((name) => story.listed(name))).toEqual(before)
  expect(story.isReady('one')).toBe(true)
  expect(story.requests()).toBe(2)
})

test('the default certificate stays the same while neighbours come, change and go', async () => {
  await using story = await begin()
  story.world.prober.stop()
  const [first] = story.listed('one')
  const defaults = () =>
    story.world.aws.events
      .of('listenerCertificateAdded')
      .filter(({ isDefault }) => isDefault)
      .map(({ certificateArn }) => certificateArn)
  const before = defaults().length
  await story.apply({ name: 'three', hosts: ['c.example.com'], annotations: inGroup('web') })
  await story.ready('three')
  await story.during(story.world.user.addHost(named('three'), 'd.example.com'))
  await story.until('the change is served', () => story.certificates('c.example.com', 'd.example.com').length === 1)
  await story.ready('three')
  await story.during(story.world.user.delete(named('two')))
  await story.pass(30 * MINUTE)
  expect(story.listed('one')).toEqual([first])
  expect(defaults().slice(before)).toEqual([])
})
