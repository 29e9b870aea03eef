import { DeleteCertificateCommand, DescribeCertificateCommand, ListCertificatesCommand } from '@aws-sdk/client-acm'
import type { OpenFact } from '../fact.ts'
import { describeCertificate, failureOf, request } from '../harness.ts'

import { anybody, both, exactly, first, question, simulator, SECOND, MINUTE, HOUR, NONE } from './question.ts'

/** What is not known of ACM alone. */
export const openAcmFacts: readonly OpenFact[] = [
  question({
    says: 'what error messages say, word by word',
    unknown: 'The texts of most errors are nowhere to be read.',
    readings: both('errorTexts', ['as quoted', 'different']),
    look: anybody(async (site) => {
      const arn = (await site.pending()).replace(/[^/]*$/, '00000000-0000-4000-8000-000000000000')
      const { message } = await failureOf(describeCertificate(site, arn))
      return message === `Could not find certificate ${arn}.` ? 'as quoted' : 'different'
    }),
  }),
  question({
    says: 'whether a certificate that was requested a moment ago is not found, or bare',
    unknown: 'Both were seen in programs that wait for it; the documentation speaks of a delay of several seconds.',
    readings: both('youngCertificate', ['not found', 'bare'], { describeDelay: exactly(2 * SECOND) }),
    look: anybody(async (site) => {
      const CertificateArn = await site.request()
      return site.acm.send(new DescribeCertificateCommand({ CertificateArn })).then(
        ({ Certificate }) => (Certificate?.DomainName === undefined ? 'bare' : 'known at once'),
        (error: Error) => (error.name === 'ResourceNotFoundException' ? 'not found' : error.name),
      )
    }),
  }),
  question({
    says: 'how long a certificate is described without its records',
    unknown: 'Half a minute was seen; others allow five minutes.',
    readings: [
      { name: '10 s', settings: { recordsDelay: exactly(10 * SECOND) } },
      { name: '5 min', settings: { recordsDelay: exactly(5 * MINUTE) } },
    ],
    look: anybody(async (site) => {
      const arn = await site.request()
      const complete = site.described(arn).then(() => 'complete')
      let passed = 0
      for (let done = false; !done && passed < 30 * SECOND; passed += 5 * SECOND) {
        await site.pass(5 * SECOND)
        const detail = await describeCertificate(site, arn)
        done = detail.DomainValidationOptions?.[0]?.ResourceRecord !== undefined
      }
      await complete
      return passed < 30 * SECOND ? '10 s' : '5 min'
    }),
  }),
  question({
    says: 'how long after its record a certificate is issued',
    unknown: 'Some minutes as a rule; the documentation says up to thirty.',
    readings: [
      { name: 'minutes', settings: { issuance: exactly(MINUTE), dnsPropagation: NONE } },
      { name: 'half an hour', settings: { issuance: exactly(30 * MINUTE), dnsPropagation: NONE } },
    ],
    look: anybody(async (site) => {
      const { detail } = await site.issue()
      const took = (detail.IssuedAt?.getTime() ?? 0) - (detail.CreatedAt?.getTime() ?? 0)
      return took < 15 * MINUTE ? 'minutes' : 'half an hour'
    }),
  }),
  question({
    says: 'whether certificates are for TLS clients too',
    unknown: 'Recorded so in 2023; authorities are giving it up.',
    readings: both('extendedKeyUsage', ['server only', 'server and client']),
    look: anybody(async (site) => {
      const usages = (await site.issued()).detail.ExtendedKeyUsages?.map(({ Name }) => Name) ?? []
      return usages.includes('TLS_WEB_CLIENT_AUTHENTICATION') ? 'server and client' : 'server only'
    }),
  }),
  question({
    says: 'what the status INACTIVE means',
    unknown: 'It is in the list of statuses, and explained nowhere.',
    readings: both('inactive', ['for good', 'for an hour']),
    look: simulator(async (world) => {
      const arn = world.aws.issueCertificate({ names: ['a.example.com'] })
      world.aws.deactivate(arn)
      await world.clock.advance(2 * HOUR)
      return (await describeCertificate(world, arn)).Status === 'INACTIVE' ? 'for good' : 'for an hour'
    }),
    episode: {
      lawless: 'The book does not tell that a certificate became INACTIVE.',
      async during(story) {
        const [arn = ''] = story.listed('shop')
        story.world.aws.deactivate(arn)
        await story.pass(3 * HOUR)
      },
    },
  }),
  question({
    says: 'whether a token still answers with its certificate after that was deleted',
    unknown: 'One program guards against it; nobody documents it.',
    readings: [
      { name: 'the deleted one', settings: { tokenOutlivesCertificate: true } },
      { name: 'a new one', settings: { tokenOutlivesCertificate: false } },
    ],
    look: anybody(async (site) => {
      const same = { IdempotencyToken: site.token(), DomainName: site.name() }
      const arn = await site.request(same)
      await site.described(arn)
      await site.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
      return (await site.request(same)) === arn ? 'the deleted one' : 'a new one'
    }),
    episode: {
      before(story) {
        const { aws } = story.world
        // A colleague deletes the first certificate of each name before anybody heard of it.
        const spared = new Set<string>()
        aws.events.subscribe((event) => {
          if (event.kind !== 'certificateRequested' || spared.has(event.names.join())) return
          spared.add(event.names.join())
          queueMicrotask(() => aws.deleteCertificate(event.arn))
        })
      },
    },
  }),
  question({
    says: 'for how long a request without a token is taken for an equal one',
    unknown: 'That it is was seen; a time was not.',
    readings: [
      { name: 'an hour', settings: { tokenlessWindow: HOUR } },
      { name: 'ten minutes', settings: { tokenlessWindow: 10 * MINUTE } },
    ],
    look: simulator(async (world) => {
      const ask = () => request(world, { IdempotencyToken: undefined })
      const arn = await ask()
      await world.clock.advance(30 * MINUTE)
      return (await ask()) === arn ? 'an hour' : 'ten minutes'
    }, 'days or hours must pass'),
  }),
  question({
    says: 'what a page token of ListCertificates rests on',
    unknown: 'What happens to the next page when a certificate comes in between is nowhere to be read.',
    readings: both('pageToken', ['last certificate', 'offset'], { listDelay: NONE, describeDelay: NONE }),
    look: anybody(async (site) => {
      for (let index = 0; index < 2; index++) await site.request()
      const page = async (NextToken?: string) =>
        site.acm.send(
          new ListCertificatesCommand({ MaxItems: 1, SortBy: 'CREATED_AT', SortOrder: 'DESCENDING', NextToken }),
        )
      await site.pass(30 * SECOND)
      const before = await page()
      const arn = await site.request()
      await site.until('it is listed', async () =>
        (await page()).CertificateSummaryList?.find(({ CertificateArn }) => CertificateArn === arn),
      )
      const [old, next] = [before, await page(before.NextToken)].map(
        ({ CertificateSummaryList }) => CertificateSummaryList?.[0]?.CertificateArn,
      )
      return old === next ? 'offset' : 'last certificate'
    }),
    episode: {
      before({ world }) {
        for (let index = 0; index < 1_001; index++) world.aws.issueCertificate({ names: [`n${index}.example.net`] })
        world.aws.configure({ latency: [50, 500] })
      },
    },
  }),
  question({
    says: 'how long a deleted certificate is listed',
    unknown: 'That it may be was seen; a time was not.',
    readings: [
      { name: 'seconds', settings: { deletedInList: exactly(5 * SECOND) } },
      { name: 'half an hour', settings: { deletedInList: exactly(30 * MINUTE) } },
    ],
    look: simulator(async (world) => {
      const arn = world.aws.issueCertificate({ names: ['a.example.com'] })
      await world.clock.advance(MINUTE)
      await world.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
      const gone = async () =>
        (await world.acm.send(new ListCertificatesCommand({}))).CertificateSummaryList?.length === 0
      return first(
        world,
        [
          ['seconds', 5 * SECOND],
          ['half an hour', 30 * MINUTE],
        ],
        gone,
      )
    }),
  }),
]
