import { DeleteCertificateCommand, RequestCertificateCommand } from '@aws-sdk/client-acm'
import { expect } from 'vitest'
import { facts } from '../fact.ts'
import { describeCertificate, failureOf, request } from '../harness.ts'
import { and, api, guide, seen } from '../source.ts'

const REQUEST = api.acm('RequestCertificate')
const TAG = api.acm('Tag')

/** A name of exactly `length` characters under `zone`. */
function nameOf(length: number, zone: string): string {
  let name = `a.${zone}`
  while (name.length < length) name = `${'b'.repeat(Math.min(62, Math.max(1, length - name.length - 1)))}.${name}`
  return name.length === length ? name : `b${name.slice(name.length - length + 1)}`
}

export const requestFacts = facts('RequestCertificate', ({ anywhere, simulated }) => {
  anywhere('it gives an ARN with partition, region and account', REQUEST, async (site) => {
    const { account, region } = site
    expect(await site.pending()).toMatch(
      new RegExp(`^arn:aws[\\w-]*:acm:${region}:${account}:certificate/[\\da-f]{8}(-[\\da-f]{4}){3}-[\\da-f]{12}$`),
    )
  })

  simulated('a region of China is in a partition of its own', REQUEST, 'a second account is needed', async (enter) => {
    const world = await enter()
    expect(await request(world.clients({ region: 'cn-north-1' }))).toMatch(/^arn:aws-cn:acm:cn-north-1:/)
  })

  anywhere('the domain name is one of the alternatives unasked, and each name is there once', REQUEST, async (site) => {
    const [a, b] = [site.name('a'), site.name('b')]
    const arn = await site.request({ DomainName: a, SubjectAlternativeNames: [b, a, b] })
    expect((await site.described(arn)).SubjectAlternativeNames).toEqual([a, b])
  })

  simulated('names are lower-case', seen.recording, 'AWS must be told how to behave', async (enter) => {
    const world = await enter({ describeDelay: [0, 0] })
    const arn = await request(world, { DomainName: 'App.Example.com' })
    expect((await describeCertificate(world, arn)).DomainName).toBe('app.example.com')
  })

  for (const [what, wrong] of [
    ['an underscore', (zone: string) => `a_b.${zone}`],
    ['a trailing dot', (zone: string) => `${zone}.`],
    ['a wildcard that is not leftmost', (zone: string) => `a.*.${zone}`],
    ['a wildcard that is part of a label', (zone: string) => `a*.${zone}`],
    ['two wildcards', (zone: string) => `*.*.${zone}`],
    ['a single label', () => 'localhost'],
    ['a label that begins with a hyphen', (zone: string) => `-a.${zone}`],
    ['a label that ends with a hyphen', (zone: string) => `a-.${zone}`],
    ['a label of 64 characters', (zone: string) => `${'a'.repeat(64)}.${zone}`],
    ['a letter outside ASCII', (zone: string) => `bücher.${zone}`],
    ['nothing in it', () => ''],
  ] as const) {
    anywhere(`a name with ${what} is a ValidationException`, REQUEST, async (site) => {
      const name = wrong(site.zone.name)
      const invalid = { name: 'ValidationException' }
      expect(await failureOf(site.request({ DomainName: name }))).toMatchObject(invalid)
      expect(await failureOf(site.request({ SubjectAlternativeNames: [name] }))).toMatchObject(invalid)
    })
  }

  anywhere('a request without a domain name is a ValidationException', REQUEST, async (site) => {
    const none = new RequestCertificateCommand({ DomainName: undefined, ValidationMethod: 'DNS' })
    expect(await failureOf(site.acm.send(none))).toMatchObject({ name: 'ValidationException' })
  })

  anywhere('the domain name may have 64 octets and no more', REQUEST, async (site) => {
    const tooLong = nameOf(65, `${site.run}.${site.zone.name}`)
    expect(tooLong).toHaveLength(65)
    expect(await failureOf(site.request({ DomainName: tooLong }))).toMatchObject({ name: 'InvalidParameterException' })
    const arn = await site.request({ DomainName: nameOf(64, `${site.run}.${site.zone.name}`) })
    expect((await site.described(arn)).DomainName).toHaveLength(64)
  })

  anywhere('an alternative name may have 253 characters and no more', REQUEST, async (site) => {
    const longest = nameOf(253, `${site.run}.${site.zone.name}`)
    expect(longest).toHaveLength(253)
    expect(await failureOf(site.request({ SubjectAlternativeNames: [`b${longest}`] }))).toMatchObject({
      name: 'ValidationException',
    })
    await site.request({ SubjectAlternativeNames: [longest] })
  })

  anywhere('more than 100 alternatives are a ValidationException', REQUEST, async (site) => {
    const names = Array.from({ length: 101 }, (_, index) => `n${index}.${site.zone.name}`)
    expect(await failureOf(site.request({ SubjectAlternativeNames: names }))).toMatchObject({
      name: 'ValidationException',
    })
  })

  anywhere(
    'eleven names where the quota is ten are a LimitExceededException',
    and(guide.quotas, seen.terraform(35825)),
    async (site) => {
      const names = Array.from({ length: 11 }, (_, index) => `n${index}.${site.zone.name}`)
      expect(await failureOf(site.request({ DomainName: names[0], SubjectAlternativeNames: names }))).toEqual({
        name: 'LimitExceededException',
        message: 'Certificate has too many domains.',
      })
    },
  )

  simulated('ten names are within the quota', guide.quotas, 'a quota would be used up', async (enter) => {
    const world = await enter()
    const names = Array.from({ length: 10 }, (_, index) => `n${index}.example.com`)
    await request(world, { DomainName: 'n0.example.com', SubjectAlternativeNames: names })
  })

  for (const name of ['x.amazonaws.com', 'x.cloudfront.net', 'x.elasticbeanstalk.com']) {
    anywhere(`Amazon's own names cannot be requested: ${name}`, guide.characteristics, async (site) => {
      expect(await failureOf(site.request({ DomainName: name }))).toMatchObject({ name: 'InvalidParameterException' })
    })
  }

  anywhere(
    'a label with -- in third place that is no A-label cannot be requested',
    guide.characteristics,
    async (site) => {
      expect(await failureOf(site.request({ DomainName: `ab--c.${site.zone.name}` }))).toMatchObject({
        name: 'InvalidParameterException',
      })
    },
  )

  anywhere('validation by HTTP is for CloudFront alone', REQUEST, async (site) => {
    expect(await failureOf(site.request({ ValidationMethod: 'HTTP' }))).toMatchObject({
      name: 'InvalidParameterException',
    })
  })

  anywhere('an unknown validation method is a ValidationException', REQUEST, async (site) => {
    expect(await failureOf(site.request({ ValidationMethod: 'PIGEON' as never }))).toMatchObject({
      name: 'ValidationException',
    })
  })

  simulated(
    'without a validation method ACM sends mail, and gives no record',
    guide.acmConditionKeys,
    'mail would be sent',
    async (enter) => {
      const world = await enter()
      const { CertificateArn = '' } = await world.acm.send(
        new RequestCertificateCommand({ DomainName: 'a.example.com' }),
      )
      await world.clock.advance(30_000)
      const option = (await describeCertificate(world, CertificateArn)).DomainValidationOptions?.[0]
      expect(option).toMatchObject({ ValidationMethod: 'EMAIL', ValidationEmails: ['admin@a.example.com'] })
      expect(option?.ResourceRecord).toBeUndefined()
    },
  )

  for (const [algorithm, spelt] of [
    ['RSA_2048', 'RSA-2048'],
    ['EC_prime256v1', 'EC-prime256v1'],
    ['EC_secp384r1', 'EC-secp384r1'],
  ] as const) {
    anywhere(
      `${algorithm} can be requested, and answers spell it ${spelt}`,
      and(REQUEST, seen.recording),
      async (site) => {
        const arn = await site.request({ KeyAlgorithm: algorithm })
        expect((await site.described(arn)).KeyAlgorithm).toBe(spelt)
      },
    )
  }

  for (const algorithm of ['RSA_1024', 'RSA_3072', 'RSA_4096', 'EC_secp521r1'] as const) {
    anywhere(`${algorithm} can only be imported`, REQUEST, async (site) => {
      expect(await failureOf(site.request({ KeyAlgorithm: algorithm }))).toMatchObject({
        name: 'InvalidParameterException',
      })
    })
  }

  anywhere('an unknown key algorithm is a ValidationException', REQUEST, async (site) => {
    expect(await failureOf(site.request({ KeyAlgorithm: 'DSA' as never }))).toMatchObject({
      name: 'ValidationException',
    })
  })

  for (const value of ['*.example.com', 'a,b', 'a;b', 'a|b']) {
    anywhere(`a tag value cannot be ${value}`, TAG, async (site) => {
      expect(await failureOf(site.request({ Tags: [{ Key: 'host', Value: value }] }))).toMatchObject({
        name: 'ValidationException',
      })
    })
  }

  anywhere('a tag key has 1 to 128 characters, its value up to 256', TAG, async (site) => {
    for (const tag of [{ Key: '' }, { Key: 'k'.repeat(129) }, { Key: 'k', Value: 'v'.repeat(257) }]) {
      expect(await failureOf(site.request({ Tags: [tag] }))).toMatchObject({ name: 'ValidationException' })
    }
    await site.request({ Tags: [{ Key: 'k'.repeat(128), Value: 'v'.repeat(256) }] })
  })

  anywhere('a tag key cannot begin with aws:', REQUEST, async (site) => {
    expect(await failureOf(site.request({ Tags: [{ Key: 'aws:mine', Value: 'x' }] }))).toMatchObject({
      name: 'InvalidTagException',
    })
  })

  anywhere('fifty tags are taken, more are a TooManyTagsException', REQUEST, async (site) => {
    const Tags = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
    expect(await failureOf(site.request({ Tags }))).toMatchObject({ name: 'TooManyTagsException' })
    await site.request({ Tags: Tags.slice(1) })
  })

  simulated(
    'the yearly quota counts requests, and deleting gives nothing back',
    and(guide.quotas, seen.terraform(14025)),
    'a quota would be used up',
    async (enter) => {
      const { quotas } = (await enter()).aws.settings
      const world = await enter({ quotas: { ...quotas, requestsPerYear: 2 }, describeDelay: [0, 0] })
      const arn = await request(world, { DomainName: 'a.example.com' })
      await request(world, { DomainName: 'b.example.com' })
      await world.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
      expect(await failureOf(request(world, { DomainName: 'c.example.com' }))).toEqual({
        name: 'LimitExceededException',
        message: 'Error: you have reached your limit of 2 certificates in the last year.',
      })
      await world.clock.advance(366 * 86_400_000)
      await request(world, { DomainName: 'c.example.com' })
    },
  )

  simulated(
    '5,000 requests a year are the quota of an account',
    guide.quotas,
    'a quota would be used up',
    async (enter) => {
      expect((await enter()).aws.settings.quotas).toMatchObject({ requestsPerYear: 5_000, certificates: 2_500 })
    },
  )

  simulated(
    'the quota of certificates counts those that exist, region by region',
    and(guide.quotas, seen.convox),
    'a quota would be used up',
    async (enter) => {
      const { quotas } = (await enter()).aws.settings
      const world = await enter({ quotas: { ...quotas, certificates: 1 }, describeDelay: [0, 0] })
      const arn = await request(world, { DomainName: 'a.example.com' })
      expect(await failureOf(request(world, { DomainName: 'b.example.com' }))).toMatchObject({
        name: 'LimitExceededException',
      })
      await request(world.clients({ region: 'us-east-1' }), { DomainName: 'b.example.com' })
      await world.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
      await request(world, { DomainName: 'b.example.com' })
    },
  )

  simulated(
    'certificates that expired or failed count against the quota until they are deleted',
    guide.quotas,
    'a quota would be used up',
    async (enter) => {
      const { quotas } = (await enter()).aws.settings
      const world = await enter({ quotas: { ...quotas, certificates: 2 }, describeDelay: [0, 0] })
      const expired = world.aws.issueCertificate({ names: ['a.example.com'] })
      world.aws.end(expired, 'EXPIRED')
      const failed = await request(world, { DomainName: 'b.example.com' })
      world.aws.fail(failed, 'OTHER')
      expect(await failureOf(request(world, { DomainName: 'c.example.com' }))).toMatchObject({
        name: 'LimitExceededException',
      })
      await world.acm.send(new DeleteCertificateCommand({ CertificateArn: expired }))
      await request(world, { DomainName: 'c.example.com' })
    },
  )
})
