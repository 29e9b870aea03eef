import { X509Certificate } from 'node:crypto'
import { GetCertificateCommand } from '@aws-sdk/client-acm'
import { expect } from 'vitest'
import { FAILURE_REASONS } from '../../../../src/sim/aws/acm/certificate.ts'
import { facts } from '../fact.ts'
import { describeCertificate, request, type AwsHarness } from '../harness.ts'
import { change } from '../site.ts'
import { and, api, guide, seen } from '../source.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** What a fact of issuance leaves out of account: how long everything else takes. */
const PROMPT = {
  describeDelay: [0, 0],
  recordsDelay: [0, 0],
  dnsPropagation: [0, 0],
  issuance: [120_000, 120_000],
} as const

/** Writes the validation records of a certificate into the zones that a person would pick: all that fit. */
async function prove(world: AwsHarness, arn: string): Promise<void> {
  for (const { ResourceRecord } of (await describeCertificate(world, arn)).DomainValidationOptions ?? []) {
    const { Name = '', Value = '' } = ResourceRecord ?? {}
    for (const zone of world.aws.hostedZones()) {
      if (Name.endsWith(`.${zone.name}`)) world.aws.putRecord(zone, { name: Name, type: 'CNAME', values: [Value] })
    }
  }
}

async function statusOf(world: AwsHarness, arn: string): Promise<string | undefined> {
  return (await describeCertificate(world, arn)).Status
}

