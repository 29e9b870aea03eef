import { expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { MANAGED, Story } from './story.ts'

const GROUP = { ...MANAGED, 'alb.ingress.kubernetes.io/group.name': 'shared' }
const SHOP = { name: 'shop', hosts: ['shop.example.com'], annotations: GROUP }

/** A world with a certificate that is to be lent; the controller is told of it and started. */
async function begin(
  more: { region?: string; arn?: string; pending?: boolean } = {},
): Promise<{ story: Story; arn: string }> {
  const story = await Story.begin({ start: false })
  const arn = more.arn ?? story.world.aws.issueCertificate({ names: ['fallback.example.net'] })
  story.startController({ ...story.settings, fallbackCertificate: arn })
  return { story, arn }
}

test('a new group is built with the fallback certificate before its own is issued, and the fallback leaves afterwards', async () => {
  const { story, arn } = await begin()
  await using _ = story
  await story.apply(SHOP)
  await story.until('the fallback is published', () => story.listed('shop').includes(arn), MINUTE)
  expect(story.certificates('shop.example.com')).toMatchObject([{ status: 'PENDING_VALIDATION' }])
  await story.until(
    'the load balancer is built',
    () => story.world.aws.events.of('loadBalancerCreated').length === 1,
    MINUTE,
  )
  await story.ready('shop')
  await story.until('the fallback is gone', () => !story.listed('shop').includes(arn), 10 * MINUTE)
  expect(story.listed('shop')).toHaveLength(1)
  await story.pass(2 * HOUR)
  expect(story.standing('shop').state).toBe('Ready')
  expect(story.world.aws.certificates().map((certificate) => certificate.arn)).toContain(arn)
  expect(story.world.prober.failures).toEqual([])
})

test('every member of a group that has nothing yet is given the fallback, and a later one what the group has', async () => {
  const { story, arn } = await begin()
  await using _ = story
  await story.apply(SHOP)
  await story.apply({ name: 'api', hosts: ['api.example.com'], annotations: GROUP })
  await story.until('both list it', () => ['shop', 'api'].every((name) => story.listed(name).includes(arn)), MINUTE)
  await story.ready('shop')
  await story.ready('api')
  await story.until('it is gone', () => !story.listed('shop').includes(arn) && !story.listed('api').includes(arn))
  await story.apply({ name: 'late', hosts: ['late.example.com'], annotations: GROUP })
  await story.until('it is lent something', () => story.listed('late').length === 1, MINUTE)
  expect(story.listed('late')).not.toContain(arn)
})

test.each([
  [
    'of another region',
    'arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555',
    'is in us-east-1',
  ],
  [
    'of another account',
    'arn:aws:acm:eu-central-1:999988887777:certificate/11111111-2222-3333-4444-555555555555',
    'is not in this account',
  ],
])('a fallback certificate %s is not published, and the claim says why', async (_, arn, why) => {
  const { story } = await begin({ arn })
  await using __ = story
  await story.apply(SHOP)
  await story.until('it says so', () => story.standing('shop').message.includes(why), MINUTE)
  expect(story.listed('shop')).toEqual([])
  await story.ready('shop')
})

test('without a fallback the claims and events of a group say that it waits, and for whom', async () => {
  await using story = await Story.begin()
  await story.apply(SHOP)
  await story.pass(30 * SECOND)
  expect(story.standing('shop').message).toContain(
    'the AWS Load Balancer Controller builds nothing for the group (FailedBuildModel) for want of a certificate on Ingress default/shop',
  )
  expect(story.events('shop')[0]?.note).toContain('for want of a certificate on Ingress default/shop')
  await story.ready('shop')
  expect(story.standing('shop').message).not.toContain('FailedBuildModel')
  // Nobody asked for a certificate here, so nothing is lent.
  await story.apply({
    name: 'stranger',
    hosts: ['s.example.net'],
    annotations: { ...GROUP, 'certwright.dev/certificate': 'false' },
  })
  await story.until(
    'an event says so on the other, too',
    () =>
      story
        .events('shop')
        .some(
          ({ reason, note }) =>
            reason === 'GroupWaits' && note.includes('for want of a certificate on Ingress default/stranger'),
        ),
    MINUTE,
  )
})
