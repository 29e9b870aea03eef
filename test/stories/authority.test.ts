import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
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

test('a CA that is disabled is said and not asked to sign; enabled again, it signs without a restart', async () => {
  const { story, cas } = await begin({ default: 0 })
  await using _ = story
  await story.apply({ ...SHOP, name: 'before', hosts: ['before.example.com'] })
  await story.ready('before')
  story.world.aws.changeAuthority(cas[0], { status: 'DISABLED' })
  await story.pass(2 * HOUR)
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', 'CertificateAuthorityInactive')
  expect(story.standing('shop')).toMatchObject({
    state: 'Held',
    message: expect.stringContaining(
      `The private CA ${cas[0]}, which is to sign the certificate for shop.example.com, is DISABLED; enable it, or name another`,
    ),
  })
  await story.pass(HOUR)
  expect(story.requests()).toBe(1)
  expect(story.isReady('before')).toBe(true)
  story.world.aws.changeAuthority(cas[0], { status: 'ACTIVE' })
  expect(await story.until('it is published', () => story.listed('shop').length > 0)).toBeLessThan(3 * MINUTE)
  expect(story.requests()).toBe(2)
})

test('a CA that was disabled in the moment of signing is asked again once it is active, and not before', async () => {
  const { story, cas } = await begin({ default: 0, aws: { privateIssuance: [5 * SECOND, 5 * SECOND] } })
  await using _ = story
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.until('it is requested', () => story.requests() === 1)
  story.world.aws.changeAuthority(cas[0], { status: 'DISABLED' })
  await story.until('ACM gave up', () => story.certificates('shop.example.com')[0]?.status === 'FAILED')
  await story.reaches('shop', 'CertificateAuthorityInactive')
  await story.pass(6 * HOUR)
  expect(story.requests()).toBe(1)
  story.world.aws.changeAuthority(cas[0], { status: 'ACTIVE' })
  expect(await story.ready('shop')).toBeLessThan(3 * MINUTE)
  expect(story.requests()).toBe(2)
})

test.each([
  ['CertificateAuthorityShortLived', { usageMode: 'SHORT_LIVED_CERTIFICATE' }, 'is in the usage mode SHORT_LIVED'],
  ['CertificateAuthorityEndsTooSoon', { notAfter: Date.UTC(2027, 3, 1) }, 'is valid until 2027-04-01T00:00:00Z'],
  ['CertificateAuthorityKeyMismatch', { keyAlgorithm: 'EC_prime256v1' }, 'has a key of EC_prime256v1'],
  ['CertificateAuthorityInactive', { status: 'PENDING_CERTIFICATE' }, 'install its own certificate'],
] as const)('a CA that cannot sign holds what it is to sign: %s', async (reason, change, words) => {
  const { story, cas } = await begin({ default: 0 })
  await using _ = story
  story.world.aws.changeAuthority(cas[0], change)
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', reason)
  expect(story.standing('shop').state).toBe('Held')
  expect(story.standing('shop').message).toContain(words)
  await story.pass(HOUR)
  expect(story.requests()).toBe(0)
})

test('a CA that does not exist is said', async () => {
  const { story, cas } = await begin()
  await using _ = story
  const absent = cas[0].replace(/[^/]+$/, 'none')
  await story.apply({ ...SHOP, hosts: ['shop.example.com'], annotations: { [AUTHORITY]: absent } })
  await story.reaches('shop', 'CertificateAuthorityNotFound')
})

test.each(['accessDenied', 'unknown'] as const)('what may not be known of a CA holds nothing: %s', async (kind) => {
  const { story } = await begin({ default: 0 })
  await using _ = story
  const fault = kind === 'accessDenied' ? ({ kind } as const) : ({ kind: 'serverError', statusCode: 503 } as const)
  story.world.aws.faults = { before: (call) => (call.service === 'acm-pca' ? fault : undefined) }
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  await story.pass(2 * HOUR)
  expect(story.log.filter((line) => line.includes('acm-pca:DescribeCertificateAuthority'))).toHaveLength(1)
  expect(story.isReady('shop')).toBe(true)
})

test('without the permission to renew the certificate is served and at risk, until it is granted', async () => {
  const { story, cas } = await begin({ default: 0 })
  await using _ = story
  story.world.aws.changeAuthority(cas[0], { permissions: ['IssueCertificate', 'GetCertificate'] })
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', 'RenewalPermissionMissing')
  expect(story.standing('shop')).toMatchObject({ state: 'RenewalAtRisk' })
  expect(story.standing('shop').message).toContain(`create-permission --certificate-authority-arn ${cas[0]}`)
  expect(story.conditions('shop')).toContain('Ready')
  expect(story.events('shop').at(-1)).toMatchObject({ type: 'Warning', reason: 'RenewalPermissionMissing' })
  story.world.aws.changeAuthority(cas[0], { permissions: ['IssueCertificate', 'GetCertificate', 'ListPermissions'] })
  expect(await story.ready('shop', 2 * HOUR)).toBeLessThan(65 * MINUTE)
})

