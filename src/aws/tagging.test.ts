import { expect, test } from 'vitest'
import { finish, scripted } from './scripted.ts'
import { Sts } from './sts.ts'
import { Tagging } from './tagging.ts'

const arn = (id: number) => `arn:aws-cn:acm:cn-north-1:111122223333:certificate/${id}`

test('tags of all certificates, over short pages, until the token is empty', async () => {
  const { clock, clients, calls, seen } = scripted((_, index) => {
    if (index === 0) return { body: { ResourceTagMappingList: [], PaginationToken: 'p1' } }
    return {
      body: {
        ResourceTagMappingList: [
          {
            ResourceARN: arn(1),
            Tags: [
              { Key: 'certwright.dev/cluster', Value: 'blue' },
              { Key: 'team', Value: '' },
            ],
          },
          { ResourceARN: 'arn:aws:s3:::a-bucket', Tags: [{ Key: 'x', Value: 'y' }] },
        ],
        PaginationToken: '',
      },
    }
  })
  const tagging = new Tagging({ client: clients.tagging, calls })
  expect(await finish(clock, tagging.certificateTags({ cluster: 'blue' }))).toEqual(
    new Map([[arn(1), { 'certwright.dev/cluster': 'blue', team: '' }]]),
  )
  expect(seen.map(({ input }) => input)).toEqual([
    {
      ResourceTypeFilters: ['acm:certificate'],
      ResourcesPerPage: 100,
      TagFilters: [{ Key: 'certwright.dev/cluster', Values: ['blue'] }],
    },
    {
      ResourceTypeFilters: ['acm:certificate'],
      ResourcesPerPage: 100,
      PaginationToken: 'p1',
      TagFilters: [{ Key: 'certwright.dev/cluster', Values: ['blue'] }],
    },
  ])
})

test('without a cluster there is no filter by tag; pages that repeat are an error', async () => {
  const { clock, clients, calls, seen } = scripted(() => ({
    body: { ResourceTagMappingList: [], PaginationToken: 'again' },
  }))
  const tagging = new Tagging({ client: clients.tagging, calls })
  await expect(finish(clock, tagging.certificateTags())).rejects.toMatchObject({ code: 'RepeatedPage' })
  expect(seen[0]?.input).not.toHaveProperty('TagFilters')
})

test('the caller is told by account and ARN', async () => {
  const { clock, clients, calls } = scripted(() => ({
    body: '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:sts::111122223333:assumed-role/certwright/1</Arn><UserId>u</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
  }))
  const sts = new Sts({ client: clients.sts, calls })
  expect(await finish(clock, sts.callerIdentity())).toEqual({
    account: '111122223333',
    arn: 'arn:aws:sts::111122223333:assumed-role/certwright/1',
  })
})
