import { X509Certificate } from 'node:crypto'
import { GetCertificateCommand } from '@aws-sdk/client-acm'
import { expect, test } from 'vitest'
import { describeCertificate, request, type AwsHarness, type Enter } from './aws-harness.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** What a test of issuance leaves out of account: how long everything else takes. */
const PROMPT = {
  describeDelay: [0, 0],
  recordsDelay: [0, 0],
  dnsPropagation: [0, 0],
  issuance: [120_000, 120_000],
} as const

/** Writes the validation records of a certificate into the zones that a person would pick: all that fit. */
async function prove(world: AwsHarness, arn: string, only?: string): Promise<void> {
  for (const option of (await describeCertificate(world, arn)).DomainValidationOptions ?? []) {
    const { Name = '', Value = '' } = option.ResourceRecord ?? {}
    if (only !== undefined && option.DomainName !== only) continue
    for (const zone of world.aws.hostedZones()) {
      if (Name.endsWith(`.${zone.name}`)) world.aws.putRecord(zone, { name: Name, type: 'CNAME', values: [Value] })
    }
  }
}

async function statusOf(world: AwsHarness, arn: string): Promise<string | undefined> {
  return (await describeCertificate(world, arn)).Status
}

export function issuanceContract(enter: Enter): void {
  test('a certificate is issued some minutes after its record is in public DNS [D dns-validation]', async () => {
    const world = await enter(PROMPT)
    world.aws.createHostedZone({ name: 'example.com' })
    const arn = await request(world)
    await world.clock.advance(HOUR)
    expect(await statusOf(world, arn)).toBe('PENDING_VALIDATION')
    await prove(world, arn)
    await world.clock.advance(90_000)
    expect(await statusOf(world, arn)).toBe('PENDING_VALIDATION')
    await world.clock.advance(6 * MINUTE)
    const detail = await describeCertificate(world, arn)
    expect(detail).toMatchObject({
      Status: 'ISSUED',
      KeyUsages: [{ Name: 'DIGITAL_SIGNATURE' }, { Name: 'KEY_ENCIPHERMENT' }],
      RenewalEligibility: 'INELIGIBLE',
    })
    expect(detail.DomainValidationOptions?.[0]?.ValidationStatus).toBe('SUCCESS')
    expect(detail.Serial).toMatch(/^([\da-f]{2}:){15}[\da-f]{2}$/)
    expect(detail.IssuedAt).toBeInstanceOf(Date)
    expect(world.aws.events.of('certificateIssued')).toMatchObject([{ arn, names: ['app.example.com'] }])
  })

  test('a public certificate is valid for 198 days [D]', async () => {
    const world = await enter(PROMPT)
    world.aws.createHostedZone({ name: 'example.com' })
    const arn = await request(world)
    await prove(world, arn)
    await world.clock.advance(5 * MINUTE)
    const { NotBefore, NotAfter } = await describeCertificate(world, arn)
    expect(Math.round(((NotAfter?.getTime() ?? 0) - (NotBefore?.getTime() ?? 0)) / 86_400_000)).toBe(198)
  })

  test('the time that issuance takes is a setting that is kept to within a look of ACM', async () => {
    const world = await enter({ ...PROMPT, issuance: [5_000, 5_000], validationPoll: 1_000 })
    world.aws.createHostedZone({ name: 'example.com' })
    const arn = await request(world)
    await prove(world, arn)
    const took = await world.clock.advanceUntil(() => world.aws.pending === 0, MINUTE)
    expect(took).toBeGreaterThanOrEqual(4_000)
    expect(took).toBeLessThanOrEqual(7_000)
  })

  test('domains are validated one by one, and the certificate waits for the last [S]', async () => {
    const world = await enter(PROMPT)
    world.aws.createHostedZone({ name: 'example.com' })
    const arn = await request(world, { SubjectAlternativeNames: ['b.example.com'] })
    await prove(world, arn, 'b.example.com')
    await world.clock.advance(HOUR)
    const detail = await describeCertificate(world, arn)
    expect(detail.Status).toBe('PENDING_VALIDATION')
    expect(detail.DomainValidationOptions?.map(({ ValidationStatus }) => ValidationStatus)).toEqual([
      'PENDING_VALIDATION',
      'SUCCESS',
    ])
    await prove(world, arn)
    await world.clock.advance(15 * MINUTE)
    expect(await statusOf(world, arn)).toBe('ISSUED')
  })

  test('with the record already there, a later certificate of the same name needs no DNS write [D]', async () => {
    const world = await enter(PROMPT)
    world.aws.createHostedZone({ name: 'example.com' })
    const first = await request(world, { DomainName: 'example.com' })
    await prove(world, first)
    await world.clock.advance(5 * MINUTE)
    const second = await request(world, { DomainName: '*.example.com' })
    await world.clock.advance(5 * MINUTE)
    expect(await statusOf(world, second)).toBe('ISSUED')
  })

  test.each([
    ['a private zone', { private: true }],
    ['a zone that is not delegated', { delegated: false }],
  ])('a record in %s validates nothing [I lbc#4840]', async (_, zone) => {
    const world = await enter(PROMPT)
    world.aws.createHostedZone({ name: 'example.com', ...zone })
    const arn = await request(world)
    await prove(world, arn)
    await world.clock.advance(2 * HOUR)
    expect(await statusOf(world, arn)).toBe('PENDING_VALIDATION')
  })

  test('of two zones of one name only the delegated one counts [D]', async () => {
    const world = await enter(PROMPT)
    const served = world.aws.createHostedZone({ name: 'example.com' })
    const shadow = world.aws.createHostedZone({ name: 'example.com' })
    expect([served.delegated, shadow.delegated]).toEqual([true, false])
    expect(await world.aws.dns.nameServers('example.com')).toEqual(served.nameServers)
    world.aws.setDelegated(shadow.id, true)
    expect(await world.aws.dns.nameServers('example.com')).toEqual(shadow.nameServers)
  })

  test('a zone hides its parent from public DNS [D]', async () => {
    const world = await enter(PROMPT)
    const parent = world.aws.createHostedZone({ name: 'example.com' })
    world.aws.createHostedZone({ name: 'app.example.com' })
    world.aws.putRecord(parent, { name: 'x.app.example.com', type: 'CNAME', values: ['elsewhere.'] })
    expect(await world.aws.dns.canonicalNames('x.app.example.com')).toEqual([])
  })

  test('a zone that hands a name on to other servers no longer answers for it [D]', async () => {
    const world = await enter(PROMPT)
    const zone = world.aws.createHostedZone({ name: 'example.com' })
    world.aws.putRecord(zone, { name: 'x.app.example.com', type: 'CNAME', values: ['elsewhere.'] })
    expect(await world.aws.dns.canonicalNames('x.app.example.com')).toEqual(['elsewhere'])
    world.aws.putRecord(zone, { name: 'app.example.com', type: 'NS', values: ['ns.other.test.'] })
    expect(await world.aws.dns.canonicalNames('x.app.example.com')).toEqual([])
    expect(await world.aws.dns.nameServers('app.example.com')).toEqual(['ns.other.test'])
  })

  test('a change is in public DNS once it is INSYNC, and not before [D]', async () => {
    const world = await enter({ ...PROMPT, dnsPropagation: [30_000, 30_000] })
    const zone = world.aws.createHostedZone({ name: 'example.com' })
    world.aws.putRecord(zone, { name: '*.app.example.com', type: 'CNAME', values: ['Target.example.net.'] })
    await world.clock.advance(29_999)
    expect(await world.aws.dns.canonicalNames('x.app.example.com')).toEqual([])
    await world.clock.advance(1)
    expect(await world.aws.dns.canonicalNames('x.app.example.com')).toEqual(['target.example.net'])
  })

  test('ACM follows up to five CNAMEs [D]', async () => {
    const world = await enter(PROMPT)
    const zone = world.aws.createHostedZone({ name: 'example.com' })
    const outcomes: (string | undefined)[] = []
    for (const length of [5, 6]) {
      const arn = await request(world, { DomainName: `chain${length}.example.com` })
      const { Name = '', Value = '' } =
        (await describeCertificate(world, arn)).DomainValidationOptions?.[0]?.ResourceRecord ?? {}
      const names = [
        Name,
        ...Array.from({ length: length - 1 }, (_, hop) => `hop${hop}.chain${length}.example.com.`),
        Value,
      ]
      for (let hop = 0; hop < length; hop++) {
        world.aws.putRecord(zone, { name: names[hop] ?? '', type: 'CNAME', values: [names[hop + 1] ?? ''] })
      }
      await world.clock.advance(HOUR)
      outcomes.push(await statusOf(world, arn))
    }
    expect(outcomes).toEqual(['ISSUED', 'PENDING_VALIDATION'])
  })

  test.each([
    ['no CAA record', [], 'ISSUED'],
    ['a CAA record for Amazon', ['0 issue "amazon.com"'], 'ISSUED'],
    ['one of several for Amazon', ['0 issue "other.test"', '0 issue "awstrust.com"'], 'ISSUED'],
    ['only an iodef record', ['0 iodef "mailto:x@example.com"'], 'ISSUED'],
    ['a CAA record for somebody else', ['0 issue "other.test"'], 'FAILED'],
  ])('with %s at the zone the certificate is %s [D setup-caa]', async (_, values, status) => {
    const world = await enter(PROMPT)
    const zone = world.aws.createHostedZone({ name: 'example.com' })
    if (values.length > 0) world.aws.putRecord(zone, { name: 'example.com', type: 'CAA', values })
    const arn = await request(world)
    await prove(world, arn)
    await world.clock.advance(5 * MINUTE)
    const detail = await describeCertificate(world, arn)
    expect(detail.Status).toBe(status)
    expect(detail.FailureReason).toBe(status === 'FAILED' ? 'CAA_ERROR' : undefined)
  })

  test('issuewild decides about wildcards, and the nearest name that has records decides alone [D setup-caa]', async () => {
    const world = await enter(PROMPT)
    const zone = world.aws.createHostedZone({ name: 'example.com' })
    world.aws.putRecord(zone, { name: 'example.com', type: 'CAA', values: ['0 issue "other.test"'] })
    world.aws.putRecord(zone, {
      name: 'a.example.com',
      type: 'CAA',
      values: ['0 issue "amazon.com"', '0 issuewild ";"'],
    })
    const plain = await request(world, { DomainName: 'b.a.example.com' })
    const wild = await request(world, { DomainName: '*.a.example.com' })
    await prove(world, plain)
    await prove(world, wild)
    await world.clock.advance(5 * MINUTE)
    expect(await statusOf(world, plain)).toBe('ISSUED')
    expect(await describeCertificate(world, wild)).toMatchObject({ Status: 'FAILED', FailureReason: 'CAA_ERROR' })
  })

  test('after 72 h without success ACM gives up, and a record that comes later changes nothing [D]', async () => {
    const world = await enter(PROMPT)
    world.aws.createHostedZone({ name: 'example.com' })
    const arn = await request(world)
    await world.clock.advance(72 * HOUR - MINUTE)
    expect(await statusOf(world, arn)).toBe('PENDING_VALIDATION')
    await world.clock.advance(MINUTE)
    expect(await statusOf(world, arn)).toBe('VALIDATION_TIMED_OUT')
    await prove(world, arn)
    await world.clock.advance(HOUR)
    expect(await statusOf(world, arn)).toBe('VALIDATION_TIMED_OUT')
    expect(world.aws.events.of('certificateTimedOut')).toHaveLength(1)
  })

  test('a record that comes after three days less an hour still leads to a certificate [D]', async () => {
    const world = await enter(PROMPT)
    world.aws.createHostedZone({ name: 'example.com' })
    const arn = await request(world)
    await world.clock.advance(71 * HOUR)
    await prove(world, arn)
    await world.clock.advance(30 * MINUTE)
    expect(await statusOf(world, arn)).toBe('ISSUED')
  })

  test('a domain can be made to fail with a reason, and its certificate fails with it [S]', async () => {
    const world = await enter(PROMPT)
    world.aws.failDomain('b.example.com', 'DOMAIN_NOT_ALLOWED')
    const arn = await request(world, { SubjectAlternativeNames: ['b.example.com'] })
    await world.clock.advance(MINUTE)
    const detail = await describeCertificate(world, arn)
    expect(detail).toMatchObject({ Status: 'FAILED', FailureReason: 'DOMAIN_NOT_ALLOWED' })
    expect(detail.DomainValidationOptions?.map(({ ValidationStatus }) => ValidationStatus)).toEqual([
      'PENDING_VALIDATION',
      'FAILED',
    ])
  })

  test('nobody sleeps in a world without certificates, and one sleeper serves any number of them', async () => {
    const world = await enter(PROMPT)
    expect(world.clock.sleeping).toBe(0)
    world.aws.createHostedZone({ name: 'example.com' })
    const arns = await Promise.all(
      Array.from({ length: 20 }, (_, index) => request(world, { DomainName: `n${index}.example.com` })),
    )
    expect(world.clock.sleeping).toBe(1)
    for (const arn of arns) await prove(world, arn)
    await world.clock.advance(10 * MINUTE)
    expect(world.clock.sleeping).toBe(1)
    expect(world.aws.pending).toBe(0)
    expect(world.aws.events.of('certificateIssued')).toHaveLength(20)
    for (const arn of arns) world.aws.deleteCertificate(arn)
    expect(world.clock.sleeping).toBe(0)
  })

  test('the files of an issued certificate are a chain up to the root, for its names [S]', async () => {
    const world = await enter({ ...PROMPT })
    const arn = world.aws.issueCertificate({ names: ['a.example.com', '*.b.example.com'] })
    const { Certificate = '', CertificateChain = '' } = await world.acm.send(
      new GetCertificateCommand({ CertificateArn: arn }),
    )
    const [leaf, intermediate, root] = [Certificate, CertificateChain, world.aws.caPem].map(
      (pem) => new X509Certificate(pem),
    )
    if (!leaf || !intermediate || !root) throw new Error('a file is missing')
    expect(leaf.subjectAltName).toBe('DNS:a.example.com, DNS:*.b.example.com')
    expect([leaf.checkIssued(intermediate), leaf.verify(intermediate.publicKey)]).toEqual([true, true])
    expect([intermediate.checkIssued(root), intermediate.verify(root.publicKey)]).toEqual([true, true])
    const { Serial, NotAfter } = await describeCertificate(world, arn)
    expect(leaf.validToDate).toEqual(NotAfter)
    expect(BigInt(`0x${leaf.serialNumber}`)).toBe(BigInt(`0x${Serial?.replaceAll(':', '')}`))
  })
}