test.each([
  ['PCA_ACCESS_DENIED', 'CertificateAuthorityAccessDenied', 'allow acm-pca:IssueCertificate'],
  ['PCA_INVALID_ARN', 'CertificateAuthorityInvalid', 'the ARN of the private CA is wrong'],
  ['PCA_INVALID_ARGS', 'CertificateAuthorityRejects', 'certwright.dev/key-algorithm'],
  ['PCA_INVALID_DURATION', 'CertificateAuthorityTooShort', 'does not sign for the 13 months'],
  ['PCA_INVALID_STATE', 'CertificateAuthorityInactive', 'is not active; enable it'],
  ['PCA_LIMIT_EXCEEDED', 'CertificateAuthorityLimitExceeded', 'it is tried again'],
  ['PCA_NAME_CONSTRAINTS_VALIDATION', 'NameConstraintsViolated', 'the name constraints of the private CA forbid'],
  ['PCA_REQUEST_FAILED', 'CertificateAuthorityFailed', 'it is tried again'],
  ['PCA_RESOURCE_NOT_FOUND', 'CertificateAuthorityNotFound', 'restore it, or name another'],
  ['SLR_NOT_FOUND', 'ServiceLinkedRoleMissing', 'AWSServiceRoleForCertificateManager'],
] as const)('%s is told with its cure', async (failure, reason, words) => {
  const { story } = await begin({ default: 0 })
  await using _ = story
  story.world.aws.failDomain('shop.example.com', failure)
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.reaches('shop', reason)
  expect(story.standing('shop').state).toBe('Failed')
  expect(story.standing('shop').message).toContain(words)
})

test('a private certificate is renewed by its CA, and the load balancer serves it on', async () => {
  const { story } = await begin({ default: 0, aws: { privateValidity: 4 * DAY, privateRenewalLead: 2 * DAY } })
  await using _ = story
  await story.apply({ ...SHOP, hosts: ['shop.example.com'] })
  await story.ready('shop')
  story.world.prober.stop()
  const [arn] = story.listed('shop')
  await story.pass(3 * DAY)
  expect(story.world.aws.events.of('certificateRenewed').map((event) => event.arn)).toEqual([arn])
  expect(story.listed('shop')).toEqual([arn])
  expect(story.requests()).toBe(1)
})

test('another default CA replaces twelve certificates, five at a time, the oldest first, over a restart, without a lost handshake', async () => {
  const { story, cas } = await begin({ default: 0, aws: { privateIssuance: [20 * SECOND, 20 * SECOND] } })
  await using _ = story
  const names = Array.from({ length: 12 }, (_, index) => `shop-${String(index).padStart(2, '0')}`)
  for (const name of names) {
    await story.apply({ ...SHOP, name, hosts: [`${name}.example.com`] })
    await story.pass(SECOND)
  }
  for (const name of names) await story.ready(name)
  await story.during(story.controller.stop())
  const flags = { 'default-certificate-authority': cas[1] }
  story.startController(story.settingsWith(flags))
  const asked = () => story.world.aws.events.of('certificateRequested').filter(({ authority }) => authority === cas[1])
  await story.until('the first are asked for', () => asked().length === 5)
  await story.pass(15 * SECOND)
  expect(asked().map((event) => event.names[0])).toEqual(names.slice(0, 5).map((name) => `${name}.example.com`))
  expect(story.standing('shop-11')).toMatchObject({ state: 'Replacing', reason: 'IssuerChanged' })
  expect(story.standing('shop-11').message).toContain('0 of 12 are served, 5 at a time')
  await story.until('some are done', () => asked().length > 7)
  await story.during(story.controller.stop())
  story.startController(story.settingsWith(flags))
  for (const name of names)
    await story.until(`${name} is signed anew`, () => issuers(story, name).join() === cas[1], HOUR)
  for (const name of names) await story.ready(name)
  expect(asked()).toHaveLength(12)
  // At no time were more than five on their way.
  let pending = 0
  let most = 0
  for (const event of story.world.aws.events.all) {
    if (event.kind === 'certificateRequested' && event.authority === cas[1]) pending += 1
    if (event.kind === 'certificateIssued' && asked().some(({ arn }) => arn === event.arn)) pending -= 1
    most = Math.max(most, pending)
  }
  expect(most).toBe(5)
  expect(story.world.prober.failures).toEqual([])
})
