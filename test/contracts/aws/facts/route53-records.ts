import { GetChangeCommand, ListResourceRecordSetsCommand, type ChangeAction } from '@aws-sdk/client-route-53'
import { expect } from 'vitest'
import { facts } from '../fact.ts'
import { failureOf, type AwsClients } from '../harness.ts'
import { change, type Site } from '../site.ts'
import { ChangeResourceRecordSetsCommand, type ListResourceRecordSetsCommandInput } from '@aws-sdk/client-route-53'
import { and, api, guide, observed } from '../source.ts'

const CHANGE = api.route53('ChangeResourceRecordSets')
const LIST = api.route53('ListResourceRecordSets')
const INVALID = 'InvalidChangeBatch'
const REFUSED = observed('https://github.com/hashicorp/terraform-provider-aws/issues/5280')

type Input = Omit<ListResourceRecordSetsCommandInput, 'HostedZoneId'>

async function recordsOf({ route53 }: AwsClients, HostedZoneId: string, input: Input = {}) {
  return route53.send(new ListResourceRecordSetsCommand({ HostedZoneId, ...input }))
}

/** The CNAMEs of a zone: name to value. */
async function aliases(site: AwsClients, id: string): Promise<Record<string, string | undefined>> {
  const { ResourceRecordSets = [] } = await recordsOf(site, id)
  return Object.fromEntries(
    ResourceRecordSets.filter(({ Type }) => Type === 'CNAME').map(({ Name = '', ResourceRecords }) => [
      Name,
      ResourceRecords?.[0]?.Value,
    ]),
  )
}

function many(action: ChangeAction, count: number, zone: string, value = 'x.test') {
  return Array.from({ length: count }, (_, index) =>
    change(action, `${action.toLowerCase()}${String(index).padStart(4, '0')}.${zone}`, 'CNAME', [value]),
  )
}

/** A zone with a CNAME `a` and a TXT `t`. */
async function furnished(site: Site): Promise<{ id: string; name: string }> {
  const zone = await site.createZone()
  await site.change(
    zone.id,
    change('CREATE', `a.${zone.name}`, 'CNAME', ['x.test']),
    change('CREATE', `t.${zone.name}`, 'TXT', ['"v"']),
  )
  return zone
}

