import {
  DeleteCertificateCommand,
  ImportCertificateCommand,
  ListCertificatesCommand,
  type CertificateSummary,
  type KeyAlgorithm,
  type ListCertificatesCommandInput,
} from '@aws-sdk/client-acm'
import { expect } from 'vitest'
import { facts } from '../fact.ts'
import { describeCertificate, failureOf, request, type AwsClients } from '../harness.ts'
import { and, api, seen } from '../source.ts'
import type { Site } from '../site.ts'

const LIST = api.acm('ListCertificates')
const FILTERS = api.acm('Filters')
const SUMMARY = api.acm('CertificateSummary')

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

/** All pages of a list. */
async function all(clients: AwsClients, input: ListCertificatesCommandInput = {}): Promise<CertificateSummary[]> {
  const found: CertificateSummary[] = []
  for (let NextToken: string | undefined; ; ) {
    const page = await list(clients, { ...input, ...(NextToken === undefined ? {} : { NextToken }) })
    found.push(...(page.CertificateSummaryList ?? []))
    NextToken = page.NextToken
    if (NextToken === undefined) return found
  }
}

/** The summary of a certificate, once the list has it. */
function listed(
  site: Site,
  arn: string | undefined,
  input: ListCertificatesCommandInput = {},
): Promise<CertificateSummary> {
  return site.until(`${arn} is listed`, async () =>
    (await all(site, input)).find(({ CertificateArn }) => CertificateArn === arn),
  )
}

