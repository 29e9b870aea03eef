import { expect, test } from 'vitest'
import { Acm } from './acm.ts'
import { finish, scripted, type Answer, type SeenRequest } from './scripted.ts'

const arn = (id: number | string) => `arn:aws:acm:eu-central-1:111122223333:certificate/${id}`

function acmOn(answer: (request: SeenRequest, index: number) => Answer) {
  const world = scripted(answer)
  const acm = new Acm({ client: world.clients.acm, calls: world.calls })
  return { ...world, acm, end: <Value>(promise: Promise<Value>) => finish(world.clock, promise) }
}

const issued = {
  CertificateArn: arn(1),
  DomainName: 'Shop.Example.com',
  SubjectAlternativeNameSummaries: ['shop.example.com', '*.example.com'],
  HasAdditionalSubjectAlternativeNames: false,
  Status: 'ISSUED',
  Type: 'AMAZON_ISSUED',
  KeyAlgorithm: 'EC-prime256v1',
  InUse: false,
  RenewalEligibility: 'ELIGIBLE',
  CreatedAt: 1_790_000_000.5,
  IssuedAt: 1_790_000_060,
  NotAfter: 1_800_000_000,
}

test('a summary becomes a certificate in our words', async () => {
  const { acm, end, seen } = acmOn(() => ({ body: { CertificateSummaryList: [issued] } }))
  expect(await end(acm.listCertificates())).toEqual({
    complete: true,
    certificates: [
      {
        arn: arn(1),
        status: 'ISSUED',
        type: 'AMAZON_ISSUED',
        names: ['*.example.com', 'shop.example.com'],
        namesComplete: true,
        keyAlgorithm: 'EC_prime256v1',
        inUse: false,
        createdAt: 1_790_000_000_500,
        issuedAt: 1_790_000_060_000,
        notAfter: 1_800_000_000_000,
        renewalEligible: true,
      },
    ],
  })
  expect(seen[0]?.input).toEqual({
    Includes: {
      keyTypes: ['RSA_1024', 'RSA_2048', 'RSA_3072', 'RSA_4096', 'EC_prime256v1', 'EC_secp384r1', 'EC_secp521r1'],
    },
    MaxItems: 1_000,
    SortBy: 'CREATED_AT',
    SortOrder: 'DESCENDING',
  })
})

test('what a summary leaves out is read in the way that does least harm', async () => {
  const { acm, end } = acmOn(() => ({
    body: {
      CertificateSummaryList: [
        { CertificateArn: arn(1), DomainName: 'example.com' },
        {
          CertificateArn: arn(2),
          DomainName: 'a.example.com',
          SubjectAlternativeNameSummaries: ['a.example.com'],
          HasAdditionalSubjectAlternativeNames: true,
          Status: 'A_NEW_STATE',
        },
        { DomainName: 'nameless.example.com' },
      ],
    },
  }))
  const { certificates } = await end(acm.listCertificates())
  expect(certificates).toHaveLength(2)
  expect(certificates[0]).toMatchObject({
    names: ['example.com'],
    namesComplete: false,
    inUse: true,
    status: 'PENDING_VALIDATION',
    type: 'AMAZON_ISSUED',
    createdAt: 0,
    renewalEligible: false,
  })
  expect(certificates[1]).toMatchObject({ namesComplete: false, status: 'INACTIVE' })
})

/** Pages of two, newest first, created at 100 s, 99 s, …; one token a page. */
function paged(pages: number) {
  return ({ input }: SeenRequest): Answer => {
    const page = input.NextToken === undefined ? 0 : Number(input.NextToken)
    const summary = (index: number) => ({ ...issued, CertificateArn: arn(index), CreatedAt: 100 - index })
    return {
      body: {
        CertificateSummaryList: [summary(2 * page), summary(2 * page + 1)],
        ...(page + 1 < pages ? { NextToken: String(page + 1) } : {}),
      },
    }
  }
}

test('all pages are read', async () => {
  const { acm, end, seen } = acmOn(paged(4))
  const { certificates, complete } = await end(acm.listCertificates())
  expect(certificates.map((certificate) => certificate.createdAt)).toEqual(
    [100, 99, 98, 97, 96, 95, 94, 93].map((at) => at * 1_000),
  )
  expect(complete).toBe(true)
  expect(seen).toHaveLength(4)
})

