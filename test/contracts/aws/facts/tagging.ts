import { AddTagsToCertificateCommand, DeleteCertificateCommand } from '@aws-sdk/client-acm'
import { GetResourcesCommand, type GetResourcesCommandInput } from '@aws-sdk/client-resource-groups-tagging-api'
import { expect } from 'vitest'
import { facts } from '../fact.ts'
import { failureOf, type AwsClients, type AwsHarness } from '../harness.ts'
import type { Site } from '../site.ts'
import { and, api, seen } from '../source.ts'

const GET = api.tagging('GetResources')

async function resources(world: AwsClients, input: GetResourcesCommandInput = {}) {
  const { ResourceTagMappingList = [], PaginationToken } = await world.tagging.send(new GetResourcesCommand(input))
  return {
    arns: ResourceTagMappingList.map(({ ResourceARN = '' }) => ResourceARN),
    list: ResourceTagMappingList,
    PaginationToken,
  }
}

function tagged(world: AwsHarness, ...tags: Record<string, string>[]): string[] {
  return tags.map((set, index) => world.aws.issueCertificate({ names: [`n${index}.example.com`], tags: set }))
}

/** Requests certificates with these tags and one of this run, and waits until the tagging API knows them all. */
async function known(site: Site, ...sets: Record<string, string>[]): Promise<{ run: string; arns: string[] }> {
  const run = site.token()
  const arns: string[] = []
  for (const set of sets) {
    const Tags = Object.entries({ ...set, run }).map(([Key, Value]) => ({ Key, Value }))
    arns.push(await site.request({ Tags }))
  }
  await site.until('the tagging API knows the certificates', async () => {
    const { arns: found } = await resources(site, { TagFilters: [{ Key: 'run', Values: [run] }] })
    return found.length === arns.length ? true : undefined
  })
  return { run, arns }
}