export const issuanceFacts = facts('Issuance', ({ anywhere, simulated }) => {
  anywhere(
    'a certificate is issued some minutes after its record is in public DNS',
    guide.dnsValidation,
    async (site) => {
      const { detail } = await site.issued()
      expect(detail.Status).toBe('ISSUED')
      expect(detail.IssuedAt).toBeInstanceOf(Date)
    },
  )

  anywhere('with its certificate every name is a SUCCESS', api.acm('DomainValidation'), async (site) => {
    const { detail } = await site.issued()
    expect(detail.DomainValidationOptions?.map(({ ValidationStatus }) => ValidationStatus)).toEqual([
      'SUCCESS',
      'SUCCESS',
    ])
  })

  anywhere(
    'an issued certificate has a serial number, a term and key usages',
    and(api.acm('CertificateDetail'), seen.recording),
    async (site) => {
      const { detail } = await site.issued()
      expect(detail.Serial).toMatch(/^([\da-f]{2}:){15}[\da-f]{2}$/)
      expect(detail.NotBefore).toBeInstanceOf(Date)
      expect(detail.KeyUsages).toEqual([{ Name: 'DIGITAL_SIGNATURE' }, { Name: 'KEY_ENCIPHERMENT' }])
      expect(detail.ExtendedKeyUsages).toContainEqual({
        Name: 'TLS_WEB_SERVER_AUTHENTICATION',
        OID: '1.3.6.1.5.5.7.3.1',
      })
    },
  )

  anywhere(
    'an issued certificate is not eligible for renewal until something uses it',
    guide.managedRenewal,
    async (site) => {
      expect((await site.issued()).detail.RenewalEligibility).toBe('INELIGIBLE')
    },
  )

  anywhere('a public certificate is valid for 198 days', guide.characteristics, async (site) => {
    const { NotBefore, NotAfter } = (await site.issued()).detail
    expect(Math.round(((NotAfter?.getTime() ?? 0) - (NotBefore?.getTime() ?? 0)) / 86_400_000)).toBe(198)
  })

  anywhere('the files of an issued certificate are for its names', api.acm('GetCertificate'), async (site) => {
    const { arn, name } = await site.issued()
    const { Certificate = '', CertificateChain = '' } = await site.acm.send(
      new GetCertificateCommand({ CertificateArn: arn }),
    )
    const leaf = new X509Certificate(Certificate)
    expect(leaf.subjectAltName?.split(', ').sort()).toEqual([`DNS:*.${name}`, `DNS:${name}`])
    expect(leaf.checkIssued(new X509Certificate(CertificateChain))).toBe(true)
  })

  anywhere(
    'with the record there, a later certificate of the name needs no change of DNS',
    guide.dnsValidation,
    async (site) => {
      const { name } = await site.issued()
      const arn = await site.request({ DomainName: `*.${name}` })
      await site.described(arn)
      expect((await site.reaches(arn, 'ISSUED')).Status).toBe('ISSUED')
    },
  )

  anywhere(
    'names are proven one by one, and the certificate waits for the last',
    api.acm('DomainValidation'),
    async (site) => {
      const [a, b] = [site.name('a'), site.name('b')]
      const arn = await site.request({ DomainName: a, SubjectAlternativeNames: [b] })
      const [, second] = (await site.described(arn)).DomainValidationOptions ?? []
      const { Name = '', Value = '' } = second?.ResourceRecord ?? {}
      await site.change(site.zone.id, change('UPSERT', Name, 'CNAME', [Value]))
      const statuses = await site.until('the second name is proven', async () => {
        const { DomainValidationOptions = [], Status } = await describeCertificate(site, arn)
        const [first, other] = DomainValidationOptions.map(({ ValidationStatus }) => ValidationStatus)
        return other === 'SUCCESS' ? [Status, first] : undefined
      })
      expect(statuses).toEqual(['PENDING_VALIDATION', 'PENDING_VALIDATION'])
    },
  )

  anywhere(
    'where CAA allows somebody else alone the certificate fails with CAA_ERROR',
    and(guide.caa, guide.caaTrouble),
    async (site) => {
      const name = site.name('caa')
      await site.change(site.zone.id, change('CREATE', name, 'CAA', ['0 issue "example.net"']))
      const arn = await site.request({ DomainName: name })
      await site.prove(arn)
      expect((await site.reaches(arn, 'FAILED')).FailureReason).toBe('CAA_ERROR')
    },
  )

  for (const authority of ['amazon.com', 'amazontrust.com', 'awstrust.com', 'amazonaws.com']) {
    simulated(`a CAA record for ${authority} allows it`, guide.caa, 'public DNS must be broken', async (enter) => {
      const world = await enter(PROMPT)
      const zone = world.aws.createHostedZone({ name: 'example.com' })
      const values = ['0 issue "other.test"', `0 issue "${authority}"`]
      world.aws.putRecord(zone, { name: 'example.com', type: 'CAA', values })
      const arn = await request(world)
      await prove(world, arn)
      await world.clock.advance(5 * MINUTE)
      expect(await statusOf(world, arn)).toBe('ISSUED')
    })
  }

  simulated(
    'a CAA record that names no authority allows all',
    guide.caa,
    'public DNS must be broken',
    async (enter) => {
      const world = await enter(PROMPT)
      const zone = world.aws.createHostedZone({ name: 'example.com' })
      world.aws.putRecord(zone, { name: 'example.com', type: 'CAA', values: ['0 iodef "mailto:x@example.com"'] })
      const arn = await request(world)
      await prove(world, arn)
      await world.clock.advance(5 * MINUTE)
      expect(await statusOf(world, arn)).toBe('ISSUED')
    },
  )

  simulated(
    'issuewild decides about wildcards, and the nearest name that has records decides alone',
    guide.caa,
    'public DNS must be broken',
    async (enter) => {
      const world = await enter(PROMPT)
      const zone = world.aws.createHostedZone({ name: 'example.com' })
      const caa = (name: string, ...values: string[]) => world.aws.putRecord(zone, { name, type: 'CAA', values })
      caa('example.com', '0 issue "other.test"')
      caa('a.example.com', '0 issue "amazon.com"', '0 issuewild ";"')
      const plain = await request(world, { DomainName: 'b.a.example.com' })
      const wild = await request(world, { DomainName: '*.a.example.com' })
      for (const arn of [plain, wild]) await prove(world, arn)
      await world.clock.advance(5 * MINUTE)
      expect(await statusOf(world, plain)).toBe('ISSUED')
      expect(await describeCertificate(world, wild)).toMatchObject({ Status: 'FAILED', FailureReason: 'CAA_ERROR' })
    },
  )

  for (const [what, kind] of [
    ['a private zone', { private: true }],
    ['a zone that is not delegated to', { delegated: false }],
  ] as const) {
    simulated(
      `a record in ${what} proves nothing`,
      seen.loadBalancerController(4840),
      'public DNS must be broken',
      async (enter) => {
        const world = await enter(PROMPT)
        world.aws.createHostedZone({ name: 'example.com', ...kind })
        const arn = await request(world)
        await prove(world, arn)
        await world.clock.advance(2 * HOUR)
        expect(await statusOf(world, arn)).toBe('PENDING_VALIDATION')
      },
    )
  }

  for (const [length, status] of [
    [5, 'ISSUED'],
    [6, 'PENDING_VALIDATION'],
  ] as const) {
    simulated(
      `after a chain of ${length} CNAMEs a certificate is ${status}`,
      guide.dnsValidation,
      'days or hours must pass',
      async (enter) => {
        const world = await enter(PROMPT)
        const zone = world.aws.createHostedZone({ name: 'example.com' })
        const arn = await request(world)
        const { DomainValidationOptions } = await describeCertificate(world, arn)
        const { Name = '', Value = '' } = DomainValidationOptions?.[0]?.ResourceRecord ?? {}
        const hops = Array.from({ length: length - 1 }, (_, hop) => `hop${hop}.example.com.`)
        const names = [Name, ...hops, Value]
        for (let hop = 0; hop < length; hop++) {
          world.aws.putRecord(zone, { name: names[hop] ?? '', type: 'CNAME', values: [names[hop + 1] ?? ''] })
        }
        await world.clock.advance(HOUR)
        expect(await statusOf(world, arn)).toBe(status)
      },
    )
  }

  simulated(
    'after 72 h without success ACM gives up, and a record that comes later changes nothing',
    guide.dnsValidation,
    'days or hours must pass',
    async (enter) => {
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
    },
  )

  simulated(
    'a record that comes within 72 h leads to a certificate',
    guide.dnsValidation,
    'days or hours must pass',
    async (enter) => {
      const world = await enter(PROMPT)
      world.aws.createHostedZone({ name: 'example.com' })
      const arn = await request(world)
      await world.clock.advance(71 * HOUR)
      await prove(world, arn)
      await world.clock.advance(30 * MINUTE)
      expect(await statusOf(world, arn)).toBe('ISSUED')
    },
  )

  for (const reason of FAILURE_REASONS) {
    simulated(
      `a certificate may fail with ${reason}`,
      api.acm('CertificateDetail'),
      'AWS must be told how to behave',
      async (enter) => {
        const world = await enter(PROMPT)
        world.aws.failDomain('b.example.com', reason)
        const arn = await request(world, { SubjectAlternativeNames: ['b.example.com'] })
        await world.clock.advance(MINUTE)
        const detail = await describeCertificate(world, arn)
        expect(detail).toMatchObject({ Status: 'FAILED', FailureReason: reason })
        expect(detail.DomainValidationOptions?.[1]?.ValidationStatus).toBe('FAILED')
      },
    )
  }

  simulated(
    'a certificate that was revoked says when',
    api.acm('CertificateDetail'),
    'AWS must be told how to behave',
    async (enter) => {
      const world = await enter(PROMPT)
      const arn = world.aws.issueCertificate({ names: ['a.example.com'] })
      world.aws.end(arn, 'REVOKED')
      await world.clock.advance(MINUTE)
      const detail = await describeCertificate(world, arn)
      expect(detail.Status).toBe('REVOKED')
      expect(detail.RevokedAt).toBeInstanceOf(Date)
    },
  )
})