test('a look for the young ones stops at the page that reaches older ones, and is not complete', async () => {
  const { acm, end, seen } = acmOn(paged(4))
  const { certificates, complete } = await end(acm.listCertificates({ since: 97_500 }))
  expect(certificates).toHaveLength(4)
  expect(complete).toBe(false)
  expect(seen).toHaveLength(2)
})

test('a look at the first page only is complete where there is no other', async () => {
  const many = acmOn(paged(2))
  expect((await many.end(many.acm.listCertificates({ pages: 1 }))).complete).toBe(false)
  const one = acmOn(paged(1))
  expect((await one.end(one.acm.listCertificates({ pages: 1 }))).complete).toBe(true)
})

test('a certificate that slips to the next page while we read is listed once; pages that repeat end the look', async () => {
  const { acm, end, seen } = acmOn(() => ({ body: { CertificateSummaryList: [issued], NextToken: 'again' } }))
  const { certificates, complete } = await end(acm.listCertificates())
  expect(certificates).toHaveLength(1)
  expect(complete).toBe(false)
  expect(seen).toHaveLength(2)
})

test('an error on a later page is an error, not a short list', async () => {
  const { acm, end } = acmOn((request, index) =>
    index === 0 ? paged(3)(request) : { status: 400, body: { __type: 'ThrottlingException' } },
  )
  await expect(end(acm.listCertificates())).rejects.toMatchObject({ kind: 'throttled' })
})

test('an endpoint that knows no sorting, or no filter, is asked without, and that is remembered', async () => {
  const { acm, end, seen } = acmOn(({ input }) =>
    'Includes' in input
      ? { status: 400, body: { __type: 'ValidationException' } }
      : { body: { CertificateSummaryList: [issued] } },
  )
  expect((await end(acm.listCertificates())).certificates).toHaveLength(1)
  await end(acm.listCertificates())
  expect(seen.map(({ input }) => Object.keys(input).sort().join())).toEqual([
    'Includes,MaxItems,SortBy,SortOrder',
    'Includes,MaxItems',
    'MaxItems',
    'MaxItems',
  ])
})

test('a later page that is refused is not asked for in other words', async () => {
  const { acm, end, seen } = acmOn((request, index) =>
    index === 0 ? paged(3)(request) : { status: 400, body: { __type: 'ValidationException' } },
  )
  await expect(end(acm.listCertificates())).rejects.toMatchObject({ kind: 'invalid' })
  expect(seen).toHaveLength(2)
})

test('where the order of the list is not known, a look for the young ones reads it all', async () => {
  const undated = acmOn((request) => {
    const answer = paged(3)(request) as { body: { CertificateSummaryList: object[] } }
    for (const summary of answer.body.CertificateSummaryList) Object.assign(summary, { CreatedAt: undefined })
    return answer
  })
  expect((await undated.end(undated.acm.listCertificates({ since: 97_500 }))).complete).toBe(true)
  const unsorted = acmOn((request) =>
    'SortBy' in request.input ? { status: 400, body: { __type: 'ValidationException' } } : paged(3)(request),
  )
  expect((await unsorted.end(unsorted.acm.listCertificates({ since: 97_500 }))).complete).toBe(true)
})

test('an endpoint that takes no list at all is not remembered as one without filters', async () => {
  let broken = true
  const { acm, end, seen } = acmOn(() =>
    broken ? { status: 400, body: { __type: 'ValidationException' } } : { body: { CertificateSummaryList: [issued] } },
  )
  await expect(end(acm.listCertificates())).rejects.toMatchObject({ kind: 'invalid' })
  broken = false
  await end(acm.listCertificates())
  expect(seen.at(-1)?.input).toHaveProperty('SortBy')
})

