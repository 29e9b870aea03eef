import { expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { Story, type StoryOptions } from './story.ts'

const AUTHORITY = 'certwright.dev/certificate-authority'
const SHOP = { namespace: 'default', name: 'shop' }

/** A story with private CAs whose ARNs may stand in the flags. */
async function begin(options: StoryOptions & { default?: number; allowed?: readonly number[] } = {}) {
  const story = await Story.begin({ ...options, start: false })
  const cas = [story.world.aws.createAuthority(), story.world.aws.createAuthority()] as const
  const arnOf = (index: number) => cas[index] as string
  const flags = {
    ...(options.default === undefined ? {} : { 'default-certificate-authority': arnOf(options.default) }),
    ...(options.allowed ? { 'allowed-certificate-authorities': options.allowed.map(arnOf).join(',') } : {}),
  }
  story.startController(story.settingsWith(flags))
  return { story, cas }
}

/** The issuers of the certificates that an Ingress lists. */
function issuers(story: Story, name = 'shop'): readonly (string | undefined)[] {
  return story.listed(name).map((arn) => story.world.aws.certificate(arn)?.certificateAuthorityArn)
}

test('a private CA signs without DNS, for a name that no public zone knows, within seconds', async () => {
  const { story, cas } = await begin()
  await using _ = story
  const annotations = { [AUTHORITY]: cas[0] }
  await story.apply({ ...SHOP, hosts: ['shop.corp.internal', 'www.example.com'], annotations })
  const issued = await story.until('it is published', () => story.listed('shop').length > 0)
  expect(issued).toBeLessThan(20 * SECOND)
  await story.ready('shop')
  story.world.prober.stop()
  expect(issuers(story)).toEqual([cas[0]])
  expect(story.requests()).toBe(1)
  for (const operation of ['ChangeResourceRecordSets', 'ListResourceRecordSets', 'ListHostedZones'])
    expect(story.calls(operation)).toBe(0)
  const [request] = story.world.aws.events.of('certificateRequested')
  expect(request).toMatchObject({ authority: cas[0], tags: { [AUTHORITY]: cas[0] } })
  await story.pass(2 * HOUR)
  const before = story.calls('DescribeCertificate')
  await story.pass(3 * HOUR)
  expect(story.calls('DescribeCertificate')).toBe(before)
  expect(story.world.prober.failures).toEqual([])
})

test('the default CA signs unless an Ingress names another, or amazon; an empty value says nothing', async () => {
  const { story, cas } = await begin({ default: 0 })
  await using _ = story
  const ingress = (name: string, value?: string) =>
    story.apply({
      ...SHOP,
      name,
      hosts: [`${name}.example.com`],
      ...(value === undefined ? {} : { annotations: { [AUTHORITY]: value } }),
    })
  await ingress('plain')
  await ingress('other', cas[1])
  await ingress('empty', '')
  await ingress('public', 'amazon')
  for (const name of ['plain', 'other', 'empty', 'public']) await story.ready(name)
  expect(issuers(story, 'plain')).toEqual([cas[0]])
  expect(issuers(story, 'other')).toEqual([cas[1]])
  expect(issuers(story, 'empty')).toEqual([cas[0]])
  expect(issuers(story, 'public')).toEqual([undefined])
})

test('a CA that is not allowed is refused with the cure, and what is served stays', async () => {
  const { story, cas } = await begin({ allowed: [0] })
  await using _ = story
  await story.apply({ ...SHOP, hosts: ['shop.example.com'], annotations: { [AUTHORITY]: cas[0] } })
  await story.ready('shop')
  await story.during(story.world.user.annotate(SHOP, { [AUTHORITY]: cas[1] }))
  await story.reaches('shop', 'CertificateAuthorityNotAllowed')
  expect(story.standing('shop').message).toContain(`name one of ${cas[0]}`)
  await story.pass(2 * HOUR)
  expect(issuers(story)).toEqual([cas[0]])
  expect(story.requests()).toBe(1)
  await story.during(story.world.user.annotate(SHOP, { [AUTHORITY]: 'yes' }))
  await story.reaches('shop', 'InvalidAnnotation')
  await story.during(story.world.user.annotate(SHOP, { [AUTHORITY]: cas[0] }))
  await story.ready('shop')
  expect(story.requests()).toBe(1)
  expect(story.world.prober.failures).toEqual([])
})

test('another CA re-issues, make before break, and so does going back to a public certificate', async () => {
  const { story, cas } = await begin({ flags: { 'retire-after': '10m' } })
  await using _ = story
  await story.apply({ ...SHOP, hosts: ['shop.example.com'], annotations: { [AUTHORITY]: cas[0] } })
  await story.ready('shop')
  for (const [value, issuer] of [
    [cas[1], cas[1]],
    [null, undefined],
    [cas[0], cas[0]],
  ] as const) {
    await story.during(story.world.user.annotate(SHOP, { [AUTHORITY]: value }))
    await story.until(
      'the successor alone is listed',
      () => issuers(story).length === 1 && issuers(story)[0] === issuer,
    )
    await story.ready('shop')
    await story.pass(HOUR)
    expect(story.certificates('shop.example.com')).toHaveLength(1)
  }
  expect(story.world.prober.failures).toEqual([])
})

test('a restart knows its private certificates by their tags, and the ledger is not needed', async () => {
  const { story, cas } = await begin({ default: 0 })
  await using _ = story
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  await story.pass(10 * MINUTE)
  await story.during(story.controller.stop())
  for (const kind of ['ACMCertificate', 'CertificateClaim'])
    for (const { metadata } of story.world.kube.admin.list({ apiVersion: 'certwright.dev/v1alpha1', kind }))
      story.world.kube.admin.delete({
        apiVersion: 'certwright.dev/v1alpha1',
        kind,
        name: metadata.name ?? '',
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      })
  story.startController(story.settingsWith({ 'default-certificate-authority': cas[0] }))
  await story.ready('shop')
  await story.pass(2 * HOUR)
  expect(story.requests()).toBe(1)
  const [shown] = story.world.kube.admin.list({ apiVersion: 'certwright.dev/v1alpha1', kind: 'ACMCertificate' })
  expect(shown?.spec).toMatchObject({ issuer: cas[0] })
  expect(story.world.prober.failures).toEqual([])
})
