import {
  AddTagsToCertificateCommand,
  DeleteCertificateCommand,
  GetCertificateCommand,
  ImportCertificateCommand,
  ListCertificatesCommand,
  ListTagsForCertificateCommand,
  RemoveTagsFromCertificateCommand,
  type KeyAlgorithm,
  type ListCertificatesCommandInput,
} from '@aws-sdk/client-acm'
import { expect, test } from 'vitest'
import { describeCertificate, failureOf, request, type AwsClients, type Enter } from './aws-harness.ts'

const ALL_KEY_TYPES: KeyAlgorithm[] = [
  'RSA_1024',
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'EC_prime256v1',
  'EC_secp384r1',
  'EC_secp521r1',
]

async function list({ acm }: AwsClients, input: ListCertificatesCommandInput = {}) {
  return acm.send(new ListCertificatesCommand({ Includes: { keyTypes: ALL_KEY_TYPES }, ...input }))
}

/** Lists, tags, deletion and files of certificates. */
export function acmListContract(enter: Enter): void {
  test('ListCertificates hides all but RSA up to 2048 bits unless key types are named [S]', async () => {
    const world = await enter({ listDelay: [0, 0], describeDelay: [0, 0] })
    await request(world, { DomainName: 'ec.example.com', KeyAlgorithm: 'EC_prime256v1' })
    await request(world, { DomainName: 'rsa.example.com' })
    const names = async (input: ListCertificatesCommandInput) =>
      (await world.acm.send(new ListCertificatesCommand(input))).CertificateSummaryList?.map(
        ({ DomainName }) => DomainName,
      )
    expect(await names({})).toEqual(['rsa.example.com'])
    expect(await names({ Includes: { keyTypes: ALL_KEY_TYPES } })).toEqual(['ec.example.com', 'rsa.example.com'])
  })

  test('a new certificate comes into the list later than it can be described [R]', async () => {
    const world = await enter({ describeDelay: [0, 0], listDelay: [5_000, 5_000] })
    const arn = await request(world)
    await describeCertificate(world, arn)
    expect((await list(world)).CertificateSummaryList).toEqual([])
    await world.clock.advance(5_000)
    expect((await list(world)).CertificateSummaryList?.[0]).toMatchObject({
      CertificateArn: arn,
      Status: 'PENDING_VALIDATION',
      InUse: false,
    })
  })

  test('a list shows a status later than a description does [R]', async () => {
    const world = await enter({ describeDelay: [0, 0], listDelay: [5_000, 5_000] })
    const arn = await request(world)
    await world.clock.advance(10_000)
    world.aws.fail(arn, 'ADDITIONAL_VERIFICATION_REQUIRED')
    expect(await describeCertificate(world, arn)).toMatchObject({
      Status: 'FAILED',
      FailureReason: 'ADDITIONAL_VERIFICATION_REQUIRED',
    })
    expect((await list(world)).CertificateSummaryList?.[0]?.Status).toBe('PENDING_VALIDATION')
    await world.clock.advance(5_000)
    expect((await list(world)).CertificateSummaryList?.[0]?.Status).toBe('FAILED')
  })

  test('a list is paged, sorted both ways, and filtered by status [S]', async () => {
    const world = await enter({ listDelay: [0, 0], describeDelay: [0, 0] })
    const arns: string[] = []
    for (let index = 0; index < 5; index++) {
      arns.push(await request(world, { DomainName: `n${index}.example.com` }))
      await world.clock.advance(1_000)
    }
    world.aws.issue(arns[2] ?? '')
    const pages = async (input: ListCertificatesCommandInput) => {
      const found: (string | undefined)[][] = []
      let NextToken: string | undefined
      do {
        const page = await list(world, { ...input, ...(NextToken === undefined ? {} : { NextToken }) })
        found.push((page.CertificateSummaryList ?? []).map(({ CertificateArn }) => CertificateArn))
        NextToken = page.NextToken
      } while (NextToken !== undefined)
      return found
    }
    expect(await pages({ MaxItems: 2, SortBy: 'CREATED_AT', SortOrder: 'DESCENDING' })).toEqual([
      [arns[4], arns[3]],
      [arns[2], arns[1]],
      [arns[0]],
    ])
    expect(await pages({ MaxItems: 5, SortBy: 'CREATED_AT', SortOrder: 'ASCENDING' })).toEqual([arns])
    expect(await pages({ CertificateStatuses: ['ISSUED'] })).toEqual([[arns[2]]])
    expect(await failureOf(list(world, { SortBy: 'CREATED_AT' }))).toMatchObject({ name: 'ValidationException' })
    expect(await failureOf(list(world, { MaxItems: 1_001 }))).toMatchObject({ name: 'ValidationException' })
    expect(await failureOf(list(world, { NextToken: 'nonsense' }))).toMatchObject({ name: 'InvalidArgsException' })
  })

  test('a page that was begun goes on where it was when a certificate comes in between [?]', async () => {
    const world = await enter({ listDelay: [0, 0], describeDelay: [0, 0] })
    const old = [
      await request(world, { DomainName: 'a.example.com' }),
      await request(world, { DomainName: 'b.example.com' }),
    ]
    const order = { MaxItems: 1, SortBy: 'CREATED_AT', SortOrder: 'DESCENDING' } as const
    const first = await list(world, order)
    await request(world, { DomainName: 'c.example.com' })
    const second = await list(world, { ...order, NextToken: first.NextToken })
    expect([first, second].map((page) => page.CertificateSummaryList?.[0]?.CertificateArn)).toEqual(old.toReversed())
  })

  test('tags are listed, added, overwritten and removed [S]', async () => {
    const world = await enter({ describeDelay: [0, 0] })
    const CertificateArn = await request(world, { Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] })
    const tags = async () => (await world.acm.send(new ListTagsForCertificateCommand({ CertificateArn }))).Tags
    expect(await tags()).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '' },
    ])
    await world.acm.send(
      new AddTagsToCertificateCommand({
        CertificateArn,
        Tags: [
          { Key: 'a', Value: '2' },
          { Key: 'c', Value: '3' },
        ],
      }),
    )
    await world.acm.send(new RemoveTagsFromCertificateCommand({ CertificateArn, Tags: [{ Key: 'b' }] }))
    expect(await tags()).toEqual([
      { Key: 'a', Value: '2' },
      { Key: 'c', Value: '3' },
    ])
  })

  test('a tag that is given with a value is removed only if that is its value [S]', async () => {
    const world = await enter({ describeDelay: [0, 0] })
    const CertificateArn = await request(world, { Tags: [{ Key: 'a', Value: '1' }] })
    const remove = (Value: string) =>
      world.acm.send(new RemoveTagsFromCertificateCommand({ CertificateArn, Tags: [{ Key: 'a', Value }] }))
    const tags = async () => (await world.acm.send(new ListTagsForCertificateCommand({ CertificateArn }))).Tags
    await remove('2')
    expect(await tags()).toEqual([{ Key: 'a', Value: '1' }])
    await remove('1')
    expect(await tags()).toEqual([])
  })

  test('a deleted certificate is gone at once, and lingers in the list [I]', async () => {
    const world = await enter({ deletedInList: [30_000, 30_000] })
    const arn = await request(world)
    await world.clock.advance(30_000)
    await world.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
    expect(await failureOf(describeCertificate(world, arn))).toMatchObject({ name: 'ResourceNotFoundException' })
    expect(await failureOf(world.acm.send(new DeleteCertificateCommand({ CertificateArn: arn })))).toMatchObject({
      name: 'ResourceNotFoundException',
    })
    expect((await list(world)).CertificateSummaryList).toHaveLength(1)
    await world.clock.advance(30_000)
    expect((await list(world)).CertificateSummaryList).toEqual([])
  })

  test('a certificate has no files before it is issued [S]', async () => {
    const world = await enter({ describeDelay: [0, 0] })
    const arn = await request(world)
    expect(await failureOf(world.acm.send(new GetCertificateCommand({ CertificateArn: arn })))).toMatchObject({
      name: 'RequestInProgressException',
    })
  })

  test('a certificate that was imported is issued, and of type IMPORTED [S]', async () => {
    const world = await enter({ describeDelay: [0, 0] })
    const { certificatePem, chainPem, privateKeyPem } = world.aws.pem(
      world.aws.issueCertificate({ names: ['a.example.com'] }),
    )
    const { CertificateArn = '' } = await world.acm.send(
      new ImportCertificateCommand({
        Certificate: Buffer.from(certificatePem),
        CertificateChain: Buffer.from(chainPem),
        PrivateKey: Buffer.from(privateKeyPem),
      }),
    )
    expect(await describeCertificate(world, CertificateArn)).toMatchObject({
      Status: 'ISSUED',
      Type: 'IMPORTED',
      KeyAlgorithm: 'EC-prime256v1',
      SubjectAlternativeNames: ['a.example.com'],
      RenewalEligibility: 'INELIGIBLE',
    })
  })
}
