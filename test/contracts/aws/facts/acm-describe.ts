import { GetCertificateCommand, ListCertificatesCommand } from '@aws-sdk/client-acm'
import { expect } from 'vitest'
import { facts } from '../fact.ts'
import { describeCertificate, failureOf, request, type AwsClients } from '../harness.ts'
import { and, api, guide, seen } from '../source.ts'

const DESCRIBE = api.acm('DescribeCertificate')
const DETAIL = api.acm('CertificateDetail')

export const describeFacts = facts('DescribeCertificate', ({ anywhere, simulated }) => {
  anywhere('an ARN that is none is an InvalidArnException', DESCRIBE, async (site) => {
    const arn = `arn:aws:iam::${site.account}:role/a-role-of-nobody`
    expect(await failureOf(describeCertificate(site, arn))).toMatchObject({ name: 'InvalidArnException' })
  })

  anywhere('an ARN of no certificate is a ResourceNotFoundException', DESCRIBE, async (site) => {
    const arn = (await site.pending()).replace(/[^/]*$/, '00000000-0000-4000-8000-000000000000')
    expect(await failureOf(describeCertificate(site, arn))).toMatchObject({ name: 'ResourceNotFoundException' })
  })

  simulated(
    'a new certificate is at first not found or bare, then lacks its records, then has them',
    and(seen.terraformCode, api.acm('RequestCertificate')),
    'AWS must be told how to behave',
    async (enter) => {
      const world = await enter({ describeDelay: [2_000, 2_000], recordsDelay: [10_000, 10_000] })
      const arns = await Promise.all(
        Array.from({ length: 8 }, (_, index) => request(world, { DomainName: `a${index}.example.com` })),
      )
      const looks = async () =>
        new Set(
          await Promise.all(
            arns.map(async (arn) => {
              try {
                const detail = await describeCertificate(world, arn)
                if (detail.DomainName === undefined) return 'bare'
                return detail.DomainValidationOptions?.[0]?.ResourceRecord ? 'whole' : 'without records'
              } catch {
                return 'not found'
              }
            }),
          ),
        )
      expect(await looks()).toEqual(new Set(['not found', 'bare']))
      await world.clock.advance(2_000)
      expect(await looks()).toEqual(new Set(['without records']))
      await world.clock.advance(8_000)
      expect(await looks()).toEqual(new Set(['whole']))
    },
  )

  simulated(
    'the records of a certificate may come one after the other',
    seen.terraformCode,
    'AWS must be told how to behave',
    async (enter) => {
      const world = await enter({ describeDelay: [0, 0], recordsDelay: [0, 30_000] })
      const SubjectAlternativeNames = Array.from({ length: 9 }, (_, index) => `n${index}.example.com`)
      const arn = await request(world, { SubjectAlternativeNames })
      const shown = async () =>
        (await describeCertificate(world, arn)).DomainValidationOptions?.filter(({ ResourceRecord }) => ResourceRecord)
          .length
      await world.clock.advance(15_000)
      expect([1, 2, 3, 4, 5, 6, 7, 8, 9]).toContain(await shown())
      await world.clock.advance(15_000)
      expect(await shown()).toBe(10)
    },
  )

  anywhere('of a pending certificate this much is known', and(DETAIL, seen.recording), async (site) => {
    const arn = await site.pending()
    const detail = await site.described(arn)
    expect(detail).toMatchObject({
      CertificateArn: arn,
      Status: 'PENDING_VALIDATION',
      Type: 'AMAZON_ISSUED',
      Subject: `CN=${detail.DomainName}`,
      SubjectAlternativeNames: [detail.DomainName, `*.${detail.DomainName}`],
      Issuer: 'Amazon',
      KeyAlgorithm: 'RSA-2048',
      SignatureAlgorithm: 'SHA256WITHRSA',
      RenewalEligibility: 'INELIGIBLE',
      InUseBy: [],
      Options: { Export: 'DISABLED' },
    })
    expect(detail.CreatedAt).toBeInstanceOf(Date)
  })

  for (const absent of ['Serial', 'NotBefore', 'NotAfter', 'IssuedAt', 'FailureReason', 'RenewalSummary'] as const) {
    anywhere(`a pending certificate has no ${absent}`, and(DETAIL, seen.recording), async (site) => {
      expect((await site.described(await site.pending()))[absent]).toBeUndefined()
    })
  }

  anywhere('each name has a DomainValidation that waits for a CNAME', api.acm('DomainValidation'), async (site) => {
    const { DomainName, DomainValidationOptions } = await site.described(await site.pending())
    expect(DomainValidationOptions).toHaveLength(2)
    for (const [index, name] of [DomainName, `*.${DomainName}`].entries()) {
      expect(DomainValidationOptions?.[index]).toMatchObject({
        DomainName: name,
        ValidationMethod: 'DNS',
        ValidationStatus: 'PENDING_VALIDATION',
        ResourceRecord: { Type: 'CNAME' },
      })
    }
  })

  anywhere('a name that is proven by DNS has a ValidationDomain all the same', seen.recording, async (site) => {
    const { DomainName, DomainValidationOptions } = await site.described(await site.pending())
    expect(DomainValidationOptions?.[0]?.ValidationDomain).toBe(DomainName)
  })

  anywhere('a validation record has this shape, with a dot at both ends', guide.dnsValidation, async (site) => {
    const { DomainName = '', DomainValidationOptions } = await site.described(await site.pending())
    const { Name, Value } = DomainValidationOptions?.[0]?.ResourceRecord ?? {}
    expect(Name).toMatch(new RegExp(`^_[\\da-f]{32}\\.${DomainName.replaceAll('.', String.raw`\.`)}\\.$`))
    expect(Value).toMatch(/^_[\da-f]{32}\.[a-z]{10}\.acm-validations\.aws\.$/)
  })

  anywhere('a wildcard and the name below it have one record', guide.dnsValidation, async (site) => {
    const { DomainValidationOptions } = await site.described(await site.pending())
    const [plain, wildcard] = (DomainValidationOptions ?? []).map(({ ResourceRecord }) => ResourceRecord)
    expect(wildcard).toEqual(plain)
  })

  anywhere(
    'a later certificate of a name has the record of the first',
    and(guide.dnsValidation, seen.cdk(2632)),
    async (site) => {
      const DomainName = site.name()
      const records = []
      for (let index = 0; index < 2; index++) {
        const { DomainValidationOptions } = await site.described(await site.request({ DomainName }))
        records.push(DomainValidationOptions?.[0]?.ResourceRecord)
      }
      expect(records[1]).toEqual(records[0])
    },
  )

  simulated(
    'a record is the same in every region of an account, and another in another account',
    and(guide.dnsValidation, seen.cdk(2632)),
    'a second account is needed',
    async (enter) => {
      const world = await enter({ describeDelay: [0, 0], recordsDelay: [0, 0] })
      world.aws.accounts.createAccessKey({ accessKeyId: 'AKIDOTHER', account: '222222222222', userName: 'other' })
      const record = async (clients: AwsClients) =>
        (await describeCertificate(clients, await request(clients))).DomainValidationOptions?.[0]?.ResourceRecord
      const here = await record(world)
      expect(await record(world.clients({ region: 'us-east-1' }))).toEqual(here)
      expect(await record(world.clients({ accessKeyId: 'AKIDOTHER' }))).not.toEqual(here)
    },
  )

  simulated(
    'accounts and regions do not see each other’s certificates',
    DESCRIBE,
    'a second account is needed',
    async (enter) => {
      const world = await enter({ describeDelay: [0, 0] })
      world.aws.accounts.createAccessKey({ accessKeyId: 'AKIDOTHER', account: '222222222222', userName: 'other' })
      const arn = await request(world)
      for (const stranger of [world.clients({ accessKeyId: 'AKIDOTHER' }), world.clients({ region: 'us-east-1' })]) {
        expect(await failureOf(describeCertificate(stranger, arn))).toMatchObject({ name: 'ResourceNotFoundException' })
        expect((await stranger.acm.send(new ListCertificatesCommand({}))).CertificateSummaryList).toEqual([])
      }
    },
  )

  anywhere('a certificate has no files before it is issued', api.acm('GetCertificate'), async (site) => {
    const files = new GetCertificateCommand({ CertificateArn: await site.pending() })
    expect(await failureOf(site.acm.send(files))).toMatchObject({ name: 'RequestInProgressException' })
  })
})