export const taggingFacts = facts('The tagging API', ({ anywhere, simulated }) => {
  anywhere('keys are joined by AND, values by OR, and a filter without values asks for the key', GET, async (site) => {
    const { run, arns } = await known(
      site,
      { cluster: 'one', env: 'x' },
      { cluster: 'two', env: 'x' },
      { cluster: 'one' },
    )
    const [a, b, c] = arns
    const find = async (...TagFilters: NonNullable<GetResourcesCommandInput['TagFilters']>) =>
      new Set((await resources(site, { TagFilters: [{ Key: 'run', Values: [run] }, ...TagFilters] })).arns)
    expect(await find({ Key: 'cluster', Values: ['one'] })).toEqual(new Set([a, c]))
    expect(await find({ Key: 'cluster', Values: ['one', 'two'] }, { Key: 'env' })).toEqual(new Set([a, b]))
    expect(await find({ Key: 'cluster', Values: ['three'] })).toEqual(new Set())
  })

  anywhere('all tags of a resource come back, whatever was asked for', GET, async (site) => {
    const { run, arns } = await known(site, { k: 'v', l: 'w' })
    const { list } = await resources(site, { TagFilters: [{ Key: 'run', Values: [run] }] })
    expect(list.map(({ ResourceARN }) => ResourceARN)).toEqual(arns)
    const tags = Object.fromEntries((list[0]?.Tags ?? []).map(({ Key = '', Value }) => [Key, Value]))
    expect(tags).toEqual({ k: 'v', l: 'w', run })
  })

  simulated('what never had a tag does not come back', GET, 'AWS must be told how to behave', async (enter) => {
    const world = await enter({ taggingDelay: [0, 0] })
    world.aws.issueCertificate({ names: ['untagged.example.com'] })
    expect((await resources(world, { ResourceTypeFilters: ['acm:certificate'] })).arns).toEqual([])
  })

  anywhere('a type filter is a service or a resource of it', GET, async (site) => {
    const { run, arns } = await known(site, {})
    const find = async (type: string) => {
      const filters = { ResourceTypeFilters: [type], TagFilters: [{ Key: 'run', Values: [run] }] }
      return (await resources(site, filters)).arns
    }
    expect(await find('acm')).toEqual(arns)
    expect(await find('acm:certificate')).toEqual(arns)
    expect(await find('elasticloadbalancing:loadbalancer')).toEqual([])
  })

  anywhere('resources come in pages, and the last has an empty token', GET, async (site) => {
    const { run, arns } = await known(site, {}, {}, {})
    const found: string[] = []
    for (let token = ''; ; ) {
      const TagFilters = [{ Key: 'run', Values: [run] }]
      const page = await resources(site, { TagFilters, ResourcesPerPage: 1, PaginationToken: token })
      found.push(...page.arns)
      token = page.PaginationToken ?? 'absent'
      if (token === '') break
    }
    expect(found.sort()).toEqual([...arns].sort())
  })

  anywhere('a page has 1 to 100 resources', GET, async (site) => {
    expect((await failureOf(resources(site, { ResourcesPerPage: 101 }))).name).toMatch(
      /^(InvalidParameterException|ValidationException)$/,
    )
    await resources(site, { ResourcesPerPage: 100 })
  })

  simulated('where nothing is said a page has a hundred', GET, 'a quota would be used up', async (enter) => {
    const world = await enter({ taggingDelay: [0, 0] })
    tagged(world, ...Array.from({ length: 150 }, () => ({ k: 'v' })))
    const first = await resources(world)
    const second = await resources(world, { PaginationToken: first.PaginationToken })
    expect([first.arns.length, second.arns.length, second.PaginationToken]).toEqual([100, 50, ''])
    expect(new Set([...first.arns, ...second.arns]).size).toBe(150)
  })

  simulated('a page token lives for 15 minutes', GET, 'days or hours must pass', async (enter) => {
    const world = await enter({ taggingDelay: [0, 0] })
    tagged(world, { k: 'v' }, { k: 'v' })
    const { PaginationToken } = await resources(world, { ResourcesPerPage: 1 })
    await world.clock.advance(14 * 60_000)
    await resources(world, { PaginationToken })
    await world.clock.advance(2 * 60_000)
    expect(await failureOf(resources(world, { PaginationToken }))).toMatchObject({
      name: 'PaginationTokenExpiredException',
    })
  })

  anywhere('a list of ARNs stands alone', GET, async (site) => {
    const ResourceARNList = [await site.pending()]
    expect(await failureOf(resources(site, { ResourceARNList, TagFilters: [{ Key: 'k' }] }))).toMatchObject({
      name: 'InvalidParameterException',
    })
  })

  simulated('new tags are seen late', seen.boto3(3341), 'AWS must be told how to behave', async (enter) => {
    const world = await enter({ taggingDelay: [30_000, 30_000] })
    const [arn = ''] = tagged(world, { k: 'v' })
    expect((await resources(world)).arns).toEqual([])
    await world.clock.advance(30_000)
    await world.acm.send(new AddTagsToCertificateCommand({ CertificateArn: arn, Tags: [{ Key: 'k', Value: 'w' }] }))
    expect((await resources(world)).list[0]?.Tags).toEqual([{ Key: 'k', Value: 'v' }])
    await world.clock.advance(30_000)
    expect((await resources(world)).list[0]?.Tags).toEqual([{ Key: 'k', Value: 'w' }])
  })

  simulated('a deleted certificate lingers', and(seen.boto3(3341)), 'AWS must be told how to behave', async (enter) => {
    const world = await enter({ taggingDelay: [0, 0], deletedInTagging: [600_000, 600_000] })
    const [arn = ''] = tagged(world, { k: 'v' })
    await world.acm.send(new DeleteCertificateCommand({ CertificateArn: arn }))
    await world.clock.advance(599_999)
    expect((await resources(world)).arns).toEqual([arn])
    await world.clock.advance(1)
    expect((await resources(world)).arns).toEqual([])
  })
})