test('a detail tells the records in lower case without trailing dots, why it failed and what uses it', async () => {
  const { acm, end } = acmOn(() => ({
    body: {
      Certificate: {
        ...issued,
        KeyAlgorithm: 'RSA-2048',
        SubjectAlternativeNames: ['shop.example.com', '*.example.com'],
        Status: 'FAILED',
        FailureReason: 'CAA_ERROR',
        CertificateAuthorityArn: 'arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/a',
        InUseBy: ['arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/x/1'],
        DomainValidationOptions: [
          {
            DomainName: '*.Example.com',
            ValidationStatus: 'SUCCESS',
            ResourceRecord: { Name: '_ABC.example.com.', Type: 'CNAME', Value: '_DEF.xyz.acm-validations.aws.' },
          },
          { DomainName: 'shop.example.com', ValidationMethod: 'EMAIL' },
        ],
      },
    },
  }))
  expect(await end(acm.describeCertificate(arn(1)))).toMatchObject({
    keyAlgorithm: 'RSA_2048',
    names: ['*.example.com', 'shop.example.com'],
    namesComplete: true,
    status: 'FAILED',
    failureReason: 'CAA_ERROR',
    authority: 'arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/a',
    inUse: true,
    inUseBy: ['arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/x/1'],
    validations: [
      {
        name: '*.example.com',
        status: 'SUCCESS',
        record: { name: '_abc.example.com', value: '_def.xyz.acm-validations.aws' },
      },
      { name: 'shop.example.com', status: 'PENDING_VALIDATION', record: undefined, byEmail: true },
    ],
  })
})

test('right after the request a detail may be bare, or not there at all', async () => {
  const bare = acmOn(() => ({ body: { Certificate: {} } }))
  expect(await bare.end(bare.acm.describeCertificate(arn(1)))).toMatchObject({
    arn: arn(1),
    status: 'PENDING_VALIDATION',
    names: [],
    namesComplete: false,
    inUse: true,
    inUseBy: [],
    validations: [],
  })
  const absent = acmOn(() => ({ status: 400, body: { __type: 'ResourceNotFoundException' } }))
  expect(await absent.end(absent.acm.describeCertificate(arn(1)))).toBe('notFound')
  expect(await absent.end(absent.acm.listTags(arn(1)))).toBe('notFound')
  expect(await absent.end(absent.acm.deleteCertificate(arn(1)))).toBe('notFound')
})

const request = {
  names: ['shop.example.com', 'example.com'],
  domainName: 'example.com',
  keyAlgorithm: 'RSA_2048',
  idempotencyToken: 'abc123',
  tags: { 'certwright.dev/cluster': 'blue' },
} as const

test('a request carries DNS validation, the token and the tags', async () => {
  const { acm, end, seen } = acmOn(() => ({ body: { CertificateArn: arn(1) } }))
  expect(await end(acm.requestCertificate(request))).toBe(arn(1))
  expect(seen[0]?.input).toEqual({
    DomainName: 'example.com',
    SubjectAlternativeNames: ['shop.example.com', 'example.com'],
    ValidationMethod: 'DNS',
    KeyAlgorithm: 'RSA_2048',
    IdempotencyToken: 'abc123',
    Tags: [{ Key: 'certwright.dev/cluster', Value: 'blue' }],
  })
})

test('an answer without an ARN leaves open whether a certificate was made', async () => {
  const { acm, end } = acmOn(() => ({ body: {} }))
  await expect(end(acm.requestCertificate(request))).rejects.toMatchObject({ kind: 'ambiguous', code: 'NoArn' })
})

test.each([
  [{ idempotencyToken: 'with-hyphen' }, 'idempotency token'],
  [{ idempotencyToken: 'x'.repeat(33) }, 'idempotency token'],
  [{ domainName: 'other.example.com' }, 'not among the names'],
])('a request that we got wrong is never sent: %j', async (wrong, message) => {
  const { acm, seen } = acmOn(() => ({ body: { CertificateArn: arn(1) } }))
  await expect(acm.requestCertificate({ ...request, ...wrong })).rejects.toThrow(message)
  expect(seen).toHaveLength(0)
})

test('a certificate in use is not deleted, and that is a conflict', async () => {
  const { acm, end } = acmOn(() => ({ status: 400, body: { __type: 'ResourceInUseException', message: 'in use' } }))
  await expect(end(acm.deleteCertificate(arn(1)))).rejects.toMatchObject({ kind: 'conflict', detail: 'in use' })
})

test('tags are read and added', async () => {
  const { acm, end, seen } = acmOn(({ operation }) =>
    operation === 'ListTagsForCertificate'
      ? { body: { Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] } }
      : { body: '' },
  )
  expect(await end(acm.listTags(arn(1)))).toEqual({ a: '1', b: '' })
  await end(acm.addTags(arn(1), { c: '3' }))
  expect(seen[1]).toMatchObject({
    operation: 'AddTagsToCertificate',
    input: { CertificateArn: arn(1), Tags: [{ Key: 'c', Value: '3' }] },
  })
})
