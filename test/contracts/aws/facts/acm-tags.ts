import {
  AddTagsToCertificateCommand,
  DeleteCertificateCommand,
  ListTagsForCertificateCommand,
  RemoveTagsFromCertificateCommand,
  type Tag,
} from '@aws-sdk/client-acm'
import { expect } from 'vitest'
import { facts } from '../fact.ts'
import { describeCertificate, failureOf } from '../harness.ts'
import type { Site } from '../site.ts'
import { api } from '../source.ts'

const ADD = api.acm('AddTagsToCertificate')
const REMOVE = api.acm('RemoveTagsFromCertificate')
const DELETE = api.acm('DeleteCertificate')

function add({ acm }: Site, CertificateArn: string, ...Tags: Tag[]) {
  return acm.send(new AddTagsToCertificateCommand({ CertificateArn, Tags }))
}

function remove({ acm }: Site, CertificateArn: string, ...Tags: Tag[]) {
  return acm.send(new RemoveTagsFromCertificateCommand({ CertificateArn, Tags }))
}

async function tagsOf({ acm }: Site, CertificateArn: string): Promise<Record<string, string>> {
  const { Tags } = await acm.send(new ListTagsForCertificateCommand({ CertificateArn }))
  return Object.fromEntries((Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))
}

/** Tags are there at once or a little later. */
function tagged(site: Site, arn: string, expected: Record<string, string>): Promise<true> {
  return site.until(
    `the tags are ${JSON.stringify(expected)}`,
    async () => {
      const found = await tagsOf(site, arn)
      const same = Object.keys(found).length === Object.keys(expected).length
      return same && Object.entries(expected).every(([key, value]) => found[key] === value) ? true : undefined
    },
    60_000,
  )
}

/** The ARN of a certificate that never was. */
async function nobody(site: Site): Promise<string> {
  return (await site.pending()).replace(/[^/]*$/, '00000000-0000-4000-8000-000000000000')
}

export const tagFacts = facts('Tags and deletion of certificates', ({ anywhere }) => {
  anywhere('the tags of a request are on its certificate; one without a value has an empty one', ADD, async (site) => {
    const arn = await site.request({ Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] })
    await site.described(arn)
    await tagged(site, arn, { a: '1', b: '' })
  })

  anywhere('adding a tag that is there replaces its value, and leaves the others', ADD, async (site) => {
    const arn = await site.request({
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    })
    await site.described(arn)
    await add(site, arn, { Key: 'a', Value: '3' }, { Key: 'c', Value: '4' })
    await tagged(site, arn, { a: '3', b: '2', c: '4' })
  })

  anywhere('a tag that is given without a value is removed whatever its value', REMOVE, async (site) => {
    const arn = await site.request({
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    })
    await site.described(arn)
    await remove(site, arn, { Key: 'b' })
    await tagged(site, arn, { a: '1' })
  })

  anywhere('a tag that is given with a value is removed only if that is its value', REMOVE, async (site) => {
    const arn = await site.request({
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    })
    await site.described(arn)
    await remove(site, arn, { Key: 'a', Value: '2' }, { Key: 'b', Value: '2' })
    await tagged(site, arn, { a: '1' })
  })

  anywhere('no tag is added with the prefix aws:', ADD, async (site) => {
    expect(await failureOf(add(site, await site.pending(), { Key: 'aws:x', Value: '1' }))).toMatchObject({
      name: 'InvalidTagException',
    })
  })

  anywhere('a tag too many is a TooManyTagsException', ADD, async (site) => {
    const arn = await site.request({ Tags: Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}` })) })
    await site.described(arn)
    expect(await failureOf(add(site, arn, { Key: 'one-more' }))).toMatchObject({ name: 'TooManyTagsException' })
  })

  for (const [operation, call] of [
    ['ListTagsForCertificate', tagsOf],
    ['AddTagsToCertificate', (site: Site, arn: string) => add(site, arn, { Key: 'a' })],
    ['RemoveTagsFromCertificate', (site: Site, arn: string) => remove(site, arn, { Key: 'a' })],
    [
      'DeleteCertificate',
      ({ acm }: Site, CertificateArn: string) => acm.send(new DeleteCertificateCommand({ CertificateArn })),
    ],
  ] as const) {
    anywhere(`${operation} of no certificate is a ResourceNotFoundException`, api.acm(operation), async (site) => {
      expect(await failureOf(call(site, await nobody(site)))).toMatchObject({ name: 'ResourceNotFoundException' })
    })
    anywhere(
      `${operation} of what is no ARN of a certificate is an InvalidArnException`,
      api.acm(operation),
      async (site) => {
        const arn = `arn:aws:iam::${site.account}:role/a-role-of-nobody`
        expect(await failureOf(call(site, arn))).toMatchObject({ name: 'InvalidArnException' })
      },
    )
  }

  anywhere('a pending certificate can be deleted, and is then not found', DELETE, async (site) => {
    const arn = await site.request()
    await site.described(arn)
    await site.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
    const failure = await site.until('it is not described any more', () =>
      describeCertificate(site, arn).then(
        () => undefined,
        (error: Error) => error.name,
      ),
    )
    expect(failure).toBe('ResourceNotFoundException')
  })

  anywhere('an issued certificate that nothing uses can be deleted', DELETE, async (site) => {
    const { arn } = await site.issue()
    await site.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
  })
})