export const listFacts = facts('ListCertificates', ({ anywhere, simulated }) => {
  anywhere(
    'a certificate with an EC key is not listed unless key types are named',
    and(FILTERS, LIST),
    async (site) => {
      const rsa = await site.pending()
      const ec = await site.request({ KeyAlgorithm: 'EC_prime256v1' })
      await listed(site, ec)
      const arns = (await all(site, { Includes: undefined })).map(({ CertificateArn }) => CertificateArn)
      expect(arns).toContain(rsa)
      expect(arns).not.toContain(ec)
    },
  )

  anywhere('a summary has names, status, type, key and use', SUMMARY, async (site) => {
    const arn = await site.pending()
    const { DomainName } = await site.described(arn)
    const summary = await listed(site, arn)
    expect(summary).toMatchObject({
      DomainName,
      SubjectAlternativeNameSummaries: [DomainName, `*.${DomainName}`],
      HasAdditionalSubjectAlternativeNames: false,
      Status: 'PENDING_VALIDATION',
      Type: 'AMAZON_ISSUED',
      InUse: false,
      RenewalEligibility: 'INELIGIBLE',
    })
    expect(summary.CreatedAt).toBeInstanceOf(Date)
  })

  anywhere('a summary spells the key algorithm with a hyphen', seen.recording, async (site) => {
    expect((await listed(site, await site.pending())).KeyAlgorithm).toBe('RSA-2048')
  })

  for (const absent of ['FailureReason', 'DomainValidationOptions', 'InUseBy', 'Tags', 'RenewalSummary']) {
    anywhere(`a summary has no ${absent}`, SUMMARY, async (site) => {
      expect(await listed(site, await site.pending())).not.toHaveProperty(absent)
    })
  }

  anywhere('statuses are a filter', LIST, async (site) => {
    const arn = await site.pending()
    await listed(site, arn, { CertificateStatuses: ['PENDING_VALIDATION'] })
    const issued = await all(site, { CertificateStatuses: ['ISSUED'] })
    expect(issued.map(({ CertificateArn }) => CertificateArn)).not.toContain(arn)
  })

  anywhere('a list comes in pages, and each certificate is on one', LIST, async (site) => {
    const arns = [await site.pending(), await site.request(), await site.request()]
    for (const arn of arns) await listed(site, arn)
    const pages = (await all(site, { MaxItems: 1 })).map(({ CertificateArn }) => CertificateArn)
    expect(pages.length).toBe(new Set(pages).size)
    expect(pages).toEqual(expect.arrayContaining(arns))
  })

  anywhere('a list can be sorted by creation, both ways', LIST, async (site) => {
    const arns = [await site.request(), await site.request()]
    for (const arn of arns) await listed(site, arn)
    const order = async (SortOrder: 'ASCENDING' | 'DESCENDING') =>
      (await all(site, { SortBy: 'CREATED_AT', SortOrder })).flatMap(({ CertificateArn }) =>
        arns.filter((arn) => arn === CertificateArn),
      )
    expect(await order('ASCENDING')).toEqual(arns)
    expect(await order('DESCENDING')).toEqual(arns.toReversed())
  })

  anywhere('an order without what to sort by, and the reverse, is a ValidationException', LIST, async (site) => {
    const invalid = { name: 'ValidationException' }
    expect(await failureOf(list(site, { SortBy: 'CREATED_AT' }))).toMatchObject(invalid)
    expect(await failureOf(list(site, { SortOrder: 'ASCENDING' }))).toMatchObject(invalid)
  })

  anywhere('a page has 1 to 1,000 certificates', LIST, async (site) => {
    for (const MaxItems of [0, 1_001]) {
      expect(await failureOf(list(site, { MaxItems }))).toMatchObject({ name: 'ValidationException' })
    }
    await list(site, { MaxItems: 1_000 })
  })

  simulated(
    'where nothing is said a page has 1,000, and the rest is on the next',
    LIST,
    'a quota would be used up',
    async (enter) => {
      const world = await enter({ listDelay: [0, 0], describeDelay: [0, 0] })
      for (let index = 0; index < 1_001; index++) world.aws.issueCertificate({ names: [`n${index}.example.com`] })
      const first = await list(world)
      expect(first.CertificateSummaryList).toHaveLength(1_000)
      expect((await list(world, { NextToken: first.NextToken })).CertificateSummaryList).toHaveLength(1)
    },
  )

  anywhere('a token that is none is an InvalidArgsException', LIST, async (site) => {
    expect(await failureOf(list(site, { NextToken: 'bm9uc2Vuc2U=' }))).toMatchObject({ name: 'InvalidArgsException' })
  })

  simulated(
    'a new certificate comes into the list later than it can be described',
    seen.recording,
    'AWS must be told how to behave',
    async (enter) => {
      const world = await enter({ describeDelay: [0, 0], listDelay: [5_000, 5_000] })
      const arn = await request(world)
      await describeCertificate(world, arn)
      expect((await list(world)).CertificateSummaryList).toEqual([])
      await world.clock.advance(5_000)
      expect((await list(world)).CertificateSummaryList?.[0]).toMatchObject({ CertificateArn: arn })
    },
  )

  simulated(
    'a list shows a status later than a description does',
    seen.recording,
    'AWS must be told how to behave',
    async (enter) => {
      const world = await enter({ describeDelay: [0, 0], listDelay: [5_000, 5_000] })
      const arn = await request(world)
      await world.clock.advance(10_000)
      world.aws.fail(arn, 'ADDITIONAL_VERIFICATION_REQUIRED')
      const failed = { Status: 'FAILED', FailureReason: 'ADDITIONAL_VERIFICATION_REQUIRED' }
      expect(await describeCertificate(world, arn)).toMatchObject(failed)
      expect((await list(world)).CertificateSummaryList?.[0]?.Status).toBe('PENDING_VALIDATION')
      await world.clock.advance(5_000)
      expect((await list(world)).CertificateSummaryList?.[0]?.Status).toBe('FAILED')
    },
  )

  simulated(
    'a deleted certificate lingers in the list',
    seen.boto3(3341),
    'AWS must be told how to behave',
    async (enter) => {
      const world = await enter({ describeDelay: [0, 0], listDelay: [0, 0], deletedInList: [30_000, 30_000] })
      const arn = await request(world)
      await world.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
      expect((await list(world)).CertificateSummaryList).toHaveLength(1)
      await world.clock.advance(30_000)
      expect((await list(world)).CertificateSummaryList).toEqual([])
    },
  )

  simulated(
    'a certificate that was imported is issued, of type IMPORTED, and never eligible for renewal',
    api.acm('ImportCertificate'),
    'AWS must be told how to behave',
    async (enter) => {
      const world = await enter({ describeDelay: [0, 0], listDelay: [0, 0] })
      const issued = world.aws.issueCertificate({ names: ['a.example.com'] })
      const { certificatePem, chainPem, privateKeyPem } = world.aws.pem(issued)
      const { CertificateArn = '' } = await world.acm.send(
        new ImportCertificateCommand({
          Certificate: Buffer.from(certificatePem),
          CertificateChain: Buffer.from(chainPem),
          PrivateKey: Buffer.from(privateKeyPem),
        }),
      )
      const imported = { Status: 'ISSUED', Type: 'IMPORTED', RenewalEligibility: 'INELIGIBLE' }
      expect(await describeCertificate(world, CertificateArn)).toMatchObject({
        ...imported,
        KeyAlgorithm: 'EC-prime256v1',
        SubjectAlternativeNames: ['a.example.com'],
      })
      const summaries = await all(world)
      expect(summaries.find((summary) => summary.CertificateArn === CertificateArn)).toMatchObject(imported)
    },
  )
})