export const recordFacts = facts('Records', ({ anywhere, simulated }) => {
  anywhere('a change is PENDING, and INSYNC after a while', api.route53('GetChange'), async (site) => {
    const { id, name } = await site.createZone()
    const { ChangeInfo } = await site.change(id, change('CREATE', `a.${name}`, 'CNAME', ['x.test']))
    expect(ChangeInfo?.Status).toBe('PENDING')
    await site.until('INSYNC', async () => {
      const answer = await site.route53.send(new GetChangeCommand({ Id: ChangeInfo?.Id }))
      return answer.ChangeInfo?.Status === 'INSYNC' ? true : undefined
    })
  })

  simulated(
    'a change is in public DNS once it is INSYNC, and not before',
    api.route53('GetChange'),
    'AWS must be told how to behave',
    async (enter) => {
      const world = await enter({ dnsPropagation: [30_000, 30_000] })
      const zone = world.aws.createHostedZone({ name: 'example.com' })
      world.aws.putRecord(zone, { name: '*.app.example.com', type: 'CNAME', values: ['Target.example.net.'] })
      await world.clock.advance(29_999)
      expect(await world.aws.dns.canonicalNames('x.app.example.com')).toEqual([])
      await world.clock.advance(1)
      expect(await world.aws.dns.canonicalNames('x.app.example.com')).toEqual(['target.example.net'])
    },
  )

  anywhere('a change that never was is a NoSuchChange', api.route53('GetChange'), async (site) => {
    const never = new GetChangeCommand({ Id: 'C0000000000000000000' })
    expect(await failureOf(site.route53.send(never))).toMatchObject({ name: 'NoSuchChange' })
  })

  anywhere('what is written can be read at once', CHANGE, async (site) => {
    const { id, name } = await site.createZone()
    await site.change(id, change('CREATE', `a.${name}`, 'CNAME', ['x.test'], 60))
    const { ResourceRecordSets } = await recordsOf(site, id, { StartRecordName: `a.${name}`, MaxItems: 1 })
    expect(ResourceRecordSets).toMatchObject([
      { Name: `a.${name}.`, Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value: 'x.test' }] },
    ])
  })

  anywhere('a new zone has NS and SOA records at its apex, first in every list', LIST, async (site) => {
    const { id, name } = await site.createZone()
    const { ResourceRecordSets } = await recordsOf(site, id)
    expect(ResourceRecordSets?.map(({ Name, Type }) => [Name, Type])).toEqual([
      [`${name}.`, 'NS'],
      [`${name}.`, 'SOA'],
    ])
  })

  anywhere('names are stored in lower case with a dot at the end', guide.domainNameFormat, async (site) => {
    const { id, name } = await site.createZone()
    await site.change(id, change('CREATE', `_Abc.${name}`, 'CNAME', ['x.test']))
    expect(Object.keys(await aliases(site, id))).toEqual([`_abc.${name}.`])
  })

  for (const [character, octal] of [
    ['*', '\\052'],
    ['@', '\\100'],
  ] as const) {
    anywhere(
      `a name with ${character} comes back with ${octal}, and is known by either`,
      guide.domainNameFormat,
      async (site) => {
        const { id, name } = await site.createZone()
        await site.change(id, change('CREATE', `${character}.${name}`, 'CNAME', ['x.test']))
        expect(await aliases(site, id)).toEqual({ [`${octal}.${name}.`]: 'x.test' })
        await site.change(id, change('DELETE', `${octal}.${name}`, 'CNAME', ['x.test']))
        expect(await aliases(site, id)).toEqual({})
      },
    )
  }

  anywhere('records are listed 300 a page, and each page says where the next begins', LIST, async (site) => {
    const { id, name } = await site.createZone()
    await site.change(id, ...many('CREATE', 310, name))
    const first = await recordsOf(site, id)
    expect(first.ResourceRecordSets).toHaveLength(300)
    expect(first).toMatchObject({ IsTruncated: true, NextRecordName: `create0298.${name}.`, NextRecordType: 'CNAME' })
    const rest = await recordsOf(site, id, {
      StartRecordName: first.NextRecordName,
      StartRecordType: first.NextRecordType,
    })
    expect(rest.ResourceRecordSets).toHaveLength(12)
    expect(rest.IsTruncated).toBe(false)
  })

  anywhere('a list from a name that is not there begins with what follows it', LIST, async (site) => {
    const { id, name } = await site.createZone()
    await site.change(id, change('CREATE', `c.${name}`, 'CNAME', ['x.test']))
    const { ResourceRecordSets } = await recordsOf(site, id, {
      StartRecordName: `b.${name}`,
      StartRecordType: 'CNAME',
      MaxItems: 1,
    })
    expect(ResourceRecordSets?.[0]?.Name).toBe(`c.${name}.`)
  })

  anywhere('a type to begin with needs a name', LIST, async (site) => {
    expect(await failureOf(recordsOf(site, site.zone.id, { StartRecordType: 'CNAME' }))).toMatchObject({
      name: 'InvalidInput',
    })
  })

  for (const [operation, call] of [
    ['ListResourceRecordSets', (site: Site, id: string) => recordsOf(site, id)],
    [
      'ChangeResourceRecordSets',
      (site: Site, id: string) => site.change(id, change('CREATE', `a.${site.zone.name}`, 'CNAME', ['x.test'])),
    ],
  ] as const) {
    anywhere(`${operation} in a zone that is not there is a NoSuchHostedZone`, api.route53(operation), async (site) => {
      expect(await failureOf(call(site, 'Z0000000000000000000'))).toMatchObject({ name: 'NoSuchHostedZone' })
    })
  }

  for (const [what, wrong, message] of [
    [
      'creating what exists',
      (zone: string) => change('CREATE', `a.${zone}`, 'CNAME', ['y.test']),
      (zone: string) => `Tried to create resource record set [name='a.${zone}.', type='CNAME'] but it already exists`,
    ],
    [
      'deleting what does not exist',
      (zone: string) => change('DELETE', `b.${zone}`, 'CNAME', ['x.test']),
      (zone: string) => `Tried to delete resource record set [name='b.${zone}.', type='CNAME'] but it was not found`,
    ],
    [
      'deleting with another value',
      (zone: string) => change('DELETE', `a.${zone}`, 'CNAME', ['y.test']),
      (zone: string) =>
        `Tried to delete resource record set [name='a.${zone}.', type='CNAME'] but the values provided do not match the current values`,
    ],
    [
      'deleting with another TTL',
      (zone: string) => change('DELETE', `a.${zone}`, 'CNAME', ['x.test'], 60),
      (zone: string) =>
        `Tried to delete resource record set [name='a.${zone}.', type='CNAME'] but the values provided do not match the current values`,
    ],
    [
      'a CNAME beside another type',
      (zone: string) => change('CREATE', `t.${zone}`, 'CNAME', ['x.test']),
      (zone: string) =>
        `RRSet of type CNAME with DNS name t.${zone}. is not permitted as it conflicts with other records with the same DNS name in zone ${zone}.`,
    ],
    [
      'another type beside a CNAME',
      (zone: string) => change('CREATE', `a.${zone}`, 'TXT', ['"x"']),
      (zone: string) =>
        `RRSet of type TXT with DNS name a.${zone}. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone}.`,
    ],
    [
      'a CNAME at the apex',
      (zone: string) => change('CREATE', zone, 'CNAME', ['x.test']),
      (zone: string) => `RRSet of type CNAME with DNS name ${zone}. is not permitted at apex in zone ${zone}.`,
    ],
    [
      'a name outside the zone',
      () => change('CREATE', 'a.example.invalid', 'CNAME', ['x.test']),
      (zone: string) => `RRSet with DNS name a.example.invalid. is not permitted in zone ${zone}.`,
    ],
  ] as const) {
    anywhere(`${what} is an InvalidChangeBatch`, and(CHANGE, REFUSED), async (site) => {
      const { id, name } = await furnished(site)
      expect(await failureOf(site.change(id, wrong(name)))).toMatchObject({ name: INVALID })
    })
    anywhere(`${what} is refused in words of its own`, REFUSED, async (site) => {
      const { id, name } = await furnished(site)
      expect((await failureOf(site.change(id, wrong(name)))).message).toBe(`[${message(name)}]`)
    })
  }

  anywhere('a batch is applied whole or not at all', CHANGE, async (site) => {
    const { id, name } = await furnished(site)
    const good = change('CREATE', `new.${name}`, 'CNAME', ['x.test'])
    const bad = change('CREATE', `a.${name}`, 'CNAME', ['x.test'])
    expect(await failureOf(site.change(id, good, bad))).toMatchObject({ name: INVALID })
    expect(await aliases(site, id)).toEqual({ [`a.${name}.`]: 'x.test' })
  })

  anywhere(
    'no record stands beside a weighted one of its name and type',
    api.route53('ResourceRecordSet'),
    async (site) => {
      const { id, name } = await furnished(site)
      const plain = change('CREATE', `w.${name}`, 'CNAME', ['x.test'])
      const weighted = {
        ...plain,
        ResourceRecordSet: {
          Name: `w.${name}`,
          Type: 'CNAME' as const,
          TTL: 300,
          ResourceRecords: [{ Value: 'x.test' }],
          SetIdentifier: 'one',
          Weight: 1,
        },
      }
      await site.change(id, weighted)
      expect(await failureOf(site.change(id, plain))).toMatchObject({ name: INVALID })
    },
  )

  anywhere('a batch that is refused tells every reason, in order', REFUSED, async (site) => {
    const { id, name } = await furnished(site)
    const first = change('CREATE', `a.${name}`, 'CNAME', ['x.test'])
    const second = change('DELETE', `b.${name}`, 'CNAME', ['x.test'])
    expect((await failureOf(site.change(id, first, second))).message).toBe(
      `[Tried to create resource record set [name='a.${name}.', type='CNAME'] but it already exists, Tried to delete resource record set [name='b.${name}.', type='CNAME'] but it was not found]`,
    )
  })

  anywhere('UPSERT creates what is not there and replaces what is', CHANGE, async (site) => {
    const { id, name } = await site.createZone()
    await site.change(id, change('UPSERT', `a.${name}`, 'CNAME', ['x.test']))
    await site.change(id, change('UPSERT', `a.${name}`, 'CNAME', ['y.test']))
    expect(await aliases(site, id)).toEqual({ [`a.${name}.`]: 'y.test' })
  })

  anywhere('one batch may delete a set and create it anew', CHANGE, async (site) => {
    const { id, name } = await furnished(site)
    const batch = [
      change('DELETE', `a.${name}`, 'CNAME', ['x.test']),
      change('CREATE', `a.${name}`, 'CNAME', ['y.test']),
    ]
    await site.change(id, ...batch)
    expect(await aliases(site, id)).toEqual({ [`a.${name}.`]: 'y.test' })
  })

  anywhere('one batch creates no set twice', CHANGE, async (site) => {
    const { id, name } = await site.createZone()
    const twice = change('CREATE', `b.${name}`, 'CNAME', ['x.test'])
    expect(await failureOf(site.change(id, twice, twice))).toMatchObject({ name: INVALID })
  })

  anywhere('a batch without changes is refused', CHANGE, async (site) => {
    expect((await failureOf(site.change(site.zone.id))).name).toMatch(/^(InvalidInput|InvalidChangeBatch)$/)
  })

  anywhere('a batch of 1,001 records is refused', guide.dnsLimits, async (site) => {
    const { id, name } = await site.createZone()
    expect(await failureOf(site.change(id, ...many('CREATE', 1_001, name)))).toEqual({
      name: INVALID,
      message: 'Number of records limit of 1000 exceeded.',
    })
  })

  anywhere('a batch of 501 UPSERTs is refused: each counts twice', guide.dnsLimits, async (site) => {
    const { id, name } = await site.createZone()
    expect(await failureOf(site.change(id, ...many('UPSERT', 501, name)))).toMatchObject({ name: INVALID })
  })

  anywhere('a batch with more than 32,000 characters of values is refused', guide.dnsLimits, async (site) => {
    const { id, name } = await site.createZone()
    const value = `${'v'.repeat(60)}.${'v'.repeat(60)}.${'v'.repeat(33)}.test`
    expect(value).toHaveLength(160)
    expect(await failureOf(site.change(id, ...many('CREATE', 201, name, value)))).toMatchObject({ name: INVALID })
  })

  for (const [what, action, count] of [
    ['1,000 records', 'CREATE', 1_000],
    ['500 UPSERTs', 'UPSERT', 500],
  ] as const) {
    simulated(`a batch of ${what} is taken`, guide.dnsLimits, 'a quota would be used up', async (enter) => {
      const world = await enter()
      const { id } = world.aws.createHostedZone({ name: 'example.com' })
      const Changes = many(action, count, 'example.com')
      await world.route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: id, ChangeBatch: { Changes } }))
    })
  }

  simulated(
    'while a zone is being changed another change to it is a PriorRequestNotComplete',
    CHANGE,
    'AWS must be told how to behave',
    async (enter) => {
      const world = await enter({ latency: [1_000, 1_000] })
      const { id } = world.aws.createHostedZone({ name: 'example.com' })
      const outcomes: string[] = []
      for (const label of ['a', 'b']) {
        const Changes = [change('CREATE', `${label}.example.com`, 'CNAME', ['x.test'])]
        const send = new ChangeResourceRecordSetsCommand({ HostedZoneId: id, ChangeBatch: { Changes } })
        void world.route53.send(send).then(
          () => outcomes.push('done'),
          (error: Error) => outcomes.push(error.name),
        )
      }
      // Over HTTP the two calls need real time to arrive.
      while (outcomes.length < 2) await world.clock.advance(500)
      expect(outcomes.sort()).toEqual(['PriorRequestNotComplete', 'done'])
    },
  )

  anywhere('a zone does not lose its own NS and SOA', CHANGE, async (site) => {
    const { id, name } = await site.createZone()
    const { ResourceRecordSets } = await recordsOf(site, id)
    const servers = ResourceRecordSets?.[0]?.ResourceRecords?.map(({ Value = '' }) => Value) ?? []
    expect(await failureOf(site.change(id, change('DELETE', name, 'NS', servers, 172_800)))).toMatchObject({
      name: INVALID,
    })
  })

  simulated(
    'a name that is protected cannot be changed, and the batch is an InvalidChangeBatch',
    api.route53('CreateResourceRecordSetProtections'),
    'AWS must be told how to behave',
    async (enter) => {
      const world = await enter()
      const zone = world.aws.createHostedZone({ name: 'example.com' })
      world.aws.protectRecord(zone, { name: 'a.example.com', type: 'CNAME' })
      const Changes = [change('CREATE', 'a.example.com', 'CNAME', ['x.test'])]
      const send = new ChangeResourceRecordSetsCommand({ HostedZoneId: zone.id, ChangeBatch: { Changes } })
      expect(await failureOf(world.route53.send(send))).toMatchObject({ name: INVALID })
      world.aws.protectRecord(zone, { name: 'a.example.com', type: 'CNAME' }, false)
      await world.route53.send(send)
    },
  )

  simulated(
    'a name may have several sets of one type, told apart by an identifier',
    LIST,
    'AWS must be told how to behave',
    async (enter) => {
      const world = await enter()
      const { id } = world.aws.createHostedZone({ name: 'example.com' })
      const weighted = (SetIdentifier: string) => ({
        Action: 'CREATE' as const,
        ResourceRecordSet: {
          Name: 'a.example.com',
          Type: 'CNAME' as const,
          TTL: 60,
          SetIdentifier,
          Weight: 1,
          ResourceRecords: [{ Value: 'x.test' }],
        },
      })
      const Changes = [weighted('one'), weighted('two')]
      await world.route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: id, ChangeBatch: { Changes } }))
      const { ResourceRecordSets } = await recordsOf(world, id, { StartRecordName: 'a.example.com' })
      expect(ResourceRecordSets?.map(({ SetIdentifier }) => SetIdentifier)).toEqual(['one', 'two'])
    },
  )
})
