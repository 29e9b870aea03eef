import {
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
  type HostedZone,
} from '@aws-sdk/client-route-53'
import { expect } from 'vitest'
import { facts } from '../fact.ts'
import { failureOf, type AwsClients } from '../harness.ts'
import { change } from '../site.ts'
import { and, api, guide } from '../source.ts'

/** All hosted zones, page by page. */
async function pagesOf({ route53 }: AwsClients, MaxItems?: number): Promise<HostedZone[][]> {
  const pages: HostedZone[][] = []
  for (let Marker: string | undefined; ; ) {
    const page = await route53.send(new ListHostedZonesCommand({ Marker, MaxItems }))
    pages.push(page.HostedZones ?? [])
    expect(page.IsTruncated ?? false).toBe(page.NextMarker !== undefined)
    Marker = page.NextMarker
    if (Marker === undefined) return pages
  }
}

export const zoneFacts = facts('Hosted zones', ({ anywhere, simulated }) => {
  anywhere(
    'a zone that is made is PENDING, and has an ID with a prefix',
    api.route53('CreateHostedZone'),
    async (site) => {
      const Name = site.name('Zone')
      const { ChangeInfo, HostedZone } = await site.route53.send(
        new CreateHostedZoneCommand({ Name, CallerReference: site.token() }),
      )
      const Id = HostedZone?.Id ?? ''
      await site.route53.send(new DeleteHostedZoneCommand({ Id }))
      expect(Id).toMatch(/^\/hostedzone\/Z[\dA-Z]+$/)
      expect(HostedZone).toMatchObject({ Name: `${Name.toLowerCase()}.`, Config: { PrivateZone: false } })
      expect(ChangeInfo?.Status).toBe('PENDING')
    },
  )

  anywhere('a public zone has a delegation set of four name servers', api.route53('GetHostedZone'), async (site) => {
    const { DelegationSet } = await site.route53.send(new GetHostedZoneCommand({ Id: site.zone.id }))
    expect(DelegationSet?.NameServers).toHaveLength(4)
  })

  anywhere('a zone is listed with its name, its kind and its size', api.route53('ListHostedZones'), async (site) => {
    const zone = (await pagesOf(site)).flat().find(({ Id }) => Id === `/hostedzone/${site.zone.id}`)
    expect(zone).toMatchObject({ Name: `${site.zone.name}.`, Config: { PrivateZone: false } })
    expect(zone?.ResourceRecordSetCount).toBeGreaterThanOrEqual(2)
  })

  anywhere('two zones may have one name, each with servers of its own', guide.delegation, async (site) => {
    const first = await site.createZone()
    const { HostedZone, DelegationSet } = await site.route53.send(
      new CreateHostedZoneCommand({ Name: first.name, CallerReference: site.token() }),
    )
    await site.route53.send(new DeleteHostedZoneCommand({ Id: HostedZone?.Id ?? '' }))
    const other = await site.route53.send(new GetHostedZoneCommand({ Id: first.id }))
    expect(DelegationSet?.NameServers).not.toEqual(other.DelegationSet?.NameServers)
  })

  anywhere('a caller reference makes one zone', api.route53('CreateHostedZone'), async (site) => {
    const Name = site.name('zone')
    const create = new CreateHostedZoneCommand({ Name, CallerReference: site.token() })
    const { HostedZone } = await site.route53.send(create)
    const failure = await failureOf(site.route53.send(create))
    await site.route53.send(new DeleteHostedZoneCommand({ Id: HostedZone?.Id ?? '' }))
    expect(failure).toMatchObject({ name: 'HostedZoneAlreadyExists' })
  })

  anywhere('a zone that has records is not deleted; an empty one is', api.route53('DeleteHostedZone'), async (site) => {
    const { id, name } = await site.createZone()
    const remove = () => site.route53.send(new DeleteHostedZoneCommand({ Id: id }))
    await site.change(id, change('CREATE', `a.${name}`, 'CNAME', ['x.test']))
    expect(await failureOf(remove())).toMatchObject({ name: 'HostedZoneNotEmpty' })
    await site.change(id, change('DELETE', `a.${name}`, 'CNAME', ['x.test']))
    await remove()
    expect(await failureOf(site.route53.send(new GetHostedZoneCommand({ Id: id })))).toEqual({
      name: 'NoSuchHostedZone',
      message: `No hosted zone found with ID: ${id}`,
    })
  })

  simulated(
    'a private zone says so, and has no delegation set',
    api.route53('GetHostedZone'),
    'a private network is needed',
    async (enter) => {
      const world = await enter()
      const { id } = world.aws.createHostedZone({ name: 'example.com', private: true })
      const { HostedZone, DelegationSet } = await world.route53.send(new GetHostedZoneCommand({ Id: id }))
      expect(HostedZone?.Config?.PrivateZone).toBe(true)
      expect(DelegationSet).toBeUndefined()
    },
  )

  anywhere('zones come in pages, each on one', api.route53('ListHostedZones'), async (site) => {
    await site.createZone()
    const pages = await pagesOf(site, 1)
    const ids = pages.flat().map(({ Id }) => Id)
    expect(pages.every((page) => page.length === 1)).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toContain(`/hostedzone/${site.zone.id}`)
  })

  simulated(
    'a page holds a hundred zones',
    api.route53('ListHostedZones'),
    'a quota would be used up',
    async (enter) => {
      const world = await enter()
      for (let index = 0; index < 201; index++) world.aws.createHostedZone({ name: `z${index}.test` })
      const pages = await pagesOf(world)
      expect(pages.map(({ length }) => length)).toEqual([100, 100, 1])
      expect(new Set(pages.flat().map(({ Id }) => Id)).size).toBe(201)
    },
  )

  simulated(
    'zones by name begin at or after the name, ordered by labels from the right',
    api.route53('ListHostedZonesByName'),
    'a quota would be used up',
    async (enter) => {
      const world = await enter()
      for (const name of ['b.com', 'a.b.com', 'a.net', 'aa.com']) world.aws.createHostedZone({ name })
      const from = async (DNSName: string) =>
        (await world.route53.send(new ListHostedZonesByNameCommand({ DNSName }))).HostedZones?.map(({ Name }) => Name)
      expect(await from('aa.com')).toEqual(['aa.com.', 'b.com.', 'a.b.com.', 'a.net.'])
      expect(await from('ab.com')).toEqual(['b.com.', 'a.b.com.', 'a.net.'])
      const first = await world.route53.send(new ListHostedZonesByNameCommand({ MaxItems: 2 }))
      expect(first).toMatchObject({ IsTruncated: true, NextDNSName: 'a.b.com.' })
    },
  )

  simulated(
    'an account does not see another one’s zones',
    api.route53('ListHostedZones'),
    'a second account is needed',
    async (enter) => {
      const world = await enter()
      world.aws.accounts.createAccessKey({ accessKeyId: 'AKIDOTHER', account: '222222222222', userName: 'other' })
      const { id } = world.aws.createHostedZone({ name: 'example.com' })
      const other = world.clients({ accessKeyId: 'AKIDOTHER' })
      expect(await pagesOf(other)).toEqual([[]])
      expect(await failureOf(other.route53.send(new GetHostedZoneCommand({ Id: id })))).toMatchObject({
        name: 'NoSuchHostedZone',
      })
    },
  )

  simulated(
    'of two zones of one name the world sees the one that is delegated to',
    guide.delegation,
    'public DNS must be broken',
    async (enter) => {
      const { aws } = await enter()
      const served = aws.createHostedZone({ name: 'example.com' })
      const shadow = aws.createHostedZone({ name: 'example.com' })
      expect([served.delegated, shadow.delegated]).toEqual([true, false])
      expect(await aws.dns.nameServers('example.com')).toEqual(served.nameServers)
      aws.setDelegated(shadow.id, true)
      expect(await aws.dns.nameServers('example.com')).toEqual(shadow.nameServers)
    },
  )

  simulated(
    'a zone of a longer name hides its parent from public DNS',
    guide.delegation,
    'public DNS must be broken',
    async (enter) => {
      const { aws } = await enter({ dnsPropagation: [0, 0] })
      const parent = aws.createHostedZone({ name: 'example.com' })
      aws.createHostedZone({ name: 'app.example.com' })
      aws.putRecord(parent, { name: 'x.app.example.com', type: 'CNAME', values: ['elsewhere.'] })
      expect(await aws.dns.canonicalNames('x.app.example.com')).toEqual([])
    },
  )

  simulated(
    'a zone that hands a name on to other servers answers for it no longer',
    guide.delegation,
    'public DNS must be broken',
    async (enter) => {
      const { aws } = await enter({ dnsPropagation: [0, 0] })
      const zone = aws.createHostedZone({ name: 'example.com' })
      aws.putRecord(zone, { name: 'x.app.example.com', type: 'CNAME', values: ['elsewhere.'] })
      expect(await aws.dns.canonicalNames('x.app.example.com')).toEqual(['elsewhere'])
      aws.putRecord(zone, { name: 'app.example.com', type: 'NS', values: ['ns.other.test.'] })
      expect(await aws.dns.canonicalNames('x.app.example.com')).toEqual([])
      expect(await aws.dns.nameServers('app.example.com')).toEqual(['ns.other.test'])
    },
  )

  simulated(
    'an account may have 500 zones, a zone 10,000 records',
    and(guide.dnsLimits),
    'a quota would be used up',
    async (enter) => {
      const { quotas } = (await enter()).aws.settings
      expect(quotas).toMatchObject({ hostedZones: 500, recordsPerZone: 10_000 })
      const world = await enter({ quotas: { ...quotas, hostedZones: 1 } })
      world.aws.createHostedZone({ name: 'example.com' })
      const second = new CreateHostedZoneCommand({ Name: 'example.org', CallerReference: 'two' })
      expect(await failureOf(world.route53.send(second))).toMatchObject({ name: 'TooManyHostedZones' })
    },
  )
})
