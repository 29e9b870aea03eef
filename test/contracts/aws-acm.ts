import { DeleteCertificateCommand, ListCertificatesCommand, RequestCertificateCommand } from '@aws-sdk/client-acm'
import { expect, test } from 'vitest'
import { describeCertificate, failureOf, request, type AwsClients, type Enter } from './aws-harness.ts'

export function acmContract(enter: Enter): void {
  test('RequestCertificate gives an ARN with partition, region and account [S]', async () => {
    const world = await enter()
    expect(await request(world)).toMatch(
      /^arn:aws:acm:eu-central-1:111122223333:certificate\/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/,
    )
    const china = world.clients({ region: 'cn-north-1' })
    expect(await request(china)).toMatch(/^arn:aws-cn:acm:cn-north-1:/)
  })

  test('the domain name is one of the alternatives without being asked for, and names come once [S]', async () => {
    const world = await enter()
    const arn = await request(world, { SubjectAlternativeNames: ['b.example.com', 'App.example.com', 'b.example.com'] })
    await world.clock.advance(30_000)
    expect((await describeCertificate(world, arn)).SubjectAlternativeNames).toEqual([
      'app.example.com',
      'b.example.com',
    ])
  })

  test.each([
    ['an underscore', 'a_b.example.com'],
    ['a trailing dot', 'example.com.'],
    ['a wildcard that is not leftmost', 'a.*.example.com'],
    ['a wildcard that is part of a label', 'a*.example.com'],
    ['a single label', 'localhost'],
    ['a label that begins with a hyphen', '-a.example.com'],
    ['nothing in it', ''],
  ])('a name with %s breaks the model [S]', async (_, name) => {
    const world = await enter()
    expect(await failureOf(request(world, { DomainName: name }))).toMatchObject({ name: 'ValidationException' })
    expect(await failureOf(request(world, { SubjectAlternativeNames: [name] }))).toMatchObject({
      name: 'ValidationException',
    })
  })

  test('a domain name may have 64 octets, an alternative 253 [S]', async () => {
    const world = await enter()
    const long = (length: number) => `${'a'.repeat(50)}.${'b'.repeat(length - 51 - 12)}.example.com`
    expect(long(64)).toHaveLength(64)
    await request(world, { DomainName: long(64) })
    expect(await failureOf(request(world, { DomainName: long(65) }))).toMatchObject({
      name: 'InvalidParameterException',
    })
    const longest = `a${'.a'.repeat(120)}.example.com`
    expect(longest).toHaveLength(253)
    await request(world, { SubjectAlternativeNames: [longest] })
    expect(await failureOf(request(world, { SubjectAlternativeNames: [`a.${longest}`] }))).toMatchObject({
      name: 'ValidationException',
    })
  })

  test('more names than the quota are a LimitExceededException [I terraform#35825]', async () => {
    const world = await enter()
    const names = Array.from({ length: 10 }, (_, index) => `n${index}.example.com`)
    await request(world, { SubjectAlternativeNames: names.slice(0, 9) })
    expect(await failureOf(request(world, { SubjectAlternativeNames: names }))).toEqual({
      name: 'LimitExceededException',
      message: 'Certificate has too many domains.',
    })
  })

  test('the yearly quota counts requests, and deleting gives nothing back [D acm-limits]', async () => {
    const world = await enter({
      quotas: { ...(await enter()).aws.settings.quotas, requestsPerYear: 2 },
      describeDelay: [0, 0],
    })
    const arn = await request(world, { DomainName: 'a.example.com' })
    await request(world, { DomainName: 'b.example.com' })
    await world.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
    expect(await failureOf(request(world, { DomainName: 'c.example.com' }))).toEqual({
      name: 'LimitExceededException',
      message: 'Error: you have reached your limit of 2 certificates in the last year.',
    })
    await world.clock.advance(366 * 86_400_000)
    await request(world, { DomainName: 'c.example.com' })
  })

  test('the quota of certificates counts those that exist, in each region [D acm-limits]', async () => {
    const world = await enter({ quotas: { ...(await enter()).aws.settings.quotas, certificates: 1 } })
    const arn = await request(world, { DomainName: 'a.example.com' })
    expect(await failureOf(request(world, { DomainName: 'b.example.com' }))).toMatchObject({
      name: 'LimitExceededException',
    })
    await request(world.clients({ region: 'us-east-1' }), { DomainName: 'b.example.com' })
    await world.clock.advance(30_000)
    await world.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
    await request(world, { DomainName: 'b.example.com' })
  })

  test.each(['*.example.com', 'a,b', 'a;b'])('a tag value cannot be %s [S]', async (value) => {
    const world = await enter()
    expect(await failureOf(request(world, { Tags: [{ Key: 'host', Value: value }] }))).toMatchObject({
      name: 'ValidationException',
    })
  })

  test('a tag key cannot begin with aws: [D]', async () => {
    const world = await enter()
    expect(await failureOf(request(world, { Tags: [{ Key: 'aws:mine', Value: 'x' }] }))).toMatchObject({
      name: 'InvalidTagException',
    })
  })

  test('more than 50 tags are too many [S]', async () => {
    const world = await enter()
    const Tags = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
    expect(await failureOf(request(world, { Tags }))).toMatchObject({ name: 'TooManyTagsException' })
    await request(world, { Tags: Tags.slice(1) })
  })

  test('an idempotency token has at most 32 word characters and no hyphen [S]', async () => {
    const world = await enter()
    await request(world, { IdempotencyToken: 'a'.repeat(32) })
    for (const token of ['a-b', '', 'a'.repeat(33)]) {
      expect(await failureOf(request(world, { IdempotencyToken: token }))).toMatchObject({
        name: 'ValidationException',
      })
    }
  })

  test('the same token gives the same certificate for an hour, whatever else was asked for [S, I terraform#6666]', async () => {
    const world = await enter()
    const first = await request(world, { IdempotencyToken: 'token1' })
    await world.clock.advance(59 * 60_000)
    expect(await request(world, { IdempotencyToken: 'token1', DomainName: 'other.example.com' })).toBe(first)
    expect(await request(world, { IdempotencyToken: 'token2' })).not.toBe(first)
    await world.clock.advance(2 * 60_000)
    expect(await request(world, { IdempotencyToken: 'token1' })).not.toBe(first)
    expect(world.aws.events.of('certificateRequested')).toHaveLength(3)
  })

  test('a token gives the certificate back even after that was deleted [C]', async () => {
    const world = await enter({ describeDelay: [0, 0] })
    const arn = await request(world, { IdempotencyToken: 'token1' })
    await world.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
    expect(await request(world, { IdempotencyToken: 'token1' })).toBe(arn)
    expect(await failureOf(describeCertificate(world, arn))).toMatchObject({ name: 'ResourceNotFoundException' })
  })

  test('without a token an equal request is taken for the same [I terraform#7760]', async () => {
    const world = await enter()
    const first = await request(world, { SubjectAlternativeNames: ['b.example.com', 'c.example.com'] })
    expect(await request(world, { SubjectAlternativeNames: ['c.example.com', 'b.example.com'] })).toBe(first)
    expect(await request(world, { SubjectAlternativeNames: ['c.example.com'] })).not.toBe(first)
  })

  test('accounts and regions do not see each other’s certificates [S]', async () => {
    const world = await enter({ describeDelay: [0, 0] })
    world.aws.accounts.createAccessKey({ accessKeyId: 'AKIDOTHER', account: '222222222222', userName: 'other' })
    const arn = await request(world)
    for (const stranger of [world.clients({ accessKeyId: 'AKIDOTHER' }), world.clients({ region: 'us-east-1' })]) {
      expect(await failureOf(describeCertificate(stranger, arn))).toMatchObject({ name: 'ResourceNotFoundException' })
      expect((await stranger.acm.send(new ListCertificatesCommand({}))).CertificateSummaryList).toEqual([])
    }
  })

  test('an ARN that is none is an InvalidArnException [S]', async () => {
    const world = await enter()
    expect(await failureOf(describeCertificate(world, 'arn:aws:iam::111122223333:role/x'))).toMatchObject({
      name: 'InvalidArnException',
    })
  })

  test('a new certificate is at first not found or bare, then lacks its records, then has them [C terraform]', async () => {
    const world = await enter({ describeDelay: [2_000, 2_000], recordsDelay: [10_000, 10_000] })
    const arns = await Promise.all(
      Array.from({ length: 8 }, (_, index) => request(world, { DomainName: `a${index}.example.com` })),
    )
    const looks = async () =>
      Promise.all(
        arns.map(async (arn) => {
          try {
            const detail = await describeCertificate(world, arn)
            if (detail.DomainName === undefined) return 'bare'
            return detail.DomainValidationOptions?.[0]?.ResourceRecord ? 'whole' : 'without records'
          } catch {
            return 'not found'
          }
        }),
      )
    expect(new Set(await looks())).toEqual(new Set(['not found', 'bare']))
    await world.clock.advance(2_000)
    expect(new Set(await looks())).toEqual(new Set(['without records']))
    await world.clock.advance(8_000)
    expect(new Set(await looks())).toEqual(new Set(['whole']))
  })

  test('the records of a certificate may come one after the other [C terraform]', async () => {
    const world = await enter({ describeDelay: [0, 0], recordsDelay: [0, 30_000] })
    const SubjectAlternativeNames = Array.from({ length: 9 }, (_, index) => `n${index}.example.com`)
    const arn = await request(world, { SubjectAlternativeNames })
    const seen = async () =>
      (await describeCertificate(world, arn)).DomainValidationOptions?.filter(({ ResourceRecord }) => ResourceRecord)
        .length
    await world.clock.advance(15_000)
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9]).toContain(await seen())
    await world.clock.advance(15_000)
    expect(await seen()).toBe(10)
  })

  test('a pending certificate looks like this [R]', async () => {
    const world = await enter()
    const arn = await request(world, { SubjectAlternativeNames: ['*.example.com'] })
    await world.clock.advance(30_000)
    const detail = await describeCertificate(world, arn)
    expect(detail).toMatchObject({
      CertificateArn: arn,
      DomainName: 'app.example.com',
      Status: 'PENDING_VALIDATION',
      Type: 'AMAZON_ISSUED',
      Issuer: 'Amazon',
      Subject: 'CN=app.example.com',
      SignatureAlgorithm: 'SHA256WITHRSA',
      KeyAlgorithm: 'RSA-2048',
      RenewalEligibility: 'INELIGIBLE',
      InUseBy: [],
      KeyUsages: [],
      ExtendedKeyUsages: [],
      Options: { CertificateTransparencyLoggingPreference: 'ENABLED', Export: 'DISABLED' },
    })
    for (const absent of ['Serial', 'NotBefore', 'NotAfter', 'IssuedAt', 'FailureReason'] as const) {
      expect(detail[absent]).toBeUndefined()
    }
    expect(detail.CreatedAt?.getTime()).toBe(world.clock.now() - 30_000)
  })

  test('a validation record is a CNAME of account and base domain alone [D dns-validation, I aws-cdk#2632]', async () => {
    const world = await enter()
    world.aws.accounts.createAccessKey({ accessKeyId: 'AKIDOTHER', account: '222222222222', userName: 'other' })
    const record = async (clients: AwsClients, DomainName: string) => {
      const arn = await request(clients, { DomainName })
      await world.clock.advance(30_000)
      const option = (await describeCertificate(clients, arn)).DomainValidationOptions?.[0]
      expect(option).toMatchObject({ DomainName, ValidationDomain: DomainName, ValidationMethod: 'DNS' })
      return option?.ResourceRecord
    }
    const apex = await record(world, 'example.com')
    expect(apex?.Type).toBe('CNAME')
    expect(apex?.Name).toMatch(/^_[\da-f]{32}\.example\.com\.$/)
    expect(apex?.Value).toMatch(/^_[\da-f]{32}\.[a-z]{10}\.acm-validations\.aws\.$/)
    expect(await record(world, '*.example.com')).toEqual(apex)
    expect(await record(world.clients({ region: 'us-east-1' }), 'example.com')).toEqual(apex)
    expect(await record(world.clients({ accessKeyId: 'AKIDOTHER' }), 'example.com')).not.toEqual(apex)
    expect(await record(world, 'www.example.com')).not.toEqual(apex)
  })

  test('without a validation method ACM wants to send mail, and gives no record [D]', async () => {
    const world = await enter()
    const { CertificateArn = '' } = await world.acm.send(new RequestCertificateCommand({ DomainName: 'a.example.com' }))
    await world.clock.advance(30_000)
    const option = (await describeCertificate(world, CertificateArn)).DomainValidationOptions?.[0]
    expect(option).toMatchObject({ ValidationMethod: 'EMAIL', ValidationEmails: ['admin@a.example.com'] })
    expect(option?.ResourceRecord).toBeUndefined()
  })

  test('only three key algorithms can be requested, and answers spell them with a hyphen [S, R]', async () => {
    const world = await enter()
    for (const [algorithm, spelt] of [
      ['RSA_2048', 'RSA-2048'],
      ['EC_prime256v1', 'EC-prime256v1'],
      ['EC_secp384r1', 'EC-secp384r1'],
    ] as const) {
      const arn = await request(world, { DomainName: `${spelt.toLowerCase()}.example.com`, KeyAlgorithm: algorithm })
      await world.clock.advance(30_000)
      expect((await describeCertificate(world, arn)).KeyAlgorithm).toBe(spelt)
    }
    expect(await failureOf(request(world, { KeyAlgorithm: 'RSA_4096' }))).toMatchObject({
      name: 'InvalidParameterException',
    })
    expect(await failureOf(request(world, { KeyAlgorithm: 'DSA' as never }))).toMatchObject({
      name: 'ValidationException',
    })
  })
}
